"""Every bound of the language in one place; the three back ends and the manual state the same numbers."""

MAX_SOURCE = 4_000
"""Characters (code points) of source."""
MAX_NODES = 500
MAX_DEPTH = 60

NUMBER_DIGITS = 28
"""Every number is smaller than 10^28 in absolute value; a result beyond is null."""
NUMBER_PLACES = 20
"""Fractional digits kept; a product with more is rounded half away from zero."""
DIVISION_PLACES = 10
NUMBER_LIMIT = 10**NUMBER_DIGITS
INTEGER_FIELD_DIGITS = 16
"""Integer fields hold at most +-(2^53 - 1)."""

MAX_TEXT = 1_000_000
"""Code points that `concat` and `replace` may produce; what could be longer is null."""

MIN_YEAR, MAX_YEAR = 1, 9999
LAST_ORDINAL = 3_652_059
"""9999-12-31 as Python's proleptic ordinal (0001-01-01 is 1)."""

FILTER_COST = 1_000
"""What a filter from an API caller may cost (see `cost.py`)."""
