"""Who is who: people, roles, teams, managers and delegations, read past the gate for the platform to choose by."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from fieldstone.engine.storage.base_tables import ROLE_GRANT, TEAM, USER
from fieldstone.engine.storage.connection import compile_plan
from fieldstone.engine.storage.control import STAMP
from fieldstone.engine.storage.tables import table_for
from fieldstone.engine.transaction import Transaction
from fieldstone.workflows.approvals.knowing import AREA

_MEMBER: Final = sa.table(
    "user", *(sa.column(name, USER.c[name].type) for name in ("id", "username", "name", "team")),
    sa.column("manager", sa.Uuid()), sa.column("active", sa.Boolean()), sa.column("deleted_at", STAMP),
    schema=USER.schema,
)  # fmt: skip
_ACTIVE: Final = sa.and_(USER.c.active.is_(True), USER.c.deleted_at.is_(None))
_WITH_ROLES: Final = compile_plan(
    sa.select(ROLE_GRANT.c.role, USER.c.id)
    .join_from(ROLE_GRANT, USER, USER.c.id == ROLE_GRANT.c.user)
    .where(
        ROLE_GRANT.c.role == sa.any_(sa.bindparam("roles", type_=ARRAY(sa.Text()))),
        ROLE_GRANT.c.deleted_at.is_(None),
        _ACTIVE,
    )
    .distinct()
    .order_by(ROLE_GRANT.c.role, USER.c.id)
)
_PEOPLE: Final = compile_plan(
    sa.select(
        *(_MEMBER.c[name] for name in ("id", "username", "name", "team")),
        sa.and_(_MEMBER.c.active.is_(True), _MEMBER.c.deleted_at.is_(None)),
        _MEMBER.c.manager,
    ).order_by(_MEMBER.c.id)
)
_TEAMS: Final = compile_plan(
    sa.select(TEAM.c.id, TEAM.c.parent, TEAM.c.manager, TEAM.c.name).where(TEAM.c.deleted_at.is_(None))
)
_ACTIVE_AMONG: Final = compile_plan(
    sa.select(USER.c.id).where(USER.c.id == sa.any_(sa.bindparam("ids", type_=ARRAY(sa.Uuid()))), _ACTIVE)
)
_ROLES_OF: Final = compile_plan(
    sa.select(ROLE_GRANT.c.role)
    .where(ROLE_GRANT.c.user == sa.bindparam("of_user", type_=sa.Uuid()), ROLE_GRANT.c.deleted_at.is_(None))
    .distinct()
    .order_by(ROLE_GRANT.c.role)
)
_HIGHEST: Final = 20
"""Nobody has more managers above; who manages himself in a circle has no more than that either."""


@dataclass(frozen=True, slots=True)
class Member:
    """A user as the rules see one."""

    id: UUID
    username: str
    name: str
    team: UUID | None
    active: bool
    manager: UUID | None


@dataclass(frozen=True, slots=True)
class Unit:
    """A team."""

    id: UUID
    parent: UUID | None
    manager: UUID | None
    name: str


@dataclass(frozen=True, slots=True)
class Organisation:
    """Everybody, and the tree of teams."""

    people: dict[UUID, Member]
    teams: dict[UUID, Unit]

    def by_username(self, username: str) -> Member | None:
        return next((each for each in self.people.values() if each.username == username), None)

    def members(self, team: UUID) -> list[UUID]:
        return [each.id for each in self.people.values() if each.team == team and each.active]

    def head(self, team: UUID | None, but: UUID | None = None) -> tuple[UUID, UUID] | None:
        """The manager of a team, or of the nearest one above that has one; never `but`. (user, team)"""
        for _ in range(_HIGHEST):
            unit = self.teams.get(team) if team is not None else None
            if unit is None:
                return None
            if unit.manager is not None and unit.manager != but:
                return unit.manager, unit.id
            team = unit.parent
        return None

    def manager(self, user: UUID) -> UUID | None:
        """To whom a user reports: the manager named, else the head of the team."""
        member = self.people.get(user)
        if member is None:
            return None
        if member.manager is not None and member.manager != user:
            return member.manager
        found = self.head(member.team, but=user)
        return found[0] if found else None

    def chain(self, user: UUID) -> list[UUID]:
        """The managers above a user, nearest first, each once."""
        found: list[UUID] = []
        above = self.manager(user)
        while above is not None and above not in found and above != user and len(found) < _HIGHEST:
            found.append(above)
            above = self.manager(above)
        return found


class Company:
    """The organisation in one transaction; what was read once is kept."""

    def __init__(self, tx: Transaction) -> None:
        self.tx = tx
        self._organisation: Organisation | None = None
        self._active: dict[UUID, bool] = {}
        self._with_role: dict[str, tuple[UUID, ...]] = {}
        self._delegations: list[tuple[UUID, UUID, tuple[str, ...]]] | None = None

    @property
    def organisation(self) -> Organisation:
        if self._organisation is None:
            people, teams = self.tx.fetch_all([(_PEOPLE, {}), (_TEAMS, {})])
            members = (Member(row[0], row[1], row[2], row[3], bool(row[4]), row[5]) for row in people)
            self._organisation = Organisation(
                {each.id: each for each in members}, {row[0]: Unit(*row) for row in teams}
            )
            self._active |= {each.id: each.active for each in self._organisation.people.values()}
        return self._organisation

    def with_roles(self, roles: Iterable[str]) -> dict[str, tuple[UUID, ...]]:
        """Active users by role."""
        missing = sorted(set(roles) - set(self._with_role))
        if missing:
            found: dict[str, list[UUID]] = {role: [] for role in missing}
            for role, user in self.tx.fetch(_WITH_ROLES, {"roles": missing}):
                found[role].append(user)
                self._active[user] = True
            self._with_role |= {role: tuple(users) for role, users in found.items()}
        return self._with_role

    def with_role(self, role: str) -> tuple[UUID, ...]:
        return self.with_roles([role])[role]

    def administrators(self) -> tuple[UUID, ...]:
        """Active users whose roles manage the area of those who may mend runs."""
        roles = [role.name for role in self.tx.model.roles.values() if AREA in role.manages]
        found = self.with_roles(roles)
        return tuple(dict.fromkeys(user for role in sorted(roles) for user in found[role]))

    def know_active(self, users: Collection[UUID]) -> None:
        """Ask for several at once."""
        missing = [user for user in users if user not in self._active]
        if missing:
            rows = self.tx.fetch(_ACTIVE_AMONG, {"ids": missing})
            self._active |= {**dict.fromkeys(missing, False), **{row[0]: True for row in rows}}

    def active(self, user: UUID) -> bool:
        self.know_active([user])
        return self._active[user]

    def roles_of(self, user: UUID) -> tuple[str, ...]:
        return tuple(row[0] for row in self.tx.fetch(_ROLES_OF, {"of_user": user}))

    def delegate(self, user: UUID, workflow: str) -> UUID | None:
        """Who decides in place of a user today: an active user named by a delegation for all kinds or this one."""
        if self._delegations is None:
            self._delegations = self._today()
        found = [
            to for whose, to, kinds in self._delegations if whose == user and (not kinds or workflow in kinds)
        ]
        return next((to for to in found if to != user and self.active(to)), None)

    def _today(self) -> list[tuple[UUID, UUID, tuple[str, ...]]]:
        entity = self.tx.model.entities.get("delegation")
        if entity is None:
            return []
        today = self.tx.context.now.astimezone(ZoneInfo(self.tx.context.company.time_zone)).date()

        def build() -> sa.Select[Any]:
            at = table_for(entity).fields
            day = sa.bindparam("day", type_=sa.Date())
            return (
                sa.select(at["user"], at["delegate"], at["workflows"])
                .where(at["deleted_at"].is_(None), at["first_day"] <= day)
                .where(sa.or_(at["last_day"].is_(None), at["last_day"] >= day))
                .order_by(at["created_at"].desc(), at["id"])
            )

        rows = self.tx.fetch(self.tx.plan(("delegations", entity.hash), build), {"day": today})
        return [(row[0], row[1], tuple(row[2] or ())) for row in rows]
