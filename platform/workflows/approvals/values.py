"""The present values of a record, as expressions of any revision read them.

A run is pinned to the revision in which it began, its record is not: the expressions of the old revision are evaluated
over what is stored now. What an expression reads and the present model no longer has is no null but an incident.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from fieldstone.engine.query.columns import EntityColumns
from fieldstone.engine.records.load import load_for_change
from fieldstone.engine.records.program import program_for
from fieldstone.engine.records.update import complete
from fieldstone.engine.storage.ddl import LINK_TYPES
from fieldstone.engine.transaction import Transaction
from fieldstone.expressions import Bindings, Checked, compile_python
from fieldstone.metadata.approval_flows import Assignee, DecisionTable, Step, Workflow
from fieldstone.metadata.definitions import SYSTEM_FIELDS, Entity, Model
from fieldstone.workflows.approvals.core.facts import Broken

Path = tuple[str, ...]
USERS: Final = ("owner_id", "created_by", "updated_by")
GIVEN: Final = ("pending", "candidate", "level")
"""Names that expressions of approvals have besides those of the record."""


def linked_entity(model: Model, entity: Entity, name: str) -> str | None:
    """The entity that a link field leads to; None for what is no link."""
    if name in USERS:
        return "user"
    field = entity.fields.get(name)
    return field.target if field is not None and field.type in LINK_TYPES else None


def missing_in(model: Model, entity: Entity, path: Path) -> bool:
    """Whether a path leads to something that the model does not have."""
    at: Entity | None = entity
    for name in path:
        if at is None:
            return False  # a part of a value, such as the city of an address
        field = at.fields.get(at.field_behind(name))
        if field is None and name not in SYSTEM_FIELDS:
            return True
        goal = linked_entity(model, at, name) or (field.lines if field is not None else None)
        at = model.entities.get(goal or "")
    return False


def fetch_linked(
    tx: Transaction, entity: Entity, ids: Sequence[UUID], paths: Iterable[Path]
) -> dict[UUID, dict[str, Any]]:
    """Values of some records at some paths, nested as expressions read them. Past the gate: the platform decides."""
    wanted = tuple(sorted(set(paths)))

    def build() -> sa.Select[Any]:
        columns = EntityColumns(tx.model, entity)
        selected = [columns.own("id").label("row_id")]
        selected += [columns.column(path).label(f"v{i}") for i, path in enumerate(wanted)]
        among = columns.own("id") == sa.any_(sa.bindparam("ids", type_=ARRAY(sa.Uuid())))
        return sa.select(*selected).select_from(columns.source).where(among)

    rows = tx.fetch(
        tx.plan(("approval values", tx.model.hash, entity.name, wanted), build), {"ids": list(ids)}
    )
    return {row[0]: nested(row[0], wanted, row[1:]) for row in rows}


def nested(record_id: UUID, paths: Sequence[Path], values: Sequence[Any]) -> dict[str, Any]:
    record: dict[str, Any] = {"id": record_id}
    for path, value in zip(paths, values, strict=True):
        holder = record
        for part in path[:-1]:
            inner = holder.get(part)
            if not isinstance(inner, dict):
                inner = holder[part] = {"id": inner}
            holder = inner
        if not isinstance(holder.get(path[-1]), dict):
            holder[path[-1]] = value
    return record


class RecordValues:
    """One record's values; read when first asked for, with everything that one definition reads of linked records."""

    def __init__(
        self,
        tx: Transaction,
        entity: str,
        record_id: UUID,
        expressions: Iterable[Checked],
        bindings: Bindings,
        *,
        given: Mapping[str, Any] | None = None,
        entered: Mapping[str, Any] | None = None,
    ) -> None:
        """`given` are values by other names (`pending`); `entered` replaces the stored record by values not stored."""
        self.tx = tx.as_system()
        self.entity_name = entity
        self.record_id = record_id
        self.expressions = tuple(expressions)
        self.bindings = bindings
        self.given = dict(given or {})
        self.entered = entered
        self._values: dict[str, Any] | None = None

    @property
    def entity(self) -> Entity:
        entity = self.tx.model.entities.get(self.entity_name)
        if entity is None:
            raise Broken(f'There is no entity "{self.entity_name}" any more.')
        return entity

    @property
    def values(self) -> dict[str, Any]:
        """Raises Broken when the record is gone."""
        if self._values is None:
            self._values = self._load()
        return self._values

    def value(self, expression: Checked, more: Mapping[str, Any] | None = None) -> Any:
        """The expression's value. Raises Broken for what can give none."""
        entity, model = self.entity, self.tx.model
        for path in expression.deps:
            if path[0] not in GIVEN and missing_in(model, entity, path):
                raise Broken(f'"{".".join(path)}" does not exist any more.')
        seen = {**self.values, **more} if more else self.values
        return compile_python(expression)(seen, bindings=self.bindings)

    def at(self, path: str) -> Any:
        """The value at a path such as `place.keeper`; links are ids."""
        parts = tuple(path.split("."))
        if missing_in(self.tx.model, self.entity, parts):
            raise Broken(f'"{path}" does not exist any more.')
        value: Any = self.values
        for place, part in enumerate(parts):
            if isinstance(value, Mapping) and part in value:
                value = value[part]
            else:
                value = self._behind(parts) if place else None
                break
        return value["id"] if isinstance(value, Mapping) and "id" in value else value

    def _behind(self, path: Path) -> Any:
        """What no expression reads: behind the link that the record has, be it stored or being entered."""
        target, link = linked_entity(self.tx.model, self.entity, path[0]), self.values.get(path[0])
        first = link["id"] if isinstance(link, Mapping) else link
        if target is None or first is None:
            return None
        value: Any = fetch_linked(self.tx, self.tx.model.entities[target], [first], [path[1:]]).get(first)
        for part in path[1:]:
            value = value.get(part) if isinstance(value, Mapping) else None
        return value

    def _load(self) -> dict[str, Any]:
        tx, entity = self.tx, self.entity
        program = program_for(tx.model, entity)
        if self.entered is not None:
            record: dict[str, Any] | None = dict(self.entered)
        else:
            record = load_for_change(tx, program, self.record_id, "read", lock=False)
            if record is not None and program.on_reading:
                complete(tx, program, record)
        if record is None:
            raise Broken("The record is deleted.")
        self._link(record)
        return {**record, **self.given}

    def _link(self, record: dict[str, Any]) -> None:
        """Put linked records, those of lines too, in place of ids, as far as the expressions read them."""
        tx, entity = self.tx, self.entity
        behind: dict[str, set[Path]] = {}
        in_lines: dict[tuple[str, str], set[Path]] = {}
        for path in self._paths(entity):
            if linked_entity(tx.model, entity, path[0]):
                behind.setdefault(path[0], set()).add(path[1:])
            elif len(path) > 2 and path[0] in entity.fields:
                lines = entity.fields[path[0]].lines
                if lines and linked_entity(tx.model, tx.model.entities[lines], path[1]):
                    in_lines.setdefault((path[0], path[1]), set()).add(path[2:])
        for name, paths in behind.items():
            target = linked_entity(tx.model, entity, name)
            if record.get(name) is not None and target is not None:
                found = fetch_linked(tx, tx.model.entities[target], [record[name]], paths)
                record[name] = found.get(record[name]) or {"id": record[name]}
        for (name, link), paths in in_lines.items():
            child = tx.model.entities[entity.fields[name].lines or ""]
            target = linked_entity(tx.model, child, link)
            ids = {line[link] for line in record.get(name) or () if line.get(link) is not None}
            if ids and target is not None:
                found = fetch_linked(tx, tx.model.entities[target], sorted(ids), paths)
                record[name] = [
                    {**line, link: found.get(line.get(link), line.get(link))} for line in record[name]
                ]

    def _paths(self, entity: Entity) -> Iterator[Path]:
        for expression in self.expressions:
            for path in expression.deps:
                if len(path) > 1 and path[0] not in GIVEN and not missing_in(self.tx.model, entity, path):
                    yield path


def expressions_of(definition: Workflow, tables: Mapping[str, DecisionTable]) -> Iterator[Checked]:
    """Every expression over the record that a definition reads, those of its decision tables too."""
    if definition.when is not None:
        yield definition.when
    for values in definition.on.values():
        yield from values.values()
    for step in definition.all_steps():
        yield from _of_step(step)
        for assignee in assignees_of(step):
            yield from _of_assignee(assignee)
            if assignee.kind == "table" and (table := tables.get((assignee.value or "").partition(".")[0])):
                yield from table.inputs.values()
                for row in table.rows:
                    yield from row.when.values()


def assignees_of(step: Step) -> Iterator[Assignee]:
    yield from (*step.assign, *step.except_, *step.empty_assign)
    for timer in step.timers:
        yield from timer.to


def _of_step(step: Step) -> Iterator[Checked]:
    yield from step.set.values()
    if step.until is not None:
        yield step.until
    for way in step.ways:
        if way.when is not None:
            yield way.when


def _of_assignee(assignee: Assignee) -> Iterator[Checked]:
    for expression in (assignee.until, assignee.where, assignee.expression):
        if expression is not None:
            yield expression
