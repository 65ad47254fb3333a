"""Schemas of records as OpenAPI components: what `schema.json` exports, with its definitions beside it."""

import re
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Final

from fieldstone.metadata.fields.strings import UNSTORABLE

FORBIDDEN: Final = {"type": "string", "pattern": UNSTORABLE}
NUL: Final = {"type": "string", "pattern": r"\u0000"}
"""Half surrogates cannot be written in UTF-8, and engines that know no UTF-16 cannot read a pattern of them."""

LITERAL: Final = frozenset({"const", "enum", "default", "examples"})
"""Keywords whose values are data, in which nothing is a reference."""

SHARED: Final = ("_storable", "_currency")
LOCAL: Final = "#/$defs/"
PLAIN: Final = re.compile(r"[A-Za-z0-9_.-]+")


def components(name: str, schema: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The components that a record's schema comes to: itself under `name`, and its definitions."""
    body = {key: value for key, value in schema.items() if key not in ("$schema", "$defs")}
    found = {name: _moved(body, name)}
    for definition, content in schema.get("$defs", {}).items():
        found[_component(name, definition)] = _moved(content, name)
    return found


def _component(owner: str, definition: str) -> str:
    if definition in SHARED:
        return definition.lstrip("_")
    plain = (
        definition if PLAIN.fullmatch(definition) else blake2b(definition.encode(), digest_size=6).hexdigest()
    )
    return f"{owner}.{plain}"


def _moved(value: Any, owner: str) -> Any:
    """The same schema with references to where its definitions are now."""
    if isinstance(value, Mapping):
        if value == FORBIDDEN:
            return NUL
        return {
            key: _target(each, owner) if key == "$ref" and isinstance(each, str)
            else each if key in LITERAL
            else _moved(each, owner)
            for key, each in value.items()
        }  # fmt: skip
    if isinstance(value, list | tuple):
        return [_moved(each, owner) for each in value]
    return value


def _target(reference: str, owner: str) -> str:
    if not reference.startswith(LOCAL):
        return reference
    name = reference.removeprefix(LOCAL).replace("~1", "/").replace("~0", "~")
    return f"#/components/schemas/{_component(owner, name)}"
