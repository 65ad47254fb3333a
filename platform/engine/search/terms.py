"""What a text can be found by: the terms that go into a record's search vector.

Words are kept whole (queries match their beginnings); runs of Han and kana, which have no spaces, are
kept as single characters and pairs. A piece such as `bob.smith@acme.test` or `ACX-1000` is kept as its
words and also joined, a telephone number joined from each of its groups on, so that `2345-6789` finds
`+886 2 2345 6789`.
"""

import re
from collections.abc import Iterator
from typing import Final

from fieldstone.engine.search.folding import fold

MAX_TOKENS: Final = 500
MAX_LENGTH: Final = 60

KANA: Final = "\u3040-\u30ff\u31f0-\u31ff"
HAN: Final = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
CJK: Final = HAN + KANA

ASCII_WORD: Final = re.compile("[a-z0-9]+")
WORD: Final = re.compile(f"[{CJK}]+|[^\\W_{CJK}]+(?:[\u0300-\u036f]*[^\\W_{CJK}]+)*")
RUN: Final = re.compile(f"[{CJK}]")
COMPOUND: Final = re.compile(f"[^\\W_{CJK}]+(?:[-.'_/&+@]+[^\\W_{CJK}]+)+")
PHONE: Final = re.compile(r"(?<!\w)\+?\(?\d[\d\-.()/ ]{4,24}\d(?!\w)")
_JOINERS: Final = frozenset("-.'_/&+@")
_MARKS: Final = re.compile(r"[^\w]|_")
_DIGITS: Final = re.compile(r"\d+")


def tokens(text: str) -> list[str]:
    """The distinct terms of a text, in order: at most 500, each of at most 60 characters."""
    if text.isascii():
        folded = text.lower()
        words = ASCII_WORD.findall(folded)
        if len(words) > 1:
            words += joined(folded, words)
        found = dict.fromkeys([word[:MAX_LENGTH] for word in words] if len(folded) > MAX_LENGTH else words)
    else:
        found = dict.fromkeys(term[:MAX_LENGTH] for term in _terms(fold(text)))
    return list(found) if len(found) <= MAX_TOKENS else list(found)[:MAX_TOKENS]


def words_of(folded: str) -> list[str]:
    """Words and whole CJK runs of a folded text."""
    return ASCII_WORD.findall(folded) if folded.isascii() else WORD.findall(folded)


def is_run(word: str) -> bool:
    """Whether a word is a run of characters that are written without spaces."""
    return bool(RUN.match(word))


def pairs(run: str) -> list[str]:
    """The pairs of neighbours in a run."""
    return [run[at : at + 2] for at in range(len(run) - 1)]


def joined(folded: str, words: list[str]) -> list[str]:
    """Compound pieces without their punctuation, and telephone numbers from each group on."""
    found: list[str] = []
    if not _JOINERS.isdisjoint(folded):
        found = [squeeze(piece) for piece in COMPOUND.findall(folded)]
    for number in PHONE.findall(folded) if any(map(str.isdigit, words)) else ():
        groups = _DIGITS.findall(number)
        found += ["".join(groups[at:]).lstrip("0") or "0" for at in range(len(groups))]
    return found


def squeeze(piece: str) -> str:
    """A piece without punctuation."""
    return _MARKS.sub("", piece)


def _terms(folded: str) -> Iterator[str]:
    words = WORD.findall(folded)
    for word in words:
        if is_run(word):
            yield from word
            yield from pairs(word)
        else:
            yield word
    yield from joined(folded, words)
