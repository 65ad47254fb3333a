"""A record as its reader gets it: every readable field of the contract, in order, absent ones as null."""

from collections.abc import Mapping
from typing import Any

from fieldstone.engine.pending.rows import pending_of
from fieldstone.engine.permissions import EntityAccess
from fieldstone.engine.permissions import access as access_of
from fieldstone.engine.query.columns import EntityColumns, link_target
from fieldstone.engine.query.gate import bindings, read_predicate
from fieldstone.engine.query.joins import visible_rows
from fieldstone.engine.query.select import Filed, describe_files
from fieldstone.engine.records.compute import computed_value, seen_lines, visible_values
from fieldstone.engine.records.linked import line_linked_records, linked_records
from fieldstone.engine.records.program import Program, program_for
from fieldstone.engine.storage.tables import EXTRAS
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import SYSTEM_FIELDS, Field
from fieldstone.metadata.fields.multi_link import LINK


def answer(
    tx: Transaction, program: Program, values: Mapping[str, Any], access: EntityAccess
) -> dict[str, Any]:
    """The wire form of a record whose values are all known."""
    joins = [field for field in program.lines if field.type == "multi_link" and values.get(field.name)]
    met = visible_rows(tx, joins, values) if joins else {}
    values = _as_seen(tx, program, values, met)
    record: dict[str, Any] = {name: values.get(name) for name in SYSTEM_FIELDS if name in access.readable}
    for field in program.entity.fields.values():
        if field.name not in access.readable:
            continue
        if field.lines is not None:
            lines = met.get(field.name, values.get(field.name) or ())
            record[field.name] = [line_answer(tx, field, line) for line in lines]
        else:
            _put(record, field, values)
    extras = values.get(EXTRAS)
    if extras:
        record.update(extras)
    describe_files(tx, _filed(tx, program, record))
    if program.bound:
        record["_pending"] = pending_of(tx, program.entity, record["id"], access.readable)
    return record


def _as_seen(
    tx: Transaction, program: Program, values: Mapping[str, Any], met: Mapping[str, Any]
) -> Mapping[str, Any]:
    """The values with those of linked records as the actor may see them: nothing of a record that is hidden."""
    if not program.on_reading:
        return values
    links = {
        name: values.get(name)
        for name in program.hops
        if values.get(name) is not None and _narrowed(tx, program, name)
    }
    narrowed = any(len(rows) < len(values[name]) for name, rows in met.items()) or any(
        _narrowed(tx, child, link)
        for child in (program_for(tx.model, tx.model.entities[f.lines or ""]) for f in program.lines)
        for link in child.hops
    )
    if not links and not narrowed:
        return values
    values = {**values, **met}
    seen, _ = linked_records(tx, program, links, links)
    lines = seen_lines(tx, program, values, line_linked_records(tx, program, values, gated=True))
    shown = visible_values(values, {**dict.fromkeys(links), **seen, **lines})
    context = bindings(tx)
    computed = {}
    for field in program.computed:
        if field.name in program.on_reading:
            computed[field.name] = shown[field.name] = computed_value(field, shown, context)
    return {**values, **computed}


def _narrowed(tx: Transaction, program: Program, link: str) -> bool:
    """Whether the actor may not see all of the records that a link can lead to."""
    target = tx.model.entities[link_target(program.entity, link)]
    return read_predicate(tx, EntityColumns(tx.model, target)) is not None


def _filed(tx: Transaction, program: Program, record: dict[str, Any]) -> Filed:
    """The fields of the record and of its lines that name files, each with what holds them."""
    found: Filed = [(field, [record]) for field in program.files]
    for field in program.lines:
        inner = program_for(tx.model, tx.model.entities[field.lines or ""]).files
        found += [(each, record.get(field.name) or []) for each in inner]
    return found


def line_answer(tx: Transaction, field: Field, line: Mapping[str, Any]) -> dict[str, Any]:
    """The wire form of one line."""
    child = tx.model.entities[field.lines or ""]
    readable = access_of(tx, child.name).readable
    joining = field.type == "multi_link"
    record: dict[str, Any] = {"id": line[LINK] if joining else line["id"]}
    for inner in child.fields.values():
        if inner.name in readable and not (joining and inner.name == LINK):
            _put(record, inner, line)
    return record


def _put(record: dict[str, Any], field: Field, values: Mapping[str, Any]) -> None:
    record[field.name] = values.get(field.name)
    if field.type == "money":
        record[f"{field.name}_currency"] = values.get(f"{field.name}_currency")
        record[f"{field.name}_base"] = values.get(f"{field.name}_base")
