"""Conversions: what can be known to be wrong when a package is read is said then, at its place."""

from collections.abc import Callable
from typing import Any

import pytest

from fieldstone.metadata.compile import Compiled

KINDS = {"oneOf": [{"const": "town", "title": "Town"}, {"const": "site", "title": "Site"}]}


def documents(conversion: dict[str, Any]) -> dict[str, Any]:
    """An asset that becomes a place and a stay there, by the conversion given."""
    return {
        "entities/asset": {
            "required": ["label"],
            "properties": {
                "label": {"type": "string"},
                "origin": {"oneOf": [{"const": "town", "title": "T"}, {"const": "sea", "title": "S"}]},
                "pieces": {"type": "integer"},
                "double": {"field": "formula", "formula": "pieces * 2"},
                "where": {"field": "address"},
                "place": {"field": "link", "target": "place"},
                "parts": {
                    "field": "lines",
                    "properties": {"name": {"type": "string"}, "qty": {"type": "integer"}},
                },
            },
            "conversions": [{"name": "settle", **conversion}],
        },
        "entities/place": {
            "required": ["label"],
            "properties": {
                "label": {"type": "string"},
                "kind": KINDS,
                "size": {"type": "integer"},
                "where": {"field": "address"},
                "number": {"field": "sequence", "sequence": "P-{n}"},
                "from": {"field": "link", "target": "asset"},
            },
        },
        "entities/stay": {
            "properties": {
                "place": {"field": "link", "target": "place"},
                "items": {
                    "field": "lines",
                    "required": ["title"],
                    "properties": {"title": {"type": "string"}, "qty": {"type": "integer"}},
                },
            }
        },
    }


PLACE = {"name": "place", "entity": "place", "values": {"label": "label"}}


def made(**more: Any) -> dict[str, Any]:
    return {"creates": [{**PLACE, **more}]}


def valued(**values: Any) -> dict[str, Any]:
    return made(values={"label": "label", **values})


LEGAL = {
    "an expression": valued(size="pieces + 1"),
    "a constant": valued(kind="'town'"),
    "a link back": valued(**{"from": "id"}),
    "a copy of a structure": valued(where={"from": "where"}),
    "a choice with other values": valued(kind={"from": "origin", "map": {"sea": "site"}}),
    "an owner": valued(owner_id={"from": "owner_id"}),
    "a computed value in an expression": valued(size="double"),
    "required but asked for": made(values={}, ask=["label"]),
    "the existing one": made(existing={"from": "place", "offer": True}),
    "set to what was made": {**made(), "set": {"place": {"created": "place"}}},
    "one after the other in any order": {
        "creates": [
            {"name": "stay", "entity": "stay", "values": {"place": {"created": "place"}}},
            PLACE,
        ]
    },
    "lines": {
        "creates": [
            {
                "name": "stay",
                "entity": "stay",
                "lines": [
                    {"name": "items", "from": "parts", "where": "qty > 0", "values": {"title": "name"}}
                ],
            }
        ]
    },
}


@pytest.mark.parametrize("conversion", LEGAL.values(), ids=LEGAL)
def test_a_conversion_that_fits_is_read(
    compiled: Callable[..., Compiled], conversion: dict[str, Any]
) -> None:
    found = compiled(documents(conversion))
    assert found.problems == ()
    assert found.model is not None
    (read,) = found.model.conversions["asset"]
    assert read.name == "settle" and read.creates


def test_what_refers_to_another_record_is_made_after_it(compiled: Callable[..., Compiled]) -> None:
    found = compiled(documents(LEGAL["one after the other in any order"]))
    assert found.model is not None
    assert [each.name for each in found.model.conversions["asset"][0].creates] == ["place", "stay"]


def stay(**more: Any) -> dict[str, Any]:
    return {"creates": [PLACE, {"name": "stay", "entity": "stay", **more}]}


CREATES = "/conversions/0/creates"
ILLEGAL = {
    "unknown entity": (
        {"creates": [{"name": "a", "entity": "plaec"}]},
        f"{CREATES}/0/entity",
        "entity.unknown",
    ),
    "lines as entity": (
        {"creates": [{"name": "a", "entity": "asset__parts"}]},
        f"{CREATES}/0/entity",
        "entity.unknown",
    ),
    "unknown field": (valued(labl="label"), f"{CREATES}/0/values/labl", "field.unknown"),
    "computed field": (valued(number="label"), f"{CREATES}/0/values/number", "conversion.read_only"),
    "wrong expression": (valued(size="piecse"), f"{CREATES}/0/values/size", "expression.invalid"),
    "wrong type": (valued(size="label"), f"{CREATES}/0/values/size", "expression.invalid"),
    "wrong copy": (valued(size={"from": "label"}), f"{CREATES}/0/values/size/from", "conversion.type"),
    "copy of a formula": (
        valued(size={"from": "double"}),
        f"{CREATES}/0/values/size/from",
        "conversion.type",
    ),
    "copy of nothing": (valued(size={"from": "piecse"}), f"{CREATES}/0/values/size/from", "field.unknown"),
    "neither this nor that": (valued(size={"map": {}}), f"{CREATES}/0/values/size", "conversion.value"),
    "a choice that lacks a value": (
        valued(kind={"from": "origin"}),
        f"{CREATES}/0/values/kind",
        "conversion.option",
    ),
    "required and unfilled": (made(values={}), f"{CREATES}/0/values", "conversion.required"),
    "unknown record": (
        stay(values={"place": {"created": "plaec"}}),
        f"{CREATES}/1/values/place/created",
        "conversion.unknown",
    ),
    "record of another entity": (
        valued(**{"from": {"created": "place"}}),
        f"{CREATES}/0/values/from/created",
        "conversion.type",
    ),
    "circle": (
        {
            "creates": [
                {"name": "a", "entity": "stay", "values": {"place": {"created": "b"}}},
                {**PLACE, "name": "b", "values": {"label": {"created": "a"}}},
            ]
        },
        CREATES,
        "conversion.circle",
    ),
    "lines as a value": (stay(values={"items": "label"}), f"{CREATES}/1/values/items", "conversion.lines"),
    "lines from nowhere": (
        stay(lines=[{"name": "items", "from": "label"}]),
        f"{CREATES}/1/lines/0/from",
        "field.unknown",
    ),
    "lines without what they need": (
        stay(lines=[{"name": "items", "from": "parts", "values": {"qty": "qty"}}]),
        f"{CREATES}/1/lines/0/values",
        "conversion.required",
    ),
    "condition that is no condition": (made(when="label"), f"{CREATES}/0/when", "expression.invalid"),
    "existing by what is no link": (
        made(existing={"from": "label"}),
        f"{CREATES}/0/existing/from",
        "field.unknown",
    ),
    "unknown asked for": (made(ask=["sise"]), f"{CREATES}/0/ask/0", "field.unknown"),
    "setting what is computed": (
        {**made(), "set": {"double": "1"}},
        "/conversions/0/set/double",
        "conversion.read_only",
    ),
}


@pytest.mark.parametrize(("conversion", "pointer", "code"), ILLEGAL.values(), ids=ILLEGAL)
def test_a_conversion_that_cannot_work_is_refused(
    compiled: Callable[..., Compiled], conversion: dict[str, Any], pointer: str, code: str
) -> None:
    found = compiled(documents(conversion))
    assert (pointer, code) in [(problem.path, problem.code) for problem in found.problems], found.problems
