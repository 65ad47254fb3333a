"""A bulk run on the screen: its progress, what came of it, stopping it and taking it back."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from werkzeug.wrappers import Response

from fieldstone.engine.bulk import (
    AT_ONCE,
    BulkRequest,
    BulkResult,
    UnknownBulk,
    add_bulk,
    continue_bulk,
    read_bulk,
    stop_bulk,
    undo_bulk,
)
from fieldstone.engine.jobs import enqueue
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Entity
from fieldstone.problems import FieldstoneError
from fieldstone.ui.forms.linked import seen
from fieldstone.ui.lists.state import ListState
from fieldstone.ui.urls import safe_next
from fieldstone.ui.visit import Visit


@dataclass(frozen=True, slots=True)
class Refused:
    """A record that was left as it is, and why."""

    title: str
    url: str
    reason: str


def run_bulk(visit: Visit, entity: Entity, request: BulkRequest) -> BulkResult:
    """Store a run, and do it now when it is short; else a job does."""

    def work(tx: Transaction) -> tuple[UUID, bool]:
        run, rows = add_bulk(tx, entity.name, request)
        if rows > AT_ONCE:
            enqueue(tx, "bulk", {"bulk": str(run)}, key=str(run))
        return run, rows > AT_ONCE

    run_id, later = visit.write(work)
    engine, context = visit.services.engine, visit.context
    return read_bulk(engine, context, run_id) if later else continue_bulk(engine, context, run_id)


def run_now_or_later(visit: Visit, entity: Entity, request: BulkRequest, state: ListState) -> Response:
    """Run it; the dialog says what became of it, or how far it is."""
    try:
        result = run_bulk(visit, entity, request)
    except FieldstoneError as error:
        if error.kind != "invalid":
            raise
        said = "; ".join(problem.message for problem in error.problems) or error.message
        response = visit.partial("bulk/problem.html", status=422, problem=said)
        response.headers["HX-Retarget"] = "#bulk-problem"
        response.headers["HX-Reswap"] = "innerHTML"
        return response
    return shown(visit, entity, result, state.url())


def shown(visit: Visit, entity: Entity, result: BulkResult, back: str) -> Response:
    """The run as the dialog's content."""
    return visit.partial("bulk/run.html", **content(visit, entity, result, back))


def content(visit: Visit, entity: Entity, result: BulkResult, back: str) -> dict[str, Any]:
    return {
        "entity": entity,
        "run": result,
        "busy": result.state in ("waiting", "running", "reverting"),
        "refused": refused(visit, entity, result.errors),
        "kept": refused(visit, entity, result.kept),
        "url": f"{visit.urls.list(entity.name)}/bulk/{result.id}",
        "back": back,
    }


def refused(visit: Visit, entity: Entity, listed: Any) -> list[Refused]:
    """The first of the records that were left as they are, with their titles."""
    ids = [UUID(each["id"]) for each in listed[:50]]
    titles = visit.read(lambda tx: seen(tx, entity.name, ids, frozenset())) if ids else {}
    return [
        Refused(
            titles[each["id"]]["$title"] if each["id"] in titles else each["id"][:8],
            visit.urls.record(entity.name, each["id"]),
            visit.texts("bulk.edited") if each["code"] == "edited" else each["message"],
        )
        for each in listed[:50]
    ]


def _run(visit: Visit, entity: str, run_id: UUID) -> tuple[Entity, BulkResult]:
    definition = visit.entity(entity)
    result = read_bulk(visit.services.engine, visit.context, run_id)
    if result.entity != entity:
        raise UnknownBulk("There is no such bulk run.")
    return definition, result


def progress(visit: Visit, entity: str, run_id: UUID) -> Response:
    """How far a run is."""
    definition, result = _run(visit, entity, run_id)
    return shown(visit, definition, result, _back(visit, entity))


def _back(visit: Visit, entity: str) -> str:
    """The list that the dialog was opened on."""
    asked = visit.request.args.get("back", "")
    return asked if safe_next(asked, visit.urls) == asked else visit.urls.list(entity)


def stop(visit: Visit, entity: str, run_id: UUID) -> Response:
    definition, _ = _run(visit, entity, run_id)
    result = stop_bulk(visit.services.engine, visit.context, run_id)
    return shown(visit, definition, result, _back(visit, entity))


def undo(visit: Visit, entity: str, run_id: UUID) -> Response:
    """Take a run back: for the dialog its report, for a toast another toast."""
    definition, result = _run(visit, entity, run_id)
    if result.rows <= AT_ONCE:
        result = undo_bulk(visit.services.engine, visit.context, run_id)
    else:
        visit.write(lambda tx: enqueue(tx, "bulk", {"bulk": str(run_id), "undo": True}, key=f"{run_id}-undo"))
        result = read_bulk(visit.services.engine, visit.context, run_id)
    if visit.request.form.get("toast"):
        title = visit.labels.entity(definition) if result.rows == 1 else visit.labels.plural(definition)
        text = visit.texts.count("toast.restored", result.reverted or 0, title=title)
        return visit.partial("parts/toast_oob.html", text=text, tone="done", undo=None)
    return shown(visit, definition, result, _back(visit, entity))
