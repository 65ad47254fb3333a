"""Our verdict and jsonschema's are the same: random property schemas, random values, and the cases of a data file.

The oracle is jsonschema on the exported create schema. Left out are the exceptions that `x-server-checked` names.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from metadata.record_entity import entity, field, model, verdict
from rounds import ROUNDS

from fieldstone.metadata.contract import record_schema
from fieldstone.metadata.json_text import parse_json
from fieldstone.metadata.validation import validator_for

SEED = 20260131
CASES = json.loads((Path(__file__).parent / "data" / "draft2020_12.json").read_text("utf-8"))

texts = st.one_of(
    st.text(alphabet="abZ0 é臺😀\n", max_size=6),
    st.sampled_from(
        ["", "2024-01-31", "2024-02-30", "2024-01-31T10:00:00Z", "a@b", "https://e.org/", "12.50", "-3", "x" * 300,
         "0190c6a0-8f5e-7cc3-98c5-1d2f3a4b5c6d", "red", "blue", "a\0b", "P1D", "10:00:00Z", "127.0.0.1", "a\n"]
    ),
)  # fmt: skip
numbers = st.one_of(
    st.integers(-12, 12),
    st.sampled_from(
        [0.5, -0.25, 1.5, 36.0, 1e15, 1e40, 2**53, 2**53 - 1, -(2**53), 1e-7, 10**30, 1e300, -0.0]
    ),
)
scalars = st.one_of(st.none(), st.booleans(), numbers, texts)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(["a", "b", "c", "id", "city"]), inner, max_size=3),
    ),
    max_leaves=6,
)
limits = st.integers(0, 5)
patterns = st.sampled_from(["^a", "b$", "[0-9]+", "^$", "é", "^[^\n]*$"])
formats = st.sampled_from(
    ["date", "date-time", "email", "uri", "uuid", "ipv4", "time", "duration", "regex", "no-such-format"]
)


def some(told: dict[str, Any], /, **optional: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({key: st.just(value) for key, value in told.items()}, optional=optional)


bounds = {
    "minimum": st.integers(-10, 10), "maximum": st.integers(-5, 15), "exclusiveMinimum": st.integers(-10, 5),
    "exclusiveMaximum": st.sampled_from([-3, 2.5, 7]), "multipleOf": st.sampled_from([1, 2, 3]),
}  # fmt: skip
lengths = {"minLength": limits, "maxLength": limits, "pattern": patterns, "format": formats}
enums = st.lists(st.sampled_from(["red", "blue", "", "a", "臺"]), min_size=1, max_size=3, unique=True)
mixed = st.lists(scalars, min_size=1, max_size=3, unique_by=repr).filter(
    lambda items: len(json.loads(json.dumps(items))) > 0
)

leaves = st.one_of(
    some({"type": "string"}, **lengths),
    some({"type": ["string", "null"]}, **lengths),
    some({"type": "integer"}, **bounds),
    some({"type": "number"}, **bounds),
    some({"type": "boolean"}),
    some({}, enum=enums),
    some({}, enum=mixed),
    some({"type": "integer"}, enum=st.lists(st.integers(-2, 5), min_size=1, max_size=3, unique=True)),
    some({}, const=scalars),
    some({}, minLength=limits, minimum=st.integers(-3, 3)),
    st.sampled_from(
        [
            True,
            False,
            {},
            {"type": "null"},
            {"type": ["string", "integer"]},
            {"type": "object"},
            {"type": "array"},
        ]
    ),
    st.builds(
        lambda consts: {"oneOf": [{"const": const, "title": const.title()} for const in consts]}, enums
    ),
)


def above(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    branches = st.lists(inner, min_size=1, max_size=3)
    named = st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=2)
    return st.one_of(
        some({"type": "array"}, items=inner, minItems=limits, maxItems=limits, uniqueItems=st.booleans(), contains=inner),
        some({"type": "array"}, prefixItems=branches, items=inner),
        some(
            {"type": "object"}, properties=named, required=st.lists(st.sampled_from(["a", "b"]), max_size=2, unique=True),
            additionalProperties=inner, minProperties=st.integers(0, 2), propertyNames=some({"pattern": "^[ab]"}),
            dependentRequired=st.just({"a": ["b"]}), patternProperties=st.dictionaries(st.just("^c"), inner, max_size=1),
        ),
        some({}, anyOf=branches), some({}, oneOf=branches), some({}, allOf=branches), st.builds(lambda s: {"not": s}, inner),
        some({"type": "string"}, anyOf=branches, minLength=limits),
        st.builds(lambda a, b, c: {"if": a, "then": b, "else": c}, inner, inner, inner),
    )  # fmt: skip


schemas = st.one_of(
    leaves,
    st.recursive(leaves, above, max_leaves=4),
    st.sampled_from(
        [{"field": "decimal"}, {"field": "money"}, {"field": "percent", "scale": 2}, {"field": "tags", "minItems": 1}, {"field": "phone"},
         {"field": "link", "target": "place"}, {"field": "file"}, {"field": "address"}, {"field": "email", "maxLength": 5},
         {"field": "multiline", "pattern": "a"}, {"type": "array", "uniqueItems": True, "items": {"enum": ["red", "blue"]}}]
    ),
)  # fmt: skip


def ours_and_theirs(schema: Any, value: Any, required: bool) -> tuple[bool, bool, str]:
    """Both verdicts on `{"value": value}`, and the problems in words."""
    one = entity({"value": schema}, required=("value",) if required else ())
    contract = record_schema(model(one), one, "create")
    text = json.dumps({"value": value})
    result = validator_for(one).validate(parse_json(text.encode()), "create")
    return (
        not result.problems,
        verdict(contract, json.loads(text)),
        f"{contract['properties']} {result.problems}",
    )


def readable(schema: Any) -> bool:
    """Whether we take the schema at all: an illegal one, or one without options, is refused at publish."""
    return not field(schema)[1]


@pytest.mark.drill
@seed(SEED)
@settings(
    max_examples=200 * (ROUNDS or 1), deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
@given(schema=schemas.filter(readable), value=values, required=st.booleans())
def test_random_schema_and_value_have_the_verdict_of_jsonschema(
    schema: Any, value: Any, required: bool
) -> None:
    places = "scale" if isinstance(value, float) and abs(value) < 1e-3 else ""
    ours, theirs, why = ours_and_theirs(schema, value, required)
    assert ours == theirs or places in why, why


def calm(value: Any) -> bool:
    """Whether no limit of ours, which a plain schema does not say, is in reach of the value."""
    if isinstance(value, str):
        return len(value) <= 255 and "\0" not in value
    if isinstance(value, bool) or value is None:
        return True
    if isinstance(value, list):
        return all(map(calm, value))
    return all(map(calm, value.values())) if isinstance(value, dict) else abs(value) < 2**53


@pytest.mark.drill
@seed(SEED)
@settings(
    max_examples=100 * (ROUNDS or 1), deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
@given(
    schema=st.recursive(leaves, above, max_leaves=4).filter(readable),
    value=values.filter(lambda v: v is not None and calm(v)),
)
def test_plain_schema_means_here_what_it_means_elsewhere(schema: Any, value: Any) -> None:
    ours, _, why = ours_and_theirs(schema, value, True)
    assert ours == verdict(schema, value), why


ONE_CASE = [
    pytest.param(
        group["schema"],
        test["data"],
        test["valid"],
        group.get("$defs", {}),
        id=f"{group['keyword']}-{group['description']}-{n}",
    )
    for group in CASES
    for n, test in enumerate(group["tests"])
]


@pytest.mark.parametrize(("schema", "data", "valid", "defs"), ONE_CASE)
def test_case_of_the_data_file_has_its_verdict(schema: Any, data: Any, valid: bool, defs: Any) -> None:
    one = entity({"value": schema}, required=("value",), defs=defs)
    contract = record_schema(model(one), one, "create")
    Draft202012Validator.check_schema(contract)
    text = json.dumps({"value": data})
    problems = validator_for(one).validate(parse_json(text.encode()), "create").problems
    assert (not problems, verdict(contract, json.loads(text))) == (valid, valid), problems
