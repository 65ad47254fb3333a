"""The meta-schemas themselves: described and mergeable everywhere, in step with the field types."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from fieldstone.metadata.fields import FIELD_TYPES, STANDARD_KEYWORDS, field_vocabulary
from fieldstone.metadata.meta_schemas import FOLDERS, check_document, meta_schema, shape_of

KINDS = ["package", *dict.fromkeys(FOLDERS.values())]
ONE_VALUE = ("allOf", "anyOf", "prefixItems", "oneOf", "enum", "examples")


def properties(schema: Any, place: str) -> Iterator[tuple[str, str, Any]]:
    """(place, name, schema) of every property that a meta-schema describes."""
    if not isinstance(schema, dict):
        return
    for name, inner in schema.get("properties", {}).items():
        yield place, name, inner
    for keyword in ("properties", "$defs"):
        for name, inner in schema.get(keyword, {}).items():
            yield from properties(inner, f"{place}/{keyword}/{name}")
    for keyword in ("items", "additionalProperties"):
        yield from properties(schema.get(keyword), f"{place}/{keyword}")


@pytest.mark.parametrize("kind", KINDS)
def test_every_meta_schema_is_a_legal_schema_with_an_address(kind: str) -> None:
    Draft202012Validator.check_schema(meta_schema(kind))
    assert meta_schema(kind)["$id"] == f"https://fieldstone.dev/schemas/{kind}-1.json"


@pytest.mark.parametrize("kind", KINDS)
def test_every_property_has_a_description(kind: str) -> None:
    found = [
        f"{place}/{name}" for place, name, inner in properties(meta_schema(kind), "") if not described(inner)
    ]
    assert found == []


def described(schema: dict[str, Any]) -> bool:
    """Whether there is a sentence about it."""
    return bool(re.search(r"\w{3}.*\.$", schema.get("description", "")))


@pytest.mark.parametrize("kind", KINDS)
def test_every_array_of_objects_merges_by_a_key(kind: str) -> None:
    root = meta_schema(kind)
    for place, name, schema in properties(root, ""):
        items = schema.get("items")
        if schema.get("type") != "array" or items is None:
            continue
        target = root["$defs"][items["$ref"].rpartition("/")[2]] if "$ref" in items else items
        types = target.get("type", [])
        if "object" not in ([types] if isinstance(types, str) else types):
            continue
        if schema.get("x-merge") == "value":
            assert name in ONE_VALUE, f"{place}/{name} holds objects and merges as one value"
        else:
            assert schema.get("x-merge") in ("name", "const"), f"{place}/{name} has no key to merge by"
            assert schema["x-merge"] in target["properties"]


def test_the_entity_meta_schema_knows_the_keywords_of_every_field_type() -> None:
    known = meta_schema("entity")["$defs"]["field"]["properties"]
    assert sorted(set(field_vocabulary()) - set(known)) == []
    assert sorted(STANDARD_KEYWORDS - set(known)) == []


def test_the_entity_meta_schema_promises_no_keyword_that_no_field_type_reads() -> None:
    known = set(meta_schema("entity")["$defs"]["field"]["properties"])
    assert sorted(known - set(field_vocabulary()) - STANDARD_KEYWORDS) == []


def test_field_types_are_what_the_issue_lists() -> None:
    wanted = (
        "text multiline email phone url integer decimal percent money "
        "boolean date datetime select multi_select "
        "tags link lines parent user team file address person_name sequence formula rollup related json"
    )
    assert set(wanted.split()) <= set(FIELD_TYPES)


def test_shapes_follow_references() -> None:
    field = shape_of("entity").member("properties").member("anything")
    assert field.mode == "object"
    assert field.member("oneOf").key == "const"
    assert field.member("properties").member("inner") is field
    assert field.member("anyOf").mode == "value"


WRONG = {
    "misspelt keyword": (
        {"properties": {"a": {"type": "string", "maxLenght": 3}}},
        "keyword.unknown",
        "maxLength",
    ),
    "misspelt enum": ({"properties": {"a": {"field": "link", "onDelete": "restrct"}}}, "enum", "restrict"),
    "wrong type": ({"properties": {"a": {"type": "string", "maxLength": "3"}}}, "type", 'found "3"'),
    "not an object": ({"properties": {"a": 7}}, "type", "found 7"),
    "missing": ({}, "required", '"properties"'),
}


@pytest.mark.parametrize(("body", "code", "said"), WRONG.values(), ids=WRONG)
def test_problems_say_what_was_found(body: dict[str, Any], code: str, said: str) -> None:
    ours = {"$schema": "https://fieldstone.dev/schemas/entity-1.json", **body}
    problems, notes = check_document("entity", ours, whole=True)
    assert [problem.code for problem in problems] == [code]
    assert said in problems[0].message
    assert notes == []


DIALECTS = {
    "ours": ("https://fieldstone.dev/schemas/entity-1.json", ["keyword.unknown"], []),
    "2020-12": ("https://json-schema.org/draft/2020-12/schema", [], ["keyword.unknown"]),
    "draft-07": ("http://json-schema.org/draft-07/schema#", [], ["keyword.unknown"]),
    "none": (None, [], ["keyword.unknown"]),
    "unknown": ("https://fieldstone.dev/schemas/entity-9.json", ["schema.dialect"], ["keyword.unknown"]),
}


@pytest.mark.parametrize(("dialect", "problems", "notes"), DIALECTS.values(), ids=DIALECTS)
def test_the_dialect_decides_about_unknown_keywords(
    dialect: str | None, problems: list[str], notes: list[str]
) -> None:
    body: dict[str, Any] = {"properties": {"a": {"x-hint": 1}}}
    found = check_document("entity", {"$schema": dialect, **body} if dialect else body, whole=True)
    assert ([p.code for p in found[0]], [n.code for n in found[1]]) == (problems, notes)
