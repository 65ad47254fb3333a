"""Submitting a record: the way that it would take, shown before, and while somebody types."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
from flask import redirect
from werkzeug.wrappers import Response

from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Entity
from fieldstone.problems import FieldstoneError
from fieldstone.ui import flash
from fieldstone.ui.admin.saying import TOLD
from fieldstone.ui.approvals import words
from fieldstone.ui.approvals.panel import StepLine, planned
from fieldstone.ui.forms.problems import told
from fieldstone.ui.forms.screen import json_response
from fieldstone.ui.visit import PageMissing, Visit
from fieldstone.workflows import approvals


def ask(visit: Visit, entity: str, record_id: UUID) -> Response:
    """A dialog with the way ahead and room for a comment."""
    definition = visit.entity(entity)
    return visit.read(lambda tx: _dialog(tx, visit, definition, record_id))


def _dialog(
    tx: Transaction,
    visit: Visit,
    entity: Entity,
    record_id: UUID,
    problems: list[dict[str, Any]] | None = None,
) -> Response:
    offers = approvals.offers(tx, entity.name, record_id)
    name = visit.request.values.get("workflow") or (offers[0]["workflow"] if offers else None)
    if name is None or all(each["workflow"] != name for each in offers):
        raise PageMissing("There is nothing to submit.")
    found = approvals.preview(tx, entity.name, record_id, name)
    return visit.partial(
        "approvals/submit.html",
        entity=entity,
        record_id=record_id,
        workflow=name,
        heading=words.workflow(visit, name, found["title"]),
        help=visit.labels.text(f"help.workflow.{name}", visit.model.workflows[name].description),
        lines=steps_of(visit, found),
        problems=problems or [],
        comment=visit.request.form.get("comment", ""),
    )


def steps_of(visit: Visit, found: Mapping[str, Any]) -> list[StepLine]:
    """The steps of a preview at which people are asked."""
    return [
        planned(visit, found["workflow"], each)
        for each in found["steps"]
        if each["kind"] in ("approve", "cc", "call")
    ]


def send(visit: Visit, entity: str, record_id: UUID) -> Response:
    """Submit. What is refused is said in the dialog."""
    definition = visit.entity(entity)
    form = visit.request.form
    name, comment = form.get("workflow") or None, form.get("comment", "").strip()
    try:
        run = visit.write(lambda tx: approvals.submit(tx, entity, record_id, name, comment=comment))
    except FieldstoneError as error:
        if error.kind not in TOLD:
            raise
        problems = told(visit, definition, error)
        response = visit.read(lambda tx: _dialog(tx, visit, definition, record_id, problems))
        response.status_code = 422
        response.headers["HX-Reswap"] = "outerHTML"
        response.headers["HX-Retarget"] = "#submit-dialog"
        return response
    page = visit.urls.record(entity, record_id)
    text = visit.texts(
        "approvals.submitted", title=words.workflow(visit, run["workflow"], run["workflow_title"])
    )
    if visit.is_partial:
        response = Response("", 204)
        response.headers["HX-Redirect"] = page
        return flash.put(response, visit.urls, text)
    return flash.put(redirect(page, 303), visit.urls, text)


def path(visit: Visit, entity: str) -> Response:
    """Who would be asked about what is on the form now (JSON: `{"id", "values"}`)."""
    definition = visit.entity(entity)
    try:
        sent = msgspec.json.decode(visit.request.get_data())
        values = dict(sent["values"])
        record_id = UUID(str(sent["id"])) if sent.get("id") else None
    except (ValueError, TypeError, KeyError, msgspec.DecodeError):
        return Response("", 400)

    def work(tx: Transaction) -> list[dict[str, Any]]:
        found = []
        for name, each in visit.model.workflows.items():
            if each.entity != entity or (each.field is not None and each.field not in values):
                continue
            try:
                way = approvals.preview(tx, entity, values, name, record_id=record_id)
            except FieldstoneError:
                continue
            if way["possible"]:
                found.append(
                    {
                        "field": each.field,
                        "title": words.workflow(visit, name, way["title"]),
                        "lines": steps_of(visit, way),
                    }
                )
        return found

    ways = visit.read(work)
    html = visit.templates.render("approvals/path.html", visit=visit, ways=ways, entity=definition)
    return json_response({"html": html})
