"""A record as it is being entered: values that are not stored, completed as far as that is possible.

For what is shown while somebody types. What is wrong, hidden or not the actor's to write is left out; nothing is refused.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fieldstone.engine.ids import new_id
from fieldstone.engine.permissions import access as access_of
from fieldstone.engine.records.compute import apply_defaults, compute, rollups_of_nothing
from fieldstone.engine.records.linked import line_linked_records, linked_records
from fieldstone.engine.records.load import load_for_change
from fieldstone.engine.records.money import settle_money
from fieldstone.engine.records.prepare import new_lines, stamp
from fieldstone.engine.records.program import Program
from fieldstone.engine.records.subject import refuse_unwritable
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.validation import validator_for


def entered_values(
    tx: Transaction, program: Program, body: Mapping[str, Any], record_id: UUID | None = None
) -> dict[str, Any]:
    """All values of a record with those that are being entered; over the stored ones when there is a `record_id`."""
    access = access_of(tx, program.entity.name)
    kept = refuse_unwritable(tx, access, program.entity, body).body
    old = load_for_change(tx, program, record_id, "read", lock=False) if record_id is not None else None
    validated = validator_for(program.entity, tx.model.entities).validate(kept, "patch", current=old or {})
    values: dict[str, Any] = dict(old or {})
    if old is None:
        stamp(tx, values, new_id())
        values |= {field.name: [] for field in program.lines} | rollups_of_nothing(program)
    values |= validated.values
    for field in program.lines:
        if field.name in validated.values:
            values[field.name] = new_lines([dict(line) for line in validated.values[field.name] or []])
    if old is None:
        apply_defaults(tx, program, values, frozenset(validated.values))
    links = {field.name: values.get(field.name) for field in program.links} | {
        "owner_id": values.get("owner_id")
    }
    linked, problems = linked_records(tx, program, links, [n for n, v in links.items() if v is not None])
    for problem in problems:
        name = problem.path.removeprefix("/")
        values[name] = None
        linked.pop(name, None)
    settle_money(tx, program, values, old)
    compute(tx, program, values, linked, line_linked_records(tx, program, values))
    return values
