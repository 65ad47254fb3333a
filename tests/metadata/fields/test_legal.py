"""The quick yes of `plainly_legal` is never wrong: jsonschema's own meta-schema says yes too."""

import random
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from fieldstone.metadata.fields.legal import plainly_legal

META = Draft202012Validator(Draft202012Validator.META_SCHEMA)
KEYWORDS = [
    "type",
    "title",
    "description",
    "$comment",
    "default",
    "const",
    "enum",
    "examples",
    "readOnly",
    "deprecated",
    "uniqueItems",
    "minLength",
    "maxItems",
    "minimum",
    "exclusiveMaximum",
    "format",
    "oneOf",
    "items",
    "pattern",
    "anyOf",
    "color",
    "order",
    "properties",
    "multipleOf",
    "$ref",
]
ORDINARY: list[dict[str, Any]] = [
    {"type": "string", "maxLength": 80, "title": "T", "description": "D", "default": "x"},
    {"oneOf": [{"const": "a", "title": "A", "color": "red", "order": 5}]},
    {"type": "array", "uniqueItems": True, "items": {"enum": ["a", "b"]}},
    {"type": "string", "format": "date", "examples": ["2024-01-01"]},
    {"minimum": 0.5, "exclusiveMaximum": 7},
]


@pytest.mark.parametrize("schema", ORDINARY, ids=str)
def test_ordinary_schemas_are_told_at_once(schema: dict[str, Any]) -> None:
    assert plainly_legal(schema)


def test_the_quick_yes_agrees_with_the_meta_schema() -> None:
    seed = random.randrange(10**9)
    print("seed", seed)
    chance = random.Random(seed)

    def value(depth: int) -> Any:
        plain = [None, True, 0, -1, 1.5, 3, "string", "x", [], ["string"], {}, [1]]
        deep = (
            [{key: value(depth + 1) for key in chance.sample(KEYWORDS, 2)}, [value(depth + 1)]]
            if depth < 3
            else []
        )
        return chance.choice(plain + deep)

    yes = 0
    for _ in range(3000):
        schema = {key: value(0) for key in chance.sample(KEYWORDS, chance.randrange(4))}
        if plainly_legal(schema):
            yes += 1
            assert META.is_valid(schema), schema
    assert yes > 50
