"""Proposals and their files as rows, from the upload until the imports that they became.

A proposal is kept as an import run of no entity: its file is stored once and the imports of its sheets share
it. States: draft (somebody decides), done (published; `outcome` names revision and imports).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, cast
from uuid import UUID

import sqlalchemy as sa
from psycopg.types.json import Jsonb

from fieldstone.engine.context import Context
from fieldstone.engine.ids import new_id
from fieldstone.engine.imports import ImportOptions, Kind, UnknownImport
from fieldstone.engine.imports.result import Tally
from fieldstone.engine.imports.store import FILE, RUN
from fieldstone.engine.permissions import require_manage
from fieldstone.engine.spreadsheets.proposal import Proposal, proposal_from
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import Connection, Plan, compile_plan
from fieldstone.engine.storage.json_values import wire_dumps
from fieldstone.engine.storage.names import SCHEMA_MARK
from fieldstone.engine.transaction import Transaction

ENTITY: Final = "_spreadsheet"
RECENT: Final = 10


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that becomes entities. `outcome` is empty while it is a draft."""

    id: UUID
    name: str
    kind: Kind
    content: bytes
    proposal: Proposal
    source: UUID
    state: str
    outcome: Mapping[str, Any]
    created_at: datetime


def add(tx: Transaction, content: bytes, kind: Kind, name: str, proposal: Proposal) -> UUID:
    """Keep a file with what it may become."""
    draft, file, now, actor = new_id(), new_id(), tx.context.now, tx.context.actor.id
    tx.defer_statement(
        sa.insert(FILE).values(
            id=file, name=name or f"spreadsheet.{kind}", type=kind, size=len(content),
            sha256=sha256(content).digest(), content=content, created_at=now, created_by=actor,
            entity=ENTITY, record_id=draft,
        )
    )  # fmt: skip
    tx.defer_statement(
        sa.insert(RUN).values(
            id=draft, entity=ENTITY, state="draft", options=_json(proposal), source=file, rows=proposal.rows(),
            errors=Jsonb({}), created_at=now, created_by=actor,
        )
    )  # fmt: skip
    return draft


def load(tx: Transaction, draft: UUID) -> Stored:
    """A file with its proposal, for those who manage definitions. Raises UnknownImport."""
    require_manage(tx, "metadata")
    statement = (
        sa.select(
            FILE.c.name, FILE.c.type, FILE.c.content, RUN.c.options, RUN.c.source, RUN.c.state, RUN.c.errors,
            RUN.c.created_at,
        )
        .select_from(RUN.join(FILE, FILE.c.id == RUN.c.source))
        .where(RUN.c.id == sa.bindparam("draft", type_=sa.Uuid()), RUN.c.entity == ENTITY)
    )  # fmt: skip
    rows = tx.select(statement, {"draft": draft})
    if not rows:
        raise UnknownImport("There is no such spreadsheet.")
    name, kind, content, options, source, state, outcome, created_at = rows[0]
    return Stored(
        draft,
        name,
        cast(Kind, kind),
        bytes(content),
        proposal_from(options),
        source,
        state,
        outcome or {},
        created_at,
    )


def save(tx: Transaction, draft: UUID, proposal: Proposal) -> None:
    """Keep what was decided so far."""
    where = (RUN.c.id == draft, RUN.c.state == "draft")
    tx.defer_statement(sa.update(RUN).where(*where).values(options=_json(proposal), rows=proposal.rows()))


def drop(tx: Transaction, stored: Stored) -> None:
    """Forget a draft and its file."""
    tx.defer_statement(sa.delete(RUN).where(RUN.c.id == stored.id))
    tx.defer_statement(sa.delete(FILE).where(FILE.c.id == stored.source))


def unfinished(tx: Transaction) -> list[tuple[UUID, str, datetime]]:
    """The actor's files that were not made into entities yet, newest first."""
    statement = (
        sa.select(RUN.c.id, FILE.c.name, RUN.c.created_at)
        .select_from(RUN.join(FILE, FILE.c.id == RUN.c.source))
        .where(
            RUN.c.entity == ENTITY,
            RUN.c.state == "draft",
            RUN.c.created_by.is_not_distinct_from(sa.bindparam("me", type_=sa.Uuid())),
        )
        .order_by(RUN.c.created_at.desc())
        .limit(RECENT)
    )
    return [(row[0], str(row[1]), row[2]) for row in tx.select(statement, {"me": tx.context.actor.id})]


def applied(
    connection: Connection,
    context: Context,
    stored: Stored,
    outcome: Mapping[str, Any],
    imports: Sequence[tuple[UUID, str, ImportOptions, int]],
    *,
    job: UUID | None,
) -> None:
    """In the commit of the publish: the imports wait, the draft is done, and a job is there if there shall be."""
    rows: list[tuple[Plan, Mapping[str, Any]]] = []
    for run, entity, options, count in imports:
        values = {
            "id": run, "entity": entity, "state": "waiting", "options": Jsonb(options.to_json(), wire_dumps),
            "source": stored.source, "rows": count, "errors": Jsonb(Tally().report()), "created_at": context.now,
            "created_by": context.actor.id,
        }  # fmt: skip
        rows.append((_insert(RUN, values), values))
    done = sa.update(RUN).where(RUN.c.id == sa.bindparam("draft", type_=sa.Uuid()))
    change = done.values(state="done", errors=sa.bindparam("outcome", type_=RUN.c.errors.type))
    rows.append((compile_plan(change), {"draft": stored.id, "outcome": Jsonb(dict(outcome), wire_dumps)}))
    if job is not None:
        work = {
            "id": job, "tenant": context.tenant.name, "tenant_role": context.tenant.role, "kind": "spreadsheet",
            "payload": Jsonb({"spreadsheet": str(stored.id)}), "idempotency_key": str(stored.id),
            "requested_by": context.actor.id,
        }  # fmt: skip
        rows.append((_insert(control.job, work), work))
    schema = context.tenant.schema
    connection.run([(plan.sql.replace(SCHEMA_MARK, schema), plan.bind(values)) for plan, values in rows])


def _insert(table: sa.Table, values: Mapping[str, Any]) -> Plan:
    statement = sa.insert(table).values(
        {name: sa.bindparam(name, type_=table.c[name].type) for name in values}
    )
    return compile_plan(statement)


def _json(proposal: Proposal) -> Jsonb:
    return Jsonb(proposal.to_json(), wire_dumps)
