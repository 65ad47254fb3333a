"""Makes the generated layer: the form, list, menu entry and role that a package left out.

It lies above the base and below the packages, so whatever a package or a tenant says about a generated
document wins property by property. It is made from effective entities: a field that a tenant adds appears in
it. A package with menus (or roles) of its own decides itself what stands in them; nothing is added to those.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from fieldstone.metadata.definitions import Document
from fieldstone.metadata.documents import Package, title_of
from fieldstone.metadata.fields.inference import infer
from fieldstone.metadata.layers import Key

LONG: Final = ("multiline", "rich_text", "markdown", "code", "json")
PANELS: Final = ("lines", "multi_link")
COLUMNS: Final = 7
TELLING: Final[Mapping[str, int]] = {
    "position": -1, "select": 0, "radio": 0, "dependent_select": 1, "region": 2, "image": 3, "sequence": 0,
    "money": 1, "date": 1, "link": 1, "parent": 2, "user": 2, "team": 2, "integer": 2,
    "decimal": 2, "percent": 2, "number": 2, "datetime": 3, "formula": 3,
    "rollup": 3, "related": 3, "email": 3, "phone": 3, "boolean": 4, "text": 4, "person_name": 4, "rating": 4,
    "multi_select": 5, "tags": 5, "url": 6, "time": 4, "duration": 3, "date_range": 3, "colour": 5, "icon": 5,
    "barcode": 5,
}  # fmt: skip
"""Field types that make good columns, the best first; others are left out of generated lists."""

VERBS: Final = ("create", "read", "update", "delete", "export", "import")


def generate(
    entities: Mapping[Key, Document], packages: Sequence[Package], tenant: Mapping[Key, Any]
) -> dict[Key, Mapping[str, Any]]:
    """The generated documents for effective entities; `packages` include the base."""
    with_form = _named(packages, "forms")
    with_view = _named(packages, "views")
    result: dict[Key, Mapping[str, Any]] = {}
    for (_, name), document in entities.items():
        body = document.body
        if not isinstance(body, Mapping) or not isinstance(body.get("properties", {}), Mapping):
            continue
        if name not in with_form:
            result["forms", name] = form_of(name, body)
        if name not in with_view:
            result["views", view_name(name)] = view_of(name, body)
    result.update(_menus_and_roles(entities, packages, tenant))
    return result


def _named(packages: Iterable[Package], folder: str) -> set[Any]:
    """The entities that documents of a folder are about."""
    return {
        document.body.get("entity")
        for package in packages
        for document in package.documents.values()
        if document.folder == folder and isinstance(document.body.get("entity"), str)
    }


def view_name(entity: str) -> str:
    """The name of an entity's generated list; names have at most 40 characters."""
    return f"{entity}_list" if len(entity) <= 35 else entity


def type_of(schema: Any) -> str:
    """The field type of a property schema, as far as it can be told without the rest of the document."""
    if not isinstance(schema, Mapping):
        return "json"
    named = schema.get("field")
    try:
        return named if isinstance(named, str) else infer(schema)
    except (TypeError, AttributeError, KeyError, ValueError):  # a schema that its meta-schema will refuse
        return "json"


def _in_order(body: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(name, type) of every property, by `order`."""
    found = []
    for at, (name, schema) in enumerate(body.get("properties", {}).items(), 1):
        order = schema.get("order") if isinstance(schema, Mapping) else None
        found.append((order if isinstance(order, int | float) else at * 10, at, name, type_of(schema)))
    return [(name, kind) for _, _, name, kind in sorted(found)]


def _title_field(body: Mapping[str, Any], fields: Sequence[tuple[str, str]]) -> str | None:
    names = [name for name, _ in fields]
    candidates = [body.get("titleField"), "name", "title", "label"]
    named = next((name for name in candidates if name in names), None)
    required = body.get("required")
    texts = [name for name, kind in fields if kind == "text"]
    first = [name for name in texts if isinstance(required, list) and name in required]
    return named or next(iter([*first, *texts]), None)


def form_of(name: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """A form: the title first, short fields in two columns, long texts below, lines on their own."""
    fields = _in_order(body)
    title = _title_field(body, fields)
    fields.sort(key=lambda field: field[0] != title)
    short = [field for field, kind in fields if kind not in LONG and kind not in (*PANELS, "position")]
    long = [field for field, kind in fields if kind in LONG]
    sections: list[dict[str, Any]] = []
    items: list[dict[str, Any]] = []
    for section, heading, columns, members in (("basic", "Basics", 2, short), ("more", "More", 1, long)):
        if members:
            sections.append(
                {"name": section, "title": heading, "columns": columns, "order": 10 * len(sections) + 10}
            )
            items += [{"name": field, "section": section} for field in members]
    for field, kind in fields:
        if kind in PANELS:
            schema = body["properties"][field]
            section = f"lines_{len(sections) + 1}"
            heading = schema.get("title") or title_of(field)
            sections.append(
                {"name": section, "title": heading, "columns": 1, "order": 10 * len(sections) + 10}
            )
            items.append({"name": field, "section": section})
    return {"entity": name, "sections": sections, "items": items, "default": True}


def view_of(name: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """A list: the title and up to six telling columns, newest first, or in the order that people make by hand."""
    fields = _in_order(body)
    title = _title_field(body, fields)
    required = body.get("required")
    needed = required if isinstance(required, list) else []
    ranked = sorted(
        (TELLING[kind] - (field in needed), at, field)
        for at, (field, kind) in enumerate(fields)
        if kind in TELLING and field != title
    )
    chosen = {field for _, _, field in ranked[: COLUMNS - (title is not None)]}
    ordered = next((field for field, kind in fields if kind == "position"), None)
    columns = [title] if title else []
    columns += [field for field, _ in fields if field in chosen]
    return {
        "entity": name, "kind": "list", "columns": [{"name": column} for column in columns],
        "sort": [ordered or "-created_at"], "default": True,
    }  # fmt: skip


def _menus_and_roles(
    entities: Mapping[Key, Document], packages: Sequence[Package], tenant: Mapping[Key, Any]
) -> dict[Key, Mapping[str, Any]]:
    result: dict[Key, Mapping[str, Any]] = {}
    for at, package in enumerate(packages[1:], 1):
        own = [
            name for (_, name), document in entities.items() if document.provenance.get("") == package.name
        ]
        folders = {folder for folder, _ in package.documents}
        if own and "menus" not in folders:
            result["menus", package.name] = menu_of(package.title, own, at * 100)
        if own and "roles" not in folders:
            name = f"{package.name[:35]}_user"
            result["roles", name] = role_of(f"{package.title} user", own)
    in_menus = {
        item.get("entity")
        for (folder, _), patch in tenant.items()
        if folder == "menus" and isinstance(patch, Mapping) and isinstance(patch.get("items"), list)
        for item in patch["items"]
        if isinstance(item, Mapping)
    }
    added = [
        name
        for (_, name), document in entities.items()
        if document.provenance.get("") == "tenant" and name not in in_menus
    ]
    if added:
        result["menus", "more"] = menu_of("More", added, 9000)
    return result


def menu_of(title: str, entities: Sequence[str], order: int) -> dict[str, Any]:
    return {"title": title, "order": order, "items": [{"name": name, "entity": name} for name in entities]}


def role_of(title: str, entities: Sequence[str]) -> dict[str, Any]:
    """A role that works with all records of the package's entities."""
    verbs = dict.fromkeys(VERBS, "all")
    return {"title": title, "entities": [{"name": name, "verbs": verbs} for name in entities]}
