"""Signing in and out, sessions, and changing one's password.

A session is a random token in a cookie; the database keeps its hash. Signing in always makes a new session
and ends the one that was open before in the same browser (no fixation); a new password ends all others.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from fieldstone.engine.context import Tenant
from fieldstone.engine.identity import audit_log
from fieldstone.engine.identity.actors import IDLE
from fieldstone.engine.identity.attempts import count_attempt, forget_attempts
from fieldstone.engine.identity.errors import UnknownUser, wrong_password
from fieldstone.engine.identity.passwords import WeakPassword, hash_password, outdated, require_good, verify
from fieldstone.engine.identity.people import Person, find_person, person
from fieldstone.engine.identity.secret_text import SESSION_PREFIX, digest, new_secret, same, storable
from fieldstone.engine.identity.together import together
from fieldstone.engine.ids import new_id
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import Connection, Database, Plan, compile_plan
from fieldstone.problems import FieldstoneError

ABSOLUTE: Final = timedelta(days=7)
"""However much it is used, a session ends after this."""

_SESSION: Final = control.session
_CREDENTIAL: Final = control.credential
_OF: Final = sa.and_(
    _SESSION.c.tenant == sa.bindparam("of_tenant"),
    _SESSION.c.user_id == sa.bindparam("of_user", type_=sa.Uuid()),
)
_NOW: Final = sa.bindparam("at", type_=control.STAMP)
_OPEN: Final = compile_plan(
    sa.insert(_SESSION).values(
        {
            name: sa.bindparam(name, type_=_SESSION.c[name].type)
            for name in (
                "id", "tenant", "user_id", "hash", "csrf", "agent", "address",
                "created_at", "seen_at", "expires_at",
            )
        }
    )
)  # fmt: skip
_CLOSE: Final = compile_plan(
    sa.delete(_SESSION)
    .where(_SESSION.c.tenant == sa.bindparam("of_tenant"))
    .where(_SESSION.c.hash == sa.bindparam("of_hash", type_=sa.LargeBinary()))
    .returning(_SESSION.c.user_id)
)
_CLOSE_ONE: Final = compile_plan(
    sa.delete(_SESSION)
    .where(_OF)
    .where(_SESSION.c.id == sa.bindparam("session", type_=sa.Uuid()))
    .returning(_SESSION.c.id)
)
_CLOSE_ALL: Final = compile_plan(sa.delete(_SESSION).where(_OF).returning(_SESSION.c.id))
_DROP_LINKS: Final = compile_plan(
    sa.delete(control.token)
    .where(control.token.c.tenant == sa.bindparam("of_tenant"))
    .where(control.token.c.user_id == sa.bindparam("of_user", type_=sa.Uuid()))
    .where(control.token.c.used_at.is_(None))
)
_SWEEP: Final = compile_plan(
    sa.delete(_SESSION).where(
        sa.or_(_SESSION.c.expires_at < _NOW, _SESSION.c.seen_at < sa.bindparam("idle_since"))
    )
)
_ONLY: Final = sa.bindparam("only", type_=sa.Uuid())
_LIST: Final = compile_plan(
    sa.select(
        _SESSION.c.id, _SESSION.c.user_id, _SESSION.c.agent, _SESSION.c.address, _SESSION.c.created_at,
        _SESSION.c.seen_at, _SESSION.c.expires_at,
    )
    .where(_SESSION.c.tenant == sa.bindparam("of_tenant"))
    .where(sa.or_(_ONLY.is_(None), _SESSION.c.user_id == _ONLY))
    .where(_SESSION.c.expires_at > _NOW)
    .where(_SESSION.c.seen_at > sa.bindparam("idle_since", type_=control.STAMP))
    .order_by(_SESSION.c.seen_at.desc())
)  # fmt: skip
_PUT: Final = insert(_CREDENTIAL).values(
    {
        name: sa.bindparam(name, type_=_CREDENTIAL.c[name].type)
        for name in ("tenant", "user_id", "password_hash", "must_change", "changed_at")
    }
)
PUT_PASSWORD: Final = compile_plan(
    _PUT.on_conflict_do_update(
        index_elements=[_CREDENTIAL.c.tenant, _CREDENTIAL.c.user_id],
        set_={name: _PUT.excluded[name] for name in ("password_hash", "must_change", "changed_at")},
    )
)
_REHASH: Final = compile_plan(
    sa.update(_CREDENTIAL)
    .where(_CREDENTIAL.c.tenant == sa.bindparam("of_tenant"))
    .where(_CREDENTIAL.c.user_id == sa.bindparam("of_user", type_=sa.Uuid()))
    .where(_CREDENTIAL.c.password_hash == sa.bindparam("old_hash"))
    .values(password_hash=sa.bindparam("new_hash"))
)


@dataclass(frozen=True, slots=True)
class SignIn:
    """A new session. `token` goes into the cookie and nowhere else; `csrf` into forms."""

    token: str
    csrf: str
    session: UUID
    user_id: UUID
    expires_at: datetime
    must_change: bool = False


@dataclass(frozen=True, slots=True)
class Session:
    """An open session, as its user and administrators see it."""

    id: UUID
    user_id: UUID
    agent: str
    address: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


class UnknownSession(FieldstoneError):
    """There is no such session, or it ended."""

    code = "session.unknown"
    kind = "not_found"


def sign_in(
    database: Database,
    tenant: Tenant,
    username: str,
    password: str,
    address: str = "",
    agent: str = "",
    *,
    replaces: str | None = None,
    now: datetime | None = None,
) -> SignIn:
    """Open a session for the right user name (or e-mail address) and password.

    Raises Unauthenticated, with one message whatever was wrong, and TooManyAttempts. `replaces` is the
    session token that the browser sent, which ends. No connection is held while the password is checked.
    """
    now = now or datetime.now(UTC)
    with database.connection() as connection:
        count_attempt(connection, tenant, username, address, now)
        found = find_person(connection, tenant, username)
    right = verify(found.password_hash if found else None, password)
    if found is None or not right or not found.active:
        with database.connection() as connection:
            subject = f"user/{found.id}" if found else ""
            audit_log.audit_outside(connection, tenant, "signin.failed", subject=subject, address=address)
        raise wrong_password()
    with database.connection() as connection:
        forget_attempts(connection, tenant, username, address)
        _renew_hash(connection, tenant, found, password)
        return _open(connection, tenant, found, address, agent, now, replaces=replaces, event="signin.done")


def _renew_hash(connection: Connection, tenant: Tenant, found: Person, password: str) -> None:
    if found.password_hash is not None and outdated(found.password_hash):
        hashes = {"old_hash": found.password_hash, "new_hash": hash_password(password)}
        connection.fetch(_REHASH, {"of_tenant": tenant.name, "of_user": found.id, **hashes})


def _open(
    connection: Connection,
    tenant: Tenant,
    found: Person,
    address: str,
    agent: str,
    now: datetime,
    *,
    replaces: str | None,
    event: str,
    also: list[tuple[Plan, Mapping[str, Any]]] | None = None,
) -> SignIn:
    token, csrf, session_id, expires = new_secret(SESSION_PREFIX), new_secret(), new_id(), now + ABSOLUTE
    row = {
        "id": session_id, "tenant": tenant.name, "user_id": found.id, "hash": digest(token), "csrf": csrf,
        "agent": storable(agent, 400), "address": storable(address, 100),
        "created_at": now, "seen_at": now, "expires_at": expires,
    }  # fmt: skip
    entry = audit_log.values(event, actor=found.id, subject=f"user/{found.id}", address=address)
    steps: list[tuple[Plan, Mapping[str, Any]]] = [*(also or ()), (_OPEN, row), (audit_log.INSERT, entry)]
    if replaces:
        steps.insert(0, (_CLOSE, {"of_tenant": tenant.name, "of_hash": digest(replaces)}))
    together(connection, tenant, steps)
    return SignIn(token, csrf, session_id, found.id, expires, found.must_change)


def sign_out(connection: Connection, tenant: Tenant, token: str) -> None:
    """End a session; nothing happens when it ended before."""
    rows = connection.fetch(_CLOSE, {"of_tenant": tenant.name, "of_hash": digest(token)})
    if rows:
        user_id = rows[0][0]
        audit_log.audit_outside(connection, tenant, "signout", actor=user_id, subject=f"user/{user_id}")


def list_sessions(
    connection: Connection, tenant: Tenant, user_id: UUID | None = None, *, now: datetime | None = None
) -> list[Session]:
    """The open sessions of a user, or of all, the last used first."""
    now = now or datetime.now(UTC)
    values = {"of_tenant": tenant.name, "only": user_id, "at": now, "idle_since": now - IDLE}
    return [Session(*row) for row in connection.fetch(_LIST, values)]


def revoke_session(
    connection: Connection, tenant: Tenant, user_id: UUID, session_id: UUID, *, by: UUID | None = None
) -> None:
    """End one session of a user. UnknownSession when there is none."""
    values = {"of_tenant": tenant.name, "of_user": user_id, "session": session_id}
    if not connection.fetch(_CLOSE_ONE, values):
        raise UnknownSession("There is no such session.", session=str(session_id))
    audit_log.audit_outside(connection, tenant, "session.revoked", actor=by, subject=f"user/{user_id}")


def end_sessions(connection: Connection, tenant: Tenant, user_id: UUID, *, by: UUID | None = None) -> int:
    """End all sessions of a user and make open invitations and resets void; the number of sessions."""
    values = {"of_tenant": tenant.name, "of_user": user_id}
    entry = audit_log.values("sessions.ended", actor=by, subject=f"user/{user_id}")
    closed = together(
        connection, tenant, [(_CLOSE_ALL, values), (_DROP_LINKS, values), (audit_log.INSERT, entry)]
    )
    return len(closed[0])


def sweep_sessions(connection: Connection, now: datetime | None = None) -> None:
    """Delete sessions whose time is over, of all tenants."""
    now = now or datetime.now(UTC)
    connection.fetch(_SWEEP, {"at": now, "idle_since": now - IDLE})


def csrf_matches(expected: str, sent: str | None) -> bool:
    """Whether a form or header carried the session's own CSRF token."""
    return bool(expected and sent) and same(expected, sent or "")


def set_password(
    connection: Connection,
    tenant: Tenant,
    user_id: UUID,
    password: str,
    *,
    must_change: bool = False,
    by: UUID | None = None,
    now: datetime | None = None,
) -> None:
    """Give a user a password on somebody else's word; all sessions end. WeakPassword, or UnknownUser."""
    found = person(connection, tenant, user_id)
    if found is None:
        raise UnknownUser("There is no such user.", user=str(user_id))
    require_good(password, found.names)
    values = {"of_tenant": tenant.name, "of_user": user_id}
    put = put_values(tenant, user_id, password, now or datetime.now(UTC), must_change)
    entry = audit_log.values("password.set", actor=by, subject=f"user/{user_id}")
    steps: list[tuple[Plan, Mapping[str, Any]]] = [
        (PUT_PASSWORD, put), (_CLOSE_ALL, values), (_DROP_LINKS, values), (audit_log.INSERT, entry),
    ]  # fmt: skip
    together(connection, tenant, steps)


def put_values(
    tenant: Tenant, user_id: UUID, password: str, now: datetime, must_change: bool = False
) -> dict[str, Any]:
    """Parameters of `PUT_PASSWORD`; hashing takes its time."""
    return {
        "tenant": tenant.name, "user_id": user_id, "password_hash": hash_password(password),
        "must_change": must_change, "changed_at": now,
    }  # fmt: skip


def change_password(
    database: Database,
    tenant: Tenant,
    user_id: UUID,
    old: str,
    new: str,
    address: str = "",
    agent: str = "",
    *,
    now: datetime | None = None,
) -> SignIn:
    """One's own new password: all sessions end, and the answer is a new one for this browser.

    Raises Unauthenticated when the old password is wrong, TooManyAttempts, WeakPassword.
    """
    now = now or datetime.now(UTC)
    with database.connection() as connection:
        found = person(connection, tenant, user_id)
        if found is None:
            raise wrong_password()
        count_attempt(connection, tenant, found.username, address, now)
    if not verify(found.password_hash, old) or not found.active:
        raise wrong_password()
    require_good(new, found.names)
    if same(old, new):
        raise WeakPassword("Choose another password than the one before.", code="password.same")
    put = put_values(tenant, user_id, new, now)
    renewed = Person(found.id, found.username, found.name, found.email, True, None, False)
    values = {"of_tenant": tenant.name, "of_user": user_id}
    with database.connection() as connection:
        forget_attempts(connection, tenant, found.username, address)
        return _open(
            connection, tenant, renewed, address, agent, now, replaces=None, event="password.changed",
            also=[(PUT_PASSWORD, put), (_CLOSE_ALL, values), (_DROP_LINKS, values)],
        )  # fmt: skip
