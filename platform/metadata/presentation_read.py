"""Reads forms, views and menus into definitions in effective order, and checks everything they name."""

from collections.abc import Mapping, Sequence
from typing import Any

from fieldstone.expressions import FILTER
from fieldstone.metadata.checking import Checking
from fieldstone.metadata.definitions import (
    SYSTEM_FIELDS,
    Document,
    Entity,
    Form,
    FormItem,
    FormSection,
    FormTab,
    Menu,
    MenuItem,
    RoleChange,
    View,
    ViewColumn,
)
from fieldstone.metadata.document_reading import Reading, ordered
from fieldstone.metadata.documents import title_of
from fieldstone.metadata.view_kinds import PAGE_SIZES, kind_of_view
from fieldstone.problems import Problem


def read_form(document: Document, checking: Checking, roles: Sequence[str], problems: list[Problem]) -> Form:
    """The form of a document; what is wrong is appended to `problems`."""
    reading = Reading(document, checking, roles, problems)
    body = document.body
    entity = reading.entity("/entity", body["entity"])
    tabs = tuple(
        FormTab(
            tab["name"], tab.get("title") or title_of(tab["name"]), order,
            reading.expression(tab, "visibleWhen", f"/tabs/{at}", entity), reading.layer(f"/tabs/{at}"),
        )
        for order, at, tab in ordered(body.get("tabs", ()))
    )  # fmt: skip
    sections = tuple(
        _section(reading, order, at, section, tabs, entity)
        for order, at, section in ordered(body.get("sections", ()))
    )
    if not sections:
        sections = (FormSection("basic", "Basics", tabs[0].name if tabs else None),)
    items = [
        _item(reading, order, at, item, sections, entity)
        for order, at, item in ordered(body.get("items", ()))
    ]
    title = body.get("title") or (entity.title if entity else title_of(document.name))
    return Form(
        name=document.name, entity=body["entity"], title=title, tabs=tabs, sections=sections,
        items=tuple(items),
        roles=reading.roles(body, ""), default=body.get("default", False), layer=reading.layer(""),
    )  # fmt: skip


def _section(
    reading: Reading,
    order: float,
    at: int,
    body: Mapping[str, Any],
    tabs: Sequence[FormTab],
    entity: Entity | None,
) -> FormSection:
    pointer = f"/sections/{at}"
    names = [tab.name for tab in tabs]
    tab = body.get("tab", names[0] if names else None)
    if tab is not None and tab not in names:
        reading.unknown(f"{pointer}/tab", "tab.unknown", tab, "tab of this form", names)
    return FormSection(
        name=body["name"], title=body.get("title", title_of(body["name"])), tab=tab,
        columns=body.get("columns", 2),
        order=order, description=body.get("description", ""), collapsed=body.get("collapsed", False),
        visible_when=reading.expression(body, "visibleWhen", pointer, entity), layer=reading.layer(pointer),
    )  # fmt: skip


def _item(
    reading: Reading, order: float, at: int, body: Mapping[str, Any], sections: Sequence[FormSection],
    entity: Entity | None,
) -> FormItem:  # fmt: skip
    pointer = f"/items/{at}"
    names = [section.name for section in sections]
    section = body.get("section", names[0])
    if section not in names:
        reading.unknown(f"{pointer}/section", "section.unknown", section, "section of this form", names)
    known = [*(entity.fields if entity else ()), *SYSTEM_FIELDS]
    if entity is not None and body["name"] not in known:
        reading.unknown(f"{pointer}/name", "field.unknown", body["name"], f'field of "{entity.name}"', known)
    _columns(reading, body, pointer, entity)
    changes = []
    for index, change in enumerate(body.get("roles", ())):
        if change["name"] not in reading.roles_known:
            reading.unknown(
                f"{pointer}/roles/{index}/name", "role.unknown", change["name"], "role", reading.roles_known
            )
        changes.append(
            RoleChange(change["name"], change.get("hidden"), change.get("readOnly"), change.get("required"))
        )
    return FormItem(
        name=body["name"], section=section, order=order, width=body.get("width", 1), title=body.get("title"),
        description=body.get("description"), placeholder=body.get("placeholder", ""),
        hidden=body.get("hidden", False), required=body.get("required", False),
        read_only=body.get("readOnly", False),
        widget=body.get("widget"), columns=tuple(body.get("columns", ())),
        visible_when=reading.expression(body, "visibleWhen", pointer, entity),
        required_when=reading.expression(body, "requiredWhen", pointer, entity),
        read_only_when=reading.expression(body, "readOnlyWhen", pointer, entity),
        roles=tuple(changes), layer=reading.layer(pointer),
    )  # fmt: skip


def _columns(reading: Reading, body: Mapping[str, Any], pointer: str, entity: Entity | None) -> None:
    field = entity.fields.get(body["name"]) if entity else None
    lines = reading.checking.drafts.get(field.lines) if field and field.lines else None
    for at, column in enumerate(body.get("columns", ())):
        if lines is None:
            message = f'"{body["name"]}" holds no lines, so it has no columns'
            reading.problems.append(Problem(f"{pointer}/columns", "columns.no_lines", message))
            return
        if column not in lines.entity.fields:
            known = list(lines.entity.fields)
            reading.unknown(
                f"{pointer}/columns/{at}", "field.unknown", column, f'column of "{body["name"]}"', known
            )


def read_view(document: Document, checking: Checking, roles: Sequence[str], problems: list[Problem]) -> View:
    """The view of a document; what is wrong is appended to `problems`."""
    reading = Reading(document, checking, roles, problems)
    body = document.body
    entity = reading.entity("/entity", body["entity"])
    columns = []
    for order, at, column in ordered(body.get("columns", ())):
        pointer = f"/columns/{at}"
        path = reading.path(entity, column["name"], f"{pointer}/name") if entity else (column["name"],)
        columns.append(
            ViewColumn(
                column["name"], path, column.get("title"), order, column.get("width"),
                column.get("hidden", False),
                reading.roles(column, pointer), reading.layer(pointer),
            )
        )  # fmt: skip
    sort = []
    for at, word in enumerate(body.get("sort", ())):
        name = word.removeprefix("-")
        if entity:
            reading.path(entity, name, f"/sort/{at}")
        sort.append((name, word.startswith("-")))
    title = body.get("title") or (entity.plural if entity else title_of(document.name))
    kind = body.get("kind", "list")
    return View(
        name=document.name, entity=body["entity"], title=title, columns=tuple(columns),
        filter=reading.expression(body, "filter", "", entity, FILTER), sort=tuple(sort),
        kind=kind, page_size=body.get("pageSize", PAGE_SIZES.get(kind, 50)),
        order=float(body.get("order", 0)),
        description=body.get("description", ""), roles=reading.roles(body, ""),
        default=body.get("default", False), layer=reading.layer(""), **kind_of_view(reading, entity, kind),
    )  # fmt: skip


def read_menu(
    document: Document,
    checking: Checking,
    roles: Sequence[str],
    views: Mapping[str, str],
    problems: list[Problem],
) -> Menu:
    """The menu of a document; `views` maps every view to its entity."""
    reading = Reading(document, checking, roles, problems)
    body = document.body
    items = []
    for order, at, item in ordered(body.get("items", ())):
        pointer = f"/items/{at}"
        view = item.get("view")
        named = item.get("entity", views.get(view, "") if view else "")
        if not named and view is None:
            problems.append(
                Problem(pointer, "menu.empty", f'the entry "{item["name"]}" names neither entity nor view')
            )
        elif named:
            reading.entity(f"{pointer}/entity", named)
        if view is not None and view not in views:
            reading.unknown(f"{pointer}/view", "view.unknown", view, "view", list(views))
        elif view is not None and named != views[view]:
            message = f'the view "{view}" shows "{views[view]}", not "{named}"'
            problems.append(Problem(f"{pointer}/view", "view.entity", message))
        items.append(
            MenuItem(
                item["name"], named, view, item.get("title"), item.get("icon"), order,
                item.get("hidden", False),
                reading.roles(item, pointer), reading.layer(pointer),
            )
        )  # fmt: skip
    return Menu(
        name=document.name, title=body.get("title") or title_of(document.name), items=tuple(items),
        icon=body.get("icon"), order=float(body.get("order", 0)), roles=reading.roles(body, ""),
        layer=reading.layer(""),
    )  # fmt: skip
