"""Which currencies there are (the ISO 4217 codes that are legal tender somewhere today), and their decimal
places."""

from collections.abc import Mapping
from functools import cache
from typing import Final

from babel.core import get_global

DIGITS: Final[Mapping[str, int]] = {
    **dict.fromkeys(
        [
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "UYI",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ],
        0,
    ),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
    **dict.fromkeys(["CLF", "UYW"], 4),
}


@cache
def currency_codes() -> tuple[str, ...]:
    """All codes in alphabetical order, from the CLDR data that babel carries."""
    codes: set[str] = set()
    for uses in get_global("territory_currencies").values():
        codes.update(code for code, _, until, tender in uses if until is None and tender)
    return tuple(sorted(codes))


def currency_digits(code: str) -> int:
    """How many decimal places amounts in this currency have by ISO 4217: 2 for EUR, 0 for JPY.

    Not CLDR's figures, which follow everyday use and say 0 for currencies whose accounts have 2 places.
    """
    return DIGITS.get(code, 2)
