"""The one gate in front of every read: what an actor can name, and which records an actor can meet.

`record_type` is the world that an actor's expressions are checked in: hidden fields are not in it, so naming one is
the same error as naming one that does not exist. `read_predicate` narrows rows, of the entity itself and of everything
joined to it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from fieldstone.engine.cache import LRU
from fieldstone.engine.context import Context
from fieldstone.engine.permissions import EntityAccess, NotFound, absent, access, actor_values
from fieldstone.engine.query.columns import EntityColumns
from fieldstone.engine.transaction import Transaction
from fieldstone.expressions import Bindings, Checked, Lines, Link, RecordType, Type, User
from fieldstone.metadata.definitions import SYSTEM_FIELDS, Entity, Model
from fieldstone.metadata.expression_types import CURRENCY, record_types

_READS: Final[LRU[tuple[str, str], frozenset[str]]] = LRU(4096)
_RULES: Final[LRU[tuple[str, frozenset[str]], frozenset[str]]] = LRU(1024)


class Gate:
    """The read predicate of every entity for one actor; `key` names all that its SQL depends on.

    Where a record rule of the actor's roles reads the user or the clock, by way of computed fields too, the key names
    those as well.
    """

    __slots__ = ("_tx", "key")

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        actor = tx.context.actor
        bound = bound_values(tx, _read_by_rules(tx.model, actor.roles))
        self.key = (tx.model.hash, actor.kind, actor.roles, bound)

    def __call__(self, columns: EntityColumns) -> ColumnElement[bool] | None:
        return read_predicate(self._tx, columns)


def _read_by_rules(model: Model, roles: frozenset[str]) -> frozenset[str]:
    """What the record rules of some roles read of the clock and the user."""

    def reads() -> frozenset[str]:
        found: frozenset[str] = frozenset()
        known = [model.roles[name] for name in roles if name in model.roles]
        for grant in (grant for role in known for grant in role.grants.values()):
            entity = model.entities.get(grant.entity)
            for rule in grant.record_rules:
                found |= rule.when.reads_context
                if entity is not None:
                    found |= read_by_expression(model, entity, rule.when)
        return found

    return _RULES.get_or((model.hash, roles), reads)


def gate_for(tx: Transaction) -> Gate:
    return Gate(tx)


def readable(tx: Transaction, entity: str) -> EntityAccess:
    """The actor's access to an entity that the actor may read; otherwise the entity does not exist."""
    found = access(tx, entity)
    if found.reach("read") == "none":
        raise absent(tx, entity)
    return found


def readable_names(tx: Transaction, entity: str) -> frozenset[str]:
    """The fields of a linked entity that the actor may read: none of one that does not exist for the actor."""
    try:
        return readable(tx, entity).readable
    except NotFound:
        return frozenset()


def read_predicate(tx: Transaction, columns: EntityColumns, verb: str = "read") -> ColumnElement[bool] | None:
    """Which records of an entity the actor meets with a verb; None for all of them."""
    entity = columns.entity
    if entity.parent is not None:
        return None
    try:
        found = access(tx, entity.name)
    except NotFound:
        return sa.false()
    return found.predicate(verb, columns.built, tx.context.actor, columns, bindings(tx))


def may_on(tx: Transaction, entity: Entity, record_id: UUID, verb: str) -> bool:
    """Whether the actor may do something with this very record: what screens offer there. The verb itself decides again."""
    rights = access(tx, entity.name)
    if not rights.allows(verb):
        return False
    columns = EntityColumns(tx.model, entity, bindings=bindings(tx), gate=gate_for(tx))
    predicate = read_predicate(tx, columns, verb)
    if predicate is None:
        return True
    own = columns.own("id")
    statement = (
        sa.select(own)
        .select_from(columns.source)
        .where(own == sa.bindparam("record", type_=sa.Uuid()), predicate)
    )
    return bool(tx.select(statement, {"record": record_id, **actor_values(tx.context.actor)}))


def bindings(tx: Transaction, **more: Any) -> Bindings:
    """What `now()`, `today()` and `user` stand for in this transaction."""
    if tx.bound is None or tx.bound[0] is not tx.context:
        tx.bound = (tx.context, _bindings(tx.context))
    found: Bindings = tx.bound[1]
    return replace(found, **more) if more else found


def _bindings(context: Context) -> Bindings:
    actor = context.actor
    user = User(
        id=str(actor.id) if actor.id else None,
        teams=tuple(str(team) for team in actor.teams),
        roles=tuple(sorted(actor.roles)),
        locale=context.locale,
    )
    today = context.now.astimezone(ZoneInfo(context.company.time_zone)).date()
    return Bindings(now=context.now, today=today, user=user)


def bound_values(tx: Transaction, reads: frozenset[str]) -> tuple[Any, ...]:
    """The values of what some expressions read of the clock and the user: in SQL they are literals, so a statement
    with them is good for as long as they are. `reads` are names as in `Checked.reads_context`.
    """
    if not reads:
        return ()
    own = bindings(tx)
    return (
        own.now if "now" in reads else None,
        own.today if "today" in reads else None,
        own.user if any(name.startswith(("user", "hasRole")) for name in reads) else None,
    )


def read_by_fields(model: Model, entity: Entity) -> frozenset[str]:
    """What the computed fields of an entity, and of all they lead to, read of the clock and the user."""
    return _READS.get_or((model.hash, entity.name), lambda: _reads(model, entity))


def _reads(model: Model, entity: Entity) -> frozenset[str]:
    found: set[str] = set()
    seen: set[str] = set()
    todo = [entity.name]
    while todo:
        name = todo.pop()
        if name in seen or name not in model.entities:
            continue
        seen.add(name)
        for field in model.entities[name].fields.values():
            if field.formula is not None:
                found |= field.formula.reads_context
            for path in field.formula.deps if field.formula else [field.related] if field.related else []:
                todo += _entities_on(model, model.entities[name], path)
    return frozenset(found)


def read_by_expression(model: Model, entity: Entity, checked: Checked | None) -> frozenset[str]:
    """What an expression over an entity, and the computed fields that it leads to, read of the clock and the user."""
    if checked is None:
        return frozenset()
    found = checked.reads_context
    for path in checked.deps:
        for name in (entity.name, *_entities_on(model, entity, path)):
            found |= read_by_fields(model, model.entities[name])
    return found


def behind(model: Model, entity: Entity, words: Iterable[str]) -> Iterator[str]:
    """The entities that those of some names which are links or lines of an entity lead to."""
    for word in words:
        if word in entity.fields or word in SYSTEM_FIELDS:
            yield from _entities_on(model, entity, (word,))


def _entities_on(model: Model, entity: Entity, path: tuple[str, ...]) -> Iterator[str]:
    """The entities that a path leads through."""
    for part in path:
        field = entity.fields.get(part)
        name = (field.lines or field.target or "") if field is not None else "user"
        if name not in model.entities:
            return
        yield name
        entity = model.entities[name]


def record_type(tx: Transaction, entity: Entity) -> RecordType:
    """The entity as the actor's expressions see it: readable fields only, through links too."""
    if tx.context.actor.kind == "system":
        return record_types(tx.model).of(entity.name)
    return _visible(tx, entity)


def _visible(tx: Transaction, entity: Entity) -> RecordType:
    types = record_types(tx.model)

    def fields() -> dict[str, Type]:
        try:
            rights = readable(tx, entity.name)
        except NotFound:
            return {}
        names = ("id", *entity.fields) if entity.parent else (*SYSTEM_FIELDS, *entity.fields)
        shown: dict[str, Type] = {}
        for name in names:
            type_ = types.field(entity.name, name)
            if type_ is not None and (name in rights.readable or name == "id"):
                shown[name] = _behind(tx, entity, name, type_)
                if name in entity.fields and entity.fields[name].type == "money":
                    shown |= {f"{name}_currency": CURRENCY, f"{name}_base": type_}
        return shown

    return RecordType(entity.name, fields)


def _behind(tx: Transaction, entity: Entity, name: str, type_: Type) -> Type:
    if isinstance(type_, Link):
        target = entity.fields[name].target if name in entity.fields else "user"
        if target is not None and target in tx.model.entities:
            return Link(lambda: _visible(tx, tx.model.entities[target]))
    if isinstance(type_, Lines):
        child = entity.fields[name].lines
        if child is not None and child in tx.model.entities:
            return Lines(lambda: _visible(tx, tx.model.entities[child]))
    return type_
