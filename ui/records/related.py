"""Records that link to this one: the first few of each kind, and the way to all of them."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from markupsafe import Markup

from fieldstone.engine.permissions import NotFound, access
from fieldstone.engine.query.listing import list_records
from fieldstone.engine.query.request import ListRequest
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Entity, Field
from fieldstone.metadata.presentation import list_view
from fieldstone.ui.fields import Column, column_at, shown_as, title_of
from fieldstone.ui.forms.layout import cell_for
from fieldstone.ui.lists.conditions import quoted_name
from fieldstone.ui.lists.state import HIDDEN_BY_DEFAULT
from fieldstone.ui.visit import Visit
from fieldstone.ui.widgets import read_value

FIRST: Final = 5
COLUMNS: Final = 3


@dataclass(frozen=True, slots=True)
class RelatedRow:
    title: str
    url: str
    cells: tuple[Markup, ...]


@dataclass(frozen=True, slots=True)
class Related:
    """The records of one entity that link here through one field."""

    title: str
    icon: str
    rows: tuple[RelatedRow, ...]
    more: bool
    url: str
    new_url: str | None


def related_lists(tx: Transaction, visit: Visit, entity: Entity, record_id: UUID) -> list[Related]:
    """One list per link that leads to this entity, as far as the visitor may read it."""
    found = []
    for other in tx.model.entities.values():
        if other.parent is not None or other.layer == "base":
            continue
        try:
            rights = access(tx, other.name)
        except NotFound:
            continue
        fields = (field for field in other.fields.values() if field.name in rights.readable)
        links = [
            field for field in fields if entity.name in (field.target, *field.settings.get("targets", ()))
        ]
        if rights.allows("read"):
            found += [
                _list(tx, visit, other, field, entity.name, record_id, several=len(links) > 1)
                for field in links
            ]
    return [each for each in found if each.rows or each.new_url]


def leads_to(link: Field, record_id: UUID) -> str:
    """The filter of the records whose link leads to this one."""
    name = quoted_name(link.name)
    if link.type == "multi_link":
        return f'any({name}, link == "{record_id}")'
    return f'{name}.id == "{record_id}"' if link.type == "any_link" else f'{name} == "{record_id}"'


def _list(
    tx: Transaction, visit: Visit, entity: Entity, link: Field, target: str, record_id: UUID, *, several: bool
) -> Related:
    condition = leads_to(link, record_id)
    named = f"{target}/{record_id}" if link.type == "any_link" else record_id
    columns = _columns(tx, visit, entity, link)
    names = [column.name for column in columns]
    if entity.title_field:
        names.append(entity.title_field)
    expand = tuple(column.links for column in columns if column.links)
    page = list_records(
        tx,
        entity.name,
        ListRequest(
            filter=condition,
            sort=("-updated_at",),
            fields=tuple(dict.fromkeys(names)),
            expand=expand,
            limit=FIRST,
        ),
    )
    rows = []
    for record in page.data:
        cells = []
        for column in columns:
            owner, field = shown_as(visit.model, entity, column.field)
            cells.append(read_value(cell_for(visit, owner, field, record.get(column.name), record)))
        rows.append(
            RelatedRow(title_of(entity, record), visit.urls.record(entity.name, record["id"]), tuple(cells))
        )
    title = visit.labels.plural(entity)
    return Related(
        title=f"{title} · {visit.labels.field(entity, link)}" if several else title,
        icon=entity.icon,
        rows=tuple(rows),
        more=page.next is not None,
        url=visit.urls.list(entity.name, filter=condition),
        new_url=visit.urls.new(entity.name, **{link.name: named})
        if visit.may(entity.name, "create")
        else None,
    )


def _columns(tx: Transaction, visit: Visit, entity: Entity, link: Field) -> list[Column]:
    view = list_view(visit.model, entity.name, visit.actor.roles)
    readable = access(tx, entity.name).readable
    found = []
    for name in [column.name for column in view.columns] if view else []:
        column = column_at(visit.model, entity, name)
        usable = column is not None and len(column.path) == 1 and name in readable
        if (
            column is None
            or not usable
            or name in (entity.title_field, link.name)
            or column.field.type in HIDDEN_BY_DEFAULT
        ):
            continue
        found.append(column)
    return found[:COLUMNS]
