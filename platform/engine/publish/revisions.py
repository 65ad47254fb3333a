"""Revisions: what was live when, and going back.

A rollback is a publish of an earlier revision's documents. Records written since stay; fields and entities that were
removed since come back from the recycle area with the values they had.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from fieldstone.engine.context import Context
from fieldstone.engine.permissions import require_manage
from fieldstone.engine.publish.apply import Also, PublishResult, apply_plan, check_plan, in_recycle
from fieldstone.engine.publish.plan import PublishPlan, plan_for
from fieldstone.engine.publish.storage import InRecycle
from fieldstone.engine.service import Engine
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import compile_plan
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Model

_TABLE = control.revision
_LIST = compile_plan(
    sa.select(_TABLE.c.number, _TABLE.c.at, _TABLE.c.actor, _TABLE.c.kind, _TABLE.c.changes, _TABLE.c.note)
    .order_by(_TABLE.c.number.desc())
    .limit(sa.bindparam("limit", type_=sa.Integer()))
)


@dataclass(frozen=True, slots=True)
class Revision:
    """One numbered state of the definitions."""

    number: int
    at: datetime
    actor: UUID | None
    kind: str
    changes: list[dict[str, Any]]
    note: str


def revisions(tx: Transaction, limit: int = 50) -> list[Revision]:
    """The latest revisions, newest first."""
    require_manage(tx, "metadata")
    return [Revision(*row) for row in tx.fetch(_LIST, {"limit": limit})]


def rollback_plan(tx: Transaction, to: int) -> PublishPlan:
    """The plan of going back to an earlier revision's documents."""
    require_manage(tx, "metadata")
    packages, patches = tx.engine.models.layers(tx.connection.connection, tx.context.tenant, to)
    return plan_for(tx, packages, patches)


def rollback(
    engine: Engine,
    context: Context,
    to: int,
    sealed: str,
    consent: Collection[str] = (),
    *,
    also: Also | None = None,
) -> PublishResult:
    """Go back to revision `to` as planned. What the rollback itself removes needs consent like any publish.

    `also` says what is written beside, in the same transaction.
    """

    def prepare(tx: Transaction) -> tuple[PublishPlan, list[InRecycle], Model]:
        plan = rollback_plan(tx, to)
        check_plan(plan, plan.base, sealed, consent)
        available = [entry for entry in in_recycle(tx) if entry.revision > to]
        return plan, available, tx.model

    plan, available, model = engine.read(context, prepare)
    return apply_plan(
        engine, context, model, plan, kind="rollback", note=f"back to {to}", available=available, also=also
    )
