"""The user record that a credential belongs to, as sign-in and administration need it.

People sign in with their user name or their e-mail address, in any case. An exact user name wins; an e-mail
address counts only while no other user has it.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from fieldstone.engine.context import Tenant
from fieldstone.engine.identity.secret_text import storable
from fieldstone.engine.storage import control
from fieldstone.engine.storage.base_tables import USER
from fieldstone.engine.storage.connection import Connection, compile_plan

LONGEST: Final = 320
"""No user name and no e-mail address is longer."""

_NAME: Final = sa.func.lower(sa.bindparam("name", type_=sa.Text()))
_CREDENTIAL: Final = sa.and_(
    control.credential.c.tenant == sa.bindparam("tenant"), control.credential.c.user_id == USER.c.id
)
_PEOPLE: Final = (
    sa.select(
        USER.c.id,
        USER.c.username,
        USER.c.name,
        USER.c.email,
        USER.c.active.is_(True),
        control.credential.c.password_hash,
        sa.func.coalesce(control.credential.c.must_change, sa.false()),
    )
    .select_from(USER.outerjoin(control.credential, _CREDENTIAL))
    .where(USER.c.deleted_at.is_(None))
)
_BY_NAME: Final = compile_plan(
    _PEOPLE.where(sa.or_(sa.func.lower(USER.c.username) == _NAME, sa.func.lower(USER.c.email) == _NAME))
    .order_by(
        (USER.c.username == sa.bindparam("name", type_=sa.Text())).desc().nulls_last(),
        (sa.func.lower(USER.c.username) == _NAME).desc().nulls_last(),
    )
    .limit(2)
)
_BY_ID: Final = compile_plan(_PEOPLE.where(USER.c.id == sa.bindparam("id", type_=sa.Uuid())))


@dataclass(frozen=True, slots=True)
class Person:
    """A user with the credential. `password_hash` is None for who was never given a password."""

    id: UUID
    username: str
    name: str
    email: str | None
    active: bool
    password_hash: str | None
    must_change: bool

    @property
    def names(self) -> tuple[str, ...]:
        """What must not occur in the password."""
        return tuple(name for name in (self.username, self.name, self.email) if name)


def find_person(connection: Connection, tenant: Tenant, name: str) -> Person | None:
    """The user of a user name or e-mail address, active or not."""
    if storable(name, LONGEST) != name:
        return None
    found = [
        Person(*row)
        for row in connection.fetch(_BY_NAME, {"name": name, "tenant": tenant.name}, schema=tenant.schema)
    ]
    if len(found) == 2 and (found[0].username or "").lower() != name.lower():
        return None
    return found[0] if found else None


def person(connection: Connection, tenant: Tenant, user_id: UUID) -> Person | None:
    """The user of an id, active or not."""
    rows = connection.fetch(_BY_ID, {"id": user_id, "tenant": tenant.name}, schema=tenant.schema)
    return Person(*rows[0]) if rows else None
