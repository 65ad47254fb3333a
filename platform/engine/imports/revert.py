"""Taking an import back: what it created is deleted, what it changed gets its old values again.

A record that somebody edited afterwards is kept as it is and listed, with the reason. Everything goes
through the record verbs, so a revert has a history of its own and obeys the rights of whoever reverts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from uuid import UUID

from fieldstone.engine.context import Context
from fieldstone.engine.imports import store
from fieldstone.engine.imports.errors import ImportBusy
from fieldstone.engine.permissions import need
from fieldstone.engine.records.take_back import Kept, Written, take_back, written_by
from fieldstone.engine.service import Engine
from fieldstone.engine.transaction import Transaction

BATCH: Final = 500
MAX_KEPT: Final = 1000


@dataclass(frozen=True, slots=True)
class Reverted:
    """How many records were put back, and which were kept."""

    reverted: int
    kept: tuple[Kept, ...]

    def to_json(self) -> dict[str, Any]:
        return {"reverted": self.reverted, "kept": [each.to_json() for each in self.kept]}


def revert_import(engine: Engine, context: Context, run_id: UUID) -> Reverted:
    """Take a finished import back. Raises UnknownImport, ImportBusy and Denied."""
    run = engine.read(context, lambda tx: store.load_run(tx, run_id))
    if run["state"] not in ("done", "stopped"):
        raise ImportBusy(f'The import is "{run["state"]}": there is nothing to revert.', state=run["state"])
    entity = run["entity"]
    changes = engine.read(context, lambda tx: _changes(tx, run_id, entity))
    reverted, kept = 0, []
    for start in range(0, len(changes), BATCH):
        part = changes[start : start + BATCH]
        done, left = engine.write(context, partial(take_back, changes=part))
        reverted += done
        kept += left
    result = Reverted(reverted, tuple(kept[:MAX_KEPT]))
    engine.write(context, lambda tx: store.save_reverted(tx, run, result.to_json()))
    return result


def read_reverted(engine: Engine, context: Context, run_id: UUID) -> Reverted | None:
    """What a revert of a run came to, if there was one. Raises UnknownImport."""
    run = engine.read(context, lambda tx: store.load_run(tx, run_id))
    found = run["errors"].get("reverted") if isinstance(run["errors"], Mapping) else None
    if not found:
        return None
    kept = (Kept(UUID(each["id"]), each["code"], each["message"]) for each in found["kept"])
    return Reverted(found["reverted"], tuple(kept))


def _changes(tx: Transaction, run_id: UUID, entity: str) -> list[Written]:
    """The records of a run, the last written first: what links to a record goes before it."""
    need(tx, entity, "import")
    return written_by(tx, store.request_id(run_id), entity)
