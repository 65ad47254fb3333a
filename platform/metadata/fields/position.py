"""The place of a record in an order that people make by hand.

The value is a text that sorts where the record stands (fractional indexing): between two of them there is
always room for a third, so moving one record writes one row.
"""

import time
from typing import Final

from fractional_indexing import FIError, generate_key_between

from fieldstone.metadata.fields.patterned import PatternedType

DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
HEAD: Final = "i"
WIDTH: Final = 9
"""A key that begins with `i` has nine digits before its fraction: enough for microseconds until the year 2400."""


class Position(PatternedType):
    id = "position"
    title = "Position"
    description = (
        "The place of a record in an order made by hand, as a text that sorts. A new record comes last; lists that are "
        "sorted by it let people move records."
    )
    form = "^[A-Za-z][0-9A-Za-z]{1,198}$"
    longest = 199
    operators = ("==", "!=", "<", "<=", ">", ">=", "isEmpty")


def last(now: float | None = None) -> str:
    """A key behind all that were made before."""
    count = int((time.time() if now is None else now) * 1_000_000)
    digits = ""
    for _ in range(WIDTH):
        count, digit = divmod(count, len(DIGITS))
        digits = DIGITS[digit] + digits
    return HEAD + digits


def between(before: str | None, after: str | None) -> str | None:
    """A key between two (None: the beginning, the end); None where there is no room or a key is none of ours."""
    try:
        return generate_key_between(before, after)
    except (FIError, ValueError, AssertionError, IndexError):
        return None
