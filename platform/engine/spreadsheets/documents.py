"""A proposal as documents of the tenant's layer, and as the imports that fill them.

Form, list and menu entry are generated from an entity, so only the entity itself is written, and the grants
of the roles that shall work with it.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from fieldstone.engine.imports import ImportOptions, Target
from fieldstone.engine.publish import Edit
from fieldstone.engine.spreadsheets.names import free_name, is_japanese
from fieldstone.engine.spreadsheets.proposal import ColumnProposal, Proposal, SheetProposal
from fieldstone.metadata.fields.lists import split_text

SCHEMA: Final = "https://fieldstone.dev/schemas/entity-1.json"
SEARCHED: Final = ("text", "email", "phone", "url")
UNIQUE: Final = ("text", "email", "phone", "url", "integer")
VERBS: Final = ("create", "read", "update", "delete", "export", "import")


def edits_of(proposal: Proposal) -> list[Edit]:
    """The edits that make a proposal real."""
    edits = [
        Edit("entities", sheet.name, _always(entity_document(sheet, proposal))) for sheet in proposal.used()
    ]
    granted: dict[str, list[str]] = {}
    for sheet in proposal.used():
        for role in sheet.roles:
            granted.setdefault(role, []).append(sheet.name)
    edits += [Edit("roles", role, _granting(entities)) for role, entities in granted.items()]
    return edits


def _always(document: dict[str, Any]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda body: document


def _granting(entities: list[str]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def change(body: dict[str, Any]) -> dict[str, Any]:
        grants = [each for each in body.get("entities", []) if each.get("name") not in entities]
        new = [{"name": name, "verbs": dict.fromkeys(VERBS, "all")} for name in entities]
        return {**body, "entities": [*grants, *new]}

    return change


def entity_document(sheet: SheetProposal, proposal: Proposal) -> dict[str, Any]:
    """The entity that a sheet becomes."""
    used = sheet.used()
    return {
        "$schema": SCHEMA,
        "name": sheet.name,
        "title": sheet.title,
        "plural": sheet.title,
        "icon": sheet.icon,
        "type": "object",
        "required": [column.name for column in used if column.required],
        "titleField": sheet.title_field,
        "properties": {column.name: property_schema(column, sheet, proposal) for column in used},
    }


def property_schema(column: ColumnProposal, sheet: SheetProposal, proposal: Proposal) -> dict[str, Any]:
    """The property that a column becomes."""
    schema: dict[str, Any] = {"field": column.type, "title": column.title}
    if column.type in ("select", "multi_select"):
        options = [{"const": const, "title": title} for const, title in constants(column).items()]
        choices = {"oneOf": options}
        return schema | (choices if column.type == "select" else {"items": choices})
    if column.type == "link":
        other = proposal.sheet(column.target or "")
        target = other.name if other is not None and other.use else column.target
        schema |= {"target": target, "onDelete": "restrict" if column.required else "clear"}
    if column.type == "money" and column.currency:
        schema["currency"] = column.currency
    if column.type in ("decimal", "money") and column.scale is not None:
        schema["scale"] = max(column.scale, 2) if column.type == "money" else column.scale
    if column.unique and column.type in UNIQUE:
        schema["unique"] = True
    if column.type in SEARCHED and (
        column.unique or column.name == sheet.title_field or column.type == "text"
    ):
        schema["search"] = True
    return schema


def constants(column: ColumnProposal) -> dict[str, str]:
    """Constants and titles of a choice's options, in their order."""
    titles = column.options
    if column.type == "multi_select":
        titles = tuple(dict.fromkeys(part for title in titles for part in split_text(title)))
    japanese = is_japanese((column.title, *titles))
    found: dict[str, str] = {}
    for number, title in enumerate(titles, 1):
        found[free_name(title, f"option_{number}", found, japanese=japanese)] = title
    return found


def import_of(sheet: SheetProposal) -> ImportOptions:
    """How the rows of a sheet become records of its entity: good rows are kept whatever the others say."""
    used = sheet.used()
    values: Mapping[str, Mapping[str, Any]] = {
        column.name: dict.fromkeys(column.blanks) for column in used if column.blanks
    }
    mapping = {column.column: (Target(column.name, column.parse),) for column in used}
    dropped: dict[str, tuple[Target, ...]] = {column.column: () for column in sheet.columns if not column.use}
    return ImportOptions(mode="create", mapping=mapping | dropped, values=values, partial=True)
