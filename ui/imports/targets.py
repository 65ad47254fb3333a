"""The fields that a column may fill, as a person chooses among them."""

from dataclasses import dataclass
from typing import Final

from fieldstone.engine.imports import importable
from fieldstone.engine.permissions import EntityAccess, access
from fieldstone.metadata.definitions import Entity, Field
from fieldstone.metadata.fields import FIELD_TYPES
from fieldstone.ui.fields import LINK_TYPES
from fieldstone.ui.visit import Visit

DATES: Final = frozenset({"date", "datetime"})
NUMBERS: Final = frozenset({"integer", "number", "decimal", "percent", "money"})
WORDS: Final = frozenset({"text", "email", "phone", "url"})
UNTOLD: Final = frozenset({"lines", "json", "file", "files", "image", "signature"})
"""Types that a cell of a table cannot say."""

READINGS: Final = {
    "date": ("year", "month", "dmy", "mdy"),
    "number": ("comma", "percent"),
    "text": ("slug", "lower"),
}
"""The ways of reading that make sense for a kind of field."""


@dataclass(frozen=True, slots=True)
class FieldChoice:
    """`kind` decides which ways of reading are offered; `only_key` fields find records but are not written."""

    name: str
    title: str
    kind: str
    required: bool = False
    only_key: bool = False


def field_choices(visit: Visit, entity: Entity) -> list[FieldChoice]:
    """Every field that this visitor's import may fill or use as a key, in the order of the entity."""
    rights = access(visit, entity.name)
    found: list[FieldChoice] = []
    for field in entity.fields.values():
        if field.name in rights.readable and field.type not in UNTOLD:
            found += _of_field(visit, entity, field, rights)
    if importable(entity, rights, "owner_id"):
        found.append(FieldChoice("owner_id", visit.labels.system("owner_id"), "link"))
    found.append(FieldChoice("id", "ID", "key", only_key=True))
    return found


def _of_field(visit: Visit, entity: Entity, field: Field, rights: EntityAccess) -> list[FieldChoice]:
    title = visit.labels.field(entity, field)
    if not importable(entity, rights, field.name):
        is_key = field.type == "sequence" or (field.unique and not field.computed)
        return [FieldChoice(field.name, title, "key", only_key=True)] if is_key else []
    parts = getattr(FIELD_TYPES[field.type], "parts", None)
    if parts:
        return [
            FieldChoice(f"{field.name}.{part}", f"{title} · {_part(visit, part)}", "text") for part in parts
        ]
    found = [FieldChoice(field.name, title, kind_of_field(field), field.required)]
    if field.type == "money":
        found.append(
            FieldChoice(f"{field.name}_currency", visit.texts("import.currency_of", title=title), "other")
        )
    return found


def kind_of_field(field: Field) -> str:
    if field.type in DATES:
        return "date"
    if field.type in NUMBERS:
        return "number"
    if field.type in LINK_TYPES:
        return "link"
    return "text" if field.type in WORDS else "other"


def _part(visit: Visit, part: str) -> str:
    key = f"part.{part}"
    return visit.texts(key) if visit.texts.has(key) else part.replace("_", " ")
