"""The currency beside an amount, as expressions read it: own, of a linked record, of lines."""

from collections.abc import Iterator
from typing import Any

import pytest
from record_world import RecordWorld, package, record_world

from fieldstone.engine.records.errors import InvalidContent

DOCUMENTS: dict[str, Any] = {
    "entities/book": {
        "type": "object",
        "titleField": "name",
        "properties": {
            "name": {"type": "string"},
            "price": {"field": "money"},
            "coin": {"field": "formula", "formula": "price_currency", "stored": True},
            "third": {
                "field": "formula",
                "formula": "round(price / 3, currencyDigits(price_currency))",
            },
        },
        "rules": [
            {
                "name": "stays",
                "when": "!isNew && changed(price_currency) && price_currency == 'CHF'",
                "message": "No francs later.",
            }
        ],
    },
    "entities/shelf": {
        "type": "object",
        "titleField": "name",
        "properties": {
            "name": {"type": "string"},
            "book": {"field": "link", "target": "book"},
            "coin": {"field": "formula", "formula": "book.price_currency", "stored": True},
            "finest": {"field": "formula", "formula": "max(boards, currencyDigits(cost_currency))"},
            "boards": {
                "field": "lines",
                "properties": {
                    "cost": {"field": "money"},
                    "half": {"field": "formula", "formula": "round(cost / 2, currencyDigits(cost_currency))"},
                },
            },
        },
    },
}


@pytest.fixture(scope="module")
def shelves(postgres_url: str) -> Iterator[RecordWorld]:
    with record_world(postgres_url, "coins", [package("coins", DOCUMENTS)]) as built:
        yield built


def test_a_formula_reads_the_currency_of_an_amount(shelves: RecordWorld) -> None:
    made = shelves.create("book", {"name": "a", "price": "100", "price_currency": "JPY"})
    assert (made["coin"], str(made["third"])) == ("JPY", "33")
    assert shelves.read("book", made["id"])["third"] == 33
    assert shelves.update("book", made["id"], {"price_currency": "KWD"})["coin"] == "KWD"
    assert str(shelves.read("book", made["id"])["third"]) == "33.333"
    assert shelves.update("book", made["id"], {"price": None})["coin"] is None


def test_a_stored_formula_elsewhere_follows_the_currency(shelves: RecordWorld) -> None:
    book = shelves.create("book", {"name": "b", "price": "1", "price_currency": "JPY"})
    shelf = shelves.create("shelf", {"name": "s", "book": str(book["id"])})
    assert shelf["coin"] == "JPY"
    shelves.update("book", book["id"], {"price_currency": "USD"})
    assert shelves.read("shelf", shelf["id"])["coin"] == "USD"


def test_lines_read_their_own_currency(shelves: RecordWorld) -> None:
    lines = [{"cost": "5", "cost_currency": "JPY"}, {"cost": "5", "cost_currency": "KWD"}, {}]
    made = shelves.create("shelf", {"name": "s", "boards": lines})
    read = shelves.read("shelf", made["id"])
    for record in (made, read):
        assert record["finest"] == 3
        halves = [line["half"] for line in record["boards"]]
        assert [half if half is None else str(half) for half in halves] == ["3", "2.500", None]


def test_a_rule_is_asked_again_when_only_the_currency_changes(shelves: RecordWorld) -> None:
    made = shelves.create("book", {"name": "c", "price": "1", "price_currency": "USD"})
    with pytest.raises(InvalidContent):
        shelves.update("book", made["id"], {"price_currency": "CHF"})
    assert shelves.update("book", made["id"], {"price": "2"})["coin"] == "USD"


def test_lists_filter_by_currency(shelves: RecordWorld) -> None:
    made = shelves.create("shelf", {"name": "f", "boards": [{"cost": "5", "cost_currency": "VND"}]})
    found = shelves.rows("shelf", filter="any(boards, cost_currency == 'VND')")
    assert [row["id"] for row in found] == [made["id"]]
