"""What an automation is about while it runs: a record with its values, what was before, and what came from outside."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from fieldstone.engine.query.gate import bindings
from fieldstone.engine.records.compute import rule_bindings
from fieldstone.engine.records.load import load_many
from fieldstone.engine.records.program import program_for
from fieldstone.engine.records.update import complete_many
from fieldstone.engine.transaction import Transaction
from fieldstone.expressions import Bindings, Checked, compile_python
from fieldstone.metadata.definitions import Entity
from fieldstone.workflows.approvals.values import fetch_linked, linked_entity

Path = tuple[str, ...]
NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Subject:
    """`values` are those of the record as expressions see them, linked records in place of ids; None without a record.

    `raw` are the record's own values. `line` is the field of lines that the record stands in, `around` its owner.
    """

    entity: Entity | None
    record_id: UUID | None
    values: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    raw: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    old: Mapping[str, Any] | None = None
    changed: frozenset[str] = frozenset()
    payload: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    line: str | None = None
    around: "Subject | None" = None
    deleted: bool = False

    def bound(self, tx: Transaction) -> Bindings:
        """What `old`, `changed` and the user are."""
        return rule_bindings(tx, self.old, self.changed) if self.changed or self.old else bindings(tx)

    def seen(self) -> dict[str, Any]:
        """All names that an expression may read."""
        found = {**self.values, "payload": self.payload}
        if self.around is not None:
            found["source"] = self.around.values
        return found

    def value(self, tx: Transaction, expression: Checked) -> Any:
        return compile_python(expression)(self.seen(), bindings=self.bound(tx))

    def holds(self, tx: Transaction, condition: Checked | None) -> bool:
        """Whether a condition is true; null counts as false, none as true."""
        return condition is None or self.value(tx, condition) is True

    def at(self, path: str) -> Any:
        """The value at a path of links; a link is an id."""
        value: Any = self.values
        for part in path.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        return value.get("id") if isinstance(value, Mapping) and "id" in value else value


def subjects(
    tx: Transaction, entity: Entity, records: Sequence[Mapping[str, Any]], paths: Iterable[Path]
) -> list[Subject]:
    """Subjects of records whose own values are known, with what `paths` read of linked records."""
    values = with_links(tx, entity, records, paths)
    return [
        Subject(entity, raw["id"], seen, raw)
        for raw, seen in zip(records, values, strict=True)
    ]  # fmt: skip


def load_subjects(
    tx: Transaction, entity: Entity, ids: Sequence[UUID], paths: Iterable[Path]
) -> dict[UUID, Subject]:
    """Subjects of stored records by id; deleted ones are not among them."""
    system = tx.as_system()
    program = program_for(tx.model, entity)
    found = load_many(system, program, ids, "read", lock=False)
    records = list(found.values())
    complete_many(system, program, records)
    return {each.record_id: each for each in subjects(tx, entity, records, paths) if each.record_id}


def with_links(
    tx: Transaction, entity: Entity, records: Sequence[Mapping[str, Any]], paths: Iterable[Path]
) -> list[dict[str, Any]]:
    """Values with linked records (those of lines, too) in place of ids; one statement per link for all records."""
    system = tx.as_system()
    seen = [dict(each) for each in records]
    behind: dict[str, set[Path]] = {}
    in_lines: dict[tuple[str, str], set[Path]] = {}
    for path in paths:
        if len(path) < 2:
            continue
        if linked_entity(tx.model, entity, path[0]):
            behind.setdefault(path[0], set()).add(path[1:])
            continue
        child = tx.model.entities.get(_lines(entity, path[0]) or "")
        if len(path) > 2 and child is not None and linked_entity(tx.model, child, path[1]):
            in_lines.setdefault((path[0], path[1]), set()).add(path[2:])
    for name, wanted in behind.items():
        target = linked_entity(tx.model, entity, name)
        ids = sorted({each[name] for each in records if each.get(name) is not None})
        if target is None or not ids:
            continue
        found = fetch_linked(system, tx.model.entities[target], ids, wanted)
        for each in seen:
            if each.get(name) is not None:
                each[name] = found.get(each[name]) or {"id": each[name]}
    for (name, link), wanted in in_lines.items():
        child = tx.model.entities[_lines(entity, name) or ""]
        target = linked_entity(tx.model, child, link)
        ids = sorted({line[link] for each in records for line in each.get(name) or () if line.get(link)})
        if target is None or not ids:
            continue
        found = fetch_linked(system, tx.model.entities[target], ids, wanted)
        for each in seen:
            lines_now = each.get(name) or ()
            each[name] = [{**line, link: found.get(line.get(link), line.get(link))} for line in lines_now]
    return seen


def _lines(entity: Entity, name: str) -> str | None:
    found = entity.fields.get(name)
    return found.lines if found is not None else None


def line_subjects(tx: Transaction, around: Subject, name: str, paths: Iterable[Path]) -> list[Subject]:
    """The lines of a record, each a subject of its own."""
    assert around.entity is not None
    child = tx.model.entities[around.entity.fields[name].lines or ""]
    lines = list(around.raw.get(name) or ())
    found = subjects(tx, child, lines, paths)
    return [replace(each, line=name, around=around, payload=around.payload) for each in found]
