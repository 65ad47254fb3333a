"""Taking an import back: what it created is deleted, what it changed gets its old values again.

A record that somebody edited afterwards is kept as it is and listed, with the reason. Everything goes
through the record verbs, so a revert has a history of its own and obeys the rights of whoever reverts.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from uuid import UUID

from fieldstone.engine.context import Context
from fieldstone.engine.imports import store
from fieldstone.engine.imports.errors import ImportBusy
from fieldstone.engine.permissions import need
from fieldstone.engine.records.take_back import Kept, Run, take_back_run
from fieldstone.engine.service import Engine

BATCH: Final = 1000


@dataclass(frozen=True, slots=True)
class Reverted:
    """How many records were put back, and which were kept."""

    reverted: int
    kept: tuple[Kept, ...]
    kept_count: int = 0
    """All that were kept: at most 1,000 of them are listed."""

    def to_json(self) -> dict[str, Any]:
        return {
            "reverted": self.reverted,
            "kept_count": self.kept_count,
            "kept": [each.to_json() for each in self.kept],
        }


def revert_import(
    engine: Engine, context: Context, run_id: UUID, *, progress: Callable[[int, int], None] | None = None
) -> Reverted:
    """Take a finished import back; one that was broken off goes on. Raises UnknownImport, ImportBusy and Denied."""
    run = engine.read(context, lambda tx: store.load_run(tx, run_id))
    if run["state"] not in ("done", "stopped"):
        raise ImportBusy(f'The import is "{run["state"]}": there is nothing to revert.', state=run["state"])
    entity = run["entity"]
    engine.read(context, lambda tx: need(tx, entity, "import"))

    def after(position: int, total: int) -> None:
        if progress is not None:
            progress(position, total)
        if position < total:
            told = {"done": position, "total": total}
            engine.write(context, partial(store.save_reverting, run_id=run_id, progress=told))

    wrote = Run(run_id, store.request_id(run_id), entity)
    taken = take_back_run(engine, context, wrote, batch=BATCH, after=after)
    result = Reverted(taken.reverted, taken.kept, taken.kept_count)
    engine.write(context, lambda tx: store.save_reverted(tx, run, result.to_json()))
    return result


def read_reverted(engine: Engine, context: Context, run_id: UUID) -> Reverted | None:
    """What a revert of a run came to, if there was one. Raises UnknownImport."""
    run = engine.read(context, lambda tx: store.load_run(tx, run_id))
    found = run["errors"].get("reverted") if isinstance(run["errors"], Mapping) else None
    if not found:
        return None
    kept = (Kept(UUID(each["id"]), each["code"], each["message"]) for each in found["kept"])
    return Reverted(found["reverted"], tuple(kept), found.get("kept_count", len(found["kept"])))


__all__ = ["Kept", "Reverted", "read_reverted", "revert_import"]
