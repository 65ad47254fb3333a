"""Which currencies there are (the ISO 4217 codes that are legal tender somewhere today), and their decimal
places."""

from functools import cache

from babel.core import get_global

from fieldstone.expressions import currency_digits

__all__ = ["currency_codes", "currency_digits"]


@cache
def currency_codes() -> tuple[str, ...]:
    """All codes in alphabetical order, from the CLDR data that babel carries."""
    codes: set[str] = set()
    for uses in get_global("territory_currencies").values():
        codes.update(code for code, _, until, tender in uses if until is None and tender)
    return tuple(sorted(codes))
