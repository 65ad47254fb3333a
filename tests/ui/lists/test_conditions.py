"""Conditions of the filter builder are expressions that the engine accepts."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from ui_world import World, make_world, signed_in

from fieldstone.engine import records
from fieldstone.ui.formats import Formats
from fieldstone.ui.lists.conditions import (
    OPERATORS,
    WITHOUT_VALUE,
    Condition,
    all_of,
    condition_of,
    quoted_name,
)

FIELDS = {
    "text": [("title", "Volume")],
    "select": [("status", "used")],
    "tags": [("topics", "history")],
    "number": [("copy_count", "2"), ("price", "12.50"), ("total", "20")],
    "day": [("published", "1950-03-01"), ("created_at", "2026-01-31")],
    "user": [("found_by", ""), ("owner_id", "")],
    "link": [("author", "xun")],
    "lines": [("copies", "")],
}
KINDS = {
    "exact": [("paint", "#ff8800"), ("picture", "star"), ("ean", "4006381333931")],
    "prose": [("text", "hello"), ("notes", "soft"), ("query", "select")],
    "time": [("opens", "09:30")],
    "duration": [("effort", "1h 30m")],
    "range": [("stay", "2026-01-15")],
    "presence": [("spot", ""), ("token", ""), ("rank", "")],
    "number": [("stars", "4")],
    "select": [("level", "low")],
}
"""The same for the fields of another package, whose records have one value each."""
CASES = [
    pytest.param("book", field, operator, value, id=f"{field}-{operator}")
    for family, fields in FIELDS.items()
    for field, value in fields
    for operator in OPERATORS[family]
] + [
    pytest.param("author", "active", operator, "", id=f"active-{operator}")
    for operator in OPERATORS["boolean"]
]


HOLDINGS = {
    "region": [("origin", "Taiwan")],
    "links": [("places", "Hill")],
    "presence": [("photo", ""), ("papers", ""), ("signed", ""), ("about", ""), ("home_then", "")],
}
"""The same for a package whose records have files, regions and links of every kind."""


def every_operator(families: Mapping[str, Iterable[tuple[str, str]]]) -> list[Any]:
    """Each field with each operator of its family."""
    return [
        pytest.param(field, operator, value, id=f"{field}-{operator}")
        for family, fields in families.items()
        for field, value in fields
        for operator in OPERATORS[family]
    ]


def test_every_family_of_operators_is_tried() -> None:
    assert {*FIELDS, *KINDS, *HOLDINGS, "boolean"} == set(OPERATORS)


@pytest.fixture(scope="module")
def kinds(postgres_url: str) -> Iterator[tuple[World, FlaskClient]]:
    made = make_world(postgres_url, "ui-kinds-conditions", Path(__file__).parents[2] / "packages" / "kinds")
    body = {
        "label": "full", "opens": "09:30", "effort": "PT90M", "stay": {"start": "2026-01-01", "end": "2026-01-31"},
        "stars": 4, "level": "low", "paint": "#ff8800", "picture": "star", "spot": {"lat": 1, "lon": 2},
        "ean": "4006381333931", "token": "s3cret", "text": "<p>Hello</p>", "notes": "*soft*", "query": "SELECT 1",
    }  # fmt: skip
    made.services.engine.write(made.system(), lambda tx: records.create(tx, "sample", body))
    made.services.engine.write(made.system(), lambda tx: records.create(tx, "sample", {"label": "empty"}))
    yield made, signed_in(made, "admin", made.password)
    made.close()


HITS = {"is", "at_least", "at_most", "contains", "covers", "filled"}


@pytest.mark.parametrize(
    ("field", "operator", "value"),
    every_operator(KINDS),
)
def test_special_fields_are_filtered_by_what_they_mean(
    kinds: tuple[World, FlaskClient], field: str, operator: str, value: str
) -> None:
    world, client = kinds
    given = "" if operator in WITHOUT_VALUE else value
    answer = client.get(f"{world.base}/e/sample", query_string={"f": f"{field}~{operator}~{given}"})
    assert "fs-chip" in answer.text
    full = f'<span id="count">{1 if field != "rank" else 2} record'
    if operator in HITS:
        assert full in answer.text
        assert "data-id" in answer.text
    elif operator == "is_not" or (operator == "empty" and field != "rank"):
        assert '<span id="count">1 record' in answer.text
    else:
        assert '<span id="count">0 records' in answer.text


@pytest.fixture(scope="module")
def holdings(postgres_url: str) -> Iterator[tuple[World, FlaskClient]]:
    made = make_world(
        postgres_url, "ui-holdings-conditions", Path(__file__).parents[2] / "packages" / "holdings"
    )
    engine, system = made.services.engine, made.system()
    place = engine.write(system, lambda tx: records.create(tx, "place", {"name": "Hill"}))
    body = {"label": "full", "origin": "TW-TPE", "places": [{"id": str(place["id"])}]}
    engine.write(system, lambda tx: records.create(tx, "holding", body))
    engine.write(system, lambda tx: records.create(tx, "holding", {"label": "empty"}))
    yield made, signed_in(made, "admin", made.password)
    made.close()


@pytest.mark.parametrize(
    ("field", "operator", "value"),
    every_operator(HOLDINGS),
)
def test_a_condition_on_regions_files_and_links_finds_what_it_says(
    holdings: tuple[World, FlaskClient], field: str, operator: str, value: str
) -> None:
    world, client = holdings
    given = "" if operator in WITHOUT_VALUE else value
    answer = client.get(f"{world.base}/e/holding", query_string={"f": f"{field}~{operator}~{given}"})
    filled = field in ("origin", "places")
    count = 1 if filled else 2 if operator == "empty" else 0
    assert "fs-chip" in answer.text
    assert f'<span id="count">{count} record' in answer.text


@pytest.mark.parametrize(("entity", "field", "operator", "value"), CASES)
def test_a_condition_is_a_filter_that_the_engine_takes(
    world: World, admin: FlaskClient, entity: str, field: str, operator: str, value: str
) -> None:
    given = "" if operator in WITHOUT_VALUE else value
    answer = admin.get(f"{world.base}/e/{entity}", query_string={"f": f"{field}~{operator}~{given}"})
    assert answer.status_code == 200
    assert "fs-chip" in answer.text


@pytest.mark.parametrize(
    ("parameter", "count"),
    [
        ("title~contains~volume 0", 10),
        ("status~is~new", 20),
        ("author~title~xun", 12),
        ("price~at_least~60", 10),
        ("published~before~1941-01-01", 2),
    ],
)
def test_a_condition_narrows_the_list(world: World, admin: FlaskClient, parameter: str, count: int) -> None:
    answer = admin.get(f"{world.base}/e/book", query_string={"f": parameter})
    assert f'<span id="count">{count} records</span>' in answer.text


def test_what_is_no_condition_is_left_out(world: World, admin: FlaskClient) -> None:
    answer = admin.get(f"{world.base}/e/book", query_string={"f": ["nonsense", "gone~is~x", "title~above~3"]})
    assert answer.status_code == 200
    assert '<span id="count">60 records</span>' in answer.text


def test_a_value_cannot_leave_its_quotes(world: World, admin: FlaskClient) -> None:
    answer = admin.get(f"{world.base}/e/book", query_string={"f": 'title~is~x" || true || "'})
    assert answer.status_code == 200
    assert '<span id="count">0 records</span>' in answer.text


def test_a_condition_survives_its_address() -> None:
    condition = Condition("title", "contains", "a~b")
    assert condition_of(condition.parameter()) == condition


@pytest.mark.parametrize(
    ("parts", "whole"),
    [([], ""), (["a == 1", ""], "a == 1"), (["a == 1 || b", "c"], "(a == 1 || b) && (c)")],
)
def test_expressions_are_joined_without_changing_their_meaning(parts: list[str], whole: str) -> None:
    assert all_of(parts) == whole


@pytest.mark.parametrize(
    ("name", "written"), [("title", "title"), ("书名", "`书名`"), ("2nd", "`2nd`"), ("a-b", "`a-b`")]
)
def test_names_that_are_no_plain_words_stand_in_backticks(name: str, written: str) -> None:
    assert quoted_name(name) == written


def test_numbers_are_read_as_the_language_writes_them() -> None:
    from fieldstone.ui.widgets.entered import as_decimal

    assert str(as_decimal("1,234.5", Formats("en", "UTC"))) == "1234.5"
    assert as_decimal("many", Formats("en", "UTC")) is None
