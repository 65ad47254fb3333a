"""What an open approval task lets its holder do with the record, beyond the holder's roles."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from fieldstone.engine.context import Actor
from fieldstone.engine.permissions import EntityAccess
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Entity

WRITES: Final = ("write", "required")


def needs_grant(access: EntityAccess, patch: Mapping[str, Any]) -> bool:
    """Whether a patch names a field that the actor's roles may not write."""
    if not isinstance(patch, Mapping):  # refused where values are read
        return False
    fields = access.entity.fields
    return any(name in fields and name not in access.writable and not fields[name].computed for name in patch)


def writable_by(entity: Entity, rights: Mapping[str, str]) -> frozenset[str]:
    """The fields that rights of steps let be written.

    Approval-bound fields are never written this way: a step cannot stand in for their own approval.
    """
    return frozenset(
        name
        for name, right in rights.items()
        if right in WRITES and name in entity.fields and entity.fields[name].approval is None
    )


def granted(
    tx: Transaction, access: EntityAccess, record_id: UUID, patch: Mapping[str, Any]
) -> Transaction | None:
    """The transaction with the right to store this patch, where the actor's tasks allow all of it; else None."""
    approvals, actor, entity = tx.engine.approvals, tx.context.actor, access.entity
    if approvals is None or actor.kind == "system" or not isinstance(patch, Mapping) or not patch:
        return None
    allowed = writable_by(entity, approvals.fields(tx, entity.name, record_id))
    if not {entity.field_behind(name) for name in patch} <= allowed:
        return None
    acting = Actor(
        id=actor.id, name=actor.name, locale=actor.locale, time_zone=actor.time_zone, kind="system"
    )
    return replace(tx, context=replace(tx.context, actor=acting))


def hidden(tx: Transaction, entity: str, record_id: UUID) -> frozenset[str]:
    """The fields that the actor's open tasks about this record hide."""
    approvals = tx.engine.approvals
    if approvals is None or tx.context.actor.kind == "system" or not approvals.hides(tx, entity):
        return frozenset()
    found = approvals.fields(tx, entity, record_id)
    return frozenset(name for name, right in found.items() if right == "hidden")


def may_hide(tx: Transaction, entity: str) -> bool:
    return tx.engine.approvals is not None and tx.engine.approvals.hides(tx, entity)
