"""The page of one record, and deleting it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from flask import redirect
from markupsafe import Markup
from werkzeug.wrappers import Response

from fieldstone.engine import records
from fieldstone.engine.permissions import access
from fieldstone.engine.query.gate import bindings, may_on
from fieldstone.engine.transaction import Transaction
from fieldstone.expressions import evaluate
from fieldstone.metadata.definitions import Entity
from fieldstone.metadata.presentation import list_view
from fieldstone.problems import FieldstoneError
from fieldstone.ui import flash
from fieldstone.ui.alike.convert import offered
from fieldstone.ui.approvals.panel import has_approvals, panels, pending_values
from fieldstone.ui.errors import STATUS
from fieldstone.ui.fields import column_at, shown_as, target_of, title_of
from fieldstone.ui.forms.describe import rules_of
from fieldstone.ui.forms.layout import Laid, Section, Tab, cell_for, with_links
from fieldstone.ui.forms.screen import laid_out
from fieldstone.ui.records.acting import presses, states
from fieldstone.ui.records.related import Related, related_lists
from fieldstone.ui.records.timeline import Entry, timeline
from fieldstone.ui.visit import Visit
from fieldstone.ui.widgets import read_value
from fieldstone.workflows import approvals

FACTS = 5


@dataclass(frozen=True, slots=True)
class Fact:
    title: str
    html: Markup


def show(visit: Visit, entity: str, record_id: UUID) -> Response:
    """A record."""
    definition = visit.entity(entity)
    return visit.read(lambda tx: _page(tx, visit, definition, record_id))


def _page(
    tx: Transaction,
    visit: Visit,
    entity: Entity,
    record_id: UUID,
    problem: str | None = None,
    status: int = 200,
) -> Response:
    record = records.read(tx, entity.name, record_id)
    laid, found = laid_out(tx, visit, entity, record, editing=False)
    whole = with_links(entity, record, found, visit)
    bound = replace(bindings(tx), old=None, is_new=False)
    may_update = may_on(tx, entity, record_id, "update")
    entries, following = timeline(tx, visit, entity, record_id)
    related: list[Related] = related_lists(tx, visit, entity, record_id)
    approved = has_approvals(visit, entity)
    return visit.page(
        "record/page.html",
        status=status,
        page_entity=entity.name,
        entity=entity,
        record=record,
        record_id=record_id,
        title=title_of(entity, record),
        facts=facts(visit, entity, whole),
        laid=visible(laid, whole, bound),
        may_update=may_update,
        may_delete=may_on(tx, entity, record_id, "delete"),
        related=related,
        entries=entries,
        following=following,
        problem=problem,
        conversions=offered(tx, visit, entity, record_id, may=may_update),
        runs=panels(tx, visit, entity, record_id) if approved else [],
        offers=approvals.offers(tx, entity.name, record_id) if approved else [],
        pending=pending_values(tx, visit, entity, record),
        states=states(tx, visit, entity, record),
        presses=presses(tx, visit, entity, record_id),
    )


def history(visit: Visit, entity: str, record_id: UUID) -> Response:
    """Earlier entries of the history."""
    definition = visit.entity(entity)
    before = visit.request.args.get("before", type=UUID)

    def work(tx: Transaction) -> tuple[list[Entry], UUID | None]:
        return timeline(tx, visit, definition, record_id, before=before)

    entries, following = visit.read(work)
    return visit.partial(
        "record/timeline.html", entries=entries, following=following, entity=definition, record_id=record_id
    )


def remove(visit: Visit, entity: str, record_id: UUID) -> Response:
    """Delete the record and go to the list, where it can be undone."""
    definition = visit.entity(entity)
    version = visit.request.form.get("version", type=int)

    def work(tx: Transaction) -> str:
        title = title_of(definition, records.read(tx, entity, record_id))
        records.delete(tx, entity, record_id, if_match=version)
        return title

    try:
        title = visit.write(work)
    except FieldstoneError as error:
        if error.kind not in ("conflict", "stale", "refused", "invalid"):
            raise
        text = visit.texts("record.linked" if error.kind == "conflict" else f"error.{error.kind}.text")
        status = STATUS[error.kind]
        return visit.read(lambda tx: _page(tx, visit, definition, record_id, text, status))
    undo = {"url": f"{visit.urls.list(entity)}/restore", "fields": [("id", str(record_id))]}
    return flash.put(
        redirect(visit.urls.list(entity), 303), visit.urls, visit.texts("record.deleted", title=title), undo
    )


def facts(visit: Visit, entity: Entity, record: Mapping[str, Any]) -> list[Fact]:
    """The first columns of the entity's list: what its makers found most telling."""
    view = list_view(visit.model, entity.name, visit.actor.roles)
    readable = access(visit, entity.name).readable
    found = []
    for name in [column.name for column in view.columns] if view else []:
        column = column_at(visit.model, entity, name)
        if column is None or len(column.path) > 1 or name == entity.title_field or name not in readable:
            continue
        owner, field = shown_as(visit.model, entity, column.field)
        value = record.get(name)
        if isinstance(value, Mapping) is False and target_of(visit.model, field) is not None:
            continue
        html = read_value(replace(cell_for(visit, owner, field, value, record), compact=True))
        if html and view is not None:
            found.append(Fact(visit.labels.column(view, name, column.path), html))
    return found[:FACTS]


def visible(laid: Laid, record: Mapping[str, Any], bound: Any) -> Laid:
    """The form without what its rules hide for this record."""

    def holds(rule: Any) -> bool:
        return rule is None or evaluate(rule, record, bindings=bound) is True

    tabs: list[Tab] = []
    for tab in laid.tabs:
        sections: list[Section] = []
        for section in tab.sections:
            items = tuple(
                item for item in section.items if all(map(holds, rules_of(item).get("visible", ())))
            )
            if items and holds(section.visible_when):
                sections.append(replace(section, items=items))
        if sections and holds(tab.visible_when):
            tabs.append(replace(tab, sections=tuple(sections)))
    return replace(laid, tabs=tuple(tabs))
