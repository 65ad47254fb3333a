"""The columns of an exported table, and how a value becomes the text of a cell."""

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from fieldstone.metadata.definitions import Entity, Field, Model
from fieldstone.metadata.fields import FIELD_TYPES

LINKS = frozenset(("link", "parent", "user", "team"))
SYSTEM_LINKS = frozenset(("owner_id", "created_by", "updated_by"))


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the record's property, the field behind it, its title, and a link's target."""

    name: str
    base: str
    title: str
    text: Callable[[Any], str]
    target: str | None = None


def columns_of(model: Model, entity: Entity, names: Sequence[str], locale: str | None) -> list[Column]:
    """The columns of some fields; with a locale, titled in its language. Money brings its currency along."""
    texts = model.translations.get(locale or "", {})
    found = []
    for name in names:
        field = entity.fields.get(name)
        if field is None:
            target = "user" if name in SYSTEM_LINKS else None
            found.append(Column(name, name, name, plain_text, target))
            continue
        title = texts.get(f"field.{entity.name}.{name}", field.title) if locale else name
        target = field.target if field.type in LINKS else None
        found.append(
            Column(name, name, title, cell_text(entity, field, texts, titles=locale is not None), target)
        )
        if field.type == "money":
            found.append(Column(f"{name}_currency", name, f"{name}_currency", plain_text))
    return found


def cell_text(
    entity: Entity, field: Field, texts: Mapping[str, str], *, titles: bool
) -> Callable[[Any], str]:
    """How values of a field are written: as import reads them; options by title if asked for."""
    kind = FIELD_TYPES[field.type]
    if field.computed or field.type in LINKS:
        return plain_text
    if field.type == "file":
        return lambda value: "" if value is None else str(value.get("name", ""))
    named = {
        option.const: texts.get(f"option.{entity.name}.{field.name}.{option.const}", option.title)
        for option in field.options
    }

    def write(value: Any) -> str:
        if value is None:
            return ""
        if titles and named:
            value = [named.get(v, v) for v in value] if isinstance(value, list) else named.get(value, value)
            if isinstance(value, str):
                return value
        return kind.format_text(field, value)

    return write


def plain_text(value: Any) -> str:
    """A value without a field type of its own: system fields and computed ones."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, datetime.date):
        return value.isoformat()
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)


__all__ = ["Column", "cell_text", "columns_of", "plain_text"]
