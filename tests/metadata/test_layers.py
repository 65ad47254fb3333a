"""Merging: a table of cases per folder, provenance, and `diff` as the inverse of `merge_patch`."""

import copy
import random
from typing import Any

import pytest

from fieldstone.metadata.layers import (
    ABSENT,
    Layer,
    diff,
    in_name_order,
    layer_of,
    merge,
    merge_patch,
    same,
    with_order,
)

BELOW: dict[str, Any] = {
    "title": "Book",
    "required": ["title"],
    "properties": {
        "title": {"type": "string", "maxLength": 80},
        "status": {
            "oneOf": [{"const": "new", "title": "New"}, {"const": "old", "title": "Old"}],
            "default": "new",
        },
    },
    "rules": [{"name": "a", "when": "x", "message": "A"}, {"name": "b", "when": "y", "message": "B"}],
    "allOf": [{"required": ["title"]}],
}


def changed(**members: Any) -> dict[str, Any]:
    return {**copy.deepcopy(BELOW), **members}


CASES = {
    "nothing": ({}, BELOW),
    "a member": ({"title": "Tome"}, changed(title="Tome")),
    "null removes": ({"title": None, "missing": None}, {k: v for k, v in BELOW.items() if k != "title"}),
    "a property of a property": (
        {"properties": {"title": {"maxLength": 90, "title": "Title"}}},
        changed(
            properties={**BELOW["properties"], "title": {"type": "string", "maxLength": 90, "title": "Title"}}
        ),
    ),
    "a new property": (
        {"properties": {"size": {"type": "integer", "minimum": None}}},
        changed(properties={**BELOW["properties"], "size": {"type": "integer"}}),
    ),
    "a property removed": (
        {"properties": {"status": None}},
        changed(properties={"title": {"type": "string", "maxLength": 80}}),
    ),
    "an option by const": (
        {"properties": {"status": {"oneOf": [{"const": "old", "title": "Used"}, {"const": "lost"}]}}},
        changed(
            properties={
                "title": BELOW["properties"]["title"],
                "status": {
                    "oneOf": [
                        {"const": "new", "title": "New"},
                        {"const": "old", "title": "Used"},
                        {"const": "lost"},
                    ],
                    "default": "new",
                },
            }
        ),
    ),
    "a rule by name": (
        {"rules": [{"name": "b", "message": "Bee"}]},
        changed(rules=[BELOW["rules"][0], {"name": "b", "when": "y", "message": "Bee"}]),
    ),
    "a rule removed": ({"rules": [{"name": "a", "$remove": True}]}, changed(rules=[BELOW["rules"][1]])),
    "an unknown rule removed": ({"rules": [{"name": "z", "$remove": True}]}, BELOW),
    "an array replaced": ({"rules": {"$replace": []}}, changed(rules=[])),
    "a list of words is one value": ({"required": ["status"]}, changed(required=["status"])),
    "allOf is one value": ({"allOf": [{"minProperties": 1}]}, changed(allOf=[{"minProperties": 1}])),
    "oneOf without consts is one value": (
        {"properties": {"status": {"oneOf": [{"type": "string"}, {"type": "null"}]}}},
        changed(
            properties={
                "title": BELOW["properties"]["title"],
                "status": {"oneOf": [{"type": "string"}, {"type": "null"}], "default": "new"},
            }
        ),
    ),
    "a null that is meant": (
        {"properties": {"title": {"default": {"$replace": None}}}},
        changed(
            properties={**BELOW["properties"], "title": {"type": "string", "maxLength": 80, "default": None}}
        ),
    ),
    "a default is one value": (
        {"properties": {"title": {"default": {"a": None}}}},
        changed(
            properties={
                **BELOW["properties"],
                "title": {"type": "string", "maxLength": 80, "default": {"a": None}},
            }
        ),
    ),
}


@pytest.mark.parametrize(("patch", "result"), CASES.values(), ids=CASES)
def test_a_patch_changes_what_it_names(patch: Any, result: Any) -> None:
    below = copy.deepcopy(BELOW)
    merged = merge_patch("entities", below, patch)
    assert same(merged, result)
    assert below == BELOW, "merging must not change what lies below"
    assert same(merge_patch("entities", BELOW, diff("entities", BELOW, result)), result)


def test_nested_keyed_arrays_merge_by_name() -> None:
    below = {"entity": "book", "items": [{"name": "price", "roles": [{"name": "clerk", "hidden": True}]}]}
    patch = {
        "items": [
            {
                "name": "price",
                "roles": [{"name": "clerk", "hidden": False}, {"name": "boss", "required": True}],
            }
        ]
    }
    assert merge_patch("forms", below, patch)["items"][0]["roles"] == [
        {"name": "clerk", "hidden": False},
        {"name": "boss", "required": True},
    ]


def test_the_lowest_layer_is_taken_as_it_is() -> None:
    whole = {"properties": {"a": {"default": None}}}
    assert merge([Layer("p", {("entities", "book"): whole})])["entities", "book"].body == whole
    assert merge_patch("entities", ABSENT, whole) == whole


def test_every_place_remembers_its_layer() -> None:
    layers = [
        Layer("base", {("entities", "book"): BELOW}),
        Layer(
            "more",
            {("entities", "book"): {"properties": {"title": {"title": "T"}, "size": {"type": "integer"}}}},
        ),
        Layer(
            "tenant",
            {
                ("entities", "book"): {
                    "rules": [{"name": "a", "$remove": True}, {"name": "b", "message": "!"}]
                }
            },
        ),
    ]
    document = merge(layers)["entities", "book"]
    expected = {
        "": "base",
        "/title": "base",
        "/properties/title/type": "base",
        "/properties/title/title": "more",
        "/properties/size": "more",
        "/properties/size/type": "more",
        "/rules/0": "base",
        "/rules/0/when": "base",
        "/rules/0/message": "tenant",
    }
    assert {pointer: layer_of(document, pointer) for pointer in expected} == expected
    assert len(document.provenance) == 4, "only what differs is kept"


def test_null_removes_a_document_and_a_later_layer_may_make_it_anew() -> None:
    key = ("menus", "main")
    layers = [Layer("a", {key: {"title": "A"}}), Layer("b", {key: None}), Layer("c", {key: {"title": "C"}})]
    assert merge(layers[:2]) == {}
    assert merge(layers)[key].provenance == {"": "c"}


def test_fields_that_a_patch_adds_keep_their_order_in_storage_that_forgets_it() -> None:
    patch = {"properties": {"zebra": {"type": "string"}, "title": {"title": "T"}, "ape": {"type": "string"}}}
    stored = in_name_order(with_order("entities", BELOW, patch))
    assert stored["properties"]["zebra"]["order"] < stored["properties"]["ape"]["order"]
    assert "order" not in stored["properties"]["title"]


class Documents:
    """Random documents and random changes of them, nasty ones included."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def name(self) -> str:
        return self.chance.choice(["a", "b", "c", "$replace", "$remove", "name", "a/b", "~"])

    def value(self, depth: int = 0) -> Any:
        kind = self.chance.randrange(8 if depth < 3 else 5)
        if kind == 5:
            return {self.name(): self.value(depth + 1) for _ in range(self.chance.randrange(3))}
        if kind == 6:
            return [self.value(depth + 1) for _ in range(self.chance.randrange(3))]
        if kind == 7:
            return {"$replace": self.value(depth + 1)}
        return [None, True, 1, 1.0, "x"][kind]

    def keyed(self, key: str, make: Any) -> Any:
        if self.chance.random() < 0.1:
            return self.value()
        names = self.chance.sample(["a", "b", "c", "d"], self.chance.randrange(4))
        if self.chance.random() < 0.05:
            names += names[:1]
        return [{key: name, **make()} for name in names]

    def rule(self) -> dict[str, Any]:
        keys = self.chance.sample(["when", "message", "field", "$remove", "$replace", "x"], 2)
        return {key: self.value(2) for key in keys}

    def field(self) -> Any:
        if self.chance.random() < 0.1:
            return self.value()
        parts = {
            "type": self.value, "default": self.value, "anyOf": self.value, "x-other": self.value,
            "oneOf": lambda: self.keyed("const", lambda: {"title": self.value(2)}),
            "properties": lambda: {self.name(): {"title": self.value(2)}},
        }  # fmt: skip
        return {key: parts[key]() for key in self.chance.sample(list(parts), self.chance.randrange(4))}

    def entity(self) -> dict[str, Any]:
        parts = {
            "title": self.value, "required": self.value, "allOf": self.value, "x-other": self.value,
            "properties": lambda: {self.name(): self.field() for _ in range(self.chance.randrange(4))},
            "rules": lambda: self.keyed("name", self.rule),
        }  # fmt: skip
        return {key: parts[key]() for key in self.chance.sample(list(parts), self.chance.randrange(6))}

    def edited(self, value: Any) -> Any:
        """The value with some of its parts removed, replaced or moved."""
        if isinstance(value, dict):
            kept = {k: self.edited(v) for k, v in value.items() if self.chance.random() > 0.15}
            return kept if self.chance.random() > 0.2 else {**kept, self.name(): self.value()}
        if isinstance(value, list):
            kept = [self.edited(item) for item in value if self.chance.random() > 0.15]
            if self.chance.random() < 0.15:
                self.chance.shuffle(kept)
            return kept
        return self.value() if self.chance.random() < 0.1 else value


def test_diff_is_the_inverse_of_merge() -> None:
    seed = random.randrange(10**9)
    print("seed", seed)
    make = Documents(seed)
    for _ in range(4000):
        below = make.entity()
        whole = make.edited(below) if make.chance.random() < 0.7 else make.entity()
        patch = diff("entities", below, whole)
        assert same(merge_patch("entities", below, patch), whole), (below, whole, patch)
        if same(below, whole):
            assert patch == {}


def test_provenance_has_a_place_for_every_layer_and_never_fails() -> None:
    seed = random.randrange(10**9)
    print("seed", seed)
    make = Documents(seed)
    key = ("entities", "book")
    for _ in range(500):
        layers = [Layer(name, {key: make.entity()}) for name in "pqr"]
        document = merge(layers)[key]
        body = layers[0].documents[key]
        for layer in layers[1:]:
            body = merge_patch("entities", body, layer.documents[key])
        assert same(document.body, body)
        for pointer in document.provenance:
            at: Any = document.body
            for token in pointer.split("/")[1:]:
                at = (
                    at[int(token)]
                    if isinstance(at, list)
                    else at[token.replace("~1", "/").replace("~0", "~")]
                )
