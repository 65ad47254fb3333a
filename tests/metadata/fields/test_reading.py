"""From property schema to field: which type it is, what the field says, and what is wrong with the schema."""

from typing import Any

import pytest
from metadata.record_entity import field

from fieldstone.metadata.definitions import MISSING
from fieldstone.metadata.fields import STANDARD_KEYWORDS, field_vocabulary

INFERRED: dict[str, tuple[Any, str]] = {
    "string": ({"type": "string"}, "text"),
    "500 characters": ({"type": "string", "maxLength": 500}, "text"),
    "501 characters": ({"type": "string", "maxLength": 501}, "multiline"),
    "date": ({"type": "string", "format": "date"}, "date"),
    "date-time": ({"type": "string", "format": "date-time"}, "datetime"),
    "email": ({"type": "string", "format": "email"}, "email"),
    "uri": ({"type": "string", "format": "uri"}, "url"),
    "other format": ({"type": "string", "format": "ipv4"}, "text"),
    "string or null": ({"type": ["string", "null"]}, "text"),
    "string or number": ({"type": ["string", "number"]}, "json"),
    "integer": ({"type": "integer"}, "integer"),
    "number": ({"type": "number"}, "number"),
    "boolean": ({"type": "boolean"}, "boolean"),
    "enum": ({"enum": ["a", "b"]}, "select"),
    "enum with type": ({"type": "string", "enum": ["a", "b"]}, "select"),
    "enum with null": ({"enum": ["a", None]}, "select"),
    "enum of numbers": ({"enum": [1, 2]}, "json"),
    "enum of integers": ({"type": "integer", "enum": [1, 2]}, "integer"),
    "const": ({"const": "a"}, "select"),
    "oneOf": ({"oneOf": [{"const": "a", "title": "A"}]}, "select"),
    "oneOf of forms": ({"oneOf": [{"type": "string"}, {"type": "integer"}]}, "json"),
    "oneOf the same twice": ({"oneOf": [{"const": "a"}, {"const": "a"}]}, "json"),
    "different choices": ({"type": "array", "uniqueItems": True, "items": {"enum": ["a"]}}, "multi_select"),
    "choices, also twice": ({"type": "array", "items": {"enum": ["a"]}}, "json"),
    "texts": ({"type": "array", "items": {"type": "string"}}, "json"),
    "object": ({"type": "object", "properties": {}}, "json"),
    "anyOf": ({"anyOf": [{"type": "string"}]}, "json"),
    "anything": ({}, "json"),
    "true": (True, "json"),
    "false": (False, "json"),
    "named": ({"field": "tags"}, "tags"),
    "reference": ({"$ref": "#/$defs/day"}, "date"),
}
DEFS = {
    "day": {"type": "string", "format": "date"},
    "loop": {"$ref": "#/$defs/loop"},
    "bad": {"pattern": "("},
}


@pytest.mark.parametrize(("schema", "kind"), INFERRED.values(), ids=INFERRED)
def test_type_follows_from_the_schema(schema: Any, kind: str) -> None:
    read, problems = field(schema, defs=DEFS)
    assert (read.type, problems) == (kind, [])


WRONG: dict[str, tuple[Any, str, str]] = {
    "unknown type": ({"field": "txet"}, "/field", "field.type_unknown"),
    "unknown keyword": ({"type": "string", "maxLenght": 5}, "/maxLenght", "keyword.unknown"),
    "keyword of another type": ({"type": "string", "target": "place"}, "/target", "keyword.not_here"),
    "value of ours": ({"type": "string", "unique": "yes"}, "/unique", "keyword.value"),
    "value of JSON Schema": ({"type": "string", "maxLength": -1}, "/maxLength", "keyword.value"),
    "type and field": ({"field": "integer", "type": "string"}, "/type", "type"),
    "pattern": ({"type": "string", "pattern": "("}, "/pattern", "pattern"),
    "pattern deep inside": ({"type": "object", "properties": {"enum": {"pattern": "("}}}, "/properties/enum/pattern", "pattern"),
    "pattern of names": ({"type": "object", "patternProperties": {"(": {}}}, "/patternProperties/(", "pattern"),
    "pattern in a definition": ({"items": {"$ref": "#/$defs/bad"}}, "/items/$ref/pattern", "pattern"),
    "reference to nothing": ({"items": {"$ref": "#/$defs/none"}}, "/items/$ref", "ref.unknown"),
    "reference to nothing at the top": ({"$ref": "#/$defs/none"}, "/$ref", "ref.unknown"),
    "reference outside": ({"$ref": "https://example.org/x.json"}, "/$ref", "ref.outside"),
    "reference in a circle": ({"$ref": "#/$defs/loop"}, "/$ref", "ref.loop"),
    "reference in a circle inside": ({"items": {"$ref": "#/$defs/loop"}}, "", "ref.loop"),
    "id": ({"type": "object", "$id": "x"}, "/$id", "keyword.refused"),
    "default": ({"type": "integer", "default": "x"}, "/default", "default"),
    "default of a choice": ({"enum": ["a"], "default": "b"}, "/default", "default"),
    "default of a formula": ({"field": "formula", "formula": "1", "default": 5}, "/default", "default"),
    "no options": ({"field": "select"}, "", "options"),
    "option that is no text": ({"field": "select", "enum": ["a", 5]}, "", "option"),
    "no target": ({"field": "link"}, "", "target"),
    "no formula": ({"field": "formula"}, "", "formula"),
    "no rollup": ({"field": "rollup"}, "", "rollup"),
    "no properties": ({"field": "lines"}, "", "lines.properties"),
    "currency": ({"field": "money", "currency": "EURO"}, "/currency", "currency.unknown"),
    "unique json": ({"type": "object", "unique": True}, "/unique", "index.type"),
    "unique long text": ({"type": "string", "maxLength": 501, "field": "text", "unique": True}, "/unique", "index.length"),
    "format of another type": ({"field": "email", "format": "date"}, "/format", "format"),
}  # fmt: skip


@pytest.mark.parametrize(("schema", "place", "code"), WRONG.values(), ids=WRONG)
def test_wrong_schema_is_refused_with_its_place_and_still_gives_a_field(
    schema: Any, place: str, code: str
) -> None:
    read, problems = field(schema, defs=DEFS)
    assert [(problem.path, problem.code) for problem in problems] == [(f"/properties/value{place}", code)]
    assert read.name == "value"
    assert problems[0].message


def test_unknown_keyword_of_a_foreign_schema_is_no_problem() -> None:
    read, problems = field({"type": "string", "x-ui": 5, "maxLenght": 5, "target": "t"}, strict=False)
    assert (read.type, problems) == ("text", [])


def test_what_the_field_says() -> None:
    read, problems = field(
        {"type": "string", "maxLength": 9, "title": "T", "description": "D", "unique": True, "search": True,
         "default": "x", "readOnly": True, "requiredWhen": "status == 'a'", "renamedFrom": "old"},
        required=True,
    )  # fmt: skip
    assert problems == []
    assert (read.title, read.description, read.default, read.renamed_from) == ("T", "D", "x", "old")
    assert (read.required, read.read_only, read.unique, read.search, read.index) == (
        True,
        True,
        True,
        True,
        False,
    )
    assert dict(read.schema) == {"type": "string", "maxLength": 9}
    assert read.settings["expressions"] == {"requiredWhen": "status == 'a'"}


NULLABLE: dict[str, tuple[Any, bool]] = {
    "string": ({"type": "string"}, False),
    "string or null": ({"type": ["string", "null"]}, True),
    "choice with null": ({"enum": ["a", None]}, True),
    "anything": ({}, True),
    "anyOf with null": ({"anyOf": [{"type": "string"}, {"type": "null"}]}, True),
    "type of ours": ({"field": "decimal"}, False),
    "null": ({"type": "null"}, True),
}


@pytest.mark.parametrize(("schema", "nullable"), NULLABLE.values(), ids=NULLABLE)
def test_null_is_a_value_where_the_schema_says_so(schema: Any, nullable: bool) -> None:
    assert field(schema)[0].nullable is nullable


TITLES = {
    "label": "Label",
    "unit_price": "Unit price",
    "unitPrice": "Unit price",
    "VAT": "VAT",
    "價格": "價格",
}


@pytest.mark.parametrize(("name", "title"), TITLES.items(), ids=TITLES)
def test_title_is_made_from_the_name(name: str, title: str) -> None:
    assert field({"type": "string"}, name)[0].title == title


def test_options_stand_in_their_order() -> None:
    options = [
        {"const": "c"},
        {"const": "a", "order": 5, "color": "red"},
        {"const": "b", "title": "Bee", "order": 15},
    ]
    read, problems = field({"oneOf": options})
    assert problems == []
    assert [(o.const, o.title, o.color) for o in read.options] == [
        ("a", "a", "red"),
        ("c", "c", None),
        ("b", "Bee", None),
    ]
    assert read.default is MISSING


def test_vocabulary_of_ours_is_described_and_apart_from_json_schema() -> None:
    vocabulary = field_vocabulary()
    assert not set(vocabulary) & STANDARD_KEYWORDS
    assert all(schema["description"] for schema in vocabulary.values())
