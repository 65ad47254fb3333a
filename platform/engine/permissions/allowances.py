"""What each single role allows for one entity, before roles are combined.

Two rules that a role document does not spell out:

* `*` stands for every entity without a grant of its own, except that it never gives more than `read` on the
  entities that decide about rights or money for everybody, unless the role manages the area they belong to.
* Colleagues are known to each other: where no role of the actor names `user` or `team`, the directory
allowance
  lets everybody signed in read the names of users and teams, since every owner and link to a person is one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from fieldstone.metadata.definitions import SYSTEM_FIELDS, Entity, Grant, Model, Reach, RecordRule, Role

EVERY: Final = "*"

AREAS_OF: Final[Mapping[str, frozenset[str]]] = {
    "user": frozenset({"users"}),
    "team": frozenset({"users"}),
    "role_grant": frozenset({"users", "roles"}),
    "exchange_rate": frozenset({"company"}),
    "working_calendar": frozenset({"company"}),
    "working_day": frozenset({"company"}),
    "delegation": frozenset({"users"}),
    "temporary_access": frozenset({"users"}),
}
"""Base entities that belong to an area of administration, and the areas that will do."""

DIRECTORY: Final[Mapping[str, frozenset[str]]] = {
    "user": frozenset({"name", "team", "active", "kind", "job_title"}),
    "team": frozenset({"name", "code", "kind", "parent", "manager", "active"}),
}
"""What everybody signed in may read of colleagues and teams."""

PERSONAL: Final = ("delegation",)
"""Entities of which everybody signed in has those of their own: no role need say so."""

WRITES: Final = ("create", "update", "import")


@dataclass(frozen=True, slots=True)
class Allowance:
    """One role's part in what an actor may do with an entity. `source` is the grant's key in the role."""

    role: str
    layer: str
    source: str
    verbs: Mapping[str, Reach]
    hidden: frozenset[str] = frozenset()
    locked: frozenset[str] = frozenset()
    rules: tuple[RecordRule, ...] = ()

    def reach(self, verb: str) -> Reach:
        """The reach of a verb. Restoring is undoing a delete; giving away is an update, unless they are
        named.
        """
        found = self.verbs.get(verb)
        if found is None:
            found = self.verbs.get(IMPLIED.get(verb, ""), "none")
        return found

    def rules_for(self, verb: str) -> tuple[RecordRule, ...]:
        """The record rules that narrow a verb; one without verbs narrows all."""
        named = (verb, IMPLIED.get(verb))
        return tuple(
            rule for rule in self.rules if not rule.verbs or any(name in rule.verbs for name in named)
        )


IMPLIED: Final[Mapping[str, str]] = {"restore": "delete", "transition": "update", "history": "read"}
"""Verbs that roles do not name, and the one that stands for each."""


def allowances(model: Model, roles: Iterable[str], entity: Entity) -> tuple[Allowance, ...]:
    """What each of the roles gives on an entity that is no line entity, in name order. Unknown roles give
    nothing.
    """
    found: list[Allowance] = []
    named = False
    for name in sorted(roles):
        role = model.roles.get(name)
        if role is None:
            continue
        grant = role.grants.get(entity.name)
        named = named or grant is not None
        if grant is None:
            grant = _from_star(role, entity)
        if grant is not None:
            found.append(
                Allowance(
                    name,
                    role.layer,
                    grant.entity,
                    grant.verbs,
                    grant.hidden,
                    grant.locked,
                    grant.record_rules,
                )
            )
    if not named and entity.name in DIRECTORY:
        found.append(_directory(entity))
    if entity.name in PERSONAL:
        found.append(_personal())
    return tuple(found)


def _from_star(role: Role, entity: Entity) -> Grant | None:
    grant = role.grants.get(EVERY)
    if grant is None:
        return None
    areas = AREAS_OF.get(entity.name)
    if areas is None or areas & role.manages:
        return grant
    read = grant.verbs.get("read", "none")
    if entity.name == "role_grant":
        return None
    return Grant(EVERY, {"read": read}, grant.hidden, grant.locked, grant.record_rules)


def _personal() -> Allowance:
    verbs: dict[str, Reach] = {"create": "own", "read": "own", "update": "own", "delete": "own"}
    return Allowance(role="", layer="base", source="personal", verbs=verbs)


def _directory(entity: Entity) -> Allowance:
    shown = DIRECTORY[entity.name] | {entity.title_field or ""} | set(SYSTEM_FIELDS)
    return Allowance(
        role="",
        layer="base",
        source="directory",
        verbs={"read": "all"},
        hidden=frozenset(entity.fields) - shown,
    )
