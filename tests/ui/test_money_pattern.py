"""Amounts are written as Babel writes them, in every language and for currencies of every number of digits."""

from decimal import Decimal

import pytest
from babel import Locale
from babel.numbers import format_currency

from fieldstone.ui.messages import LOCALES
from fieldstone.ui.money_pattern import money_pattern

AMOUNTS = (
    "0",
    "-0",
    "0.005",
    "0.015",
    "-0.001",
    "12",
    "999.995",
    "-1234.5",
    "1234567.891",
    "99999999999999.99",
)


@pytest.mark.parametrize("locale", [*LOCALES, "de", "fr"])
@pytest.mark.parametrize("currency", ["USD", "TWD", "JPY", "CNY", "EUR", "KWD"])
def test_an_amount_is_written_as_babel_writes_it(locale: str, currency: str) -> None:
    pattern = money_pattern(locale, currency)
    assert pattern is not None
    babel = Locale.parse(locale, sep="-")
    for text in AMOUNTS:
        assert pattern.write(Decimal(text)) == format_currency(Decimal(text), currency, locale=babel)


def test_a_language_that_groups_in_another_way_is_left_to_babel() -> None:
    assert money_pattern("hi", "INR") is None
