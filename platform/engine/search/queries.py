"""From what somebody types to a PostgreSQL `tsquery` literal: every word must occur, its beginning is
enough.

The result is bound as a parameter and cast (`:query::tsquery`). Terms are quoted and consist of letters,
digits and marks, so no input can reach the syntax of tsquery.
"""

from typing import Final

from fieldstone.engine.search.folding import fold
from fieldstone.engine.search.terms import COMPOUND, MAX_LENGTH, PHONE, is_run, pairs, squeeze, words_of

MAX_TERMS: Final = 32
"""More terms than anybody types; each costs a scan of the index."""


def tsquery(text: str) -> str | None:
    """The literal for `text`; None when it holds nothing to look for (then nothing is found)."""
    folded = fold(text[:1000])
    alternatives: list[str] = []
    for pattern in (PHONE, COMPOUND):
        rest, at = [], 0
        for match in pattern.finditer(folded):
            rest.append(folded[at : match.start()])
            alternatives.append(_either(match.group()))
            at = match.end()
        folded = " ".join([*rest, folded[at:]]) if at else folded
    terms = [*_all(folded), *alternatives]
    return " & ".join(dict.fromkeys(terms[:MAX_TERMS])) or None


def word_patterns(text: str) -> list[str]:
    """Regular expressions, one per word or pair of `text`: what `tsquery` asks for, asked of a folded text itself."""
    found: list[str] = []
    for word in words_of(fold(text[:1000])):
        if not is_run(word):
            found.append(rf"\m{word}")
        else:
            found += pairs(word) or [word]
    return list(dict.fromkeys(found))[:MAX_TERMS]


def _either(piece: str) -> str:
    """A compound piece: written in one, or with all of its parts."""
    whole = squeeze(piece)
    whole = whole.lstrip("0") or "0" if whole.isdecimal() else whole
    return f"({_prefix(whole)} | {' & '.join(_all(piece)[:8])})"


def _all(folded: str) -> list[str]:
    terms: list[str] = []
    for word in words_of(folded):
        if not is_run(word):
            terms.append(_prefix(word))
        elif len(word) == 1:
            terms.append(_quote(word))
        else:
            terms += [_quote(pair) for pair in pairs(word)]
    return terms


def _quote(term: str) -> str:
    return "'" + term[:MAX_LENGTH].replace("\\", "\\\\").replace("'", "''") + "'"


def _prefix(term: str) -> str:
    return _quote(term) + ":*"
