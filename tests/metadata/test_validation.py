"""Bodies to values: presence, defaults, null, read-only, PATCH, lines, additional properties, whole-record keywords."""

# ruff: noqa: E501 (a case of a table reads best on one line)

import json
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from metadata.record_entity import entity

from fieldstone.metadata.definitions import Entity
from fieldstone.metadata.json_text import parse_json
from fieldstone.metadata.validation import Validated, validator_for

ID = "0190c6a0-8f5e-7cc3-98c5-1d2f3a4b5c6d"
OTHER = "0190c6a0-8f5e-7cc3-98c5-1d2f3a4b5c6e"

ASSET = entity(
    {
        "label": {"type": "string", "maxLength": 20},
        "status": {"enum": ["new", "used"], "default": "new"},
        "pieces": {"type": "integer", "minimum": 0},
        "price": {"field": "money"},
        "serial": {"type": "string", "readOnly": True},
        "number": {"field": "sequence", "sequence": "A-{n}"},
        "labels": {"field": "tags", "default": ["fresh"]},
        "spec": {"type": "object", "properties": {"weight": {"type": "number", "minimum": 0}}},
        "note": {"type": ["string", "null"]},
        "site": {"field": "address"},
    },
    required=("label", "status", "note"),
)


def parsed(body: Any) -> Any:
    return parse_json(json.dumps(body).encode())


def create(body: Any, one: Entity = ASSET) -> Validated:
    return validator_for(one).validate(parsed(body), "create")


def patch(body: Any, current: Mapping[str, Any] | None, one: Entity = ASSET) -> Validated:
    return validator_for(one).validate(parsed(body), "patch", current=current)


def found(result: Validated) -> list[tuple[str, str]]:
    return [(problem.path, problem.code) for problem in result.problems]


GOOD = {"label": "Crane", "note": None}


def test_defaults_are_filled_and_required_null_is_kept_where_the_schema_allows_it() -> None:
    result = create(GOOD)
    assert found(result) == []
    assert result.values == {"label": "Crane", "note": None, "status": "new", "labels": ["fresh"]}
    assert result.given == {"label", "note"}
    assert result.extras is None


def test_default_list_is_not_shared_between_records() -> None:
    create(GOOD).values["labels"].append("mine")
    assert create(GOOD).values["labels"] == ["fresh"]


def test_null_of_an_optional_property_is_removed_and_its_default_filled() -> None:
    result = create({**GOOD, "pieces": None, "labels": None, "status": None})
    assert found(result) == []
    assert result.values == {"label": "Crane", "note": None, "status": "new", "labels": ["fresh"]}


CREATES = {
    "missing": ({"note": None}, [("/label", "required")]),
    "null for required": ({"label": None, "note": None}, [("/label", "required")]),
    "nullable but missing": ({"label": "a"}, [("/note", "required")]),
    "unknown": ({**GOOD, "lable": 1}, [("/lable", "additionalProperties")]),
    "name with slash": ({**GOOD, "a/b~c": 1}, [("/a~1b~0c", "additionalProperties")]),
    "read-only": ({**GOOD, "serial": "x"}, [("/serial", "readOnly")]),
    "computed": ({**GOOD, "number": "A-1"}, [("/number", "readOnly")]),
    "system": ({**GOOD, "id": ID, "version": 1}, [("/id", "readOnly"), ("/version", "readOnly")]),
    "base amount": ({**GOOD, "price_base": "1"}, [("/price_base", "readOnly")]),
    "currency": ({**GOOD, "price": "1", "price_currency": "XXQ"}, [("/price_currency", "enum")]),
    "all at once": ({"label": 5, "pieces": -1, "zz": 1}, [("/label", "type"), ("/pieces", "minimum"), ("/zz", "additionalProperties"), ("/note", "required")]),
    "inside json": ({**GOOD, "spec": {"weight": -1}}, [("/spec/weight", "minimum")]),
    "no object": ([], [("", "type")]),
    "owner": ({**GOOD, "owner_id": "me"}, [("/owner_id", "format")]),
}  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), CREATES.values(), ids=CREATES)
def test_create_is_refused_with_the_place(body: Any, expected: list[tuple[str, str]]) -> None:
    assert found(create(body)) == expected


def test_unknown_property_is_answered_with_the_nearest_name() -> None:
    (problem,) = create({**GOOD, "lable": 1}).problems
    assert 'did you mean "label"' in problem.message


def test_money_has_its_currency_beside_it() -> None:
    values = create({**GOOD, "price": 12.5, "price_currency": "EUR", "owner_id": ID}).values
    assert (values["price"], values["price_currency"], values["owner_id"]) == (
        Decimal("12.5"),
        "EUR",
        UUID(ID),
    )


NOW = {
    "label": "Crane", "status": "new", "pieces": -3, "price": Decimal("5.00"), "serial": "S1", "number": "A-1", "labels": ["a"],
    "spec": {"weight": 5, "color": "red"}, "note": "n", "site": {"city": "Graz"}, "version": 3, "id": UUID(ID), "price_base": Decimal("5.00"),
}  # fmt: skip

PATCHES = {
    "one value": ({"label": "Lift"}, {"label": "Lift"}, []),
    "null clears": ({"pieces": None, "note": None, "labels": None}, {"pieces": None, "note": None, "labels": None}, []),
    "null of required": ({"label": None, "status": None}, {}, [("/label", "required"), ("/status", "required")]),
    "bad value that was there": ({"pieces": -3}, {}, []),
    "other bad value": ({"pieces": -4}, {}, [("/pieces", "minimum")]),
    "unchanged read-only": ({"serial": "S1", "number": "A-1", "version": 3, "id": ID, "price_base": "5"}, {}, []),
    "changed read-only": ({"serial": "S2", "version": 4}, {}, [("/serial", "readOnly"), ("/version", "readOnly")]),
    "merge": ({"spec": {"color": None, "height": 2}}, {"spec": {"weight": 5, "height": 2}}, []),
    "merge makes it illegal": ({"spec": {"weight": -1}}, {}, [("/spec/weight", "minimum")]),
    "merge of address": ({"site": {"country": "AT"}}, {"site": {"city": "Graz", "country": "AT"}}, []),
    "unknown": ({"foo": 1}, {}, [("/foo", "additionalProperties")]),
    "nothing": ({}, {}, []),
}  # fmt: skip


@pytest.mark.parametrize(("body", "values", "expected"), PATCHES.values(), ids=PATCHES)
def test_patch(body: Any, values: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    result = patch(body, NOW)
    assert found(result) == expected
    assert result.values == values


PLANE = entity(
    {
        "kind": {"enum": ["jet", "kite"]},
        "thrust": {"type": "integer"},
        "cord": {"type": "integer"},
        "tail": {"type": "string"},
    },
    allOf=[
        {
            "if": {"properties": {"kind": {"const": "jet"}}, "required": ["kind"]},
            "then": {"required": ["thrust"]},
        },
        {"properties": {"tail": {"pattern": "^T"}}},
    ],
    dependentRequired={"cord": ["tail"]},
    maxProperties=3,
)

WHOLE = {
    "if holds": (None, {"kind": "jet"}, [("/thrust", "required")]),
    "if fails": (None, {"kind": "kite"}, []),
    "branch": (None, {"tail": "x"}, [("/tail", "pattern")]),
    "dependently required": (None, {"cord": 1}, [("/tail", "dependentRequired")]),
    "null is absent": (None, {"cord": 1, "tail": None}, [("/tail", "dependentRequired")]),
    "count": (None, {"kind": "jet", "thrust": 1, "cord": 2, "tail": "T"}, [("", "maxProperties")]),
    "wrong by itself": (None, {"kind": "zeppelin", "thrust": "x"}, [("/kind", "enum"), ("/thrust", "type")]),
    "patch of what the keyword says": ({"kind": "kite"}, {"kind": "jet"}, [("/thrust", "required")]),
    "patch together": ({"kind": "kite"}, {"kind": "jet", "thrust": 5}, []),
    "patch clears what is needed": ({"kind": "jet", "thrust": 5}, {"thrust": None}, [("/thrust", "required")]),
    "patch of something else": ({"kind": "jet", "tail": "x"}, {"cord": 5}, []),
    "patch that changes nothing": ({"kind": "jet", "tail": "x"}, {"tail": "x"}, []),
}  # fmt: skip


@pytest.mark.parametrize(("current", "body", "expected"), WHOLE.values(), ids=WHOLE)
def test_keywords_over_the_whole_record(current: Any, body: Any, expected: list[tuple[str, str]]) -> None:
    assert found(create(body, PLANE) if current is None else patch(body, current, PLANE)) == expected


ORDER = entity(
    {"label": {"type": "string"}, "items": {"field": "lines", "properties": {}, "minItems": 1}}, name="order"
)
LINE = entity(
    {"part": {"type": "string"}, "qty": {"type": "integer", "default": 1}},
    required=("part",), name="order__items", parent=("order", "items"),
)  # fmt: skip
LINES = {"order": ORDER, "order__items": LINE}
STORED = {"items": [{"id": UUID(ID), "part": "bolt", "qty": 4}]}

LINE_CASES = {
    "create": (None, {"items": [{"part": "nut"}]}, [{"part": "nut", "qty": 1}], []),
    "known id is patched": (STORED, {"items": [{"id": ID, "qty": 5}]}, [{"id": UUID(ID), "qty": 5}], []),
    "id in capitals is the same": (STORED, {"items": [{"id": ID.upper(), "qty": 5}]}, [{"id": UUID(ID), "qty": 5}], []),
    "unknown id is new": (STORED, {"items": [{"id": OTHER, "qty": 5}]}, None, [("/items/0/part", "required")]),
    "places": (None, {"items": [{"part": "a"}, {"part": 1, "qty": "x", "u": 1}]}, None,
               [("/items/1/part", "type"), ("/items/1/qty", "type"), ("/items/1/u", "additionalProperties")]),
    "too few": (None, {"items": []}, None, [("/items", "minItems")]),
    "id twice": (STORED, {"items": [{"id": ID}, {"id": ID}]}, None, [("/items/1/id", "uniqueItems")]),
    "no list": (None, {"items": {}}, None, [("/items", "type")]),
    "clear": (STORED, {"items": None}, [], []),
    "owner of a line": (None, {"items": [{"part": "a", "owner_id": ID}]}, None, [("/items/0/owner_id", "readOnly")]),
}  # fmt: skip


@pytest.mark.parametrize(("current", "body", "values", "expected"), LINE_CASES.values(), ids=LINE_CASES)
def test_lines(current: Any, body: Any, values: Any, expected: list[tuple[str, str]]) -> None:
    check = validator_for(ORDER, LINES).validate
    result = check(parsed(body), "create" if current is None else "patch", current=current)
    assert found(result) == expected
    if values is not None:
        assert result.values == {"items": values}


OPEN = entity({"label": {"type": "string"}}, extras=True)
PATTERNED = entity({"label": {"type": "string"}}, patternProperties={"^n_": {"type": "integer"}})

EXTRA_CASES = {
    "any": (OPEN, None, {"x": [1.5, {"y": None}], "z": None}, {"x": [1.5, {"y": None}]}, []),
    "none": (OPEN, None, {"label": "a"}, None, []),
    "unstorable": (OPEN, None, {"x": "a\0"}, None, [("/x", "text.null_character")]),
    "unstorable name": (OPEN, None, {"x\0": 1}, None, [("/x\0", "text.null_character")]),
    "patch adds and clears": (OPEN, {"_extras": {"a": 1, "b": 2}}, {"a": None, "c": 3}, {"b": 2, "c": 3}, []),
    "patch of a record as it is read": (
        OPEN,
        {"label": "l", "version": 1, "a": 1},
        {"c": 3},
        {"a": 1, "c": 3},
        [],
    ),
    "patch without them": (OPEN, {"_extras": {"a": 1}}, {"label": "l"}, None, []),
    "pattern fits": (PATTERNED, None, {"n_x": 5}, {"n_x": 5}, []),
    "pattern and value do not": (PATTERNED, None, {"n_x": "5"}, None, [("/n_x", "type")]),
    "no pattern": (PATTERNED, None, {"x": 5}, None, [("/x", "additionalProperties")]),
}


@pytest.mark.parametrize(
    ("one", "current", "body", "extras", "expected"), EXTRA_CASES.values(), ids=EXTRA_CASES
)
def test_additional_properties(one: Entity, current: Any, body: Any, extras: Any, expected: Any) -> None:
    result = create(body, one) if current is None else patch(body, current, one)
    assert (found(result), result.extras) == (expected, extras)


def test_additional_properties_satisfy_their_schema() -> None:
    typed = replace(
        OPEN, extras={"$ref": "#/$defs/n"}, composite={"$defs": {"n": {"type": "integer"}}}, hash="typed"
    )
    assert found(create({"x": "5"}, typed)) == [("/x", "type")]
    assert create({"x": 5.0}, typed).extras == {"x": 5}


def test_validator_is_compiled_once_per_content() -> None:
    assert validator_for(ASSET) is validator_for(replace(ASSET, title="Other"))
    assert validator_for(ASSET) is not validator_for(replace(ASSET, hash="other"))
    other_line = {**LINES, "order__items": replace(LINE, hash="other")}
    assert validator_for(ORDER, LINES) is not validator_for(ORDER, other_line)


HUGE = {
    "exponent": b"1e400",
    "negative": b"-1e999999999",
    "digits": b"1" + b"0" * 4000,
    "tiny": b"1e-999999999",
}


@pytest.mark.parametrize("text", HUGE.values(), ids=HUGE)
@pytest.mark.parametrize("kind", ["integer", "decimal", "number", "json"])
def test_huge_number_is_refused_without_making_its_digits(kind: str, text: bytes) -> None:
    one = entity({"value": {"field": kind}}, maxProperties=2)
    result = validator_for(one).validate(parse_json(b'{"value":' + text + b"}"), "create")
    if text == HUGE["tiny"] and kind in ("number", "json"):
        assert result.values == {"value": 0.0}
    else:
        assert [path for path, _ in found(result)] == ["/value"]
        assert len(result.problems[0].message) < 300
