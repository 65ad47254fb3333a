"""Many wrong documents of one kind compiled at once, and what was said of each."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from metadata.conftest import package

from fieldstone.metadata.cache import CompileCache
from fieldstone.metadata.compile import Compiled, compile_model
from fieldstone.problems import Problem

ENTITIES: dict[str, Any] = {
    "entities/place": {
        "properties": {
            "name": {"type": "string"},
            "keeper": {"field": "user"},
            "crew": {"field": "team"},
            "parent": {"field": "parent"},
        }
    },
    "entities/asset": {
        "required": ["label", "price"],
        "properties": {
            "label": {"type": "string"},
            "serial": {"type": "string", "unique": True},
            "price": {"field": "decimal", "scale": 2, "minimum": 0},
            "kind": {"enum": ["tool", "vehicle"]},
            "pieces": {"type": "integer"},
            "double": {"field": "formula", "formula": "pieces * 2"},
            "sealed": {"type": "string", "readOnly": True},
            "rare": {"type": "boolean"},
            "place": {"field": "link", "target": "place"},
            "expert": {"field": "user"},
            "due": {"type": "string", "format": "date"},
            "level": {"type": "integer"},
            "parts": {
                "field": "lines",
                "properties": {"name": {"type": "string"}, "qty": {"type": "integer"}},
            },
            "state": {
                "enum": ["new", "busy", "done"],
                "initial": "new",
                "transitions": [
                    {"name": "start", "from": ["new"], "to": "busy"},
                    {"name": "finish", "from": ["busy"], "to": "done"},
                ],
            },
            "free": {"enum": ["a", "b"]},
        },
    },
    "roles/keeper": {"entities": []},
}
CACHE = CompileCache()


def compiled(documents: Mapping[str, Any], tenant: Mapping[str, Any] | None = None) -> Compiled:
    return compile_model([package({**ENTITIES, **documents})], tenant, CACHE)


def told_of(
    folder: str, make: Callable[[], Mapping[str, Any]], more: Mapping[str, Any] | None = None
) -> Callable[[str], list[Problem]]:
    """What compiling says of each document of a table `name -> body`; they are compiled together (with `more`), once."""

    @cache
    def all_of_them() -> tuple[dict[str, str], tuple[Problem, ...]]:
        bodies = make()
        names = {name: f"case_{at}" for at, name in enumerate(bodies)}
        found = compiled(
            {f"{folder}/{names[name]}": body for name, body in bodies.items()} | dict(more or {})
        )
        return names, (*found.problems, *found.notes)

    def told(name: str) -> list[Problem]:
        names, problems = all_of_them()
        return [each for each in problems if each.file == f"{folder}/{names[name]}.json"]

    return told
