"""What the API accepts is what the exported schema calls valid, and its answers are what it promises; and the fields of
marshmallow that are too loose stand nowhere in the platform."""

import ast
import json
import random
from pathlib import Path
from typing import Any

import pytest
from api_world import ApiWorld
from jsonschema import Draft202012Validator, FormatChecker

import fieldstone.api
from fieldstone.api.handlers.lists import LIST
from fieldstone.api.routes import ROUTES
from fieldstone.api.statuses import TITLES

PLATFORM = Path(fieldstone.api.__file__).parents[1]
BANNED = {"Boolean", "Bool", "Float", "Integer", "Int", "Date", "DateTime", "NaiveDateTime", "AwareDateTime", "Time", "UUID",
          "Decimal", "Number", "String", "Str", "TimeDelta"}  # fmt: skip
ROUNDS = 250


def test_marshmallows_loose_fields_are_used_nowhere() -> None:
    found = []
    for path in PLATFORM.rglob("*.py"):
        tree = ast.parse(path.read_text())
        from_marshmallow = {
            alias.asname or alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("marshmallow")
            for alias in node.names
        }
        found += [f"{path}: {name}" for name in from_marshmallow & BANNED]
        if "fields" in from_marshmallow:
            found += [
                f"{path}:{node.lineno}: fields.{node.attr}"
                for node in ast.walk(tree)
                if isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and node.value.id == "fields"
                and node.attr in BANNED
            ]
    assert found == []


def values(chance: random.Random, place: str) -> dict[str, list[Any]]:
    """Per property: values that are right, nearly right and wrong."""
    anything = [None, True, False, 0, 1, -1, 36.0, 0.5, "", "x", "36", "yes", [], [1], {}, {"a": 1}]
    return {
        "label": ["Lamp", "x" * 80, "x" * 81, "\U0001f600" * 80, "a\0b", " ", *anything],
        "serial": [f"s{chance.random()}", "x" * 255, "x" * 256, *anything],
        "status": ["new", "New", "used", *anything],
        "price": ["12.50", "12,50", 12.5, 10, "1e3", "NaN", "-0", -1, "-1", *anything],
        "price_currency": ["EUR", "eur", "XXQ", "JPY", *anything],
        "pieces": [2**53 - 1, 2**53, -(2**53), 7.0, 7.5, *anything],
        "bought": ["2024-02-29", "2023-02-29", "2024-2-1", "2024-01-01T00:00:00Z", "24-01-01", *anything],
        "place": [place, place.upper(), "abc", *anything],
        "parts": [
            [{"name": "a", "qty": 1}],
            [{"name": 1}],
            [{}],
            [{"colour": 1}],
            [None],
            [{"qty": "1"}],
            *anything,
        ],
        "note": ["x\ny", "x" * 10_000, *anything],
        "cost": ["1.25", "1.255", 1.25, 1e30, "1" * 40, "1" * 400, *anything],
        "number": ["A-1", *anything],
        "worth": ["1", *anything],
        "colour": ["red", *anything],
        "owner_id": ["abc", *anything],
    }


def test_the_api_accepts_what_the_schema_calls_valid(api: ApiWorld) -> None:
    seed = random.randrange(10**9)
    print(f"seed {seed}")
    chance = random.Random(seed)
    place = api.make("place", name="Harbour")["id"]
    schema = api.get("/asset/schema.json?for=create").get_json()
    accepts = Draft202012Validator(schema, format_checker=FormatChecker())
    answers = Draft202012Validator(
        api.get("/asset/schema.json?for=read").get_json(), format_checker=FormatChecker()
    )
    accepted = 0
    for _ in range(ROUNDS):
        choices = values(chance, place)
        names = chance.sample(sorted(choices), chance.randrange(4))
        body = {"label": "Lamp"} if chance.random() < 0.9 else {}
        body |= {name: chance.choice(choices[name]) for name in names}
        raw = json.dumps(body)
        answer = api.ask("POST", "/asset", data=raw, content_type="application/json")
        assert answer.status_code in (201, 422, 409), (body, answer.text)
        valid = accepts.is_valid(json.loads(raw))
        if answer.status_code == 201:
            accepted += 1
            assert valid, (body, [error.message for error in accepts.iter_errors(json.loads(raw))])
            assert answers.is_valid(answer.get_json()), (body, answer.get_json())
        elif valid:
            codes = {each["code"] for each in answer.get_json()["errors"]}
            known = {"rule", "unique", "link.unknown", "minimum", "scale", "range", "rate.missing"}
            assert codes <= known, (body, answer.text, schema["x-server-checked"])
    assert accepted > ROUNDS / 10


@pytest.mark.parametrize(
    "path", ["/asset/schema.json?for=create", "/asset/schema.json?for=patch", "/asset/schema.json?for=read"]
)
def test_exported_schemas_are_schemas(api: ApiWorld, path: str) -> None:
    Draft202012Validator.check_schema(api.get(path).get_json())


def test_every_address_parameter_and_status_is_documented() -> None:
    text = (PLATFORM.parent / "docs" / "api.md").read_text()
    for route in ROUTES:
        assert f"{route.method} {route.path}" in text, route
    for name, field in LIST.fields.items():
        assert f"| `{field.data_key or name}` |" in text
    for status in TITLES:
        assert f"| {status} |" in text
