"""Rows that are likely there already: noted, not refused, for records stored before and for rows of the same file."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fieldstone.engine.duplicates import Match, entered, find_many
from fieldstone.engine.imports.plan import Draft, ImportPlan
from fieldstone.engine.imports.result import RowError, Tally
from fieldstone.engine.transaction import Transaction

if TYPE_CHECKING:
    from fieldstone.engine.records.many import Write


def note_duplicates(
    tx: Transaction, plan: ImportPlan, writes: Sequence[tuple[Draft, "Write"]], tally: Tally
) -> None:
    """Note the likely duplicates of rows that become new records. One query for all of them.

    Rules that block are not told here: the verb refuses what they find.
    """
    entity = plan.entity
    if not any(rule.action == "warn" for rule in entity.duplicates):
        return
    new = [(draft, write) for draft, write in writes if write.record_id is None]
    if not new:
        return
    values = [entered(tx, entity.name, write.body or {}) for _, write in new]
    for (draft, _), matches in zip(new, find_many(tx, entity.name, values, among=True), strict=True):
        errors = []
        for match in matches:
            if match.action == "warn":
                column = next((plan.columns[name] for name in match.fields if name in plan.columns), None)
                title = match.records[0].title if match.records else None
                message = _message(match, [new[place][0].row for place in match.rows])
                errors.append(RowError(draft.row, column, "duplicate.likely", message, title))
        tally.note(errors)


def _message(match: Match, rows: Sequence[int]) -> str:
    if match.records:
        first = match.records[0]
        name = f'"{first.title}"' if first.title else "a record"
        owner = f" of {first.owner}" if first.owner else ""
        return f"{match.title}: there is {name}{owner} already."
    return f"{match.title}: row {rows[0]} is likely the same."
