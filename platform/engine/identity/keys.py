"""API keys: `fs_` and 256 random bits, shown once, stored as a hash, bound to one tenant and one user.

A key has the rights of its user, at the moment of each request; it stops when the user is disabled.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from fieldstone.engine.context import Tenant
from fieldstone.engine.identity import audit_log
from fieldstone.engine.identity.secret_text import KEY_PREFIX, digest, hint, new_secret
from fieldstone.engine.identity.together import together
from fieldstone.engine.ids import new_id
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import Connection, compile_plan
from fieldstone.problems import FieldstoneError

_KEY: Final = control.api_key
_OF_TENANT: Final = _KEY.c.tenant == sa.bindparam("of_tenant")
_OF_USER: Final = sa.bindparam("of_user", type_=sa.Uuid())
_INSERT: Final = compile_plan(
    sa.insert(_KEY).values(
        {
            name: sa.bindparam(name, type_=_KEY.c[name].type)
            for name in ("id", "tenant", "user_id", "name", "hash", "hint", "expires_at")
        }
    )
)
_LIST: Final = compile_plan(
    sa.select(
        _KEY.c.id, _KEY.c.user_id, _KEY.c.name, _KEY.c.hint, _KEY.c.created_at, _KEY.c.last_used_at,
        _KEY.c.expires_at, _KEY.c.revoked_at,
    )
    .where(_OF_TENANT)
    .where(sa.or_(_OF_USER.is_(None), _KEY.c.user_id == _OF_USER))
    .order_by(_KEY.c.id)
)  # fmt: skip
_FIND: Final = compile_plan(
    sa.select(_KEY.c.id).where(_OF_TENANT, _KEY.c.hash == sa.bindparam("of_hash", type_=sa.LargeBinary()))
)
_REVOKE: Final = compile_plan(
    sa.update(_KEY)
    .where(_OF_TENANT)
    .where(_KEY.c.id == sa.bindparam("key", type_=sa.Uuid()))
    .where(_KEY.c.revoked_at.is_(None))
    .values(revoked_at=sa.func.now())
    .returning(_KEY.c.user_id)
)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key without its secret; `hint` is the secret's end."""

    id: UUID
    user_id: UUID
    name: str
    hint: str
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None

    def works(self, now: datetime) -> bool:
        """Whether the key is neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)


class UnknownKey(FieldstoneError):
    """There is no such key, or it was revoked before."""

    code = "key.unknown"
    kind = "not_found"


def create_key(
    connection: Connection,
    tenant: Tenant,
    user_id: UUID,
    name: str = "",
    *,
    by: UUID | None = None,
    expires_at: datetime | None = None,
) -> tuple[UUID, str]:
    """A new key of a user: its id, and the secret, which cannot be shown again."""
    secret, key_id = new_secret(KEY_PREFIX), new_id()
    row = {
        "id": key_id, "tenant": tenant.name, "user_id": user_id, "name": name, "hash": digest(secret),
        "hint": hint(secret), "expires_at": expires_at,
    }  # fmt: skip
    entry = audit_log.values(
        "key.created", actor=by, subject=f"user/{user_id}", data={"key": key_id, "name": name}
    )
    together(connection, tenant, [(_INSERT, row), (audit_log.INSERT, entry)])
    return key_id, secret


def list_keys(connection: Connection, tenant: Tenant, user_id: UUID | None = None) -> list[ApiKey]:
    """The keys of a user, or of all, oldest first."""
    return [ApiKey(*row) for row in connection.fetch(_LIST, {"of_tenant": tenant.name, "of_user": user_id})]


def find_key(connection: Connection, tenant: Tenant, secret: str) -> UUID | None:
    """The id of a key by its secret."""
    rows = connection.fetch(_FIND, {"of_tenant": tenant.name, "of_hash": digest(secret)})
    return rows[0][0] if rows else None


def revoke_key(connection: Connection, tenant: Tenant, key_id: UUID, *, by: UUID | None = None) -> None:
    """End a key at once. UnknownKey when there is none."""
    rows = connection.fetch(_REVOKE, {"of_tenant": tenant.name, "key": key_id})
    if not rows:
        raise UnknownKey("There is no such key, or it was revoked before.", key=str(key_id))
    audit_log.audit_outside(
        connection, tenant, "key.revoked", actor=by, subject=f"user/{rows[0][0]}", data={"key": key_id}
    )
