"""Fields as screens meet them: system fields beside a document's own, and paths that follow links.

A `Column` is something of a record that can be shown: where its value is found (`path`), and the field at
the end of the path, whose type chooses the widget.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from fieldstone.metadata.definitions import Entity, Field, Model
from fieldstone.metadata.presentation import origin_of
from fieldstone.metadata.system_fields import system_fields

LINK_TYPES: Final = frozenset({"link", "parent", "user", "team"})


@dataclass(frozen=True, slots=True)
class Column:
    """`name` is what documents and addresses say (`place.name`); `entity` owns `field`; `editable` in
    place.
    """

    name: str
    path: tuple[str, ...]
    entity: Entity
    field: Field
    title: str = ""

    @property
    def links(self) -> str | None:
        """The link field of the listed entity that must be expanded to show this column."""
        follows = (
            len(self.path) > 1
            or self.field.type in LINK_TYPES
            or self.field.type in ("multi_link", "any_link")
        )
        return self.path[0] if follows else None


def field_of(entity: Entity, name: str) -> Field | None:
    """A field of an entity by name, system fields included."""
    return entity.fields.get(name) or system_fields().get(name)


def target_of(model: Model, field: Field) -> Entity | None:
    """The entity that a link leads to."""
    name = field.target or (field.type if field.type in ("user", "team") else None)
    return model.entities.get(name) if name else None


def column_at(model: Model, entity: Entity, name: str) -> Column | None:
    """The column for a name or path, or None when it leads nowhere."""
    path = tuple(name.split("."))
    owner: Entity | None = entity
    for link in path[:-1]:
        step = field_of(owner, link) if owner else None
        owner = target_of(model, step) if step and step.lines is None else None
    field = field_of(owner, path[-1]) if owner else None
    if owner is None or field is None:
        return None
    return Column(name, path, owner, field)


def shown_as(model: Model, entity: Entity, field: Field) -> tuple[Entity, Field]:
    """The field whose widget and labels show a value: a related field is shown like the one it takes over,
    another computed field like the type of its result."""
    entity, field = origin_of(model, entity, field)
    if field.name == "id":
        return entity, replace(field, type="text")
    if field.computed and field.type not in ("sequence", "snapshot"):
        kind = field.settings.get("kind", {}).get("kind", "text")
        return entity, replace(field, type=kind)
    return entity, field


def value_at(record: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    """The value at a path of an expanded record; None where a link is empty or may not be seen."""
    value: Any = record
    for name in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def title_of(entity: Entity, record: Mapping[str, Any]) -> str:
    """What a record is called: its title field, else the beginning of its id."""
    title = record.get(entity.title_field) if entity.title_field else None
    return str(title) if title not in (None, "") else str(record.get("id", ""))[:8]
