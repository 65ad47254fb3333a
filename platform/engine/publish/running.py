"""What a publish takes from approvals that run by an earlier revision: told before it happens, with consent per definition.

A run goes by the definition with which it began, over the records as they are. Where a field or an entity goes that it
still reads, it stops as an incident. So whoever publishes may wait, move or end these runs first, or agree.
"""

from collections.abc import Iterator

from fieldstone.engine.publish.changes import Change
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Model


def left_behind(tx: Transaction, new: Model) -> Iterator[Change]:
    """One change for every definition with open runs that read what the new model lacks."""
    old = tx.model
    if tx.engine.running is None or not _removes(old, new):
        return
    for each in tx.engine.running.left_behind(tx, new):
        missing = ", ".join(each.missing)
        yield Change(
            f"leave_runs:{each.workflow}@{each.revision}",
            "leave_runs",
            "destructive",
            each.entity,
            missing,
            f'{each.count} running approvals by "{each.workflow}" read {missing}',
            {"rows": each.count, "samples": [str(record) for record in each.records]},
        )


def _removes(old: Model, new: Model) -> bool:
    """Whether any entity or field goes: nothing else can be missed."""
    return any(
        name not in new.entities or entity.fields.keys() - new.entities[name].fields.keys()
        for name, entity in old.entities.items()
    )
