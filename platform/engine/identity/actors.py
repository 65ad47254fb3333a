"""From a key or session to a context: one statement, one round trip.

The statement brings everything a request needs before it can begin: whether the credential is good and its
user active, the user's roles and teams, the tenant's current revision and company settings. It runs as the
application role, before the tenant's role is taken. What must be true now (active, not revoked, not expired)
is asked here each time, so disabling somebody or revoking a key works from the next request on.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final, Literal
from uuid import UUID

import psycopg
import sqlalchemy as sa
from psycopg import errors as pg
from sqlalchemy.dialects.postgresql import ARRAY

from fieldstone.engine.context import Actor, Context, Tenant
from fieldstone.engine.identity.errors import Unauthenticated
from fieldstone.engine.identity.secret_text import digest
from fieldstone.engine.models import company_from
from fieldstone.engine.storage import control
from fieldstone.engine.storage.base_tables import ROLE_GRANT, TEAM, USER
from fieldstone.engine.storage.connection import Connection, Plan, Row, compile_plan

IDLE: Final = timedelta(hours=12)
"""A session ends when it was not used for so long, or at its `expires_at`."""

TOUCH: Final = timedelta(minutes=1)
"""Last use is noted at most this often."""

Kind = Literal["key", "session", "user"]

_HASH: Final = sa.bindparam("hash", type_=sa.LargeBinary())
_TENANT: Final = sa.bindparam("tenant", type_=sa.Text())
_NOW: Final = sa.bindparam("now", type_=control.STAMP)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A context opened by a session. `must_change` means that nothing but a new password is accepted now."""

    context: Context
    session: UUID
    csrf: str
    must_change: bool


def context_for_key(
    connection: Connection,
    tenant: Tenant,
    key: str,
    *,
    now: datetime | None = None,
    request_id: str | None = None,
) -> Context:
    """The context of an API key's user. Unauthenticated when the key opens nothing in this tenant."""
    now = now or datetime.now(UTC)
    row = _one(connection, tenant, "key", {"hash": digest(key), "tenant": tenant.name, "now": now})
    _touch(connection, _TOUCH_KEY, row, now)
    return _context(tenant, row, now, request_id)


def context_for_session(
    connection: Connection,
    tenant: Tenant,
    token: str,
    *,
    now: datetime | None = None,
    request_id: str | None = None,
) -> SignedIn:
    """The context of a session's user. Unauthenticated when there is no such session, or not any more."""
    now = now or datetime.now(UTC)
    values = {"hash": digest(token), "tenant": tenant.name, "now": now, "idle_since": now - IDLE}
    row = _one(connection, tenant, "session", values)
    _touch(connection, _TOUCH_SESSION, row, now)
    return SignedIn(_context(tenant, row, now, request_id), row[0], row[2], row[3])


def context_for_user(
    connection: Connection,
    tenant: Tenant,
    user_id: UUID,
    *,
    now: datetime | None = None,
    request_id: str | None = None,
) -> Context:
    """The context of a user for work asked for before (a job). Unauthenticated when disabled since."""
    now = now or datetime.now(UTC)
    return _context(tenant, _one(connection, tenant, "user", {"user_id": user_id}), now, request_id)


def _one(connection: Connection, tenant: Tenant, kind: Kind, values: dict[str, Any]) -> Row:
    try:
        rows = connection.fetch(plan_for(kind), values, schema=tenant.schema)
    except (pg.UndefinedTable, pg.InvalidSchemaName) as error:  # the tenant was deleted a moment ago
        raise _nobody() from error
    except psycopg.errors.FeatureNotSupported:  # a publish changed a table under the prepared statement
        rows = connection.fetch(plan_for(kind), values, schema=tenant.schema)
    if not rows:
        raise _nobody()
    return rows[0]


def _nobody() -> Unauthenticated:
    return Unauthenticated("Sign in, or send a key that is valid here.")


def _context(tenant: Tenant, row: Row, now: datetime, request_id: str | None) -> Context:
    user_id, name, locale, time_zone, roles, teams, below, revision, stored = row[4:]
    company = company_from(stored)
    actor = Actor(
        id=user_id,
        name=name or "",
        roles=frozenset(roles),
        teams=frozenset(teams),
        teams_below=frozenset(below),
        locale=locale or company.languages[0],
        time_zone=time_zone or company.time_zone,
    )
    more = {"request_id": request_id} if request_id else {}
    return Context(
        tenant=tenant, actor=actor, revision=revision, now=now, company=company, locale=actor.locale, **more
    )


def _touch(connection: Connection, plan: Plan, row: Row, now: datetime) -> None:
    used: datetime | None = row[1]
    if used is None or now - used > TOUCH:
        connection.fetch(plan, {"id": row[0], "now": now})


_TOUCH_KEY: Final = compile_plan(
    sa.update(control.api_key)
    .where(control.api_key.c.id == sa.bindparam("id", type_=sa.Uuid()))
    .values(last_used_at=_NOW)
)
_TOUCH_SESSION: Final = compile_plan(
    sa.update(control.session)
    .where(control.session.c.id == sa.bindparam("id", type_=sa.Uuid()))
    .values(seen_at=_NOW)
)


@lru_cache(maxsize=3)
def plan_for(kind: Kind) -> Plan:
    """The statement for one kind of credential, compiled once for all tenants.

    Columns: credential id, its last use, CSRF token, must change the password, then the user's and the
    tenant's.
    """
    return compile_plan(_statement(_CREDENTIALS[kind]().cte("who"), waiting=kind == "session"))


def _of_key() -> "sa.Select[Any]":
    key = control.api_key
    return (
        sa.select(key.c.id, key.c.last_used_at.label("used"), sa.literal("").label("csrf"), key.c.user_id)
        .where(key.c.hash == _HASH)
        .where(key.c.tenant == _TENANT)
        .where(key.c.revoked_at.is_(None))
        .where(sa.or_(key.c.expires_at.is_(None), key.c.expires_at > _NOW))
    )


def _of_session() -> "sa.Select[Any]":
    session = control.session
    return (
        sa.select(session.c.id, session.c.seen_at.label("used"), session.c.csrf, session.c.user_id)
        .where(session.c.hash == _HASH)
        .where(session.c.tenant == _TENANT)
        .where(session.c.expires_at > _NOW)
        .where(session.c.seen_at > sa.bindparam("idle_since", type_=control.STAMP))
    )


def _of_user() -> "sa.Select[Any]":
    given = sa.cast(sa.bindparam("user_id", type_=sa.Uuid()), sa.Uuid())
    columns: list[sa.ColumnElement[Any]] = [
        given.label("id"), sa.null().label("used"), sa.literal("").label("csrf"), given.label("user_id"),
    ]  # fmt: skip
    return sa.select(*columns)


_CREDENTIALS: Final = {"key": _of_key, "session": _of_session, "user": _of_user}


def _statement(who: sa.CTE, *, waiting: bool) -> "sa.Select[Any]":
    me = (
        sa.select(USER.c.id, USER.c.name, USER.c.locale, USER.c.time_zone, USER.c.team)
        .join_from(who, USER, USER.c.id == who.c.user_id)
        .where(USER.c.active.is_(True), USER.c.deleted_at.is_(None))
        .cte("me")
    )
    own = sa.union(
        sa.select(me.c.team.label("id")).where(me.c.team.is_not(None)),
        sa.select(TEAM.c.id)
        .join_from(me, TEAM, TEAM.c.manager == me.c.id)
        .where(TEAM.c.deleted_at.is_(None)),
    ).cte("own")
    below = sa.select(own.c.id).cte("below", recursive=True)
    below = below.union(
        sa.select(TEAM.c.id)
        .join_from(below, TEAM, TEAM.c.parent == below.c.id)
        .where(TEAM.c.deleted_at.is_(None))
    )
    roles = (
        sa.select(ROLE_GRANT.c.role)
        .where(ROLE_GRANT.c.user == me.c.id, ROLE_GRANT.c.deleted_at.is_(None))
        .correlate(me)
        .scalar_subquery()
    )
    must_change = (
        sa.select(control.credential.c.must_change)
        .where(control.credential.c.tenant == _TENANT, control.credential.c.user_id == me.c.id)
        .correlate(me)
        .scalar_subquery()
    )
    must: Any = sa.func.coalesce(must_change, sa.false()) if waiting else sa.false()
    return sa.select(
        who.c.id,
        who.c.used,
        who.c.csrf,
        must.label("must_change"),
        me.c.id.label("user_id"),
        me.c.name,
        me.c.locale,
        me.c.time_zone,
        sa.func.array(roles, type_=ARRAY(sa.Text())).label("roles"),
        sa.func.array(sa.select(own.c.id).scalar_subquery(), type_=ARRAY(sa.Uuid())).label("teams"),
        sa.func.array(sa.select(below.c.id).scalar_subquery(), type_=ARRAY(sa.Uuid())).label("teams_below"),
        control.state.c.number,
        control.state.c.company,
    ).select_from(who.join(me, sa.true()).join(control.state, sa.true()))
