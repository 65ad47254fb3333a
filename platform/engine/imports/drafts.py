"""Drafts: imports that somebody is still deciding about, and the list of those decided.

A draft is a run in the state `draft`: the file is stored once, and every decision with it, so that a person
may leave and come back, and nothing has to be sent twice. Starting a draft makes it a waiting run.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from psycopg.types.json import Jsonb

from fieldstone.engine.context import Context
from fieldstone.engine.imports import store
from fieldstone.engine.imports.errors import ImportBusy
from fieldstone.engine.imports.options import ImportOptions
from fieldstone.engine.imports.plan import plan_import
from fieldstone.engine.imports.result import State
from fieldstone.engine.imports.sources import ERROR_COLUMN, Kind, Source
from fieldstone.engine.permissions import may_manage, need
from fieldstone.engine.service import Engine
from fieldstone.engine.storage.json_values import wire_dumps
from fieldstone.engine.transaction import Transaction

RECENT: Final = 20
REMEMBERED: Final = 50
"""Runs that are looked through for a file with the same columns."""


_IS_TRIAL: Final = store.RUN.c.options["dry_run"].astext == "true"


@dataclass(frozen=True, slots=True)
class StoredImport:
    """A run with its file, as it was sent."""

    id: UUID
    entity: str
    state: State
    name: str
    kind: Kind
    content: bytes
    options: ImportOptions
    created_at: datetime
    created_by: UUID | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A run in a list."""

    id: UUID
    name: str
    state: State
    rows: int
    created: int
    updated: int
    failed: int
    created_at: datetime
    created_by: UUID | None


def add_draft(tx: Transaction, entity: str, content: bytes, kind: Kind, name: str) -> UUID:
    """Keep a file to decide about. Raises NotFound and Denied for who may not import."""
    need(tx, entity, "import")
    run_id = store.add_run(tx, entity, content, name, kind, ImportOptions(), 0)
    store.set_state(tx, run_id, "draft")
    return run_id


def stored_import(engine: Engine, context: Context, run_id: UUID) -> StoredImport:
    """A run with its file and its decisions. Raises UnknownImport."""

    def work(tx: Transaction) -> StoredImport:
        run = store.load_run(tx, run_id)
        content, kind, name = store.load_source(tx, run)
        return StoredImport(
            id=run_id,
            entity=run["entity"],
            state=run["state"],
            name=name,
            kind=kind,  # type: ignore[arg-type]
            content=content,
            options=ImportOptions.from_json(run["options"]),
            created_at=run["created_at"],
            created_by=run["created_by"],
            finished_at=run["finished_at"],
        )

    return engine.read(context, work)


def save_draft(tx: Transaction, run_id: UUID, options: ImportOptions) -> None:
    """Keep what was decided so far. Raises ImportBusy when the import was started meanwhile."""
    run = store.load_run(tx, run_id)
    if run["state"] != "draft":
        raise ImportBusy(f'The import is "{run["state"]}" already.', state=run["state"])
    values = {"options": Jsonb(options.to_json(), wire_dumps)}
    tx.defer_statement(sa.update(store.RUN).where(store.RUN.c.id == run_id).values(values))


def start_draft(tx: Transaction, run_id: UUID, source: Source, options: ImportOptions) -> int:
    """Make a draft a waiting run that `continue_import` runs; its number of rows.

    Raises what `run_import` raises before it looks at a row, and ImportBusy when it was started already.
    """
    run = store.load_run(tx, run_id)
    if run["state"] != "draft":
        raise ImportBusy(f'The import is "{run["state"]}" already.', state=run["state"])
    plan = plan_import(tx, run["entity"], source, options)
    _drop_trials(tx, run["source"])
    rows = source.count()
    values = {
        "state": "waiting",
        "rows": rows,
        "options": Jsonb(plan.options.to_json(), wire_dumps),
        "created_at": tx.context.now,
    }
    tx.defer_statement(
        sa.update(store.RUN).where(store.RUN.c.id == run_id, store.RUN.c.state == "draft").values(values)
    )
    return rows


def start_trial(tx: Transaction, run_id: UUID, source: Source, options: ImportOptions) -> UUID:
    """A dry run of a draft as a run that `continue_import` runs; its id. It replaces the draft's earlier one.

    A trial is never listed, and goes with its draft.
    """
    run = store.load_run(tx, run_id)
    plan = plan_import(tx, run["entity"], source, options)
    dry = replace(plan.options, dry_run=True, partial=True)
    _drop_trials(tx, run["source"])
    return store.add_trial(tx, run, dry, source.count())


def _drop_trials(tx: Transaction, source: UUID) -> None:
    run = store.RUN
    tx.defer_statement(sa.delete(run).where(run.c.source == source, _IS_TRIAL))


def drop_draft(tx: Transaction, run_id: UUID) -> None:
    """Forget a draft and its file."""
    run = store.load_run(tx, run_id)
    if run["state"] != "draft":
        raise ImportBusy(f'The import is "{run["state"]}": it is kept.', state=run["state"])
    _drop_trials(tx, run["source"])
    tx.defer_statement(sa.delete(store.RUN).where(store.RUN.c.id == run_id))
    tx.defer_statement(sa.delete(store.FILE).where(store.FILE.c.id == run["source"]))


def resume_import(tx: Transaction, run_id: UUID) -> int:
    """Let a stopped run wait to be gone on with; its number of rows."""
    run = store.load_run(tx, run_id)
    if run["state"] != "stopped":
        raise ImportBusy(f'The import is "{run["state"]}" and cannot go on.', state=run["state"])
    store.set_state(tx, run_id, "waiting")
    return int(run["rows"])


def recent_runs(tx: Transaction, entity: str, limit: int = RECENT) -> list[RunSummary]:
    """The latest imports into an entity that the actor may see, newest first."""
    run, file = store.RUN, store.FILE
    names = ("state", "rows", "created", "updated", "failed", "created_at", "created_by")
    statement = (
        sa.select(run.c.id, file.c.name, *(run.c[name] for name in names))
        .select_from(run.join(file, file.c.id == run.c.source))
        .where(run.c.entity == sa.bindparam("entity", type_=sa.Text()), sa.not_(_IS_TRIAL))
        .order_by(run.c.created_at.desc())
        .limit(sa.bindparam("most", type_=sa.Integer()))
    )
    values = {"entity": entity, "most": limit, **_own(tx)}
    return [RunSummary(*row) for row in tx.select(_visible(tx, statement), values)]


def earlier_options(tx: Transaction, entity: str, headers: tuple[str, ...]) -> ImportOptions | None:
    """The decisions of the actor's latest import of a file with exactly these columns.

    A file of failed rows that was put right has the columns of the file that it comes from.
    """
    columns = set(headers) - {ERROR_COLUMN}
    run = store.RUN
    statement = (
        sa.select(run.c.options)
        .where(
            run.c.entity == sa.bindparam("entity", type_=sa.Text()),
            run.c.created_by == sa.bindparam("me", type_=sa.Uuid()),
            run.c.state != "draft",
            sa.not_(_IS_TRIAL),
        )
        .order_by(run.c.created_at.desc())
        .limit(REMEMBERED)
    )
    for (stored,) in tx.select(statement, {"entity": entity, "me": tx.context.actor.id}):
        options = ImportOptions.from_json(stored)
        mapping = options.mapping or {}
        read = {name for name, targets in mapping.items() if not targets or targets[0].const is None}
        if read - {ERROR_COLUMN} == columns:
            return options
    return None


def _visible(tx: Transaction, statement: "sa.Select[tuple[object, ...]]") -> "sa.Select[tuple[object, ...]]":
    if may_manage(tx, "imports"):
        return statement
    return statement.where(store.RUN.c.created_by == sa.bindparam("me", type_=sa.Uuid()))


def _own(tx: Transaction) -> dict[str, object]:
    return {} if may_manage(tx, "imports") else {"me": tx.context.actor.id}
