"""Patterns that users write: searched for in bounded time.

A pattern such as `(a|aa)+$` needs more steps than there are seconds, and Python's `re` cannot be stopped. So whatever may
repeat in more than one way is searched by the `regex` package, which can; it speaks the same dialect. Which patterns
there may be is still decided by `re` (`refs.py`), so that our verdict and jsonschema's agree.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import regex

from fieldstone.metadata.fields.wording import problem, quoted
from fieldstone.problems import FieldstoneError

SECONDS: Final = 0.2
"""Of processor time, for one search."""

SHORT: Final = 1000
FIXED: Final = re.compile(r"\{\d+\}")
SEVERAL: Final = re.compile(r"[(|]|[*+?{].*[*+?{]", re.DOTALL)
"""What may lead to more than length x length steps: groups, alternatives, a second repetition."""


class PatternTooSlow(FieldstoneError):
    """A pattern that came to no verdict in time. It ends the whole request: the next text would cost as much again."""

    code = "pattern.slow"
    kind = "invalid"


class Pattern:
    """A compiled pattern of a schema."""

    __slots__ = ("_bounded", "_plain", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._plain = None if may_be_slow(text) else re.compile(text)
        self._bounded = regex.compile(text, regex.V0)

    def found_in(self, value: str, path: str = "") -> bool:
        """Whether it occurs in the value. Raises PatternTooSlow, with `path` as its place."""
        if self._plain is not None and len(value) <= SHORT:
            return self._plain.search(value) is not None
        try:
            return self._bounded.search(value, timeout=SECONDS) is not None
        except TimeoutError as error:
            wrong = problem("pattern.slow", path, quoted(value), self.text)
            raise PatternTooSlow(wrong.message, problems=[wrong]) from error


def may_be_slow(text: str) -> bool:
    """Whether a search may need more than length x length steps."""
    return SEVERAL.search(FIXED.sub("", text)) is not None


@lru_cache(maxsize=1000)
def pattern_of(text: str) -> Pattern:
    return Pattern(text)


def extra_names(instance: Mapping[str, Any], schema: Mapping[str, Any]) -> list[str]:
    """The properties that neither `properties` nor `patternProperties` of a schema speak of."""
    known = schema.get("properties", {})
    patterns = [pattern_of(text) for text in schema.get("patternProperties", {})]
    return [name for name in instance if name not in known and not any(p.found_in(name) for p in patterns)]
