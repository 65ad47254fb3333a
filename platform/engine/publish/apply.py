"""Applying a plan on a busy system.

Everything slow is prepared outside. Then, in one transaction: the tenant's advisory lock exclusively, all touched tables
in one LOCK TABLE in name order, the DDL, the new revision. Locks are waited for at most 100 ms at a time and the whole
is retried with back-off up to 30 s, because a waiting ALTER stalls every reader behind it. A kill at any statement
leaves the old revision or the new one.
"""

import random
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg import errors as pg
from psycopg.types.json import Jsonb
from sqlalchemy.dialects.postgresql import insert

from fieldstone.engine.context import Context
from fieldstone.engine.ids import new_id
from fieldstone.engine.models import package_sha
from fieldstone.engine.permissions import require_manage
from fieldstone.engine.publish.builds import run_builds
from fieldstone.engine.publish.errors import Busy, ConsentNeeded, DraftInvalid, NothingToPublish, PlanStale
from fieldstone.engine.publish.plan import PublishPlan, make_plan
from fieldstone.engine.publish.storage import InRecycle, Script, script_for
from fieldstone.engine.service import Engine
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import Connection, Params, Plan, compile_plan
from fieldstone.engine.storage.ddl import MARK, quote
from fieldstone.engine.storage.failures import translate
from fieldstone.engine.storage.names import SCHEMA_MARK
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Model
from fieldstone.problems import Problem

LOCK_WAIT_MS = 100
PATIENCE_SECONDS = 30.0
BUILD_AT_ONCE = 5000
"""Up to so many records are brought up to date before a publish returns; more are left to the job."""

_MOVE = compile_plan(
    sa.update(control.state)
    .where(control.state.c.number == sa.bindparam("base", type_=sa.Integer()))
    .values(number=sa.bindparam("new", type_=sa.Integer()))
    .returning(control.state.c.number)
)
_RECYCLED = compile_plan(
    sa.select(
        *(control.recycled.c[n] for n in ("revision", "entity", "field", "renamed", "signature"))
    ).order_by(control.recycled.c.revision)
)


@dataclass(frozen=True, slots=True)
class PublishResult:
    """The revision that is live now. `builds` is how many builds follow."""

    revision: int
    builds: int


Also = Callable[[PublishResult], Sequence[tuple[Plan, Mapping[str, Any]]]]


def publish(
    engine: Engine,
    context: Context,
    base: int,
    sealed: str,
    consent: Collection[str] = (),
    *,
    note: str = "",
    before_commit: Callable[[Connection, Model], None] | None = None,
    also: Also | None = None,
) -> PublishResult:
    """Publish the drafts as they were planned.

    `also` says what is written beside, in the same transaction.
    Raises PlanStale when base or seal no longer hold, DraftInvalid, ConsentNeeded, Busy.
    """

    def prepare(tx: Transaction) -> tuple[PublishPlan, list[InRecycle], Model]:
        plan = make_plan(tx)
        check_plan(plan, base, sealed, consent)
        return plan, [], tx.model

    plan, available, model = engine.read(context, prepare)
    return apply_plan(
        engine,
        context,
        model,
        plan,
        kind="publish",
        note=note,
        available=available,
        before_commit=before_commit,
        clear_drafts=True,
        also=also,
    )


def check_plan(plan: PublishPlan, base: int, sealed: str, consent: Collection[str]) -> None:
    """Refuse a plan that is not the one that was shown, has problems, or lacks consent."""
    if plan.base != base or plan.hash != sealed:
        raise PlanStale(
            "The definitions or the draft changed since this plan was made; plan again.", base=plan.base
        )
    if plan.problems or plan.model is None:
        raise DraftInvalid("The documents have problems; nothing was published.", problems=plan.problems)
    if not plan.changes:
        raise NothingToPublish("There is nothing to publish: the draft says what is live already.")
    agreed = set(consent)
    missing = [change for change in plan.needing_consent if change.id not in agreed]
    if missing:
        problems = [
            Problem("/consent", "plan.consent", f"{change.id}: {change.title}", change.facts)
            for change in missing
        ]
        raise ConsentNeeded(
            "Changes that lose data need consent.",
            problems=problems,
            changes=[change.id for change in missing],
        )


def apply_plan(
    engine: Engine,
    context: Context,
    old: Model,
    plan: PublishPlan,
    *,
    kind: str,
    note: str = "",
    available: list[InRecycle] | None = None,
    before_commit: Callable[[Connection, Model], None] | None = None,
    clear_drafts: bool = False,
    drafts: Mapping[tuple[str, str], Any] | None = None,
    also: Also | None = None,
) -> PublishResult:
    """Make the plan's target live as the next revision.

    `drafts` are drafts that go on with another content: (folder, name) -> the tenant's part.
    """
    assert plan.model is not None
    number = plan.base + 1
    tenant = context.tenant
    script = script_for(
        old,
        plan.model,
        plan.changes,
        revision=number,
        role=tenant.role,
        currency=context.company.currency,
        available=available or [],
    )
    tail = _bookkeeping(context, plan, script, number, kind, note, clear_drafts)
    tail += _redrafted(drafts or {})
    tail += _automated(context, old, plan.model, number)
    result = PublishResult(number, len(script.builds))
    if also is not None:
        tail += also(result)
    deadline = time.monotonic() + PATIENCE_SECONDS
    wait = 0.02
    while True:
        with engine.database.connection() as connection:
            try:
                _attempt(connection, context, plan, script, tail, number, before_commit)
                break
            except (pg.LockNotAvailable, pg.DeadlockDetected) as error:
                connection.execute("ROLLBACK")
                if time.monotonic() > deadline:
                    raise Busy("The records are in use; nothing was changed. Try again.") from error
            except pg.UniqueViolation as error:
                connection.execute("ROLLBACK")
                known = translate(error, old)
                if known is None:
                    raise
                raise known from error
            except BaseException:
                if connection.raw.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
                    connection.execute("ROLLBACK")
                raise
        time.sleep(wait * (0.5 + random.random()))
        wait = min(wait * 2, 1.0)
    engine.models.put(tenant, number, plan.model)
    if script.builds and sum(change.facts.get("rows", 0) for change in plan.changes) <= BUILD_AT_ONCE:
        run_builds(engine, tenant)
    return result


def _attempt(
    connection: Connection,
    context: Context,
    plan: PublishPlan,
    script: Script,
    tail: list[tuple[Plan, Mapping[str, Any]]],
    number: int,
    before_commit: Callable[[Connection, Model], None] | None,
) -> None:
    schema = context.tenant.schema
    place = f'"{schema}"'
    tables = ", ".join(f"{MARK}.{quote(name)}" for name in sorted(script.tables))
    first: list[tuple[str, Params]] = [
        ("BEGIN", None),
        (f"SET LOCAL lock_timeout = '{LOCK_WAIT_MS}ms'", None),
        ("SELECT pg_advisory_xact_lock(%(key)s)", {"key": context.tenant.lock_key}),
    ]
    if tables:
        first.append((f"LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE".replace(MARK, place), None))
    first.append((_MOVE.sql.replace(SCHEMA_MARK, schema), _MOVE.bind({"base": plan.base, "new": number})))
    moved = connection.run(first)[-1].fetchall()
    if not moved:
        raise PlanStale("Somebody else published meanwhile; plan again.")
    steps: list[tuple[str, Params]] = [(s.replace(MARK, place), None) for s in script.statements]
    steps += [(p.sql.replace(SCHEMA_MARK, schema), p.bind(values)) for p, values in tail]
    connection.run(steps)
    if before_commit is not None:
        assert plan.model is not None
        before_commit(connection, plan.model)
    connection.execute("COMMIT")


def _bookkeeping(
    context: Context, plan: PublishPlan, script: Script, number: int, kind: str, note: str, clear_drafts: bool
) -> list[tuple[Plan, Mapping[str, Any]]]:
    """The rows that belong to a revision: itself, its packages, recycle entries, builds, the audit entry."""
    shas = []
    rows: list[tuple[Plan, Mapping[str, Any]]] = []
    for package in plan.packages:
        content = package.to_json()
        shas.append(package_sha(content))
        values = {
            "sha": shas[-1],
            "name": package.name,
            "version": package.version,
            "content": Jsonb(content),
        }
        rows.append((_insert(control.package, values, ignore=True), values))
    changes = [change.to_json() for change in plan.changes]
    revision = {
        "number": number, "actor": context.actor.id, "kind": kind, "packages": Jsonb(shas),
        "tenant": Jsonb(dict(plan.patches)), "changes": Jsonb(changes), "note": note,
    }  # fmt: skip
    rows.append((_insert(control.revision, revision), revision))
    for entry in script.recycled:
        kept = {
            "revision": number, "entity": entry.entity, "field": entry.field, "renamed": Jsonb(dict(entry.renamed)),
            "signature": entry.signature,
        }  # fmt: skip
        rows.append((_insert(control.recycled, kept), kept))
    for revision_number, entity, field in script.restores:
        table = control.recycled
        back = sa.delete(table).where(
            table.c.revision == revision_number, table.c.entity == entity, table.c.field == field
        )
        rows.append((compile_plan(back), {}))
    if script.builds:
        job = {
            "id": new_id(), "tenant": context.tenant.name, "tenant_role": context.tenant.role, "kind": "builds",
            "payload": Jsonb({"revision": number}), "idempotency_key": str(number),
        }  # fmt: skip
        rows.append((_insert(control.job, job), job))
    for entity, field, build in script.builds:
        row = {"id": new_id(), "revision": number, "entity": entity, "field": field, "kind": build}
        rows.append((_insert(control.build, row), row))
    if clear_drafts:
        rows.append((compile_plan(sa.delete(control.draft)), {}))
    audited = {
        "id": new_id(), "actor": context.actor.id, "event": f"metadata.{kind}", "subject": str(number),
        "request_id": context.request_id, "data": Jsonb({"base": plan.base, "changes": [c["id"] for c in changes]}),
    }  # fmt: skip
    rows.append((_insert(control.audit, audited), audited))
    return rows


def _automated(context: Context, old: Model, new: Model, number: int) -> list[tuple[Plan, Mapping[str, Any]]]:
    """A job that brings schedules and planned reminders to the automations that are live now, where these changed."""
    names = sorted(
        name
        for name in {*old.automations, *new.automations}
        if old.automations.get(name) != new.automations.get(name)
    )
    if not names:
        return []
    job = {
        "id": new_id(), "tenant": context.tenant.name, "tenant_role": context.tenant.role,
        "kind": "automation.published", "payload": Jsonb({"names": names}), "idempotency_key": str(number),
    }  # fmt: skip
    return [(_insert(control.job, job), job)]


def _redrafted(drafts: Mapping[tuple[str, str], Any]) -> list[tuple[Plan, Mapping[str, Any]]]:
    table = control.draft
    return [
        (
            compile_plan(
                sa.update(table)
                .where(table.c.folder == folder, table.c.name == name)
                .values(patch=sa.bindparam("content", type_=table.c.patch.type), version=table.c.version + 1)
            ),
            {"content": Jsonb(patch)},
        )
        for (folder, name), patch in drafts.items()
    ]


def _insert(table: sa.Table, values: Mapping[str, Any], *, ignore: bool = False) -> Plan:
    statement = insert(table).values({name: sa.bindparam(name, type_=table.c[name].type) for name in values})
    return compile_plan(statement.on_conflict_do_nothing() if ignore else statement)


def in_recycle(tx: Transaction) -> list[InRecycle]:
    """Everything in the recycle area."""
    require_manage(tx, "metadata")
    return [InRecycle(*row) for row in tx.fetch(_RECYCLED)]
