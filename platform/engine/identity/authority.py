"""Who may touch somebody else's credentials: invite, reset, set a password, make or revoke keys, end
sessions.

Whoever can reset an administrator's password is one. So it takes the right to manage the area, and every area
that the other person's roles manage.
"""

from collections.abc import Mapping
from typing import Any, Final, Protocol
from uuid import UUID

import sqlalchemy as sa

from fieldstone.engine.context import Context
from fieldstone.engine.permissions import Denied, covers, require_manage
from fieldstone.engine.storage.base_tables import ROLE_GRANT
from fieldstone.engine.storage.connection import Plan, Row, compile_plan
from fieldstone.metadata.definitions import Model

_ROLES: Final = compile_plan(
    sa.select(ROLE_GRANT.c.role)
    .where(ROLE_GRANT.c.user == sa.bindparam("of_user", type_=sa.Uuid()))
    .where(ROLE_GRANT.c.deleted_at.is_(None))
)


class Scope(Protocol):
    """The part of a transaction that is needed here."""

    @property
    def model(self) -> Model: ...

    @property
    def context(self) -> Context: ...

    def fetch(self, plan: Plan, values: Mapping[str, Any] | None = None) -> list[Row]: ...


def require_authority(tx: Scope, user_id: UUID, area: str = "users") -> None:
    """Raise Denied unless the actor is this user, or manages the area and all that the user manages."""
    if tx.context.actor.id == user_id:
        return
    require_manage(tx, area)
    require_covers(tx, user_id)


def require_covers(tx: Scope, user_id: UUID) -> None:
    """Raise Denied when the user manages something that the actor does not."""
    roles = [role for (role,) in tx.fetch(_ROLES, {"of_user": user_id})]
    if not covers(tx.model, tx.context.actor, roles):
        raise Denied("This user manages more than you do.", code="user.beyond", user=str(user_id))
