"""How many decimal places amounts have in each currency, by ISO 4217: `currencyDigits` in every back end.

The browser has the same table (`ui/src/expressions/currencies.ts`); the vector file holds every row of it.
"""

from collections.abc import Mapping
from typing import Final

USUAL: Final = 2
DIGITS: Final[Mapping[str, int]] = {
    **dict.fromkeys(
        (
            "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG",
            "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF",
        ),
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}  # fmt: skip


def currency_digits(code: str) -> int:
    """How many decimal places amounts in this currency have by ISO 4217: 2 for EUR, 0 for JPY.

    Not CLDR's figures, which follow everyday use and say 0 for currencies whose accounts have 2 places.
    """
    return DIGITS.get(code, USUAL)
