"""Reads forms, views and menus into definitions in effective order, and checks everything they name."""

from collections.abc import Mapping, Sequence
from typing import Any

from fieldstone.expressions import BOOLEAN, FILTER, RULE, Allowed, Checked
from fieldstone.expressions.types import Link
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
from fieldstone.metadata.documents import title_of
from fieldstone.metadata.layers import layer_of
from fieldstone.problems import Problem, did_you_mean


class _Reading:
    """One document being read: what it may name, and what is wrong with it."""

    def __init__(
        self, document: Document, checking: Checking, roles: Sequence[str], problems: list[Problem]
    ) -> None:
        self.document = document
        self.body = document.body
        self.checking = checking
        self.roles_known = roles
        self.problems = problems
        self.entities: dict[str, Entity] = {
            name: draft.entity for name, draft in checking.drafts.items() if draft.entity.parent is None
        }

    def unknown(self, pointer: str, code: str, word: str, what: str, known: Sequence[str]) -> None:
        message = f'"{word}" is no {what}{did_you_mean(word, known)}'
        self.problems.append(Problem(pointer, code, message))

    def entity(self, pointer: str, name: str) -> Entity | None:
        if name not in self.entities:
            self.unknown(pointer, "entity.unknown", name, "entity", list(self.entities))
        return self.entities.get(name)

    def roles(self, holder: Mapping[str, Any], pointer: str) -> frozenset[str]:
        for at, role in enumerate(holder.get("roles", ())):
            if role not in self.roles_known:
                self.unknown(f"{pointer}/roles/{at}", "role.unknown", role, "role", self.roles_known)
        return frozenset(holder.get("roles", ()))

    def expression(
        self,
        holder: Mapping[str, Any],
        keyword: str,
        pointer: str,
        entity: Entity | None,
        allowed: Allowed = RULE,
    ) -> Checked | None:
        if keyword not in holder or entity is None:
            return None
        found = self.checking.problems
        before = len(found)
        checked = self.checking.expression(
            entity.name, holder[keyword], f"{pointer}/{keyword}", allowed, BOOLEAN
        )
        self.problems += [problem for _, problem in found[before:]]
        del found[before:]
        return checked

    def layer(self, pointer: str) -> str:
        return layer_of(self.document, pointer)

    def path(self, entity: Entity, name: str, pointer: str) -> tuple[str, ...]:
        """A field, or links and a field with dots between; a field whose name has dots is taken as it is."""
        if self.checking.types.field(entity.name, name) is not None:
            return (name,)
        steps, at = tuple(name.split(".")), entity.name
        for index, step in enumerate(steps):
            type_ = self.checking.types.field(at, step)
            if type_ is None:
                known = list(self.checking.types.of(at).all_fields())
                self.unknown(pointer, "field.unknown", step, f'field of "{at}"', known)
                break
            record = type_.record() if isinstance(type_, Link) else None
            if index < len(steps) - 1:
                if record is None:
                    message = f'"{step}" of "{at}" is no link, so "{name}" leads nowhere'
                    self.problems.append(Problem(pointer, "field.no_link", message))
                    break
                at = record.name
        return steps


def ordered(items: Sequence[Mapping[str, Any]]) -> list[tuple[float, int, Mapping[str, Any]]]:
    """(order, position in the document, item) by order, which is ten times the position when left out."""
    places = [(float(item.get("order", at * 10 + 10)), at, item) for at, item in enumerate(items)]
    return sorted(places, key=lambda place: place[:2])


def read_form(document: Document, checking: Checking, roles: Sequence[str], problems: list[Problem]) -> Form:
    """The form of a document; what is wrong is appended to `problems`."""
    reading = _Reading(document, checking, roles, problems)
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
    reading: _Reading,
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
    reading: _Reading, order: float, at: int, body: Mapping[str, Any], sections: Sequence[FormSection],
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


def _columns(reading: _Reading, body: Mapping[str, Any], pointer: str, entity: Entity | None) -> None:
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
    reading = _Reading(document, checking, roles, problems)
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
    return View(
        name=document.name, entity=body["entity"], title=title, columns=tuple(columns),
        filter=reading.expression(body, "filter", "", entity, FILTER), sort=tuple(sort),
        kind=body.get("kind", "list"), page_size=body.get("pageSize", 50), order=float(body.get("order", 0)),
        description=body.get("description", ""), roles=reading.roles(body, ""),
        default=body.get("default", False), layer=reading.layer(""),
    )  # fmt: skip


def read_menu(
    document: Document,
    checking: Checking,
    roles: Sequence[str],
    views: Mapping[str, str],
    problems: list[Problem],
) -> Menu:
    """The menu of a document; `views` maps every view to its entity."""
    reading = _Reading(document, checking, roles, problems)
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
