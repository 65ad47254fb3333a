"""Snapshots: copies of fields of a linked record, taken once and never again."""

from collections.abc import Mapping
from typing import Any

from fieldstone.engine.query.gate import bindings
from fieldstone.engine.records.compute import Values
from fieldstone.engine.records.program import Program, copied
from fieldstone.engine.transaction import Transaction
from fieldstone.expressions import compile_python
from fieldstone.metadata.fields.registry import FIELD_TYPES


def take_snapshots(
    tx: Transaction,
    program: Program,
    values: dict[str, Any],
    linked: Mapping[str, Mapping[str, Any]],
    seen: Values,
) -> None:
    """Fill in the snapshots whose moment has come, in place. `seen` is the record as expressions see it."""
    for field in program.snapshots:
        if values.get(field.name) is not None:
            continue
        values[field.name] = None
        of = field.settings["of"]
        record = linked.get(of)
        if record is None or values.get(of) is None:
            continue
        when = field.settings.get("when")
        if when is not None and compile_python(when)(seen, bindings=bindings(tx)) is not True:
            continue
        target = tx.model.entities[program.entity.fields[of].target or ""]
        copy: dict[str, Any] = {}
        for (name,) in copied(tx.model, program.entity, field):
            definition, value = target.fields.get(name), record.get(name)
            value = (
                value.get("id") if isinstance(value, Mapping) and definition and definition.target else value
            )
            if definition is not None and value is not None:
                value = FIELD_TYPES[definition.type].to_wire(definition, value)
            copy[name] = value
        values[field.name] = seen[field.name] = copy
