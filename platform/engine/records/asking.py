"""Asking before storing: a write that is taken back when the record that comes out is likely there already."""

from collections.abc import Iterable
from uuid import UUID

from fieldstone.engine.duplicates import ask_about_duplicates, touched
from fieldstone.engine.records.load import load_for_change
from fieldstone.engine.records.subject import readable_entity
from fieldstone.engine.transaction import Transaction


def ask_first(tx: Transaction, entity: str, record_id: UUID, changed: Iterable[str] | None = None) -> None:
    """Raise LikelyDuplicate for a record that was just written in this transaction, which takes the write back.

    `changed` are the names that the write touched: rules about other fields are not asked again.
    """
    program, _ = readable_entity(tx, entity)
    if not program.entity.duplicates or (
        changed is not None and not touched(program.entity, frozenset(changed))
    ):
        return
    values = load_for_change(tx.as_system(), program, record_id, "read", lock=False)
    if values is not None:
        ask_about_duplicates(tx, entity, values, record_id)
