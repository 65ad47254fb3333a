"""The end of a wait: the record takes the value over by the update verb, or stays as it is."""

from datetime import datetime
from uuid import UUID

from fieldstone.engine.pending.rows import close, of_run
from fieldstone.engine.records.update import update
from fieldstone.engine.transaction import Transaction


def take_values(tx: Transaction, run: UUID, at: datetime) -> None:
    """The run was approved: the record takes its values, once. `tx` must be the platform's, whose values do not wait."""
    waiting = [each for each in of_run(tx, run) if each.state == "pending"]
    close(tx, run, "approved", at)
    for each in waiting:
        update(tx, each.entity, each.record, dict(each.value))


def drop_values(tx: Transaction, run: UUID, outcome: str, at: datetime) -> None:
    """The run ended without an approval: what it asked for is dropped."""
    close(tx, run, outcome, at)
