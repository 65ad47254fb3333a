"""Trying a workflow on records that exist: how many would have gone which way. Nothing is stored.

The published definition is tried, or a document that is pasted: so that a change is seen before it is made.
"""

import json
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from werkzeug.wrappers import Response

from fieldstone.engine import records
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import FieldstoneError
from fieldstone.ui.admin.saying import TOLD, said
from fieldstone.ui.admin.sections import admin_page, require
from fieldstone.ui.approvals import words
from fieldstone.ui.approvals.panel import planned
from fieldstone.ui.errors import STATUS
from fieldstone.ui.visit import Visit
from fieldstone.workflows import approvals

LIMITS: Final = (50, 200, 1000)
WAYS: Final = 30
"""Ways that are shown, the most frequent ones; the counts are of all."""
EXAMPLES: Final = 3


def show(visit: Visit) -> Response:
    """The form."""
    require(visit, "approvals")
    return _page(visit)


def tried(visit: Visit) -> Response:
    """The form and what came out; what is wrong with a filter or a document is told above it."""
    require(visit, "approvals")
    form = visit.request.form
    limit = form.get("limit", type=int)
    try:
        chosen = _chosen(form)
        result = visit.read(
            lambda tx: _result(
                tx,
                visit,
                approvals.simulate(
                    tx,
                    chosen,
                    form.get("filter", "").strip() or None,
                    limit if limit in LIMITS else LIMITS[1],
                ),
                chosen,
            )
        )
    except FieldstoneError as error:
        if error.kind not in TOLD:
            raise
        return _page(visit, _told(visit, error), STATUS[error.kind])
    return _page(visit, result=result)


def _told(visit: Visit, error: FieldstoneError) -> str:
    """What is wrong; in a pasted document with its place, as whoever writes one needs it."""
    if not visit.request.form.get("document", "").strip() or not error.problems:
        return said(visit, error)
    return " · ".join(dict.fromkeys(f"{each.path} {each.message}".strip() for each in error.problems))


def _chosen(form: Mapping[str, str]) -> str | dict[str, Any]:
    """A name, or a document that was pasted; the document gets the name, so that it is tried in its place."""
    name, text = form.get("workflow", ""), form.get("document", "").strip()
    if not text:
        return name
    try:
        document = json.loads(text)
    except ValueError as error:
        raise FieldstoneError(
            f"The document is no JSON: {error}", code="document.json", kind="invalid"
        ) from error
    if not isinstance(document, dict):
        raise FieldstoneError("The document must be an object.", code="document.json", kind="invalid")
    return {**document, "name": document.get("name") or name}


def _page(
    visit: Visit, problem: str | None = None, status: int = 200, result: dict[str, Any] | None = None
) -> Response:
    form = visit.request.form
    workflows = [
        (each.name, words.workflow(visit, each.name, each.title))
        for each in sorted(visit.model.workflows.values(), key=lambda each: each.name)
    ]
    return admin_page(
        visit, "approvals_trial", "approvals", status=status, problem=problem, result=result, workflows=workflows,
        chosen=form.get("workflow", ""), filter=form.get("filter", ""), document=form.get("document", ""),
        limit=form.get("limit", LIMITS[1]), limits=[(each, each) for each in LIMITS], now_=visit.context.now,
    )  # fmt: skip


def _result(
    tx: Transaction, visit: Visit, found: Mapping[str, Any], chosen: str | dict[str, Any]
) -> dict[str, Any]:
    name = found["workflow"]
    tried = chosen.get("entity") if isinstance(chosen, dict) else None
    entity = str(tried or visit.model.workflows[name].entity)
    ways = [
        {
            "count": way["count"],
            "steps": [planned(visit, name, step) for step in way["steps"]],
            "examples": [_example(tx, visit, entity, each) for each in way["examples"][:EXAMPLES]],
        }
        for way in found["ways"][:WAYS]
    ]
    broken = [
        (_example(tx, visit, entity, each["record"]), each["message"]) for each in found["broken"][:WAYS]
    ]
    return {**found, "ways": ways, "more": max(0, len(found["ways"]) - WAYS), "broken_lines": broken}


def _example(tx: Transaction, visit: Visit, entity: str, record: UUID) -> tuple[str, str]:
    """What a record is called, and its address."""
    title = visit.model.entities[entity].title_field
    found = records.read(tx, entity, record, fields=[title] if title else [])
    return str(found.get(title or "") or visit.texts("value.empty")), visit.urls.record(entity, record)
