"""The nearest existing title to a text that matches none.

Two titles that differ only in case, accents, spaces and punctuation are nearest of all (`GTXPro`, `GTX
Pro`); else those that share the most pairs of letters are compared as difflib does.
"""

import re
from collections import Counter
from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import Final

from fieldstone.engine.search import fold, plain

_REST: Final = re.compile(r"[\W_]+")
_COMPARED: Final = 40
_CUTOFF: Final = 0.6


class Titles:
    """Titles of an entity's records, ready to be compared with."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self.pairs = list(pairs)
        self.exact: dict[str, set[str]] = {}
        self._squeezed: list[str] = []
        self._by_pair: dict[str, list[int]] = {}
        for index, (title, record_id) in enumerate(self.pairs):
            self.exact.setdefault(plain(title).strip(), set()).add(record_id)
            short = squeeze(title)
            self._squeezed.append(short)
            for pair in _pairs(short):
                self._by_pair.setdefault(pair, []).append(index)

    def ids(self, text: str) -> set[str]:
        """The records whose title is `text`, but for case, width and accents."""
        return self.exact.get(plain(text).strip(), set())

    def nearest(self, text: str) -> tuple[str, str] | None:
        """Title and id of the nearest record, if one is near enough to be worth a suggestion."""
        short = squeeze(text)
        shared: Counter[int] = Counter()
        for pair in _pairs(short):
            shared.update(self._by_pair.get(pair, ()))
        best, score = None, _CUTOFF
        for index, _ in shared.most_common(_COMPARED):
            ratio = SequenceMatcher(None, short, self._squeezed[index]).ratio()
            if ratio > score or (ratio == 1 and best is None):
                best, score = index, ratio
        return None if best is None else self.pairs[best]


def squeeze(text: str) -> str:
    """A title without case, accents, spaces and punctuation."""
    return _REST.sub("", fold(text))


def _pairs(short: str) -> set[str]:
    return {short[at : at + 2] for at in range(len(short) - 1)} or {short}
