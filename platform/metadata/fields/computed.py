"""The types whose value the platform writes: formula, rollup, related and sequence; a body may not set
them."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from fieldstone.metadata.definitions import Field
from fieldstone.metadata.fields.base import INVALID, Check, FieldType, JsonSchema, Source
from fieldstone.metadata.fields.decimal import pattern
from fieldstone.metadata.fields.numbers import SAFE_INTEGER
from fieldstone.metadata.fields.wording import problem
from fieldstone.problems import Problem

UUID_SCHEMA: Final[JsonSchema] = {"type": "string", "format": "uuid"}

KIND_SCHEMAS: Final[Mapping[str, JsonSchema]] = {
    "boolean": {"type": "boolean"},
    "integer": {"type": "integer", "minimum": -SAFE_INTEGER, "maximum": SAFE_INTEGER},
    "decimal": {"type": "string", "pattern": pattern(20)},
    "number": {"type": "number"},
    "text": {"type": "string"},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
    "tags": {"type": "array", "items": {"type": "string"}},
    "link": UUID_SCHEMA,
}

STORED_AS: Final[Mapping[str, str]] = {
    "boolean": "boolean", "integer": "integer", "decimal": "decimal", "number": "number", "text": "text",
    "select": "select", "date": "date", "datetime": "datetime", "tags": "tags", "link": "link",
}  # fmt: skip
"""The field type that writes a value of each kind: computed values travel as that type's."""


def kind_schema(kind: Mapping[str, Any]) -> JsonSchema:
    """The schema of a computed value of this kind."""
    if kind["kind"] == "select":
        return {"type": "string", "enum": list(kind.get("options", ()))}
    return KIND_SCHEMAS.get(kind["kind"], {})


class ComputedType(FieldType):
    """Base of the types that a body may not set; `settings["kind"]` says what the value is."""

    computed: ClassVar[bool] = True
    operators: ClassVar[tuple[str, ...]] = ("==", "!=", "<", "<=", ">", ">=", "in", "isEmpty")

    def read(self, source: Source) -> dict[str, Any]:
        return {"schema": {}, "read_only": True, "settings": {"kind": {"kind": "json"}}}

    def checker(self, definition: Field) -> Check:
        def check(value: Any, path: str, problems: list[Problem]) -> Any:
            problems.append(problem("readOnly", path, limit=f"the platform computes it ({self.id})"))
            return INVALID

        return check

    def kind(self, definition: Field) -> dict[str, Any]:
        return dict(definition.settings["kind"])


class Formula(ComputedType):
    id = "formula"
    title = "Formula"
    description = (
        "A value computed from fields of the record or of linked ones; `stored` keeps it in a column."
    )
    vocabulary: ClassVar[Mapping[str, JsonSchema]] = {
        "formula": {
            "type": "string",
            "minLength": 1,
            "maxLength": 4000,
            "description": "The expression that gives the value.",
        },
        "stored": {"type": "boolean", "description": "Keep the value in a column, written with the record."},
    }

    def read(self, source: Source) -> dict[str, Any]:
        if "formula" not in source.ours:
            source.refuse("", "formula", 'a formula field needs its expression in "formula"')
        return {**super().read(source), "stored": bool(source.ours.get("stored"))}


class RollupType(ComputedType):
    id = "rollup"
    title = "Rollup"
    description = "A sum, count or the like over the record's lines, or over the records that link to it."
    vocabulary: ClassVar[Mapping[str, JsonSchema]] = {
        "rollup": {
            "type": "object",
            "required": ["of", "fn"],
            "additionalProperties": False,
            "description": (
                "What is gathered: `of` a lines field or `entity.link_field`, by `fn`, over `value`, `where`."
            ),
            "properties": {
                "of": {"type": "string", "description": "A lines field, or `entity.link_field`."},
                "fn": {
                    "enum": ["sum", "count", "avg", "min", "max", "any", "all"],
                    "description": "How values become one.",
                },
                "value": {"type": "string", "description": "An expression over the child record."},
                "where": {
                    "type": "string",
                    "description": "Only children count for which this expression is true.",
                },
            },
        }
    }

    def read(self, source: Source) -> dict[str, Any]:
        attributes = super().read(source)
        if "rollup" not in source.ours:
            source.refuse("", "rollup", 'a rollup field needs "rollup" with "of" and "fn"')
        attributes["settings"]["rollup"] = source.ours.get("rollup")
        return attributes


class Related(ComputedType):
    id = "related"
    title = "Related"
    description = (
        "A field of a linked record, shown here: `place.country` is the country of the record in `place`."
    )
    vocabulary: ClassVar[Mapping[str, JsonSchema]] = {
        "related": {
            "type": "string",
            "description": "The path: a link field, a point, a field of the linked entity.",
        }
    }

    def read(self, source: Source) -> dict[str, Any]:
        attributes = super().read(source)
        path = source.ours.get("related")
        if not isinstance(path, str):
            source.refuse("", "related", 'a related field needs its path in "related", like "place.country"')
            return attributes
        attributes["settings"]["related"] = path
        return {**attributes, "related": tuple(path.split("."))}


class SequenceType(ComputedType):
    id = "sequence"
    title = "Number sequence"
    description = "A number that the platform gives to each new record, such as `A-2026-00042`."
    vocabulary: ClassVar[Mapping[str, JsonSchema]] = {
        "sequence": {
            "type": ["string", "object"],
            "description": "A pattern such as `A-{year}-{n:05}`, a sequence document, or {pattern, gapless}.",
        }
    }
    operators = ("==", "!=", "contains", "startsWith", "in", "isEmpty")

    def read(self, source: Source) -> dict[str, Any]:
        if "sequence" not in source.ours:
            source.refuse(
                "", "sequence", 'a sequence field needs its pattern in "sequence", like "A-{year}-{n:05}"'
            )
        settings = {"kind": {"kind": "text", "max_length": 255}, "sequence": source.ours.get("sequence")}
        return {"schema": {"type": "string", "maxLength": 255}, "read_only": True, "settings": settings}
