"""What a conversion reads of its source: conditions and values, as far as the actor may read what they come from.

Expressions are computed in the database, behind the gate, in one statement for the record and one per field of lines. The
results are wire values, ready to be the body of a record that goes through the usual checks.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from fieldstone.engine.permissions import NotFound, access, actor_values
from fieldstone.engine.query.columns import EntityColumns
from fieldstone.engine.query.gate import bindings, gate_for, readable_names
from fieldstone.engine.records.program import Program
from fieldstone.engine.storage.tables import PARENT
from fieldstone.engine.transaction import Transaction
from fieldstone.expressions import Checked
from fieldstone.expressions.sql import from_sql, to_sql
from fieldstone.metadata.conversion_maps import Conversion, Creation, LinesFrom, ValueFrom
from fieldstone.metadata.definitions import SYSTEM_FIELDS, Entity, Field
from fieldstone.metadata.fields import FIELD_TYPES

Reference = Mapping[str, tuple[str, UUID] | None]
"""The records that a conversion has made or uses so far, by name: entity and id, None for one that was not made."""


@dataclass(slots=True)
class SourceValues:
    """A record that is being converted: its stored values and every expression's result, by the expression."""

    tx: Transaction
    entity: Entity
    stored: Mapping[str, Any]
    results: dict[int, Any] = field(default_factory=dict)
    lines: dict[str, list["SourceValues"]] = field(default_factory=dict)

    def holds(self, condition: Checked | None) -> bool:
        """Whether a condition is true; one that is not there is."""
        return condition is None or self.results.get(id(condition)) is True

    def body(self, target: Entity, values: Iterable[ValueFrom], made: Reference) -> dict[str, Any]:
        """The wire values of a record of `target`; what comes from nowhere, or may not be read, is left out."""
        found: dict[str, Any] = {}
        for each in values:
            value = self.value(target.fields.get(each.name), each, made)
            if value is not None:
                found[each.name] = value
        for each in values:
            self._currency(target, each, found)
        return found

    def value(self, goal: Field | None, given: ValueFrom, made: Reference) -> Any:
        if given.created is not None:
            entity, record_id = made.get(given.created) or ("", None)
            return linking(goal, record_id, entity)
        if given.expression is not None:
            return plain(self.results.get(id(given.expression)))
        name = given.source or ""
        value = self.stored.get(name)
        if value is None or not self._may_read(name):
            return None
        if name == "id":
            return linking(goal, value, self.entity.name)
        own = self.entity.fields.get(name)
        wire = plain(value) if own is None else plain(FIELD_TYPES[own.type].to_wire(own, value))
        if isinstance(wire, list):
            return [given.translate.get(item, item) if isinstance(item, str) else item for item in wire]
        return given.translate.get(wire, wire) if isinstance(wire, str) else wire

    def _currency(self, target: Entity, given: ValueFrom, found: dict[str, Any]) -> None:
        """The currency of an amount that is copied goes with it."""
        goal, own = target.fields.get(given.name), self.entity.fields.get(given.source or "")
        if goal is None or own is None or goal.type != "money" or own.type != "money":
            return
        currency = self.stored.get(f"{own.name}_currency")
        if currency is not None and given.name in found:
            found.setdefault(f"{given.name}_currency", currency)

    def _may_read(self, name: str) -> bool:
        base = name.removesuffix("_currency") if name not in self.entity.fields else name
        return base in access(self.tx, self.entity.name).readable or (name == "id")


def source_values(
    tx: Transaction, program: Program, stored: Mapping[str, Any], conversions: Iterable[Conversion]
) -> SourceValues:
    """Everything that some conversions read of a record, whose stored values are given."""
    conversions = list(conversions)
    source = SourceValues(tx, program.entity, stored)
    own = [each for conversion in conversions for each in expressions_of(conversion)]
    source.results = _results(tx, program.entity, own, stored["id"]).get(stored["id"], {})
    for lines in (each for c in conversions for creation in c.creates for each in creation.lines):
        if lines.source not in source.lines:
            source.lines[lines.source] = _lines(tx, program, stored, lines.source, conversions)
    return source


def expressions_of(conversion: Conversion) -> Iterable[Checked]:
    """Every expression over the record itself."""
    holders: list[Conversion | Creation] = [conversion, *conversion.creates]
    for holder in holders:
        if holder.when is not None:
            yield holder.when
    for values in (conversion.set, *(creation.values for creation in conversion.creates)):
        for value in values:
            if value.expression is not None:
                yield value.expression


def _lines_of(name: str, conversions: Iterable[Conversion]) -> Iterable[LinesFrom]:
    for conversion in conversions:
        for creation in conversion.creates:
            yield from (each for each in creation.lines if each.source == name)


def _lines(
    tx: Transaction, program: Program, stored: Mapping[str, Any], name: str, conversions: list[Conversion]
) -> list[SourceValues]:
    field = program.entity.fields[name]
    try:
        readable = name in access(tx, program.entity.name).readable
    except NotFound:
        readable = False
    if not readable:
        return []
    child = tx.model.entities[field.lines or ""]
    wanted: list[Checked] = []
    for each in _lines_of(name, conversions):
        wanted += [each.where] if each.where is not None else []
        wanted += [value.expression for value in each.values if value.expression is not None]
    results = _results(tx, child, wanted, stored["id"])
    return [SourceValues(tx, child, line, results.get(line["id"], {})) for line in stored.get(name) or ()]


def _results(
    tx: Transaction, entity: Entity, wanted: Iterable[Checked], record_id: UUID
) -> dict[UUID, dict[int, Any]]:
    """Record (or line) id -> expression -> value. What reads something hidden from the actor has none."""
    known = {id(each): each for each in wanted}
    allowed = [each for each in known.values() if _readable(tx, entity, each)]
    if not allowed:
        return {}
    columns = EntityColumns(tx.model, entity, bindings=bindings(tx), gate=gate_for(tx))
    selected = [columns.own("id").label("row_id")]
    selected += [to_sql(each, columns, columns.bindings).label(f"v{i}") for i, each in enumerate(allowed)]
    key = columns.own("id") if entity.parent is None else columns.raw(PARENT)
    statement = (
        sa.select(*selected).select_from(columns.source).where(key == sa.bindparam("id", type_=sa.Uuid()))
    )
    rows = tx.select(statement, {"id": record_id, **actor_values(tx.context.actor)})
    return {
        row[0]: {id(each): from_sql(each.type, value) for each, value in zip(allowed, row[1:], strict=True)}
        for row in rows
    }


def _readable(tx: Transaction, entity: Entity, expression: Checked) -> bool:
    return all(_path_readable(tx, entity, path) for path in expression.deps)


def _path_readable(tx: Transaction, entity: Entity, path: tuple[str, ...]) -> bool:
    at: Entity | None = entity
    for place, name in enumerate(path):
        if at is None:
            return True
        names = readable_names(tx, at.name) if place else access(tx, at.name).readable
        if at.field_behind(name) not in names and name != "id":
            return False
        found = at.fields.get(name)
        goal = (
            (found.target or found.lines) if found is not None else "user" if name in SYSTEM_FIELDS else None
        )
        at = tx.model.entities.get(goal or "")
    return True


def linking(goal: Field | None, record_id: UUID | None, entity: str) -> Any:
    """A link to a record in the form that a field takes."""
    if record_id is None:
        return None
    if goal is not None and goal.type == "multi_link":
        return [{"id": str(record_id)}]
    if goal is not None and goal.type == "any_link":
        return {"entity": entity, "id": str(record_id)}
    return str(record_id)


def plain(value: Any) -> Any:
    """A value as JSON would carry it, decimals aside."""
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {name: plain(item) for name, item in value.items()}
    return value
