"""Which type a property has that names none: what its JSON Schema says, and json where that is no column."""

from collections.abc import Mapping
from typing import Any, Final

from fieldstone.metadata.fields.options import is_text_choice

TEXT_LIMIT: Final = 500
"""Longer texts are for several lines; only texts up to this length can be indexed, unique or sorted on."""

BY_FORMAT: Final = {"date": "date", "date-time": "datetime", "email": "email", "uri": "url"}

BY_TYPE: Final = {"integer": "integer", "number": "number", "boolean": "boolean"}


def infer(plain: Mapping[str, Any]) -> str:
    """The field type id for a JSON Schema without our keywords."""
    types = single_types(plain)
    if types in ((), ("string",)) and is_text_choice(plain):
        return "select"
    if types == ("string",):
        length = plain.get("maxLength", 0)
        if plain.get("format") in BY_FORMAT:
            return BY_FORMAT[plain["format"]]
        return "multiline" if length > TEXT_LIMIT else "text"
    if types == ("array",):
        items = plain.get("items")
        if plain.get("uniqueItems") is True and isinstance(items, Mapping) and is_text_choice(items):
            return (
                "multi_select"
                if items.get("type", "string") == "string" and None not in items.get("enum", ())
                else "json"
            )
        return "json"
    return BY_TYPE.get(types[0], "json") if len(types) == 1 else "json"


def single_types(plain: Mapping[str, Any]) -> tuple[str, ...]:
    """The JSON types that `type` allows, null left out."""
    named = plain.get("type", ())
    names = (named,) if isinstance(named, str) else tuple(named)
    return tuple(name for name in names if name != "null")
