"""Automations: what there is, what ran, and the trace of every run with old and new values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from flask import redirect
from werkzeug.wrappers import Response

from fieldstone.engine.permissions import NotFound, require_manage
from fieldstone.engine.query.listing import list_records
from fieldstone.engine.query.request import ListRequest
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.automation_rules import Automation
from fieldstone.ui import flash
from fieldstone.ui.admin.saying import attempt
from fieldstone.ui.admin.sections import admin_page, require
from fieldstone.ui.fields import title_of
from fieldstone.ui.forms.linked import titles
from fieldstone.ui.visit import PageMissing, Visit
from fieldstone.workflows import automations
from fieldstone.workflows.automations import Trace
from fieldstone.workflows.automations.trace import STATES

DAYS: Final = 7
PAGE: Final = 25
COLORS: Final = {
    "done": "green", "waiting": "blue", "stopped": "gray", "failed": "red", "guarded": "orange", "dropped": "gray",
    "skipped": "gray", "taken_back": "gray", "left_out": "gray",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """An automation in the list; `counts` are its runs of the last days by state."""

    automation: Automation
    title: str
    about: str
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Shown:
    """A run as it is shown: on whose behalf, and the record with its address where it is still there."""

    trace: Trace
    who: str
    record: str
    url: str | None


def show(visit: Visit) -> Response:
    """All automations."""
    require(visit, "automations")

    def work(tx: Transaction) -> list[Line]:
        counted = automations.counts(tx, tx.context.now - timedelta(days=DAYS))
        found = []
        for each in visit.model.automations.values():
            entity = visit.model.entities.get(each.entity or "")
            about = visit.labels.plural(entity) if entity is not None else ""
            found.append(Line(each, visit.labels.automation(each), about, counted.get(each.name, {})))
        return sorted(found, key=lambda line: (line.about, line.title))

    return admin_page(
        visit, "automations", "automations", lines=visit.read(work), colors=COLORS, states=STATES, days=DAYS
    )


def show_one(visit: Visit, name: str) -> Response:
    """One automation and its runs, newest first."""
    return _one(visit, name)


def _one(visit: Visit, name: str, secret: str | None = None) -> Response:
    require(visit, "automations")
    automation = visit.model.automations.get(name)
    if automation is None:
        raise PageMissing("There is no such automation.")
    state = visit.request.args.get("state", "")
    before = visit.request.args.get("before", type=UUID)

    def work(tx: Transaction) -> tuple[list[Shown], UUID | None, Any]:
        wanted = state if state in STATES else None
        found, following = automations.runs(tx, automation=name, state=wanted, before=before, limit=PAGE)
        return _shown(tx, visit, found), following, automations.secrets_set(tx).get(name)

    shown, following, secret_set = visit.read(work)
    return admin_page(
        visit, "automation", "automations", automation=automation, title=visit.labels.automation(automation),
        help=visit.labels.automation_help(automation), runs=shown, following=following, state=state, states=STATES,
        colors=COLORS, secret=secret, secret_set=secret_set, now_=visit.context.now,
    )  # fmt: skip


def _shown(tx: Transaction, visit: Visit, found: list[Trace]) -> list[Shown]:
    """Titles of records and people, as far as the visitor may see them."""
    people = titles(tx, visit.model.entities["user"], [{"created_by": each.actor} for each in found], {})
    records = _records(tx, found)
    shown = []
    for each in found:
        title = records.get((each.entity, each.record_id))
        known = people.get(str(each.actor), {}).get("$title") if each.actor else None
        url = (
            visit.urls.record(each.entity, each.record_id)
            if title and each.entity and each.record_id
            else None
        )
        shown.append(Shown(each, str(known or visit.texts("audit.system")), title or "", url))
    return shown


def _records(tx: Transaction, found: list[Trace]) -> dict[tuple[str | None, UUID | None], str]:
    """Titles of the records that the visitor may read."""
    named: dict[tuple[str | None, UUID | None], str] = {}
    for name in {each.entity for each in found if each.entity in tx.model.entities}:
        entity = tx.model.entities[name or ""]
        ids = {str(each.record_id) for each in found if each.entity == name and each.record_id}
        if not ids:
            continue
        condition = " || ".join(f'id == "{each}"' for each in sorted(ids))
        fields = (entity.title_field,) if entity.title_field else ()
        try:
            page = list_records(tx, entity.name, ListRequest(filter=condition, fields=fields, limit=PAGE))
        except NotFound:
            continue
        for row in page.data:
            named[name, row["id"]] = title_of(entity, row)
    return named


def again(visit: Visit, name: str, run_id: UUID) -> Response:
    """Try a failed run again."""
    require(visit, "automations")
    problem = attempt(visit, lambda: visit.write(lambda tx: automations.try_again(tx, run_id)))
    back = redirect(visit.urls.page(f"admin/automations/{name}"), 303)
    return flash.put(back, visit.urls, problem or visit.texts("automations.again_done"))


def renew_secret(visit: Visit, name: str) -> Response:
    """A new secret for an incoming webhook, shown this once."""
    require_manage(visit, "metadata")
    return _one(visit, name, visit.write(lambda tx: automations.new_secret(tx, name)))
