"""The exported schemas: legal by themselves, plain, and saying what each purpose needs."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from metadata.record_entity import entity, model, verdict

from fieldstone.metadata.contract import Purpose, record_schema
from fieldstone.metadata.validation import validator_for

NODE = {"type": "object", "properties": {"below": {"type": "array", "items": {"$ref": "#/$defs/node"}}}}
ASSET = entity(
    {
        "label": {"type": "string", "maxLength": 20, "title": "Label", "description": "What it is called."},
        "status": {
            "oneOf": [{"const": "new", "title": "New"}, {"const": "used", "title": "Used"}],
            "default": "new",
        },
        "serial": {"type": "string", "unique": True, "not": {"const": "0"}},
        "price": {"field": "money", "minimum": 0},
        "place": {"field": "link", "target": "place"},
        "number": {"field": "sequence", "sequence": "A-{n}"},
        "fixed": {"type": "string", "readOnly": True},
        "tree": {"$ref": "#/$defs/node"},
        "parts": {"field": "lines", "properties": {}},
        "anything": {},
        "secret": {"type": "integer"},
        "ratio": {"type": "number", "multipleOf": 0.5},
    },
    required=("label", "status"),
    defs={"node": NODE},
    dependentRequired={"secret": ["serial"]},
)
PARTS = entity(
    {"part": {"type": "string"}, "qty": {"type": "integer", "default": 1}},
    required=("part",), name="asset__parts", parent=("asset", "parts"),
)  # fmt: skip
MODEL = model(ASSET, PARTS)
PURPOSES: tuple[Purpose, ...] = ("create", "patch", "read")


def schema(purpose: Purpose, **options: Any) -> dict[str, Any]:
    return record_schema(MODEL, ASSET, purpose, **options)


@pytest.mark.parametrize("purpose", PURPOSES)
def test_schema_is_legal_plain_and_json(purpose: Purpose) -> None:
    exported = schema(purpose)
    Draft202012Validator.check_schema(exported)
    assert json.loads(json.dumps(exported)) == exported
    assert exported["additionalProperties"] is False
    assert exported["properties"]["label"]["description"] == "What it is called."
    known = {*Draft202012Validator.META_SCHEMA["properties"], "x-server-checked"}
    vocabularies = [ref["$ref"] for ref in Draft202012Validator.META_SCHEMA["allOf"]]
    assert len(vocabularies) > 5
    for name in ("field", "target", "sequence", "unique", "search"):
        assert name not in known
        assert f'"{name}":' not in json.dumps({k: v for k, v in exported.items() if k != "properties"})
        assert all(name not in one for one in exported["properties"].values())


def test_create_asks_for_what_has_no_default() -> None:
    exported = schema("create")
    assert exported["required"] == ["label"]
    assert exported["properties"]["status"]["default"] == "new"
    assert not {"number", "fixed", "id", "version", "price_base"} & set(exported["properties"])
    assert {"price_currency", "owner_id"} <= set(exported["properties"])


def test_patch_asks_for_nothing_and_takes_what_is_read_only_back() -> None:
    exported = schema("patch")
    assert "required" not in exported
    assert exported["properties"]["number"]["readOnly"] is True
    assert verdict(exported, {"label": "x", "secret": None, "number": "A-1", "version": 3})
    assert not verdict(exported, {"label": None})
    assert not verdict(exported, {"status": None})
    assert verdict(exported, {"tree": {"below": None}})


def test_read_promises_every_readable_field_and_null() -> None:
    exported = schema("read")
    assert [*exported["properties"]][:2] == ["id", "version"]
    names = {"id", "version", "created_at", "deleted_at", "price_currency", "price_base", *ASSET.fields}
    assert names <= set(exported["properties"])
    empty = dict.fromkeys(ASSET.fields) | {"id": "0190c6a0-8f5e-7cc3-98c5-1d2f3a4b5c6d", "version": 1}
    assert verdict(exported, empty)
    assert verdict(exported, {**empty, "price": "-5.00", "label": "x" * 300}), (
        "old records may break newer bounds"
    )


def test_hidden_field_leaves_no_trace() -> None:
    for purpose in PURPOSES:
        names = {"label", "price", "parts"}
        text = json.dumps(schema(purpose, readable=names, writable=names))
        for hidden in ("secret", "serial", "dependentRequired", "node"):
            assert hidden not in text
        assert "price_currency" in text


def test_what_only_the_server_can_say_is_listed() -> None:
    checked = set(schema("create")["x-server-checked"])
    assert {"unique", "target", "rights", "dependentRequired", "decimal bounds", "multipleOf"} <= checked
    assert "rules" not in checked
    assert "readOnly" in schema("patch")["x-server-checked"]
    assert schema("read")["x-server-checked"] == []


LINES = {
    "new": ([{"part": "a"}], True),
    "without part": ([{"qty": 1}], False),
    "unknown": ([{"part": "a", "x": 1}], False),
    "wrong": ([{"part": 5}], False),
    "null": (None, True),
}


@pytest.mark.parametrize(("lines", "legal"), LINES.values(), ids=LINES)
def test_lines_have_the_schema_of_their_entity(lines: Any, legal: bool) -> None:
    body = {"label": "a", "parts": lines}
    assert verdict(schema("create"), body) is legal
    validator = validator_for(ASSET, MODEL.entities)
    assert (not validator.validate(body, "create").problems) is legal


def test_patched_line_needs_its_id_or_all_that_is_required() -> None:
    known = {"id": "0190c6a0-8f5e-7cc3-98c5-1d2f3a4b5c6d", "qty": 2}
    assert verdict(schema("patch"), {"parts": [known, {"part": "a"}]})
    assert not verdict(schema("patch"), {"parts": [{"qty": 2}]})


TREES = {
    "leaf": ({}, True),
    "deep": ({"below": [{"below": []}]}, True),
    "wrong": ({"below": [{"below": 5}]}, False),
}


@pytest.mark.parametrize(("tree", "legal"), TREES.values(), ids=TREES)
def test_references_travel_with_the_schema(tree: Any, legal: bool) -> None:
    body = {"label": "a", "tree": tree}
    assert verdict(schema("create"), body) is legal
    assert (not validator_for(ASSET, MODEL.entities).validate(body, "create").problems) is legal


def test_additional_properties_are_in_the_contract() -> None:
    for extras, legal, illegal in (
        (True, {"x": [1]}, {"x": "\0"}),
        ({"type": "integer"}, {"x": None}, {"x": "a"}),
    ):
        one = entity({"label": {"type": "string"}}, extras=extras)
        exported = record_schema(model(one), one, "create")
        Draft202012Validator.check_schema(exported)
        for body, expected in ((legal, True), (illegal, False), ({"a\0": 1}, False)):
            assert verdict(exported, body) is expected
            assert (not validator_for(one).validate(body, "create").problems) is expected
