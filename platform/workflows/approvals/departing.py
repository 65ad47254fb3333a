"""Somebody leaves: the user is switched off, and tasks, delegations and records go to others in the same step."""

from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from fieldstone.engine import records
from fieldstone.engine.identity.authority import require_authority
from fieldstone.engine.ids import new_id
from fieldstone.engine.permissions import require_manage
from fieldstone.engine.records.errors import InvalidContent
from fieldstone.engine.records.update_many import Patch, update_many
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import compile_plan
from fieldstone.engine.storage.tables import table_for
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Entity
from fieldstone.problems import FieldstoneError, Problem
from fieldstone.workflows.approvals import carry
from fieldstone.workflows.approvals.boxes import waiting_entries
from fieldstone.workflows.approvals.company import Company
from fieldstone.workflows.approvals.core import commands
from fieldstone.workflows.approvals.store import GOING, load_run

MOST: Final = 5000
"""Records of one entity that change hands in one step; more are listed and stay."""

_RUN: Final = control.approval_run
_TASK: Final = control.approval_task
_WHO: Final = sa.bindparam("who", type_=sa.Uuid())
_RUNS: Final = compile_plan(
    sa.select(_TASK.c.run)
    .join_from(_TASK, _RUN, _RUN.c.id == _TASK.c.run)
    .where(
        sa.or_(_TASK.c.holder == _WHO, _TASK.c.assignee == _WHO),
        _TASK.c.state.in_(("open", "waiting")),
        _RUN.c.state.in_(GOING),
    )
    .distinct()
    .order_by(_TASK.c.run)
)


def leaving_plan(tx: Transaction, user_id: UUID) -> dict[str, Any]:
    """What hangs on a user and would go to others: shown before `leave`. Raises Denied."""
    _require(tx, user_id)
    return {
        "user": user_id,
        "tasks": waiting_entries(tx, user_id),
        "runs": [row[0] for row in tx.fetch(_RUNS, {"who": user_id})],
        "delegations": _delegations(tx, user_id),
        "records": _owned(tx, user_id),
    }


def leave(tx: Transaction, user_id: UUID, to: UUID | None = None, *, comment: str = "") -> dict[str, Any]:
    """Switch a user off. Tasks go to `to`, or by the policy of their step; records and delegations to `to`.

    Without `to` records stay with their owner. Returns what was done. Raises Denied, and LastAdministrator.
    """
    _require(tx, user_id)
    company = Company(tx)
    if to is not None and (to == user_id or not company.active(to)):
        message = "Choose somebody else who is active."
        raise InvalidContent(message, problems=[Problem("/to", "leave.to", message)])
    records.update(tx, "user", user_id, {"active": False})
    tx.settle()
    runs = [row[0] for row in tx.fetch(_RUNS, {"who": user_id})]
    for run_id in runs:
        stored = load_run(tx, run_id, lock=True)
        command = commands.ApproverLeft(
            id=new_id(),
            actor=tx.context.actor.id,
            at=tx.context.now,
            comment=comment,
            run=run_id,
            user=user_id,
            to=to,
        )
        carry.carry_out(tx, stored, command)
    delegations = _hand_over_delegations(tx, user_id, to)
    moved, kept = _hand_over_records(tx, user_id, to) if to is not None else ({}, {})
    return {"user": user_id, "runs": runs, "delegations": delegations, "records": moved, "kept": kept}


def _require(tx: Transaction, user_id: UUID) -> None:
    require_manage(tx, "users")
    require_authority(tx, user_id)


def _delegations(tx: Transaction, user_id: UUID) -> list[dict[str, Any]]:
    """Delegations that the user gave or that were given to the user."""
    entity = tx.model.entities.get("delegation")
    if entity is None:
        return []
    at = table_for(entity).fields

    def build() -> sa.Select[Any]:
        return (
            sa.select(at["id"], at["user"], at["delegate"], at["first_day"], at["last_day"])
            .where(at["deleted_at"].is_(None), sa.or_(at["user"] == _WHO, at["delegate"] == _WHO))
            .order_by(at["id"])
        )

    rows = tx.fetch(tx.plan(("delegations of", entity.hash), build), {"who": user_id})
    names = ("id", "user", "delegate", "first_day", "last_day")
    return [dict(zip(names, row, strict=True)) for row in rows]


def _hand_over_delegations(tx: Transaction, user_id: UUID, to: UUID | None) -> list[UUID]:
    """Those that the user gave end; those to the user go to `to`, or end."""
    platform = carry.as_platform(tx, tx.context.actor.id, user_id)
    done = []
    for each in _delegations(tx, user_id):
        if each["user"] == user_id or to is None or each["user"] == to:
            records.delete(platform, "delegation", each["id"])
        else:
            records.update(platform, "delegation", each["id"], {"delegate": str(to)})
        done.append(each["id"])
    return done


def _entities(tx: Transaction) -> list[Entity]:
    return [each for each in tx.model.entities.values() if each.parent is None and each.layer != "base"]


def _owned(tx: Transaction, user_id: UUID) -> dict[str, int]:
    """How many records of each entity belong to the user."""
    found = {}
    for entity in _entities(tx):
        at = table_for(entity).fields

        def build(at: Any = at) -> sa.Select[Any]:
            return sa.select(sa.func.count()).where(at["owner_id"] == _WHO, at["deleted_at"].is_(None))

        count = tx.fetch(tx.plan(("owned", entity.hash), build), {"who": user_id})[0][0]
        if count:
            found[entity.name] = count
    return found


def _hand_over_records(
    tx: Transaction, user_id: UUID, to: UUID | None
) -> tuple[dict[str, int], dict[str, int]]:
    """By entity: how many records have a new owner, and how many kept the old one."""
    platform = carry.as_platform(tx, tx.context.actor.id, user_id)
    moved: dict[str, int] = {}
    kept: dict[str, int] = {}
    for name, count in _owned(tx, user_id).items():
        at = table_for(tx.model.entities[name]).fields
        ids = sa.select(at["id"]).where(at["owner_id"] == _WHO, at["deleted_at"].is_(None)).limit(MOST)
        rows = tx.select(ids, {"who": user_id})
        done = update_many(platform, name, [Patch(row[0], {"owner_id": str(to)}) for row in rows])
        moved[name] = sum(not isinstance(each, FieldstoneError) for each in done)
        if count > moved[name]:
            kept[name] = count - moved[name]
    return moved, kept
