"""The published table "type x operator": the expression checker takes what it promises."""

from typing import Any

import pytest
from metadata.fields.test_contract import ROWS
from metadata.record_entity import entity

from fieldstone.engine.columns import COLUMNS
from fieldstone.expressions import FILTER, ExpressionError, check
from fieldstone.metadata.definitions import Entity
from fieldstone.metadata.expression_types import RecordTypes
from fieldstone.metadata.fields import FIELD_TYPES
from fieldstone.metadata.fields.manual import manual, sorts

PROBES = {
    "in": "value in [other]",
    "contains": 'contains(value, "x")',
    "startsWith": 'startsWith(value, "x")',
    "endsWith": 'endsWith(value, "x")',
    "isEmpty": "isEmpty(value)",
}
LISTED = ("tags", "multi_select", "region")
COMPUTED = ("formula", "rollup", "related")
CASES = [
    pytest.param(name, operator, id=f"{name} {operator}")
    for name, kind in FIELD_TYPES.items()
    for operator in kind.operators
    if name not in COMPUTED
]


def probe(name: str, operator: str) -> str:
    if operator == "contains" and FIELD_TYPES[name].python_type is list:
        return '"red" in value'
    if operator in PROBES:
        return PROBES[operator]
    return f"value.{operator} == null" if operator.isalpha() else f"value {operator} other"


def entities_for(name: str) -> dict[str, Entity]:
    schema: Any = ROWS[name].schema
    named = {
        target: entity({"name": {"type": "string"}}, name=target) for target in ("place", "user", "team")
    }
    found = {"asset": entity({"value": schema, "other": schema}), **named}
    if name == "lines":
        found["asset__value"] = entity(schema["properties"], name="asset__value", parent=("asset", "value"))
    return found


@pytest.mark.parametrize(("name", "operator"), CASES)
def test_the_checker_takes_what_the_table_promises(name: str, operator: str) -> None:
    check(probe(name, operator), RecordTypes(entities_for(name)).of("asset").allowing(FILTER))


@pytest.mark.parametrize(
    ("name", "operator"),
    [
        (name, operator)
        for name in ("json", "address", "secret", "geo_point", "date_range", "file")
        for operator in ("<", "contains")
    ],
)
def test_the_checker_refuses_what_has_no_sense(name: str, operator: str) -> None:
    with pytest.raises(ExpressionError):
        check(probe(name, operator), RecordTypes(entities_for(name)).of("asset").allowing(FILTER))


@pytest.mark.parametrize("name", [name for name in FIELD_TYPES if name in COLUMNS])
def test_the_table_says_what_lists_sort_by(name: str) -> None:
    assert sorts(FIELD_TYPES[name]) == (COLUMNS[name].order != "none")


def test_every_type_is_in_the_table() -> None:
    table = manual().partition("## Type x operator")[2].partition("## Keywords")[0]
    for name in FIELD_TYPES:
        assert f"| `{name}` |" in table
