"""The audit log: who signed in, gave rights, made keys, published. It can be added to and read, never
changed.

Entries made inside a transaction are stored with it or not at all; those about people who are not signed in
yet are written outside. `subject` names what it is about (`user/<id>`), never a secret.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol
from uuid import UUID

import sqlalchemy as sa

from fieldstone.engine.context import Context, Tenant
from fieldstone.engine.ids import new_id
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import Connection, Plan, compile_plan
from fieldstone.engine.storage.names import SCHEMA_MARK

_COLUMNS: Final = ("id", "actor", "event", "subject", "address", "request_id", "data")
INSERT: Final = compile_plan(
    sa.insert(control.audit).values(
        {name: sa.bindparam(name, type_=control.audit.c[name].type) for name in _COLUMNS}
    )
)
_EVENT: Final = sa.bindparam("event", type_=sa.Text())
_ABOUT: Final = sa.bindparam("about", type_=sa.Uuid())
_SUBJECT: Final = sa.bindparam("subject", type_=sa.Text())
_SINCE: Final = sa.bindparam("since", type_=control.STAMP)
_UNTIL: Final = sa.bindparam("until", type_=control.STAMP)
_EVENTS: Final = compile_plan(sa.select(control.audit.c.event).distinct().order_by(control.audit.c.event))
_PAGE: Final = compile_plan(
    sa.select(
        control.audit.c.id,
        control.audit.c.at,
        control.audit.c.actor,
        control.audit.c.event,
        control.audit.c.subject,
        control.audit.c.address,
        control.audit.c.request_id,
        control.audit.c.data,
    )
    .where(
        sa.or_(sa.bindparam("before", type_=sa.Uuid()).is_(None), control.audit.c.id < sa.bindparam("before"))
    )
    .where(sa.or_(_EVENT.is_(None), control.audit.c.event == _EVENT))
    .where(sa.or_(_ABOUT.is_(None), control.audit.c.actor == _ABOUT, control.audit.c.subject == _SUBJECT))
    .where(sa.or_(_SINCE.is_(None), control.audit.c.at >= _SINCE))
    .where(sa.or_(_UNTIL.is_(None), control.audit.c.at < _UNTIL))
    .order_by(control.audit.c.id.desc())
    .limit(sa.bindparam("limit", type_=sa.Integer()))
)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the log."""

    id: UUID
    at: datetime
    actor: UUID | None
    event: str
    subject: str
    address: str
    request_id: str
    data: Mapping[str, Any]


class Scope(Protocol):
    """The part of a transaction that the log uses."""

    @property
    def context(self) -> Context: ...

    def defer(self, plan: Plan, values: Mapping[str, Any] | None = None) -> None: ...

    def fetch(self, plan: Plan, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]: ...


def values(
    event: str,
    *,
    actor: UUID | None = None,
    subject: str = "",
    address: str = "",
    request_id: str = "",
    data: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Parameters of `INSERT`."""
    return {
        "id": new_id(), "actor": actor, "event": event, "subject": subject, "address": address,
        "request_id": request_id, "data": dict(data or {}),
    }  # fmt: skip


def audit(tx: Scope, event: str, subject: str = "", data: Mapping[str, Any] | None = None) -> None:
    """Log something that this transaction does; it goes out with the commit."""
    context = tx.context
    tx.defer(
        INSERT,
        values(event, actor=context.actor.id, subject=subject, request_id=context.request_id, data=data),
    )


def audit_outside(
    connection: Connection,
    tenant: Tenant,
    event: str,
    *,
    actor: UUID | None = None,
    subject: str = "",
    address: str = "",
    data: Mapping[str, Any] | None = None,
) -> None:
    """Log something that happened outside any transaction of the tenant."""
    entry = values(event, actor=actor, subject=subject, address=address, data=data)
    connection.execute(INSERT.sql.replace(SCHEMA_MARK, tenant.schema), INSERT.bind(entry))


def entries(
    tx: Scope,
    *,
    before: UUID | None = None,
    limit: int = 50,
    event: str | None = None,
    about: UUID | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[AuditEntry]:
    """The log, newest first; `before` is the id of the last entry of the page before.

    `about` is a user who did it or to whom it was done; `until` itself is no longer in it.
    """
    values = {
        "before": before, "limit": limit, "event": event, "about": about, "since": since, "until": until,
        "subject": f"user/{about}" if about else None,
    }  # fmt: skip
    return [AuditEntry(*row) for row in tx.fetch(_PAGE, values)]


def known_events(tx: Scope) -> list[str]:
    """The events that the log has entries of."""
    return [event for (event,) in tx.fetch(_EVENTS)]
