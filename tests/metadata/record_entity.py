"""Builders: an entity straight from a JSON Schema, without packages around it."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from jsonschema import Draft202012Validator

from fieldstone.metadata.definitions import Entity, Field, Model
from fieldstone.metadata.fields import localise, read_field
from fieldstone.problems import Problem

COMPOSITE = ("allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas",
             "minProperties", "maxProperties", "propertyNames", "patternProperties")  # fmt: skip


def resolver(document: Mapping[str, Any]) -> Any:
    def resolve(ref: str) -> Any:
        at: Any = document
        for token in ref.removeprefix("#").split("/")[1:]:
            if not isinstance(at, Mapping) or token not in at:
                return None
            at = at[token]
        return at

    return resolve


def field(schema: Any, name: str = "value", **options: Any) -> tuple[Field, list[Problem]]:
    """One field of the entity `asset`."""
    document = {"properties": {name: schema}, "$defs": options.pop("defs", {})}
    resolve = resolver(document)
    return read_field(
        name, schema, entity="asset", pointer=f"/properties/{name}", resolve_ref=resolve, **options
    )


def entity(
    properties: Mapping[str, Any],
    *,
    required: tuple[str, ...] = (),
    name: str = "asset",
    parent: tuple[str, str] | None = None,
    extras: Any = False,
    defs: Mapping[str, Any] | None = None,
    **composite: Any,
) -> Entity:
    """An entity of these properties; fails when any of them has a problem."""
    document = {"properties": properties, "$defs": defs or {}, **composite}
    resolve, fields = resolver(document), {}
    for key, schema in properties.items():
        fields[key], problems = read_field(
            key,
            schema,
            entity=name,
            pointer=f"/properties/{key}",
            resolve_ref=resolve,
            required=key in required,
        )
        assert not problems, problems
    local, found, problems = localise(composite, resolve)
    assert not problems, problems
    content = repr((name, properties, required, parent, extras, defs, composite))
    return Entity(
        name, name.title(), f"{name}s", fields, None, sha256(content.encode()).hexdigest(),
        composite=local | ({"$defs": found} if found else {}), extras=extras, parent=parent,
    )  # fmt: skip


def model(*entities: Entity) -> Model:
    return Model("hash", {one.name: one for one in entities}, {}, {})


def verdict(schema: Mapping[str, Any], instance: Any) -> bool:
    """What jsonschema itself says, formats asserted."""
    return bool(
        Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).is_valid(instance)
    )
