"""Changes between two models, as data: what a plan lists and what apply carries out.

Classes, from harmless to harmful:

safe         takes effect at once and loses nothing
backfill     stored values are computed afterwards, while people work
rewrite      stored values take another form; none is lost
destructive  values or records disappear from view; they stay in the recycle area and need consent
"""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from fieldstone.engine.columns import column_kind
from fieldstone.engine.publish.following import to_recompute
from fieldstone.engine.storage.ddl import LINK_TYPES
from fieldstone.engine.storage.tables import field_columns, searched
from fieldstone.metadata.definitions import Entity, Field, Model

Class = Literal["safe", "backfill", "rewrite", "destructive"]


@dataclass(frozen=True, slots=True)
class Change:
    """One change. `id` is stable for equal changes, so that consent given to one plan names it.

    `facts` are numbers about stored records: `rows`, `violating`, `lost`, `samples` (ids), `seconds` (estimated).
    """

    id: str
    op: str
    cls: Class
    entity: str
    field: str = ""
    title: str = ""
    facts: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id, "op": self.op, "class": self.cls, "entity": self.entity, "field": self.field,
            "title": self.title, "facts": dict(self.facts),
        }  # fmt: skip


def signature(field: Field) -> str:
    """What a field's columns are; equal signatures hold each other's values."""
    return ",".join(f"{c.name.partition('__')[2]}:{c.type}" for c in field_columns(field))


def changes_between(old: Model, new: Model) -> Iterator[Change]:
    """Every change from one model to another; nothing for what only reads differently."""
    direct = list(_direct(old, new))
    yield from direct
    moved = frozenset((c.entity, c.field) for c in direct if c.op in ("convert", "retarget"))
    built = frozenset((c.entity, c.field) for c in direct if c.op in ("add_field", "recompute"))
    for entity_name, field_name in to_recompute(old, new, moved, built):
        yield _recomputed(new.entities[entity_name], new.entities[entity_name].fields[field_name])
    yield from _document_changes(old, new)


def _direct(old: Model, new: Model) -> Iterator[Change]:
    for name, entity in new.entities.items():
        before = old.entities.get(name)
        if before is None:
            yield Change(f"add_entity:{name}", "add_entity", "safe", name, title=f"New: {entity.plural}")
        elif before.hash != entity.hash:
            yield from _entity_changes(before, entity)
    for name, entity in old.entities.items():
        if name not in new.entities:
            yield Change(
                f"drop_entity:{name}",
                "drop_entity",
                "destructive",
                name,
                title=f"{entity.plural} are removed",
            )


def renames(old: Entity, new: Entity) -> dict[str, str]:
    """New name -> old name of fields that were renamed, or whose renaming is taken back."""
    gone, fresh = old.fields.keys() - new.fields.keys(), new.fields.keys() - old.fields.keys()
    found = {name: new.fields[name].renamed_from or "" for name in fresh}
    found |= {
        old.fields[name].renamed_from or "": name for name in gone if old.fields[name].renamed_from in fresh
    }
    return {name: source for name, source in found.items() if name in fresh and source in gone}


def _entity_changes(old: Entity, new: Entity) -> Iterator[Change]:
    renamed = renames(old, new)
    for name, source in renamed.items():
        title = f"{old.fields[source].title} is now called {new.fields[name].title}"
        yield Change(
            f"rename_field:{new.name}.{source}>{name}", "rename_field", "safe", new.name, name, title
        )
    for name, field in new.fields.items():
        if name not in old.fields and name not in renamed:
            yield from _added(new, field)
    for name, field in old.fields.items():
        if name not in new.fields and name not in renamed.values():
            cls: Class = "destructive" if field_columns(field) else "safe"
            yield Change(
                f"drop_field:{new.name}.{name}",
                "drop_field",
                cls,
                new.name,
                name,
                f"{field.title} is removed",
            )
    for name, field in new.fields.items():
        before = old.fields.get(renamed.get(name) or name)
        if before is not None and before != field:
            yield from _field_changes(new, before, field)
    if searched(new) and not searched(old):
        yield Change(
            f"search:{new.name}", "add_search", "backfill", new.name, title=f"{new.plural} can be searched"
        )
    elif searched(new) and _searched_fields(old, renamed) != _searched_fields(new, {}):
        yield Change(
            f"search:{new.name}",
            "search",
            "backfill",
            new.name,
            title=f"Search of {new.plural} covers other fields",
        )
    if new.duplicates and _match_recipe(new) != _match_recipe(old):
        yield Change(
            f"match:{new.name}",
            "match",
            "backfill",
            new.name,
            title=f"Likely duplicates among {new.plural} are found by other rules",
        )
    if (old.extras is False) != (new.extras is False):
        op = "add_extras" if old.extras is False else "drop_extras"
        cls = "safe" if op == "add_extras" else "destructive"
        yield Change(f"{op}:{new.name}", op, cls, new.name, title="Properties beyond the fields")
    if old.title_field != new.title_field:
        yield Change(
            f"title:{new.name}",
            "title_field",
            "safe",
            new.name,
            title=f"{new.plural} are titled by another field",
        )
    yield from _rule_changes(old, new)


def _searched_fields(entity: Entity, renamed: Mapping[str, str]) -> set[str]:
    back = {source: name for name, source in renamed.items()}
    return {back.get(f.name, f.name) for f in entity.fields.values() if f.search}


def _match_recipe(entity: Entity) -> list[tuple[Any, ...]]:
    """What the match keys of an entity's records are made of."""
    return [
        (rule.name, rule.when.source if rule.when else None, rule.fields)
        for rule in sorted(entity.duplicates, key=lambda rule: rule.name)
    ]


def _added(entity: Entity, field: Field) -> Iterator[Change]:
    stored = column_kind(field) is not None
    cls: Class = "backfill" if stored and (field.formula or field.rollup) else "safe"
    yield Change(
        f"add_field:{entity.name}.{field.name}",
        "add_field",
        cls,
        entity.name,
        field.name,
        f"New field: {field.title}",
    )
    if field.required:
        yield _tightened(entity, field)


def _field_changes(entity: Entity, old: Field, new: Field) -> Iterator[Change]:
    place = f"{entity.name}.{new.name}"
    if signature(old) != signature(new):
        if not field_columns(old):
            cls: Class = "backfill" if new.computed else "safe"
            yield Change(
                f"add_field:{place}", "add_field", cls, entity.name, new.name, f"{new.title} is stored now"
            )
        elif not field_columns(new):
            yield Change(
                f"drop_field:{place}",
                "drop_field",
                "destructive",
                entity.name,
                new.name,
                f"{new.title} is no longer stored",
            )
        else:
            title = f"{new.title} changes from {old.type} to {new.type}"
            yield Change(f"convert:{place}", "convert", "rewrite", entity.name, new.name, title)
    elif new.computed and column_kind(new) is not None and _recipe(old) != _recipe(new):
        yield _recomputed(entity, new)
    if (new.unique or new.type == "sequence") and not (old.unique or old.type == "sequence"):
        yield Change(
            f"unique:{place}", "add_unique", "safe", entity.name, new.name, f"{new.title} must be unique"
        )
    elif old.unique and not new.unique:
        yield Change(
            f"not_unique:{place}",
            "drop_unique",
            "safe",
            entity.name,
            new.name,
            f"{new.title} need not be unique",
        )
    elif new.index != old.index and not new.unique:
        op = "add_index" if new.index else "drop_index"
        yield Change(
            f"{op}:{place}",
            op,
            "safe",
            entity.name,
            new.name,
            f"{new.title}: {'faster' if new.index else 'no'} lookup",
        )
    if old.target != new.target and new.type in LINK_TYPES and old.type in LINK_TYPES:
        yield Change(
            f"retarget:{place}",
            "retarget",
            "destructive",
            entity.name,
            new.name,
            f"{new.title} links to another entity",
        )
    if _is_tighter(old, new):
        yield _tightened(entity, new)


def _recomputed(entity: Entity, field: Field) -> Change:
    title = f"{field.title} is computed anew"
    return Change(
        f"recompute:{entity.name}.{field.name}", "recompute", "backfill", entity.name, field.name, title
    )


def _recipe(field: Field) -> tuple[Any, ...]:
    rollup = field.rollup
    return (
        field.formula.source if field.formula else None,
        (rollup.of, rollup.fn, rollup.value and rollup.value.source, rollup.where and rollup.where.source)
        if rollup
        else None,
    )


def _is_tighter(old: Field, new: Field) -> bool:
    if new.required and not old.required:
        return True
    if {o.const for o in old.options} - {o.const for o in new.options}:
        return True
    if (new.required_when and new.required_when.source) != (old.required_when and old.required_when.source):
        return new.required_when is not None
    watched = (
        "maxLength",
        "minLength",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "pattern",
        "format",
    )
    return any(
        new.schema.get(k, new.settings.get(k)) != old.schema.get(k, old.settings.get(k)) for k in watched
    )


def _tightened(entity: Entity, field: Field) -> Change:
    title = f"{field.title} has a stricter rule"
    return Change(f"tighten:{entity.name}.{field.name}", "tighten", "safe", entity.name, field.name, title)


def _rule_changes(old: Entity, new: Entity) -> Iterator[Change]:
    before = {rule.name: rule.when.source for rule in old.rules}
    for rule in new.rules:
        if before.get(rule.name) != rule.when.source:
            yield Change(
                f"rule:{new.name}.{rule.name}", "rule", "safe", new.name, rule.name, f"Rule: {rule.message}"
            )
    for name in before.keys() - {rule.name for rule in new.rules}:
        yield Change(f"drop_rule:{new.name}.{name}", "drop_rule", "safe", new.name, name, f"Rule {name} ends")


def _document_changes(old: Model, new: Model) -> Iterator[Change]:
    """Documents that read differently: labels, forms, views, menus, roles ..."""
    for key in sorted(new.documents.keys() | old.documents.keys()):
        before, after = old.documents.get(key), new.documents.get(key)
        if before is not None and after is not None and before.body == after.body:
            continue
        folder, name = key
        verb = "new" if before is None else "removed" if after is None else "changed"
        title = str((after or before).body.get("title") or name)  # type: ignore[union-attr]
        yield Change(
            f"document:{folder}/{name}",
            f"document_{verb}",
            "safe",
            name if folder == "entities" else "",
            title=f"{folder}/{name} ({title}): {verb}",
        )
