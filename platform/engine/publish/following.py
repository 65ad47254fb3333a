"""What follows from a change of definitions elsewhere: stored computed values whose sources are no longer what they were.

A stored formula or rollup is computed when a record is written. Where a publish changes what it reads (a field gets
another type, a formula in between another text, a link another target), nobody writes the records, so it is built anew.
"""

from collections.abc import Iterator

from fieldstone.engine.columns import column_kind
from fieldstone.engine.records.program import paths_of, sources
from fieldstone.metadata.definitions import Entity, Field, Model

Place = tuple[str, str]
"""An entity and a field of it."""


def to_recompute(old: Model, new: Model, moved: frozenset[Place], built: frozenset[Place]) -> list[Place]:
    """Stored computed fields that read what moved, directly or through others.

    `moved` are fields whose stored values change by themselves; `built` those that are computed anew anyway.
    """
    touched = {*moved, *built, *_told_otherwise(old, new)}
    reads = {
        (entity.name, field.name): frozenset(_read(new, entity, field))
        for entity in new.entities.values()
        for field in entity.fields.values()
        if (field.formula is not None or field.rollup is not None) and column_kind(field) is not None
    }
    found: list[Place] = []
    while True:
        more = [place for place, read in reads.items() if place not in touched and read & touched]
        if not more:
            break
        found += more
        touched.update(more)
    return [
        place for place in found if place[0] in old.entities and place[1] in old.entities[place[0]].fields
    ]


def _told_otherwise(old: Model, new: Model) -> Iterator[Place]:
    """Fields computed on reading whose formula or path is another one."""
    for entity in new.entities.values():
        before = old.entities.get(entity.name)
        for field in entity.fields.values():
            was = before.fields.get(field.name) if before is not None else None
            if was is not None and field.computed and column_kind(field) is None:
                texts = [each.formula.source if each.formula else each.related for each in (was, field)]
                if texts[0] != texts[1]:
                    yield entity.name, field.name


def _read(model: Model, entity: Entity, field: Field) -> Iterator[Place]:
    for path in paths_of(field):
        for name, _, source in sources(model, entity, path):
            yield name, source
    if field.rollup is None:
        return
    child = model.entities.get(field.rollup.child)
    if child is None:
        return
    if "." in field.rollup.of:
        yield child.name, field.rollup.link
    for expression in (field.rollup.value, field.rollup.where):
        for path in expression.deps if expression is not None else ():
            for name, _, source in sources(model, child, path):
                yield name, source
