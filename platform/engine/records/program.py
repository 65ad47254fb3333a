"""What writing a record of an entity involves, worked out once per model from the definitions.

A program answers for one entity: which of its values are computed and in which order, which fields of linked
records that needs, and which other records must be brought up to date afterwards.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter

from fieldstone.engine.cache import LRU
from fieldstone.engine.columns import column_kind
from fieldstone.engine.permissions.allowances import EVERY
from fieldstone.engine.storage.ddl import LINK_TYPES
from fieldstone.engine.storage.tables import EntityTable, table_for
from fieldstone.expressions import Checked
from fieldstone.metadata.definitions import Entity, Field, Model
from fieldstone.metadata.fields.file import ONE_FILE

Path = tuple[str, ...]
MAX_DEPTH = 8


@dataclass(frozen=True, slots=True)
class ParentRollup:
    """A rollup of another entity that this one's records count into, through `link`."""

    entity: str
    field: str
    link: str


@dataclass(frozen=True, slots=True)
class Dependent:
    """A stored formula of another entity that reads fields of this one through a chain of links."""

    entity: str
    field: str
    via: Path
    reads: frozenset[str]


@dataclass(frozen=True, slots=True)
class Program:
    """See the module. `computed` is in dependency order; `hops` maps a link field to the paths read behind it;
    `on_reading` names the computed fields that are not stored; `held` are the links whose targets must stand still while a
    record comes to link to them, since a stored formula reads them (true: because rollups there count it, too).
    """

    entity: Entity
    computed: tuple[Field, ...]
    links: tuple[Field, ...]
    lines: tuple[Field, ...]
    files: tuple[Field, ...]
    anywhere: tuple[Field, ...]
    dependent: tuple[Field, ...]
    snapshots: tuple[Field, ...]
    money: tuple[Field, ...]
    sequences: tuple[Field, ...]
    defaults: tuple[Field, ...]
    conditional: tuple[Field, ...]
    machines: tuple[Field, ...]
    bound: tuple[Field, ...]
    searched: tuple[Field, ...]
    hops: dict[str, frozenset[Path]]
    on_reading: frozenset[str]
    held: Mapping[str, bool]
    parents: tuple[ParentRollup, ...]
    dependents: tuple[Dependent, ...]

    @property
    def counted_in(self) -> dict[str, set[str]]:
        """The entities whose rollups count this one's records, by the link to them."""
        found: dict[str, set[str]] = {}
        for rollup in self.parents:
            found.setdefault(rollup.link, set()).add(rollup.entity)
        return found

    @property
    def built(self) -> EntityTable:
        """The table. It is not kept here: it weighs a third of a megabyte, and there are more programs than tables."""
        return table_for(self.entity)

    @property
    def ruled(self) -> bool:
        """Whether there may be anything for `check.rule_problems` to find; lines may have rules of their own."""
        return bool(self.entity.rules or self.conditional or self.dependent or self.lines)


_programs: LRU[tuple[str, str], Program] = LRU(1024)


def program_for(model: Model, entity: Entity) -> Program:
    """The program of an entity of a model."""
    return _programs.get_or((model.hash, entity.name), lambda: _build(model, entity))


def _build(model: Model, entity: Entity) -> Program:
    fields = tuple(entity.fields.values())
    computed = _in_order(
        [f for f in fields if f.formula or f.related or (f.rollup and _over_lines(entity, f))]
    )
    parents = tuple(_parents(model, entity))
    return Program(
        entity=entity,
        computed=computed,
        links=tuple(f for f in fields if f.type in LINK_TYPES and f.type not in ONE_FILE),
        lines=tuple(f for f in fields if f.lines is not None),
        files=tuple(f for f in fields if f.type in ONE_FILE or f.type == "files"),
        anywhere=tuple(f for f in fields if f.type == "any_link"),
        dependent=tuple(f for f in fields if f.type == "dependent_select"),
        snapshots=tuple(f for f in fields if f.type == "snapshot"),
        money=tuple(f for f in fields if f.type == "money"),
        sequences=tuple(f for f in fields if f.type == "sequence"),
        defaults=tuple(f for f in fields if f.default_expression is not None),
        conditional=tuple(f for f in fields if f.required_when or f.read_only_when),
        machines=tuple(f for f in fields if f.machine is not None),
        bound=tuple(f for f in fields if f.approval is not None),
        searched=tuple(f for f in fields if f.search),
        hops=_hops(model, entity, fields),
        on_reading=frozenset(f.name for f in computed if column_kind(f) is None),
        held=_held(entity, parents),
        parents=parents,
        dependents=tuple(_dependents(model, entity)),
    )


def _over_lines(entity: Entity, field: Field) -> bool:
    return field.rollup is not None and "." not in field.rollup.of


def _in_order(fields: list[Field]) -> tuple[Field, ...]:
    by_name = {field.name: field for field in fields}
    graph = {field.name: [path[0] for path in paths_of(field) if path[0] in by_name] for field in fields}
    return tuple(by_name[name] for name in TopologicalSorter(graph).static_order() if name in by_name)


def paths_of(field: Field) -> frozenset[Path]:
    """The paths that a computed field reads."""
    if field.formula is not None:
        return field.formula.deps
    if field.related is not None:
        return frozenset([field.related])
    if field.rollup is not None:
        return frozenset([(field.rollup.of,)])
    return frozenset()


def expressions_of(entity: Entity) -> Iterable[Checked]:
    """Every expression that a write of this entity evaluates."""
    for field in entity.fields.values():
        if isinstance(when := field.settings.get("when"), Checked):
            yield when
        for expression in (
            field.formula,
            field.default_expression,
            field.required_when,
            field.read_only_when,
        ):
            if expression is not None:
                yield expression
        for transition in field.machine.transitions if field.machine is not None else ():
            if transition.when is not None:
                yield transition.when
            yield from transition.set.values()
    for rule in entity.rules:
        yield rule.when


def record_rules_of(model: Model, entity: Entity) -> Iterable[Checked]:
    """The record rules of every role that speak of this entity: they judge who may write a record."""
    for role in model.roles.values():
        grant = role.grants.get(entity.name) or role.grants.get(EVERY)
        for rule in grant.record_rules if grant is not None else ():
            yield rule.when


def _hops(model: Model, entity: Entity, fields: tuple[Field, ...]) -> dict[str, frozenset[Path]]:
    links = {f.name for f in fields if f.type in LINK_TYPES} | {"owner_id", "created_by", "updated_by"}
    found: dict[str, set[Path]] = {}
    for expression in (*expressions_of(entity), *record_rules_of(model, entity)):
        for path in expression.deps:
            if len(path) > 1 and path[0] in links:
                found.setdefault(path[0], set()).add(path[1:])
    for field in fields:
        if field.related is not None and len(field.related) > 1:
            found.setdefault(field.related[0], set()).add(field.related[1:])
    for field in fields:
        if field.type == "snapshot":
            found.setdefault(field.settings["of"], set()).update(copied(model, entity, field))
    for path in _read_by_owner(model, entity):
        if len(path) > 1 and path[0] in links:
            found.setdefault(path[0], set()).add(path[1:])
    return {link: frozenset(paths) for link, paths in found.items()}


def copied(model: Model, entity: Entity, field: Field) -> Iterable[Path]:
    """What a snapshot reads of the linked record: its fields, an amount with its currency."""
    link = entity.fields.get(field.settings["of"])
    target = model.entities.get(link.target or "") if link else None
    for name in field.settings["fields"] if target else ():
        yield (name,)
        if target and target.fields[name].type == "money":
            yield (f"{name}_currency",)


def _read_by_owner(model: Model, entity: Entity) -> Iterable[Path]:
    """What the expressions of the record that owns lines read of each line."""
    if entity.parent is None or entity.parent[0] not in model.entities:
        return
    owner, name = model.entities[entity.parent[0]], entity.parent[1]
    for expression in (*expressions_of(owner), *record_rules_of(model, owner)):
        yield from (path[1:] for path in expression.deps if path[0] == name)
    for field in owner.fields.values():
        if field.rollup is not None and field.rollup.of == name:
            for part in (field.rollup.value, field.rollup.where):
                yield from part.deps if part is not None else ()


def _held(entity: Entity, parents: Iterable[ParentRollup]) -> dict[str, bool]:
    read = {
        path[0]
        for field in entity.fields.values()
        if field.formula is not None and column_kind(field) is not None
        for path in field.formula.deps
        if len(path) > 1
    }
    counted = {rollup.link for rollup in parents}
    return {link: link in counted for link in read}


def _parents(model: Model, entity: Entity) -> Iterable[ParentRollup]:
    for other in model.entities.values():
        for field in other.fields.values():
            if field.rollup is not None and "." in field.rollup.of and field.rollup.child == entity.name:
                yield ParentRollup(other.name, field.name, field.rollup.link)


def _dependents(model: Model, entity: Entity) -> Iterable[Dependent]:
    for other in model.entities.values():
        for field in other.fields.values():
            if field.formula is None or column_kind(field) is None:
                continue
            by_chain: dict[Path, set[str]] = {}
            for path in field.formula.deps:
                for name, via, read in sources(model, other, path):
                    if via and name == entity.name:
                        by_chain.setdefault(via, set()).add(read)
            for via, reads in by_chain.items():
                yield Dependent(other.name, field.name, via, frozenset(reads))


def sources(
    model: Model, entity: Entity, path: Path, via: Path = (), depth: int = 0
) -> Iterable[tuple[str, Path, str]]:
    """Every stored field behind a path: its entity, the links that lead there, its name.

    What is computed on reading is followed to what it reads in turn.
    """
    name = path[0]
    yield entity.name, via, name
    field = entity.fields.get(name)
    if len(path) > 1:
        target = "user" if field is None else None if field.lines else field.target
        if target is not None and target in model.entities:
            yield from sources(model, model.entities[target], path[1:], (*via, name), depth)
    elif field is not None and depth < MAX_DEPTH and field.computed and column_kind(field) is None:
        for further in paths_of(field):
            yield from sources(model, entity, further, via, depth + 1)


def own_sources(model: Model, entity: Entity, field: Field) -> frozenset[str]:
    """The names of the entity's own fields that a computed one depends on, directly or through others."""
    return frozenset(
        name for path in paths_of(field) for _, via, name in sources(model, entity, path) if not via
    )
