"""Regions by name; links to anything, several links, and what was copied of a linked record."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup, escape

from fieldstone.metadata.fields.region_names import path_of, region_name
from fieldstone.ui.fields import target_of, title_of
from fieldstone.ui.widgets.cell import BLANK, Cell


def region(cell: Cell) -> Markup:
    """The region's name; a part of a country with its country, in the order of the language."""
    names = [region_name(code, cell.texts.locale) for code in path_of(str(cell.value))]
    if cell.texts.locale == "en":
        return escape(", ".join(reversed(names)))
    return escape(" ".join(names))


def any_link(cell: Cell) -> Markup:
    """The linked record's title, with what kind of record it is."""
    value = cell.value
    target = cell.model.entities.get(value["entity"]) if isinstance(value, Mapping) else None
    if target is None:
        return BLANK
    kind = cell.labels.entity(target)
    record = value.get("record")
    title = title_of(target, record) if isinstance(record, Mapping) else value.get("$title")
    if title is None:
        return Markup('<span class="fs-blank">{}: {}</span>').format(kind, cell.texts("value.unseen"))
    return Markup('<a class="fs-value-link" href="{}">{}</a> <span class="text-secondary">{}</span>').format(
        cell.urls.record(target.name, value["id"]), title, kind
    )


def several_links(cell: Cell) -> Markup:
    """The linked records' titles where they are known, else how many there are."""
    target = target_of(cell.model, cell.field)
    records = [row.get("record") for row in cell.value]
    if target is None or not all(isinstance(record, Mapping) for record in records):
        return escape(cell.texts.count("value.links", len(cell.value)))
    links = (
        Markup('<a class="fs-value-link" href="{}">{}</a>').format(
            cell.urls.record(target.name, record["id"]), title_of(target, record)
        )
        for record in records
        if isinstance(record, Mapping)
    )
    return Markup(", ").join(links)


def snapshot(cell: Cell) -> Markup:
    """What was copied, each value under the title that its field has."""
    link = cell.entity.fields.get(cell.field.settings.get("of", ""))
    target = target_of(cell.model, link) if link else None
    rows = []
    for name, value in cell.value.items():
        field = target.fields.get(name) if target else None
        if value is None or (field is None and name.endswith("_currency")):
            continue
        title = cell.labels.field(target, field) if target and field else name
        rows.append((title, _plain(value)))
    if cell.compact:
        return escape(" · ".join(text for _, text in rows))
    items = (Markup("<dt>{}</dt><dd>{}</dd>").format(title, text) for title, text in rows)
    return Markup('<dl class="fs-snapshot">{}</dl>').format(BLANK.join(items))


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(_plain(inner) for inner in value.values() if inner is not None)
    return "; ".join(map(_plain, value)) if isinstance(value, list) else str(value)
