"""Import runs as rows: kept from the start to long after the end, for the report, the error file and the
revert.
"""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from psycopg.types.json import Jsonb
from sqlalchemy.dialects.postgresql import JSONB

from fieldstone.engine.ids import new_id
from fieldstone.engine.imports.errors import UnknownImport
from fieldstone.engine.imports.options import ImportOptions
from fieldstone.engine.imports.result import ImportResult, Tally
from fieldstone.engine.permissions import may_manage
from fieldstone.engine.storage import control
from fieldstone.engine.storage.json_values import wire_dumps
from fieldstone.engine.transaction import Transaction

RUN = control.import_run
FILE = control.file
_ID = sa.bindparam("run_id", type_=sa.Uuid())


def request_id(run_id: UUID) -> str:
    """The request id that the history of a run's writes carries."""
    return f"import-{run_id}"


def add_run(
    tx: Transaction, entity: str, content: bytes, name: str, kind: str, options: ImportOptions, rows: int
) -> UUID:
    """Store a new run with its file; its state is `waiting`."""
    run_id, file_id, now = new_id(), new_id(), tx.context.now
    actor = tx.context.actor.id
    tx.defer_statement(
        sa.insert(FILE).values(
            id=file_id,
            name=name or f"import.{kind}",
            type=kind,
            size=len(content),
            sha256=sha256(content).digest(),
            content=content,
            created_at=now,
            created_by=actor,
            entity="_import",
            record_id=run_id,
        )
    )
    tx.defer_statement(
        sa.insert(RUN).values(
            id=run_id,
            entity=entity,
            state="waiting",
            options=Jsonb(options.to_json(), wire_dumps),
            source=file_id,
            rows=rows,
            position=0,
            created=0,
            updated=0,
            failed=0,
            errors=Jsonb(Tally().report()),
            created_at=now,
            created_by=actor,
        )
    )
    return run_id


def add_trial(tx: Transaction, run: Mapping[str, Any], options: ImportOptions, rows: int) -> UUID:
    """Store a dry run of the file of another run; its state is `waiting`."""
    trial_id = new_id()
    tx.defer_statement(
        sa.insert(RUN).values(
            id=trial_id,
            entity=run["entity"],
            state="waiting",
            options=Jsonb(options.to_json(), wire_dumps),
            source=run["source"],
            rows=rows,
            position=0,
            created=0,
            updated=0,
            failed=0,
            errors=Jsonb(Tally().report()),
            created_at=tx.context.now,
            created_by=tx.context.actor.id,
        )
    )
    return trial_id


def load_run(tx: Transaction, run_id: UUID) -> Mapping[str, Any]:
    """The run's row; UnknownImport when it is somebody else's and the actor does not manage imports."""
    rows = tx.select(sa.select(RUN).where(RUN.c.id == _ID), {"run_id": run_id})
    if not rows:
        raise UnknownImport("There is no such import.")
    run = dict(zip((column.name for column in RUN.columns), rows[0], strict=True))
    if run["created_by"] != tx.context.actor.id and not may_manage(tx, "imports"):
        raise UnknownImport("There is no such import.")
    return run


def load_source(tx: Transaction, run: Mapping[str, Any]) -> tuple[bytes, str, str]:
    """Content, kind and name of a run's file."""
    statement = sa.select(FILE.c.content, FILE.c.type, FILE.c.name).where(FILE.c.id == _ID)
    content, kind, name = tx.select(statement, {"run_id": run["source"]})[0]
    return bytes(content), kind, name


def save_run(
    tx: Transaction, run_id: UUID, tally: Tally, state: str, *, finished: datetime | None = None
) -> None:
    """Store state, position and report; written with the batch they tell of."""
    tx.defer_statement(
        sa.update(RUN)
        .where(RUN.c.id == run_id)
        .values(
            state=state,
            position=tally.position,
            created=tally.created,
            updated=tally.updated,
            failed=tally.failed,
            errors=Jsonb(tally.report(), wire_dumps),
            finished_at=finished,
        )
    )


def set_state(tx: Transaction, run_id: UUID, state: str) -> None:
    tx.defer_statement(sa.update(RUN).where(RUN.c.id == run_id).values(state=state))


def save_reverting(tx: Transaction, run_id: UUID, progress: Mapping[str, int]) -> None:
    """How far a revert is, for whoever watches it."""
    found = sa.type_coerce(RUN.c.errors, JSONB).concat(sa.cast({"reverting": dict(progress)}, JSONB))
    tx.defer_statement(sa.update(RUN).where(RUN.c.id == run_id).values(errors=found))


def save_reverted(tx: Transaction, run: Mapping[str, Any], outcome: Mapping[str, Any]) -> None:
    """The run was taken back; what came of it is kept beside its report."""
    report = {**run["errors"], "reverted": dict(outcome)}
    report.pop("reverting", None)
    tx.defer_statement(
        sa.update(RUN).where(RUN.c.id == run["id"]).values(state="reverted", errors=Jsonb(report, wire_dumps))
    )


def set_position(tx: Transaction, run_id: UUID, position: int) -> None:
    """Progress of a run whose writes are not committed yet."""
    tx.defer_statement(sa.update(RUN).where(RUN.c.id == run_id).values(position=position))


def state_of(tx: Transaction, run_id: UUID) -> str:
    rows = tx.select(sa.select(RUN.c.state).where(RUN.c.id == _ID), {"run_id": run_id})
    return str(rows[0][0]) if rows else "stopped"


def tally_of(run: Mapping[str, Any]) -> Tally:
    counts = {name: run[name] for name in ("position", "created", "updated", "failed")}
    return Tally.restored(run["errors"], **counts)


def result_of(run: Mapping[str, Any]) -> ImportResult:
    """A stored run as its result."""
    tally = tally_of(run)
    options = run["options"] or {}
    return ImportResult(
        id=run["id"],
        entity=run["entity"],
        state=run["state"],
        rows=run["rows"],
        created=run["created"],
        updated=run["updated"],
        failed=run["failed"],
        errors=tuple(tally.ordered_errors()),
        error_counts=dict(tally.counts),
        links=tuple(tally.ordered_findings()),
        position=run["position"],
        mapping=options.get("mapping") or {},
        reverting=(run["errors"] or {}).get("reverting") if isinstance(run["errors"], Mapping) else None,
    )
