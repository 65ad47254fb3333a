"""What one actor may do with one entity: all of the actor's roles combined.

Roles add up: the widest reach per verb, a field is hidden only if every role that grants read hides it, and a
record rule narrows the grant it belongs to and no other. A line entity has its parent's access.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from types import MappingProxyType
from typing import Any, Final, Protocol
from uuid import UUID

import sqlalchemy as sa

from fieldstone.engine.context import Actor, Context
from fieldstone.engine.permissions.allowances import IMPLIED, WRITES, Allowance
from fieldstone.engine.permissions.errors import Denied, NotFound, unknown_entity
from fieldstone.engine.permissions.fields import FieldRights, governing, named, system_fields
from fieldstone.engine.permissions.owners import (
    TEAM,
    Columns,
    actor_values,
    owner_of,
    reach_condition,
    within,
)
from fieldstone.engine.permissions.temporary import given_condition
from fieldstone.engine.storage.tables import EntityTable
from fieldstone.expressions import Bindings, evaluate
from fieldstone.expressions.sql import to_predicate
from fieldstone.metadata.definitions import SYSTEM_FIELDS, Entity, Model, Reach

REACHES: Final[tuple[Reach, ...]] = ("none", "own", "team", "team_and_below", "all")
NO_BINDINGS: Final = Bindings()


class Scope(Protocol):
    """What rights depend on; a transaction is one."""

    @property
    def model(self) -> Model: ...

    @property
    def context(self) -> Context: ...


@dataclass(frozen=True, slots=True)
class EntityAccess:
    """Everything an actor may do with an entity.

    `governing` is the entity whose rows reach and record rules speak of: the entity itself, or for lines the
    record that owns them. `readable` and `writable` are field names of `entity`; system fields are readable,
    and of them only `owner_id` can be writable. `key` is equal for equal rights on equal definitions.
    """

    entity: Entity
    governing: Entity
    key: str
    reaches: Mapping[str, Reach]
    readable: frozenset[str]
    writable: frozenset[str]
    allowances: tuple[Allowance, ...] = ()
    everything: bool = False

    def reach(self, verb: str) -> Reach:
        """The widest reach of a verb in any role."""
        if self.everything:
            return "all"
        found = self.reaches.get(verb)
        return found if found is not None else self.reaches.get(IMPLIED.get(verb, ""), "none")

    def allows(self, verb: str) -> bool:
        """Whether the verb is allowed on some record."""
        return self.reach(verb) != "none"

    def predicate(
        self, verb: str, built: EntityTable, actor: Actor, columns: Columns, bindings: Bindings
    ) -> sa.ColumnElement[bool] | None:
        """The WHERE condition of the records that the verb may touch; None when it may touch all.

        `built` and `columns` are those of the governing entity (columns may be an alias's). The actor's ids
        are parameters, see `actor_values`.
        """
        if self.everything or actor.kind == "system":
            return None
        if built.entity.name != self.governing.name:
            raise ValueError(f"rows of {self.governing.name} decide, not of {built.entity.name}")
        parts: list[sa.ColumnElement[bool]] = []
        widest: Reach = "none"
        for each in self.allowances:
            reach = each.reach(verb)
            rules = each.rules_for(verb)
            if not rules:
                widest = max(widest, reach, key=REACHES.index)
            elif reach != "none":
                conditions = [to_predicate(rule.when, columns, bindings) for rule in rules]
                if reach != "all":
                    conditions.insert(0, reach_condition(self.governing.name, reach, columns))
                parts.append(sa.and_(*conditions))
        if widest == "all":
            return None
        if widest != "none":
            parts.insert(0, reach_condition(self.governing.name, widest, columns))
        if not parts:
            return sa.false()
        given = given_condition(self.governing.name, verb, columns)
        return sa.or_(*parts) if given is None else sa.or_(*parts, given)

    def shareable(self, verb: str) -> bool:
        """Whether a statement compiled with `predicate` may serve other requests of equal `key`."""
        return not any(rule.when.reads_context for each in self.allowances for rule in each.rules_for(verb))

    def narrowed(self, verb: str) -> bool:
        """Whether record rules narrow the verb, so that `permits` needs every value of the record."""
        return any(each.rules_for(verb) for each in self.allowances)

    def needs_owner_team(self, verb: str, record: Mapping[str, Any], actor: Actor) -> bool:
        """Whether `permits` depends on the team of the record's owner: `owner_team(tx, owner_of(...))`."""
        if (
            self.everything
            or self.governing.name in TEAM
            or owner_of(self.governing.name, record) == actor.id
        ):
            return False
        return any(each.reach(verb) in ("team", "team_and_below") for each in self.allowances)

    def permits(
        self,
        verb: str,
        record: Mapping[str, Any],
        actor: Actor,
        owner_team: UUID | None = None,
        bindings: Bindings = NO_BINDINGS,
        seen: Mapping[str, Any] | None = None,
    ) -> bool:
        """Whether the verb is allowed on this record of the governing entity: for one that is not stored yet.

        Record rules read `seen`: the record with its linked records put in for their ids (left out: the record).
        For a change of owner ask twice: "update" of the record as it was, "assign" as it will be.
        """
        seen = record if seen is None else seen
        if self.everything or actor.kind == "system":
            return True
        return any(
            within(self.governing.name, each.reach(verb), record, actor, owner_team)
            and all(evaluate(rule.when, seen, bindings=bindings) is True for rule in each.rules_for(verb))
            for each in self.allowances
        )


class _Lookup:
    """Carries a model past the cache: equal when the content hash is equal; the cache does not keep the
    model.
    """

    __slots__ = ("hash", "model")

    def __init__(self, model: Model) -> None:
        self.hash = model.hash
        self.model: Model | None = model

    def __hash__(self) -> int:
        return hash(self.hash)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Lookup) and other.hash == self.hash


def access(tx: Scope, entity_name: str) -> EntityAccess:
    """What the actor may do with the entity. NotFound when it does not exist, or without any right to it."""
    model, actor = tx.model, tx.context.actor
    if entity_name not in model.entities:
        raise absent(tx, entity_name)
    lookup = _Lookup(model)
    try:
        found = _access(lookup, actor.roles, entity_name, actor.kind == "system")
    finally:
        lookup.model = None
    if found is None:
        raise absent(tx, entity_name)
    return found


def absent(tx: Scope, entity_name: str) -> NotFound:
    """The error for an entity that the actor may not know of, the same as for one that does not exist."""
    visible = visible_entities(tx.model, tx.context.actor)
    return unknown_entity(entity_name, [name for name in visible if name != entity_name])


def need(tx: Scope, entity_name: str, verb: str) -> EntityAccess:
    """The access, if it has the verb on some record.

    Denied when the entity may be known but this not be done, NotFound when the actor can read nothing in it.
    """
    found = access(tx, entity_name)
    if found.allows(verb):
        return found
    if not found.allows("read"):
        raise absent(tx, entity_name)
    raise Denied(f"You may not {verb} {found.entity.plural}.", entity=entity_name, verb=verb)


@lru_cache(maxsize=1024)
def _access(
    lookup: _Lookup, roles: frozenset[str], entity_name: str, everything: bool
) -> EntityAccess | None:
    assert lookup.model is not None
    return build(lookup.model, roles, entity_name, everything=everything)


def build(
    model: Model, roles: frozenset[str], entity_name: str, *, everything: bool = False
) -> EntityAccess | None:
    """The access of a set of roles, not cached; None without any right."""
    entity = model.entities[entity_name]
    root, path = governing(model, entity)
    if everything:
        names = frozenset((*system_fields(entity), *entity.fields))
        fields = frozenset(
            names.difference(SYSTEM_FIELDS) | {"owner_id"} if not entity.parent else entity.fields
        )
        return EntityAccess(entity, root, f"{entity.hash}/*", MappingProxyType({}), names, fields, (), True)
    rights = FieldRights(model, roles)
    found = rights.allowances(root)
    reaches = _reaches(found)
    if not any(reach != "none" for reach in reaches.values()):
        return None
    if entity.parent is not None and not _reaches_lines(model, rights, entity, reaches):
        return None
    readable = rights.readable(entity)
    writing = [each for each in found if any(each.reach(verb) != "none" for verb in WRITES)]
    giving = any(each.reach(verb) != "none" for each in found for verb in ("create", "assign"))
    candidates = (*entity.fields, *(("owner_id",) if giving and not entity.parent else ()))
    writable = frozenset(
        name
        for name in candidates
        if (name in readable or reaches.get("read", "none") == "none")
        and any(not named(path, name, each.hidden | each.locked) for each in writing)
    )
    return EntityAccess(entity, root, _key(model, entity, found), reaches, readable, writable, found)


def _reaches(found: tuple[Allowance, ...]) -> Mapping[str, Reach]:
    verbs = {verb for each in found for verb in each.verbs}
    return MappingProxyType(
        {verb: max((each.reach(verb) for each in found), key=REACHES.index) for verb in verbs}
    )


def _reaches_lines(model: Model, rights: FieldRights, entity: Entity, reaches: Mapping[str, Reach]) -> bool:
    """Whether none of the lines fields that lead to a line entity is hidden."""
    while entity.parent is not None:
        above, name = entity.parent
        entity = model.entities[above]
        if reaches.get("read", "none") != "none" and name not in rights.readable(entity):
            return False
    return True


def _key(model: Model, entity: Entity, found: tuple[Allowance, ...]) -> str:
    parts: list[Any] = [entity.hash]
    for each in found:
        rules = [(rule.name, rule.when.source, rule.verbs) for rule in each.rules]
        parts.append((sorted(each.verbs.items()), sorted(each.hidden), sorted(each.locked), rules))
    if entity.parent or any(each.rules for each in found):
        parts.append(model.hash)  # rules and owners may lead into other definitions
    return blake2b(repr(parts).encode(), digest_size=16).hexdigest()


def visible_entities(model: Model, actor: Actor) -> list[str]:
    """Names of the entities, without line entities, on which the actor has any right."""
    plain = (name for name, entity in model.entities.items() if entity.parent is None)
    if actor.kind == "system":
        return list(plain)
    lookup = _Lookup(model)
    try:
        return [name for name in plain if _access(lookup, actor.roles, name, False) is not None]
    finally:
        lookup.model = None


__all__ = [
    "EntityAccess",
    "NotFound",
    "absent",
    "access",
    "actor_values",
    "build",
    "need",
    "visible_entities",
]
