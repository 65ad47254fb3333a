"""What administrators do with people: add somebody with roles, give and take roles, disable, repair a tenant.

Each is a few record verbs in the caller's transaction, so permissions, the guard and history apply as
everywhere.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from fieldstone.engine.identity import audit_log
from fieldstone.engine.identity.errors import UnknownUser
from fieldstone.engine.permissions import ADMINISTRATOR
from fieldstone.engine.records import create, delete, restore, update
from fieldstone.engine.storage.base_tables import ROLE_GRANT, TEAM, USER
from fieldstone.engine.storage.connection import Row, compile_plan
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import FieldstoneError, did_you_mean

_NAME: Final = sa.bindparam("name", type_=sa.Text())
_ROLES: Final = sa.func.array(
    sa.select(ROLE_GRANT.c.role)
    .where(ROLE_GRANT.c.user == USER.c.id, ROLE_GRANT.c.deleted_at.is_(None))
    .order_by(ROLE_GRANT.c.role)
    .correlate(USER)
    .scalar_subquery(),
    type_=ARRAY(sa.Text()),
)
_USERS: Final = (
    sa.select(
        USER.c.id, USER.c.username, USER.c.name, USER.c.email, TEAM.c.name.label("team"),
        USER.c.active.is_(True).label("is_active"),
        USER.c.deleted_at.is_not(None).label("is_deleted"), _ROLES.label("roles"),
    )
    .select_from(USER.outerjoin(TEAM, TEAM.c.id == USER.c.team))
    .order_by(USER.c.username)
)  # fmt: skip
_ALIVE: Final = compile_plan(_USERS.where(USER.c.deleted_at.is_(None)))
_NAMED: Final = compile_plan(
    _USERS.where(sa.func.lower(USER.c.username) == sa.func.lower(_NAME)).order_by(None).order_by(
        USER.c.deleted_at.is_not(None), USER.c.username != _NAME
    )
)  # fmt: skip
_GRANTS: Final = compile_plan(
    sa.select(ROLE_GRANT.c.id, ROLE_GRANT.c.role)
    .where(ROLE_GRANT.c.user == sa.bindparam("of_user", type_=sa.Uuid()))
    .where(ROLE_GRANT.c.deleted_at.is_(None))
)
_TEAMS: Final = compile_plan(sa.select(TEAM.c.id, TEAM.c.name).where(TEAM.c.deleted_at.is_(None)))


@dataclass(frozen=True, slots=True)
class UserRow:
    """A user with team and roles by name, for lists of administration."""

    id: UUID
    username: str
    name: str
    email: str | None
    team: str | None
    active: bool
    deleted: bool
    roles: tuple[str, ...]


class UnknownTeam(FieldstoneError):
    """There is no such team, or several have the name."""

    code = "team.unknown"
    kind = "not_found"


class NoSuchGrant(FieldstoneError):
    """The user does not have the role."""

    code = "grant.unknown"
    kind = "not_found"


def list_users(tx: Transaction) -> list[UserRow]:
    """All users that are not deleted, by user name. For the operator: rights are not asked."""
    return [_row(row) for row in tx.fetch(_ALIVE)]


def user_named(tx: Transaction, name: str, *, deleted: bool = False) -> UserRow:
    """The user of a user name, in any case. UnknownUser."""
    found = [row for row in map(_row, tx.fetch(_NAMED, {"name": name})) if deleted or not row.deleted]
    if not found:
        known = [row.username for row in list_users(tx)]
        raise UnknownUser(f'There is no user "{name}"{did_you_mean(name, known)}.', user=name)
    return found[0]


def team_named(tx: Transaction, name: str) -> UUID:
    """The team of a name. UnknownTeam when there is none, or more than one."""
    teams = tx.fetch(_TEAMS)
    found = [team_id for team_id, known in teams if known == name]
    if len(found) == 1:
        return found[0]  # type: ignore[no-any-return]
    if found:
        raise UnknownTeam(f'{len(found)} teams are called "{name}".', team=name)
    raise UnknownTeam(
        f'There is no team "{name}"{did_you_mean(name, [known for _, known in teams])}.', team=name
    )


def add_user(tx: Transaction, body: Mapping[str, Any], roles: Iterable[str] = ()) -> UUID:
    """A new user with roles; the id. The password is given afterwards, when the transaction is stored."""
    user_id: UUID = create(tx, "user", body)["id"]
    for role in dict.fromkeys(roles):
        create(tx, "role_grant", {"user": str(user_id), "role": role})
    return user_id


def grant_role(tx: Transaction, user_id: UUID, role: str) -> bool:
    """Give a role; False when the user has it already."""
    if any(held == role for _, held in tx.fetch(_GRANTS, {"of_user": user_id})):
        return False
    create(tx, "role_grant", {"user": str(user_id), "role": role})
    return True


def take_role(tx: Transaction, user_id: UUID, role: str) -> None:
    """Take a role away. NoSuchGrant."""
    grants = [grant for grant, held in tx.fetch(_GRANTS, {"of_user": user_id}) if held == role]
    if not grants:
        raise NoSuchGrant(f'The user does not have the role "{role}".', role=role)
    for grant in grants:
        delete(tx, "role_grant", grant)


def set_active(tx: Transaction, user_id: UUID, active: bool) -> None:
    """Let a user sign in or not. Sessions of who is disabled end, keys stop; nothing is lost."""
    update(tx, "user", user_id, {"active": active})


def repair_administrator(tx: Transaction, name: str) -> UUID:
    """Make a user of a locked tenant an active administrator, whatever happened to the account.

    Only for the operator, who owns the database anyway.
    """
    if tx.context.actor.kind != "system":
        raise PermissionError("repairing is the operator's")
    found = user_named(tx, name, deleted=True)
    if found.deleted:
        restore(tx, "user", found.id)
    if not found.active:
        set_active(tx, found.id, True)
    grant_role(tx, found.id, ADMINISTRATOR)
    audit_log.audit(tx, "administrator.repaired", f"user/{found.id}")
    return found.id


def _row(row: Row) -> UserRow:
    user_id, username, name, email, team, active, deleted, roles = row
    return UserRow(user_id, username, name, email, team, active, deleted, tuple(roles))
