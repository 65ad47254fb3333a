"""Values of records and expressions as plain JSON, in the form that the API knows."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from fieldstone.engine.records.program import program_for
from fieldstone.metadata.definitions import Entity, Field, Model
from fieldstone.metadata.fields import FIELD_TYPES
from fieldstone.metadata.fields.registry import wire_type

NEVER: Final = ("secret",)
"""Types whose values are never copied."""


def plain(value: Any) -> Any:
    """A value as JSON carries it; a linked record becomes its id, a decimal its text."""
    if isinstance(value, Mapping):
        if "id" in value and isinstance(value["id"], UUID):
            return str(value["id"])
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(each) for each in value]
    return value


def wire_patch(entity: Entity, values: Mapping[str, Any]) -> dict[str, Any]:
    """Results of expressions as a body for the update verb."""
    return {name: _given(entity.fields.get(name), value) for name, value in values.items()}


def _given(field: Field | None, value: Any) -> Any:
    if isinstance(value, Decimal) and field is not None:
        if field.type in ("integer", "rating"):
            return int(value)
        if field.type == "number":
            return float(value)
    return plain(value)


def field_value(field: Field, values: Mapping[str, Any]) -> Any:
    """The wire value of one field of a record; lines are left to `record_values`."""
    value = values.get(field.name)
    if value is None or field.type in NEVER:
        return None
    if isinstance(value, Mapping) and isinstance(value.get("id"), UUID):
        return str(value["id"])  # a linked record in place of its id
    kind = wire_type(field) or FIELD_TYPES[field.type]
    return plain(kind.to_wire(field, value))


def record_values(model: Model, entity: Entity, values: Mapping[str, Any]) -> dict[str, Any]:
    """Every value of a record as plain JSON: what a snapshot keeps."""
    found: dict[str, Any] = {}
    for field in entity.fields.values():
        if field.type in NEVER:
            continue
        if field.lines is not None:
            child = program_for(model, model.entities[field.lines])
            lines = values.get(field.name) or ()
            found[field.name] = [
                {"id": str(line["id"])} | record_values(model, child.entity, line) for line in lines
            ]
            continue
        found[field.name] = field_value(field, values)
        if field.type == "money":
            found[f"{field.name}_currency"] = values.get(f"{field.name}_currency")
    return found
