"""Hearing of changes that somebody subscribed to: an event and a job, in the transaction of the change."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from psycopg.types.json import Jsonb

from fieldstone.engine.ids import new_id
from fieldstone.engine.permissions import access
from fieldstone.engine.records.answer import answer
from fieldstone.engine.records.program import program_for
from fieldstone.engine.service import Change
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import compile_plan
from fieldstone.engine.storage.json_values import wire_dumps
from fieldstone.engine.transaction import Transaction
from fieldstone.workflows.webhooks.events import queue
from fieldstone.workflows.webhooks.subscriptions import SETTING, subscribed

TABLE: Final = control.webhook_event
_NAMES: Final = (
    "id", "webhook", "entity", "record_id", "version", "verb", "changed", "values", "actor", "at", "state",
)  # fmt: skip
_PUT: Final = compile_plan(
    sa.insert(TABLE).values({name: sa.bindparam(name, type_=TABLE.c[name].type) for name in _NAMES})
)


class WebhookFollower:
    """Writes events of changes for those who subscribed to them."""

    def concerned(self, tx: Transaction, entity: str) -> bool:
        return entity in (tx.context.company.settings.get(SETTING) or ())

    def after(self, tx: Transaction, changes: Sequence[Change]) -> None:
        for change in changes:
            told = subscribed(tx.context.company.settings, change.entity)
            hooks = [hook for hook, verbs in told if change.verb in verbs]
            snapshot = _snapshot(tx, change) if hooks else {}
            for hook in hooks:
                _write(tx, hook, change, snapshot)


def _write(tx: Transaction, hook: UUID, change: Change, snapshot: Mapping[str, Any]) -> None:
    event = new_id()
    whole = change.new or change.old or {}
    known = tx.model.entities[change.entity].fields
    values: dict[str, Any] = {
        "id": event,
        "webhook": hook,
        "entity": change.entity,
        "record_id": change.record_id,
        "version": whole.get("version", 0),
        "verb": change.verb,
        "changed": sorted(name for name in change.changed if name in known or name == "owner_id")
        if change.verb == "update"
        else [],
        "values": Jsonb(snapshot, wire_dumps),
        "actor": tx.context.actor.id,
        "at": tx.context.now,
        "state": "waiting",
    }
    tx.defer(_PUT, values)
    queue(tx, event, 0)


def _snapshot(tx: Transaction, change: Change) -> Mapping[str, Any]:
    """The record as it is now, in wire form; nothing of a deleted one."""
    if change.verb == "delete" or change.new is None:
        return {}
    system = tx.as_system()
    program = program_for(tx.model, tx.model.entities[change.entity])
    return answer(system, program, change.new, access(system, change.entity))
