from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from record_world import RecordWorld

from fieldstone.engine.records.errors import Conflict, InvalidContent
from fieldstone.problems import FieldstoneError

NOWHERE = "0d1f4f6e-8f43-7d3e-9d7a-5f1d2c3b4a59"
"""An id that no record has; the same in every test process."""


def problems(error: FieldstoneError) -> list[tuple[str, str]]:
    return sorted((each.path, each.code) for each in error.problems)


def refused(stock: RecordWorld, body: dict[str, Any], who: str | None = None) -> list[tuple[str, str]]:
    with pytest.raises(InvalidContent) as caught:
        stock.create("asset", body, who)
    return problems(caught.value)


def test_the_answer_has_every_property_and_is_what_reading_gives(stock: RecordWorld) -> None:
    place = stock.create("place", {"name": "Hall", "country": "DE"})
    made = stock.create(
        "asset",
        {
            "label": "Lamp", "price": "12.5", "pieces": 4, "place": str(place["id"]), "topics": ["b", "a"],
            "parts": [{"name": "Bulb", "qty": 2, "cost": "1.005"}, {"name": "Base"}], "address": {"city": "Ulm"},
        },
    )  # fmt: skip
    assert made == stock.read("asset", made["id"])
    assert set(made) == {
        "id", "version", "created_at", "created_by", "updated_at", "updated_by", "owner_id", "deleted_at",
        "label", "serial", "number", "status", "bought", "code", "price", "price_currency", "price_base", "deposit",
        "deposit_currency", "deposit_base", "pieces", "reason", "worth", "place", "country", "origin", "parts", "part_count",
        "home_count", "topics", "address",
    }  # fmt: skip
    assert (made["worth"], made["country"], made["origin"], made["part_count"]) == (50, "DE", "DE", 3)
    assert (made["status"], made["code"], made["serial"], made["version"]) == ("new", "LAMP", None, 1)
    assert [line["sum"] for line in made["parts"]] == [Decimal("2.02"), None]


def test_a_minimal_record_answers_as_it_reads(stock: RecordWorld) -> None:
    made = stock.create("asset", {"label": "Lamp"})
    assert made == stock.read("asset", made["id"])
    assert made["parts"] == [] and made["part_count"] == 0 and made["home_count"] == 0


def test_today_is_the_companys_day(stock: RecordWorld) -> None:
    made = stock.create("asset", {"label": "Lamp"}, now=datetime(2026, 3, 31, 20, tzinfo=UTC))
    assert made["bought"] == date(2026, 4, 1)


def test_defaults_of_lines_are_filled_in(stock: RecordWorld) -> None:
    made = stock.create(
        "asset", {"label": "Lamp", "parts": [{"name": "BULB"}, {"name": "X", "batch": "own"}]}
    )
    assert [(line["qty"], line["batch"]) for line in made["parts"]] == [(1, "bulb"), (1, "own")]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, [("/label", "required")]),
        ({"label": "L", "status": "used"}, [("/serial", "rule")]),
        ({"label": "L", "pieces": 101}, [("/reason", "required")]),
        ({"label": "L", "price": 1000, "pieces": 1001, "reason": "r"}, [("", "rule")]),
        ({"label": "L", "price": 10**10, "pieces": 101}, [("", "rule"), ("/reason", "required")]),
        ({"label": "L", "place": NOWHERE}, [("/place", "link.unknown")]),
        ({"label": "L", "parts": [{"home": NOWHERE}]}, [("/parts/0/home", "link.unknown")]),
        ({"label": "L", "parts": [{"name": "fine"}, {"name": "odd"}]}, [("/parts/1/name", "rule")]),
        ({"label": "L", "parts": [{"name": "x", "qty": 11}]}, [("/parts/0/note", "required")]),
        ({"label": "L", "lable": "x"}, [("/lable", "additionalProperties")]),
        ({"label": "L", "number": "A-1"}, [("/number", "readOnly")]),
        ({"label": "L", "worth": 3}, [("/worth", "readOnly")]),
        ({"label": "L", "id": NOWHERE}, [("/id", "readOnly")]),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_refused(stock: RecordWorld, body: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    before = stock.page("asset", count="exact").count
    assert refused(stock, body) == expected
    assert stock.page("asset", count="exact").count == before


def test_a_rule_over_a_related_value_is_enforced(stock: RecordWorld) -> None:
    place = stock.create("place", {"name": "Nowhere", "country": "XX"})
    assert refused(stock, {"label": "L", "place": str(place["id"])}) == [("/place", "rule")]


def test_an_invisible_link_is_refused_like_an_unknown_one(stock: RecordWorld) -> None:
    far = stock.create("place", {"name": "Far", "country": "FAR"})

    def said(place: Any) -> list[Any]:
        with pytest.raises(InvalidContent) as caught:
            stock.create(
                "asset", {"label": "L", "place": str(place), "parts": [{"home": str(place)}]}, "clerk"
            )
        return [(p.path, p.code, p.message, p.data) for p in caught.value.problems]

    assert said(far["id"]) == said(uuid4()) != []


def test_a_taken_unique_value_is_a_conflict_that_names_the_property(stock: RecordWorld) -> None:
    stock.create("asset", {"label": "L", "serial": "S-1"})
    with pytest.raises(Conflict) as caught:
        stock.create("asset", {"label": "M", "serial": "S-1"})
    assert problems(caught.value) == [("/serial", "unique")]


def test_additional_properties_are_kept_and_merged(stock: RecordWorld) -> None:
    made = stock.create("folder", {"name": "F", "a": 1, "b": {"c": [1, None]}})
    assert (made["a"], made["b"]) == (1, {"c": [1, None]})
    assert stock.read("folder", made["id"]) == made
    changed = stock.update("folder", made["id"], {"a": None, "b": {"d": 2}, "e": "x"})
    assert "a" not in changed and changed["e"] == "x" and changed["b"]["d"] == 2
    assert stock.read("folder", made["id"]) == changed
    assert isinstance(made["id"], UUID)


def test_lines_read_the_records_that_they_link_to(stock: RecordWorld) -> None:
    home = stock.create("place", {"name": "Home", "country": "NO"})
    parts = [{"name": "a", "home": str(home["id"])}, {"name": "b"}]
    made = stock.create("asset", {"label": "L", "parts": parts})
    assert [(line["home_country"], line["origin"]) for line in made["parts"]] == [("NO", "NO"), (None, None)]
    assert stock.read("asset", made["id"]) == made
    more = [*({"id": str(line["id"])} for line in made["parts"]), {"name": "c", "home": str(home["id"])}]
    changed = stock.update("asset", made["id"], {"parts": more})
    assert (changed["parts"][2]["home_country"], changed["parts"][2]["origin"]) == ("NO", "NO")
    assert stock.read("asset", made["id"]) == changed
    assert stock.update("asset", made["id"], {"label": "L"})["version"] == 2
