"""Conditions of the filter builder are expressions that the engine accepts."""

import pytest
from flask.testing import FlaskClient
from ui_world import World

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
CASES = [
    pytest.param("book", field, operator, value, id=f"{field}-{operator}")
    for family, fields in FIELDS.items()
    for field, value in fields
    for operator in OPERATORS[family]
] + [
    pytest.param("author", "active", operator, "", id=f"active-{operator}")
    for operator in OPERATORS["boolean"]
]


def test_every_family_of_operators_is_tried() -> None:
    assert {*FIELDS, "boolean"} == set(OPERATORS)


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
