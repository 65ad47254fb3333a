"""The object-level keywords of an entity (allOf, if, dependentRequired ...), asked one by one.

A PATCH may be refused only for what it touches. So every keyword, and every branch of `allOf`, is a unit of
its own that knows which properties it speaks of, and is asked when one of them changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from jsonschema import Draft202012Validator

from fieldstone.metadata.fields.jsonschema_bridge import problems_of, schema_validator
from fieldstone.metadata.system_fields import WRITABLE
from fieldstone.problems import Problem

ABOUT_ALL: Final = frozenset(
    ("minProperties", "maxProperties", "propertyNames", "patternProperties", "additionalProperties",
     "unevaluatedProperties", "const", "enum")
)  # fmt: skip

TOGETHER: Final = ("properties", "patternProperties", "additionalProperties")
"""Keywords that mean something else when they stand apart."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One keyword: the properties it speaks of (None: all), and jsonschema's validator for it."""

    mentions: frozenset[str] | None
    validator: Draft202012Validator

    def concerns(self, names: frozenset[str]) -> bool:
        return self.mentions is None or not self.mentions.isdisjoint(names)


def units_of(composite: Mapping[str, Any], names: frozenset[str]) -> tuple[Unit, ...]:
    """The units of an entity's composite keywords; `names` are its declared properties."""
    defs = composite.get("$defs", {})
    found = []
    for schema in split(composite, names):
        mentions = mentioned(schema, defs, frozenset())
        found.append(Unit(mentions, schema_validator({**schema, "$defs": defs} if defs else schema)))
    return tuple(found)


def split(composite: Mapping[str, Any], names: frozenset[str]) -> list[dict[str, Any]]:
    """The composite keywords as schemas that can be asked one by one."""
    if "unevaluatedProperties" in composite:
        return [
            {**{k: v for k, v in composite.items() if k != "$defs"}, "properties": dict.fromkeys(names, True)}
        ]
    parts: list[dict[str, Any]] = []
    together = {key: composite[key] for key in TOGETHER if key in composite}
    if "additionalProperties" in together:
        together["properties"] = {**together.get("properties", {}), WRITABLE: True}
        parts.append(together)
    elif "properties" in together:
        parts.append({"properties": together["properties"]})
    condition = {key: composite[key] for key in ("if", "then", "else") if key in composite}
    if "if" in condition and len(condition) > 1:
        parts.append(condition)
    apart = {"dependentRequired", "dependentSchemas"}
    if "additionalProperties" not in composite:
        apart.add("patternProperties")
    for key, value in composite.items():
        if key == "allOf":
            parts.extend({"allOf": [branch]} for branch in value)
        elif key in apart:
            parts.extend({key: {name: below}} for name, below in value.items())
        elif key not in ("$defs", "if", "then", "else", *TOGETHER):
            parts.append({key: value})
    return parts


def mentioned(schema: Any, defs: Mapping[str, Any], seen: frozenset[str]) -> frozenset[str] | None:
    """The properties that an object schema speaks of, or None when it speaks of all."""
    if not isinstance(schema, Mapping):
        return frozenset()
    if ABOUT_ALL & set(schema):
        return None
    names = {*schema.get("properties", ()), *schema.get("required", ())}
    for name, others in schema.get("dependentRequired", {}).items():
        names |= {name, *others}
    names |= set(schema.get("dependentSchemas", ()))
    below = [*schema.get("dependentSchemas", {}).values()]
    below += [branch for key in ("allOf", "anyOf", "oneOf") for branch in schema.get(key, ())]
    below += [schema[key] for key in ("not", "if", "then", "else") if key in schema]
    ref = schema.get("$ref")
    if isinstance(ref, str) and ref not in seen:
        seen |= {ref}
        below.append(defs.get(ref.removeprefix("#/$defs/")))
    for part in below:
        more = mentioned(part, defs, seen)
        if more is None:
            return None
        names |= more
    return frozenset(names)


def unit_problems(unit: Unit, instance: Mapping[str, Any], path: str) -> list[Problem]:
    """What one unit finds wrong with the whole body."""
    if unit.validator.is_valid(instance):
        return []
    return problems_of(unit.validator, instance, path)
