"""Studio's start: entities with their fields, drafts that wait, revisions; and the plan page of going back or publishing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from fieldstone.engine import publish
from fieldstone.engine.permissions import access
from fieldstone.engine.publish import PublishPlan, PublishResult
from fieldstone.engine.query.listing import list_records
from fieldstone.engine.query.request import ListRequest
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Entity
from fieldstone.ui import flash
from fieldstone.ui.studio.gate import require_customiser
from fieldstone.ui.studio.wording import shown_changes
from fieldstone.ui.visit import PageMissing, Visit

REVISIONS = 50


@dataclass(frozen=True, slots=True)
class FieldRow:
    title: str
    name: str
    type: str
    layer: str
    required: bool


@dataclass(frozen=True, slots=True)
class EntityRow:
    name: str
    title: str
    icon: str
    layer: str
    fields: tuple[FieldRow, ...]


@dataclass(frozen=True, slots=True)
class RevisionRow:
    number: int
    at: datetime
    who: str
    kind: str
    count: int
    titles: tuple[str, ...]
    current: bool


def show(visit: Visit) -> Response:
    """The start page."""
    require_customiser(visit)

    def work(tx: Transaction) -> tuple[Any, Any, PublishPlan | None, dict[UUID, str]]:
        found = publish.revisions(tx, REVISIONS)
        drafts = publish.draft_documents(tx)
        return found, drafts, publish.make_plan(tx) if drafts else None, _people(tx)

    found, drafts, plan, people = visit.read(work)
    rows = [
        RevisionRow(
            each.number,
            each.at,
            people.get(each.actor, visit.texts("studio.platform")),
            visit.texts(f"studio.kind.{each.kind}")
            if visit.texts.has(f"studio.kind.{each.kind}")
            else each.kind,
            len(each.changes),
            tuple(str(change["title"]) for change in each.changes[:3]),
            each.number == visit.context.revision,
        )
        for each in found
    ]
    return visit.page(
        "studio/home.html",
        page_name="studio",
        entities=_entities(visit),
        revisions=rows,
        drafts=drafts,
        plan=plan,
        changes=shown_changes(visit, plan) if plan else [],
    )


def _people(tx: Transaction) -> dict[Any, str]:
    if not access(tx, "user").allows("read"):
        return {}
    page = list_records(tx, "user", ListRequest(fields=("name",), limit=200))
    return {record["id"]: str(record["name"]) for record in page.data}


def _entities(visit: Visit) -> list[EntityRow]:
    model = visit.model
    shown = [entity for entity in model.entities.values() if entity.parent is None]
    rows = [_entity(visit, entity) for entity in shown]
    return sorted(rows, key=lambda row: (row.layer == "base", row.title))


def _entity(visit: Visit, entity: Entity) -> EntityRow:
    texts = visit.texts
    fields = tuple(
        FieldRow(
            visit.labels.field(entity, field),
            field.name,
            texts(f"studio.type.{field.type}") if texts.has(f"studio.type.{field.type}") else field.type,
            field.layer,
            field.required,
        )
        for field in entity.fields.values()
    )
    return EntityRow(entity.name, visit.labels.plural(entity), entity.icon, entity.layer, fields)


def discard(visit: Visit) -> Response:
    """Forget one draft, or all of them."""
    require_customiser(visit)
    folder, _, name = visit.request.form.get("draft", "").partition("/")

    def work(tx: Transaction) -> None:
        if folder:
            publish.delete_draft(tx, folder, name)
        else:
            publish.discard_drafts(tx)

    visit.write(work)
    return _done(visit, "studio.discarded")


def publish_drafts(visit: Visit) -> Response:
    """Publish the drafts as the page showed them."""
    require_customiser(visit)
    return _run(
        visit,
        lambda base, seal, consent: publish.publish(
            visit.services.engine, visit.context, base, seal, consent
        ),
    )


def ask_back(visit: Visit, number: int) -> Response:
    """What going back to a revision would change."""
    require_customiser(visit)
    if not 0 < number < visit.context.revision:
        raise PageMissing(f"There is no way back to revision {number}.")
    plan = visit.read(lambda tx: publish.rollback_plan(tx, number))
    return visit.page(
        "studio/back.html", page_name="studio", number=number, plan=plan, changes=shown_changes(visit, plan)
    )


def go_back(visit: Visit, number: int) -> Response:
    """Go back as planned."""
    require_customiser(visit)
    return _run(
        visit,
        lambda base, seal, consent: publish.rollback(
            visit.services.engine, visit.context, number, seal, consent
        ),
    )


def _run(visit: Visit, verb: Callable[[int, str, list[str]], PublishResult]) -> Response:
    sent = visit.request.form
    base = sent.get("base", "")
    verb(int(base) if base.isdecimal() else 0, sent.get("plan", ""), sent.getlist("consent"))
    return _done(visit, "studio.published")


def _done(visit: Visit, key: str) -> Response:
    return flash.put(redirect(visit.urls.page("studio"), 303), visit.urls, visit.texts(key))
