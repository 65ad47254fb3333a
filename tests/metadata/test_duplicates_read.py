"""Rules about duplicates: what a rule may compare, and what it may read."""

from collections.abc import Callable
from typing import Any

import pytest

from fieldstone.metadata.compile import Compiled


def documents(rule: dict[str, Any]) -> dict[str, Any]:
    return {
        "entities/place": {
            "properties": {
                "label": {"type": "string"},
                "phone": {"field": "phone"},
                "mobile": {"field": "phone"},
                "size": {"type": "integer"},
                "opened": {"type": "string", "format": "date"},
                "above": {"field": "parent"},
                "twice": {"field": "formula", "formula": "size * 2"},
                "where": {"field": "address"},
            },
            "duplicates": [{"name": "same", **rule}],
        }
    }


LEGAL = {
    "a name": {"fields": [{"name": "label", "compare": "company_name"}]},
    "text when nothing is said": {"fields": [{"name": "label"}]},
    "two fields": {"fields": [{"name": "label"}, {"name": "opened", "compare": "exact"}]},
    "any of several": {"fields": [{"name": "phone", "compare": "phone", "also": ["mobile"]}]},
    "with a condition": {"fields": [{"name": "label"}], "when": "size > 3", "action": "block"},
}


@pytest.mark.parametrize("rule", LEGAL.values(), ids=LEGAL)
def test_a_rule_that_fits_is_read(compiled: Callable[..., Compiled], rule: dict[str, Any]) -> None:
    found = compiled(documents(rule))
    assert found.problems == ()
    assert found.model is not None
    (read,) = found.model.entities["place"].duplicates
    assert read.name == "same" and read.title == "Same"


def test_a_rule_knows_every_field_that_its_keys_are_made_of(compiled: Callable[..., Compiled]) -> None:
    rule = {"fields": [{"name": "phone", "compare": "phone", "also": ["mobile"]}], "when": "size > 3"}
    found = compiled(documents(rule))
    assert found.model is not None
    assert found.model.entities["place"].duplicates[0].names == {"phone", "mobile", "size"}


RULE = "/duplicates/0"
ILLEGAL = {
    "unknown field": ({"fields": [{"name": "labl"}]}, f"{RULE}/fields/0/name", "field.unknown"),
    "unknown further field": (
        {"fields": [{"name": "phone", "compare": "phone", "also": ["mobil"]}]},
        f"{RULE}/fields/0/also",
        "field.unknown",
    ),
    "computed field": (
        {"fields": [{"name": "twice", "compare": "exact"}]},
        f"{RULE}/fields/0/name",
        "duplicate.field",
    ),
    "number as a name": ({"fields": [{"name": "size"}]}, f"{RULE}/fields/0/name", "duplicate.field"),
    "structure": (
        {"fields": [{"name": "where", "compare": "exact"}]},
        f"{RULE}/fields/0/name",
        "duplicate.field",
    ),
    "no fields": ({"fields": []}, f"{RULE}/fields", "minItems"),
    "unknown comparison": (
        {"fields": [{"name": "label", "compare": "like"}]},
        f"{RULE}/fields/0/compare",
        "enum",
    ),
    "condition through a link": (
        {"fields": [{"name": "label"}], "when": "above.size > 3"},
        f"{RULE}/when",
        "duplicate.when",
    ),
    "condition on what is computed": (
        {"fields": [{"name": "label"}], "when": "twice > 3"},
        f"{RULE}/when",
        "duplicate.when",
    ),
    "condition on the clock": (
        {"fields": [{"name": "label"}], "when": "opened < today()"},
        f"{RULE}/when",
        "expression.invalid",
    ),
    "condition that is none": (
        {"fields": [{"name": "label"}], "when": "size"},
        f"{RULE}/when",
        "expression.invalid",
    ),
}


@pytest.mark.parametrize(("rule", "pointer", "code"), ILLEGAL.values(), ids=ILLEGAL)
def test_a_rule_that_cannot_work_is_refused(
    compiled: Callable[..., Compiled], rule: dict[str, Any], pointer: str, code: str
) -> None:
    found = compiled(documents(rule))
    assert (pointer, code) in [(problem.path, problem.code) for problem in found.problems], found.problems
