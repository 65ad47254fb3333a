"""Whose record a record is, and in which team: what the reaches own, team and team_and_below mean.

Ordinary records belong to the user in `owner_id`, and to that user's team. Three base entities are about
people themselves: a user belongs to himself and to his team, a team to itself, a role grant to the user who
has it.
"""

from collections.abc import Mapping
from typing import Any, Final, Protocol
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from fieldstone.engine.context import Actor
from fieldstone.engine.storage.base_tables import USER
from fieldstone.engine.storage.connection import Plan, Row, compile_plan
from fieldstone.metadata.definitions import Reach

OWNER: Final[Mapping[str, str]] = {"user": "id", "role_grant": "user", "delegation": "user"}
"""The field that names the owner, where it is not `owner_id`."""

TEAM: Final[Mapping[str, str]] = {"user": "team", "team": "id"}
"""The field that names the team itself, where it is not that of the owner."""

ACTOR: Final = sa.bindparam("actor_id", type_=sa.Uuid())
_TEAMS: Final[Mapping[str, sa.BindParameter[Any]]] = {
    "team": sa.bindparam("actor_teams", type_=ARRAY(sa.Uuid())),
    "team_and_below": sa.bindparam("actor_teams_below", type_=ARRAY(sa.Uuid())),
}
_OWNER_TEAM: Final = compile_plan(
    sa.select(USER.c.team).where(USER.c.id == sa.bindparam("id", type_=sa.Uuid()))
)


class Columns(Protocol):
    """Paths as SQL, as `fieldstone.expressions.sql` wants them."""

    def column(self, path: tuple[str, ...]) -> sa.ColumnElement[Any]: ...

    def lines(self, path: tuple[str, ...]) -> Any: ...


class Fetching(Protocol):
    """The part of a transaction that reads."""

    def fetch(self, plan: Plan, values: Mapping[str, Any] | None = None) -> list[Row]: ...


def actor_values(actor: Actor) -> dict[str, Any]:
    """Values of the parameters that predicates leave open."""
    return {
        "actor_id": actor.id,
        "actor_teams": list(actor.teams),
        "actor_teams_below": list(actor.teams_below),
    }


def reach_condition(entity: str, reach: Reach, columns: Columns) -> sa.ColumnElement[bool]:
    """The rows within a reach other than `all`; the actor's ids are parameters."""
    if reach == "none":
        return sa.false()
    own = columns.column((OWNER.get(entity, "owner_id"),)) == ACTOR
    if entity == "team":
        return columns.column(("id",)) == sa.any_(_TEAMS["team" if reach == "own" else reach])
    if reach == "own":
        return own
    teams = _TEAMS[reach]
    if entity in TEAM:
        return sa.or_(own, columns.column((TEAM[entity],)) == sa.any_(teams))
    members = sa.select(USER.c.id).where(USER.c.team == sa.any_(teams))
    return sa.or_(own, columns.column((OWNER.get(entity, "owner_id"),)).in_(members))


def owner_of(entity: str, record: Mapping[str, Any]) -> UUID | None:
    """The user whose record it is."""
    return record.get(OWNER.get(entity, "owner_id"))


def within(entity: str, reach: Reach, record: Mapping[str, Any], actor: Actor, team: UUID | None) -> bool:
    """The same question about a record at hand; `team` is the team of its owner.

    A team that is being created belongs to the team above it.
    """
    if reach in ("none", "all"):
        return reach == "all"
    teams = actor.teams_below if reach == "team_and_below" else actor.teams
    if entity == "team":
        return record.get("id") in teams or record.get("parent") in teams
    if actor.id is not None and owner_of(entity, record) == actor.id:
        return True
    if reach == "own":
        return False
    where = record.get(TEAM[entity]) if entity in TEAM else team
    return where is not None and where in teams


def owner_team(tx: Fetching, owner: UUID | None) -> UUID | None:
    """The team of a user, for `EntityAccess.permits`; needed only when `needs_owner_team` says so."""
    if owner is None:
        return None
    rows = tx.fetch(_OWNER_TEAM, {"id": owner})
    return rows[0][0] if rows else None
