"""The nearest valid name, for messages that say what was probably meant."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known name closest to `word`, or None when none is close enough to be worth suggesting."""
    names = list(known)
    folded = {name.casefold(): name for name in names}
    matches = get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    return folded[matches[0]] if matches else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean "campaign"?`, or the empty string."""
    name = nearest(word, known)
    return f'; did you mean "{name}"?' if name else ""
