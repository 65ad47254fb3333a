from collections.abc import Iterator
from decimal import Decimal

import pytest
from record_world import Json, RecordWorld

from fieldstone.engine.records.errors import InvalidContent
from fieldstone.engine.records.money import rounded


@pytest.fixture(scope="module", autouse=True)
def rates(stock: RecordWorld) -> Iterator[None]:
    rows = [("USD", "2026-01-01", "0.5"), ("USD", "2026-02-01", "0.9"), ("JPY", "2026-01-01", "0.006")]
    made = [stock.create("exchange_rate", {"currency": c, "date": d, "rate": r}) for c, d, r in rows]
    yield
    for each in made:
        stock.delete("exchange_rate", each["id"])


def price(record: Json) -> tuple[Decimal, str, Decimal | None]:
    return record["price"], record["price_currency"], record["price_base"]


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("0.005", "EUR", "0.01"), ("-0.005", "EUR", "-0.01"), ("2.675", "EUR", "2.68"), ("0.0049", "EUR", "0.00"),
        ("0.5", "JPY", "1"), ("-0.5", "JPY", "-1"),
        ("1.0005", "KWD", "1.001"),
        ("99999999999999.995", "EUR", "100000000000000.00"),
    ],
)  # fmt: skip
def test_rounding_is_half_away_from_zero_to_the_currencys_digits(
    amount: str, currency: str, expected: str
) -> None:
    assert str(rounded(Decimal(amount), currency)) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"price": "12.345"}, ("12.35", "EUR", "12.35")),
        ({"price": "10", "price_currency": "USD", "bought": "2026-01-31"}, ("10.00", "USD", "5.00")),
        ({"price": "10", "price_currency": "USD", "bought": "2026-02-01"}, ("10.00", "USD", "9.00")),
        ({"price": "100.5", "price_currency": "JPY", "bought": "2026-02-01"}, ("101", "JPY", "0.61")),
        ({"price": "10", "price_currency": "USD", "bought": "2025-12-31"}, ("10.00", "USD", None)),
    ],
    ids=["own currency", "earlier rate", "on the day", "yen", "no rate yet"],
)
def test_base_is_by_the_rate_of_the_rate_date(
    stock: RecordWorld, body: Json, expected: tuple[str, str, str | None]
) -> None:
    made = stock.create("asset", {"label": "L", **body})
    assert tuple(None if v is None else str(v) for v in price(made)) == expected
    assert price(stock.read("asset", made["id"])) == price(made)


def test_lines_are_converted_too(stock: RecordWorld) -> None:
    line = {"name": "x", "cost": "3", "cost_currency": "USD"}
    made = stock.create("asset", {"label": "L", "bought": "2026-02-10", "parts": [line]})
    assert (made["parts"][0]["cost_currency"], made["parts"][0]["cost_base"]) == ("USD", Decimal("2.70"))


def test_a_new_date_converts_again(stock: RecordWorld) -> None:
    made = stock.create(
        "asset", {"label": "L", "price": "10", "price_currency": "USD", "bought": "2026-01-31"}
    )
    changed = stock.update("asset", made["id"], {"bought": "2026-03-01"})
    assert changed["price_base"] == Decimal("9.00")
    assert stock.read("asset", made["id"])["price_base"] == Decimal("9.00")


def test_a_new_amount_keeps_its_currency_and_no_amount_has_none(stock: RecordWorld) -> None:
    made = stock.create(
        "asset", {"label": "L", "price": "10", "price_currency": "USD", "bought": "2026-01-31"}
    )
    assert price(stock.update("asset", made["id"], {"price": "20"})) == (20, "USD", 10)
    assert price(stock.update("asset", made["id"], {"price_currency": "EUR"})) == (20, "EUR", 20)
    assert price(stock.update("asset", made["id"], {"price": None})) == (None, None, None)


def test_a_required_rate_that_is_missing_refuses_only_what_touches_it(stock: RecordWorld) -> None:
    body = {"label": "L", "deposit": "5", "deposit_currency": "CHF", "bought": "2026-02-01"}
    with pytest.raises(InvalidContent) as caught:
        stock.create("asset", body)
    assert [(p.path, p.code) for p in caught.value.problems] == [("/deposit", "rate.missing")]
    rate = stock.create("exchange_rate", {"currency": "CHF", "date": "2026-01-01", "rate": "1.1"})
    made = stock.create("asset", body)
    assert made["deposit_base"] == Decimal("5.50")
    stock.delete("exchange_rate", rate["id"])
    kept = stock.update("asset", made["id"], {"label": "M"})
    assert (kept["label"], kept["deposit_base"]) == ("M", Decimal("5.50"))
    with pytest.raises(InvalidContent):
        stock.update("asset", made["id"], {"deposit": "6"})


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("price_base == 9", True), ("price_base > 9", False), ("sum(parts, cost_base) == 2.7", True),
        ("any(parts, isEmpty(cost_base))", True),
    ],
    ids=["own", "own, not", "of lines", "a line without a rate"],
)  # fmt: skip
def test_expressions_see_amounts_in_the_companys_currency(
    stock: RecordWorld, condition: str, expected: bool
) -> None:
    lines = [
        {"name": "x", "cost": "3", "cost_currency": "USD"},
        {"name": "y", "cost": "3", "cost_currency": "NOK"},
    ]
    values = {"label": "Base", "price": "10", "price_currency": "USD", "bought": "2026-02-10", "parts": lines}
    made = stock.create("asset", values)
    found = stock.rows("asset", filter=f'label == "Base" && {condition}')
    assert (made["id"] in [each["id"] for each in found]) is expected
    stock.delete("asset", made["id"])


def test_a_rate_that_comes_later_is_taken_with_the_next_change(stock: RecordWorld) -> None:
    values = {"label": "Late", "price": "10", "price_currency": "SEK", "bought": "2026-02-10"}
    made = stock.create("asset", values)
    assert made["price_base"] is None
    rate = stock.create("exchange_rate", {"currency": "SEK", "date": "2026-02-01", "rate": "0.1"})
    assert stock.update("asset", made["id"], {"label": "Later"})["price_base"] == Decimal("1.00")
    stock.delete("exchange_rate", rate["id"])
    assert stock.update("asset", made["id"], {"label": "Latest"})["price_base"] == Decimal("1.00")
