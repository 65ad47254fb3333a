"""Invitations and password resets: links that let somebody choose a password, once, for a time.

A new link of a kind makes the earlier ones void. The link is spent only when the new password is accepted, in
the statement that stores it, so two clicks at once cannot both use it. Asking for a reset gives no sign of
whether the account exists.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from fieldstone.engine.context import Tenant
from fieldstone.engine.identity import audit_log
from fieldstone.engine.identity.attempts import count_attempt
from fieldstone.engine.identity.errors import invalid_link
from fieldstone.engine.identity.passwords import hash_password, require_good
from fieldstone.engine.identity.people import Person, find_person, person
from fieldstone.engine.identity.secret_text import LINK_PREFIX, digest, new_secret
from fieldstone.engine.identity.sessions import end_sessions
from fieldstone.engine.identity.together import together
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import Connection, Database, compile_plan

Purpose = Literal["invite", "reset"]

LIFE: Final[dict[str, timedelta]] = {"invite": timedelta(days=7), "reset": timedelta(hours=1)}

_TOKEN: Final = control.token
_HASH: Final = sa.bindparam("of_hash", type_=sa.LargeBinary())
_AT: Final = sa.bindparam("at", type_=control.STAMP)
_VALID: Final = sa.and_(
    _TOKEN.c.hash == _HASH,
    _TOKEN.c.tenant == sa.bindparam("of_tenant"),
    _TOKEN.c.used_at.is_(None),
    _TOKEN.c.expires_at > _AT,
)
_VOID: Final = compile_plan(
    sa.delete(_TOKEN)
    .where(_TOKEN.c.tenant == sa.bindparam("of_tenant"))
    .where(_TOKEN.c.user_id == sa.bindparam("of_user", type_=sa.Uuid()))
    .where(_TOKEN.c.purpose == sa.bindparam("of_purpose"))
    .where(_TOKEN.c.used_at.is_(None))
)
_INSERT: Final = compile_plan(
    sa.insert(_TOKEN).values(
        {
            name: sa.bindparam(name, type_=_TOKEN.c[name].type)
            for name in ("hash", "tenant", "user_id", "purpose", "created_at", "expires_at")
        }
    )
)
_READ: Final = compile_plan(sa.select(_TOKEN.c.user_id, _TOKEN.c.purpose, _TOKEN.c.expires_at).where(_VALID))
_SPENT: Final = (
    sa.update(_TOKEN)
    .where(_VALID)
    .values(used_at=_AT)
    .returning(_TOKEN.c.tenant, _TOKEN.c.user_id)
    .cte("spent")
)
_PUT: Final = insert(control.credential).from_select(
    ["tenant", "user_id", "password_hash", "must_change", "changed_at"],
    sa.select(
        _SPENT.c.tenant, _SPENT.c.user_id, sa.bindparam("password_hash", type_=sa.Text()), sa.false(), _AT
    ),
)
_SPEND: Final = compile_plan(
    _PUT.on_conflict_do_update(
        index_elements=["tenant", "user_id"],
        set_={name: _PUT.excluded[name] for name in ("password_hash", "must_change", "changed_at")},
    ).returning(control.credential.c.user_id)
)


@dataclass(frozen=True, slots=True)
class Link:
    """What a valid link is for; the page that it leads to shows it."""

    person: Person
    purpose: str
    expires_at: datetime


def issue_link(
    connection: Connection,
    tenant: Tenant,
    user_id: UUID,
    purpose: Purpose,
    *,
    by: UUID | None = None,
    now: datetime | None = None,
) -> str:
    """The secret of a new link. Whoever has it can become the user: see `require_authority`."""
    now = now or datetime.now(UTC)
    secret = new_secret(LINK_PREFIX)
    void = {"of_tenant": tenant.name, "of_user": user_id, "of_purpose": purpose}
    row = {
        "hash": digest(secret), "tenant": tenant.name, "user_id": user_id, "purpose": purpose,
        "created_at": now, "expires_at": now + LIFE[purpose],
    }  # fmt: skip
    entry = audit_log.values(f"{purpose}.issued", actor=by, subject=f"user/{user_id}")
    together(connection, tenant, [(_VOID, void), (_INSERT, row), (audit_log.INSERT, entry)])
    return secret


def request_reset(
    connection: Connection, tenant: Tenant, name: str, address: str = "", *, now: datetime | None = None
) -> tuple[Person, str] | None:
    """Whom to send which reset link, for what somebody typed who forgot the password; None when nobody.

    Say the same to both. Raises TooManyAttempts.
    """
    count_reset(connection, tenant, name, address, now=now)
    return issue_reset(connection, tenant, name, now=now)


def count_reset(
    connection: Connection, tenant: Tenant, name: str, address: str = "", *, now: datetime | None = None
) -> None:
    """Count that somebody asks for a reset, whether the account exists or not. Raises TooManyAttempts."""
    count_attempt(connection, tenant, f"reset/{name}", address, now)


def issue_reset(
    connection: Connection, tenant: Tenant, name: str, *, now: datetime | None = None
) -> tuple[Person, str] | None:
    """Like `request_reset`, for a job that a counted request has queued."""
    found = find_person(connection, tenant, name)
    if found is None or not found.active or not found.email:
        return None
    return found, issue_link(connection, tenant, found.id, "reset", now=now)


def read_link(connection: Connection, tenant: Tenant, secret: str, *, now: datetime | None = None) -> Link:
    """What a link is for, without using it. InvalidLink when it is unknown, used or expired."""
    values = {"of_hash": digest(secret), "of_tenant": tenant.name, "at": now or datetime.now(UTC)}
    rows = connection.fetch(_READ, values)
    found = person(connection, tenant, rows[0][0]) if rows else None
    if found is None or not found.active:
        raise invalid_link()
    return Link(found, rows[0][1], rows[0][2])


def redeem_link(
    database: Database,
    tenant: Tenant,
    secret: str,
    password: str,
    address: str = "",
    *,
    now: datetime | None = None,
) -> UUID:
    """Use a link to set the password; the user's id. All sessions of the user end.

    Raises InvalidLink, or WeakPassword, after which the link can still be used.
    """
    now = now or datetime.now(UTC)
    with database.connection() as connection:
        link = read_link(connection, tenant, secret, now=now)
    require_good(password, link.person.names)
    hashed = hash_password(password)
    with database.connection() as connection:
        values = {"of_hash": digest(secret), "of_tenant": tenant.name, "at": now, "password_hash": hashed}
        if not connection.fetch(_SPEND, values):
            raise invalid_link()
        user_id = link.person.id
        audit_log.audit_outside(
            connection,
            tenant,
            f"{link.purpose}.used",
            actor=user_id,
            subject=f"user/{user_id}",
            address=address,
        )
        end_sessions(connection, tenant, user_id, by=user_id)
    return user_id
