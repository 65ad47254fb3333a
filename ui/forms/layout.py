"""A form laid out for one visitor and one record: tabs, sections and items with their controls or values as HTML.

What the visitor may not read is not on it. What cannot be changed (by role, by definition, because the platform
computes it) is shown as a value.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from markupsafe import Markup

from fieldstone.engine.permissions import EntityAccess, access
from fieldstone.expressions import Checked
from fieldstone.metadata.definitions import Entity, Field, FormItem
from fieldstone.metadata.fields.multi_link import LINK
from fieldstone.metadata.presentation import FormLayout, form_for
from fieldstone.ui.fields import field_of, shown_as, target_of
from fieldstone.ui.forms.controls import FORM_CONTROLS
from fieldstone.ui.forms.linked import as_row
from fieldstone.ui.forms.place import Place
from fieldstone.ui.visit import Visit
from fieldstone.ui.widgets import Cell, read_value
from fieldstone.ui.widgets.cell import BLANK

Kind = Literal["control", "value", "computed", "lines"]
NUMERIC = frozenset({"integer", "number", "decimal", "percent", "money"})


@dataclass(frozen=True, slots=True)
class GridColumn:
    """A column of a line grid: `html` is an empty control, None where the value is computed."""

    name: str
    type: str
    title: str
    help: str
    required: bool
    html: Markup | None
    numeric: bool


@dataclass(frozen=True, slots=True)
class Item:
    """A field on the form. `html` is its control or its value; lines have `columns` instead."""

    item: FormItem
    field: Field
    kind: Kind
    id: str
    title: str
    help: str
    required: bool
    html: Markup = BLANK
    columns: tuple[GridColumn, ...] = ()
    rows: tuple[tuple[Markup, ...], ...] = ()
    locked: bool = False
    wide: bool = False

    @property
    def name(self) -> str:
        return self.item.name


@dataclass(frozen=True, slots=True)
class Section:
    name: str
    title: str
    help: str
    columns: int
    collapsed: bool
    visible_when: Checked | None
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Tab:
    name: str
    title: str
    visible_when: Checked | None
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Laid:
    """A form for one visitor and record."""

    layout: FormLayout
    entity: Entity
    tabs: tuple[Tab, ...]

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple(item for tab in self.tabs for section in tab.sections for item in section.items)


class Layouter:
    """Lays out a form. `values` is a record whose links are objects with `$title`; `editing` asks for controls."""

    def __init__(
        self,
        visit: Visit,
        entity: Entity,
        values: Mapping[str, Any],
        *,
        editing: bool,
        form: str | None = None,
    ) -> None:
        self._visit = visit
        self._entity = entity
        self._values = values
        self._editing = editing
        self._rights = access(visit, entity.name)
        self._layout = form_for(visit.model, entity.name, visit.actor.roles, form) or form_for(
            visit.model, entity.name, visit.actor.roles
        )

    def lay(self) -> Laid | None:
        """The form, or None when the visitor has none for this entity."""
        layout = self._layout
        if layout is None:
            return None
        tabs = []
        for tab in layout.tabs:
            sections = []
            for each in tab.sections:
                items = tuple(item for item in map(self._item, each.items) if item is not None)
                if items:
                    title = self._visit.labels.section(layout.form, each.section)
                    own = each.section
                    columns = max(1, min(own.columns, 3))
                    told = (own.description, columns, own.collapsed, own.visible_when)
                    sections.append(Section(own.name, title, *told, items))
            if sections:
                title = self._visit.labels.tab(layout.form, tab)
                tabs.append(Tab(tab.name or "main", title, tab.visible_when, tuple(sections)))
        return Laid(layout, self._entity, tuple(tabs))

    def _item(self, item: FormItem) -> Item | None:
        field = field_of(self._entity, item.name)
        if field is None or item.name not in self._rights.readable:
            return None
        assert self._layout is not None
        labels = self._visit.labels
        title, help_text = labels.item(self._layout.form, item), labels.item_help(self._layout.form, item)
        control_id = f"field-{item.name}"
        writable = self._is_writable(item, field)
        kind: Kind = "lines" if field.lines else "computed" if field.computed else "value"
        if self._editing and writable and not field.lines and field.type in FORM_CONTROLS:
            kind = "control"
        html = BLANK
        columns: tuple[GridColumn, ...] = ()
        rows: tuple[tuple[Markup, ...], ...] = ()
        if kind == "control":
            told_by = f"{control_id}-help {control_id}-error" if help_text else f"{control_id}-error"
            place = Place(self._visit, self._entity, field, title, control_id, item.placeholder, told_by)
            html = FORM_CONTROLS[field.type](place)
        elif field.lines:
            columns = self._columns(item, field, writable)
            rows = self._rows(field, columns) if not (self._editing and writable) else ()
        else:
            html = self._value(self._entity, field, self._values.get(item.name), self._values)
        required = kind in ("control", "lines") and item.required and writable
        wide = field.lines is not None
        locked = self._editing and not writable and not field.computed
        return Item(
            item, field, kind, control_id, title, help_text, required, html, columns, rows, locked, wide
        )

    def _is_writable(self, item: FormItem, field: Field) -> bool:
        if item.name not in self._rights.writable or field.read_only or field.computed:
            return False
        if item.name in self._entity.fields:
            return not item.read_only
        assert self._layout is not None
        own = next((each for each in self._layout.form.items if each.name == item.name), item)
        return not own.read_only  # a system field that may be written: the owner

    def _columns(self, item: FormItem, field: Field, writable: bool) -> tuple[GridColumn, ...]:
        child = self._visit.model.entities[field.lines or ""]
        rights = access(self._visit, child.name)
        names = [
            name
            for name in (item.columns or child.fields)
            if name in child.fields and name in rights.readable
        ]
        columns = []
        for name in names:
            inner = child.fields[name]
            title, help_text = self._visit.labels.field(child, inner), self._visit.labels.help(child, inner)
            if (
                field.type == "multi_link"
                and name == LINK
                and (target := target_of(self._visit.model, field))
            ):
                title = self._visit.labels.entity(target)
            edit = (
                self._editing
                and writable
                and name in rights.writable
                and not inner.computed
                and not inner.read_only
            )
            control = FORM_CONTROLS.get(inner.type) if edit else None
            html = control(Place(self._visit, child, inner, title)) if control else None
            _, shown = shown_as(self._visit.model, child, inner)
            columns.append(
                GridColumn(
                    name, inner.type, title, help_text, inner.required and edit, html, shown.type in NUMERIC
                )
            )
        return tuple(columns)

    def _rows(self, field: Field, columns: tuple[GridColumn, ...]) -> tuple[tuple[Markup, ...], ...]:
        child = self._visit.model.entities[field.lines or ""]
        lines = self._values.get(field.name) or ()
        if field.type == "multi_link":
            lines = [as_row(line) for line in lines]
        return tuple(
            tuple(
                self._value(child, child.fields[column.name], line.get(column.name), line)
                for column in columns
            )
            for line in lines
        )

    def _value(self, entity: Entity, field: Field, value: Any, record: Mapping[str, Any]) -> Markup:
        owner, shown = shown_as(self._visit.model, entity, field)
        return read_value(cell_for(self._visit, owner, shown, value, record))

    @property
    def rights(self) -> EntityAccess:
        return self._rights


def cell_for(visit: Visit, entity: Entity, field: Field, value: Any, record: Mapping[str, Any]) -> Cell:
    """A value of a record page, with all that its widget needs. A link is an object with `$title`."""
    target = target_of(visit.model, field)
    if isinstance(value, Mapping) and "$title" in value and target is not None:
        named = {target.title_field: value["$title"]} if target.title_field else {}
        value = {**value, **named}
    return Cell(
        value, entity, field, record, visit.model, visit.labels, visit.formats, visit.texts, visit.urls,
        visit.context.company.currency, compact=False,
    )  # fmt: skip


def with_links(
    entity: Entity, record: Mapping[str, Any], found: Mapping[str, Mapping[str, Any]], visit: Visit
) -> dict[str, Any]:
    """A record whose links, and those of its lines, are the objects that they lead to."""
    result = dict(record)
    for name, value in record.items():
        field = field_of(entity, name)
        if field is None or value is None:
            continue
        if field.lines:
            child = visit.model.entities[field.lines]
            lines = [as_row(line) for line in value] if field.type == "multi_link" else value
            result[name] = [with_links(child, line, found, visit) for line in lines]
        elif field.type == "any_link" and isinstance(value, Mapping):
            result[name] = {
                **value,
                **{k: v for k, v in found.get(str(value["id"]), {}).items() if k == "$title"},
            }
        elif target_of(visit.model, field) is not None and str(value) in found:
            result[name] = found[str(value)]
    return result


def value_html(
    visit: Visit,
    entity: Entity,
    field: Field,
    values: Mapping[str, Any],
    found: Mapping[str, Mapping[str, Any]],
) -> Markup:
    """One value of a record as people read it; `found` are the linked records, by id."""
    values = with_links(entity, values, found, visit)
    owner, shown = shown_as(visit.model, entity, field)
    return read_value(cell_for(visit, owner, shown, values.get(field.name), values))
