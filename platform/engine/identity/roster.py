"""The people of a tenant as administration lists them: with roles, team, and whether they ever came in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from fieldstone.engine.context import Tenant
from fieldstone.engine.storage import control
from fieldstone.engine.storage.base_tables import ROLE_GRANT, TEAM, USER
from fieldstone.engine.storage.connection import Connection, compile_plan

State = Literal["active", "invited", "waiting", "disabled"]
"""active: can sign in; invited: has an open invitation; waiting: was never given a way in; disabled."""

_OF: Final = sa.bindparam("of_tenant", type_=sa.Text())
_ROLES: Final = sa.func.array(
    sa.select(ROLE_GRANT.c.role)
    .where(ROLE_GRANT.c.user == USER.c.id, ROLE_GRANT.c.deleted_at.is_(None))
    .order_by(ROLE_GRANT.c.role)
    .correlate(USER)
    .scalar_subquery(),
    type_=ARRAY(sa.Text()),
)
_HAS_PASSWORD: Final = sa.exists().where(
    control.credential.c.tenant == _OF,
    control.credential.c.user_id == USER.c.id,
    control.credential.c.password_hash.is_not(None),
)
_INVITED: Final = sa.exists().where(
    control.token.c.tenant == _OF,
    control.token.c.user_id == USER.c.id,
    control.token.c.used_at.is_(None),
    control.token.c.expires_at > sa.func.now(),
)
_SEEN: Final = (
    sa.select(sa.func.max(control.session.c.seen_at))
    .where(control.session.c.tenant == _OF, control.session.c.user_id == USER.c.id)
    .correlate(USER)
    .scalar_subquery()
)
_ONE: Final = sa.bindparam("only", type_=sa.Uuid())
_LIST: Final = compile_plan(
    sa.select(
        USER.c.id, USER.c.username, USER.c.name, USER.c.email, USER.c.team, TEAM.c.name.label("team_name"),
        USER.c.active.is_(True).label("active"), _HAS_PASSWORD.label("enters"), _INVITED.label("invited"),
        _SEEN.label("seen"), _ROLES.label("roles"),
    )
    .select_from(USER.outerjoin(TEAM, TEAM.c.id == USER.c.team))
    .where(USER.c.deleted_at.is_(None))
    .where(sa.or_(_ONE.is_(None), USER.c.id == _ONE))
    .order_by(USER.c.active.is_(True).desc(), sa.func.lower(USER.c.name), USER.c.id)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Member:
    """One user of the tenant. `seen_at` is the last use of a session that is still open."""

    id: UUID
    username: str
    name: str
    email: str | None
    team: UUID | None
    team_name: str | None
    state: State
    seen_at: datetime | None
    roles: tuple[str, ...]


def roster(connection: Connection, tenant: Tenant, user_id: UUID | None = None) -> list[Member]:
    """All users that are not deleted, or one. Rights are the caller's to ask."""
    values: Mapping[str, Any] = {"of_tenant": tenant.name, "only": user_id}
    return [_member(*row) for row in connection.fetch(_LIST, values, schema=tenant.schema)]


def _member(
    user_id: UUID, username: str, name: str, email: str | None, team: UUID | None, team_name: str | None,
    active: bool, enters: bool, invited: bool, seen: datetime | None, roles: list[str],
) -> Member:  # fmt: skip
    state: State = "disabled" if not active else "active" if enters else "invited" if invited else "waiting"
    return Member(user_id, username, name, email, team, team_name, state, seen, tuple(roles))
