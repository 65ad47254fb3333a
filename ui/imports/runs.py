"""An import that runs or has run: its progress, its end, what can be done about it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from werkzeug.wrappers import Response

from fieldstone.engine import records
from fieldstone.engine.imports import (
    SYNCHRONOUS_ROWS,
    ImportResult,
    Kept,
    StoredImport,
    add_draft,
    continue_import,
    error_file,
    read_import,
    read_reverted,
    resume_import,
    revert_import,
    save_draft,
    stop_import,
    stored_import,
)
from fieldstone.engine.jobs import enqueue
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Entity
from fieldstone.metadata.presentation import list_views
from fieldstone.problems import FieldstoneError
from fieldstone.ui.fields import title_of
from fieldstone.ui.imports.begin import importing, redirected
from fieldstone.ui.imports.draft import PATIENCE, draft_page
from fieldstone.ui.imports.report import report
from fieldstone.ui.visit import PageMissing, Visit

KEPT_SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class ShownKept:
    title: str
    url: str
    message: str


def show(visit: Visit, entity: str, run_id: UUID) -> Response:
    """The page of an import: its decisions while it is a draft, then how it goes and went."""
    definition = importing(visit, entity)
    stored = _stored(visit, entity, run_id)
    if stored.state == "draft":
        return draft_page(visit, definition, stored)
    return visit.page(
        "imports/run.html", page_entity=entity, page_view=None, **_content(visit, definition, stored)
    )


def progress(visit: Visit, entity: str, run_id: UUID) -> Response:
    """How far the run is, for the page that asks every second."""
    reverting = visit.request.args.get("reverting") == "true"
    return _state(visit, importing(visit, entity), run_id, reverting=reverting)


def stop(visit: Visit, entity: str, run_id: UUID) -> Response:
    """Stop after the current batch."""
    definition = importing(visit, entity)
    stop_import(visit.services.engine, visit.context, run_id)
    return _state(visit, definition, run_id)


def go_on(visit: Visit, entity: str, run_id: UUID) -> Response:
    """Go on with a stopped run."""
    definition = importing(visit, entity)

    def work(tx: Transaction) -> int:
        rows = resume_import(tx, run_id)
        if rows > SYNCHRONOUS_ROWS:
            enqueue(tx, "import", {"import": str(run_id)}, key=f"{run_id}/{tx.context.now.isoformat()}")
        return rows

    if visit.write(work) <= SYNCHRONOUS_ROWS:
        continue_import(visit.services.engine, visit.context, run_id)
    return _state(visit, definition, run_id)


def revert(visit: Visit, entity: str, run_id: UUID) -> Response:
    """Take the import back."""
    definition = importing(visit, entity)
    result = read_import(visit.services.engine, visit.context, run_id)
    if result.created + result.updated <= SYNCHRONOUS_ROWS:
        revert_import(visit.services.engine, visit.context, run_id)
        return _state(visit, definition, run_id)
    payload = {"import": str(run_id), "revert": True}
    visit.write(lambda tx: enqueue(tx, "import", payload, key=f"{run_id}/revert"))
    return _state(visit, definition, run_id, reverting=True)


def again(visit: Visit, entity: str, run_id: UUID) -> Response:
    """A new draft of the same file with the same decisions."""
    importing(visit, entity)
    stored = _stored(visit, entity, run_id)
    new = visit.write(lambda tx: add_draft(tx, entity, stored.content, stored.kind, stored.name))
    visit.write(lambda tx: save_draft(tx, new, stored.options))
    return redirected(visit.urls.import_run(entity, new))


def errors(visit: Visit, entity: str, run_id: UUID) -> Response:
    """The rows that failed, as a file to put right and import again."""
    importing(visit, entity)
    name, content = error_file(visit.services.engine, visit.context, run_id)
    response = Response(content, mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Cache-Control"] = "no-store"
    return response


def _stored(visit: Visit, entity: str, run_id: UUID) -> StoredImport:
    stored = stored_import(visit.services.engine, visit.context, run_id)
    if stored.entity != entity:
        raise PageMissing("There is no such import.")
    return stored


def _state(visit: Visit, entity: Entity, run_id: UUID, *, reverting: bool = False) -> Response:
    content = _content(visit, entity, _stored(visit, entity.name, run_id), reverting=reverting)
    return visit.partial("imports/state.html", **content)


def _content(
    visit: Visit, entity: Entity, stored: StoredImport, *, reverting: bool = False
) -> dict[str, Any]:
    result = read_import(visit.services.engine, visit.context, stored.id)
    moving = result.state in ("waiting", "running")
    waited = datetime.now(UTC) - stored.created_at
    return {
        "entity": entity,
        "stored": stored,
        "result": result,
        "moving": moving,
        "reverting": reverting and result.state in ("done", "stopped"),
        "unheard": result.state == "waiting" and waited > PATIENCE,
        "report": report(visit, entity, result, with_values=True),
        "records_url": _records_url(visit, stored, result),
        **_outcome(visit, entity, stored, result),
    }


def _outcome(visit: Visit, entity: Entity, stored: StoredImport, result: ImportResult) -> dict[str, Any]:
    if result.state != "reverted":
        return {"reverted": None, "kept": ()}
    reverted = read_reverted(visit.services.engine, visit.context, stored.id)
    kept = reverted.kept[:KEPT_SHOWN] if reverted else ()
    return {
        "reverted": reverted,
        "kept": visit.read(lambda tx: [_kept(tx, visit, entity, each) for each in kept]),
    }


def _kept(tx: Transaction, visit: Visit, entity: Entity, kept: Kept) -> ShownKept:
    try:
        title = title_of(entity, records.read(tx, entity.name, kept.id))
    except FieldstoneError:
        title = visit.texts("value.unseen")
    edited = kept.code == "edited"
    message = visit.texts("import.kept_edited") if edited else kept.message
    return ShownKept(title, visit.urls.record(entity.name, kept.id), message)


def _records_url(visit: Visit, stored: StoredImport, result: ImportResult) -> str | None:
    """The list of what the run wrote: records changed by its requester while it ran."""
    if result.state not in ("done", "stopped") or not result.created + result.updated:
        return None
    start, end = _written(stored.created_at), _written(stored.finished_at or datetime.now(UTC))
    by = f" && updated_by == '{stored.created_by}'" if stored.created_by else ""
    expression = f'updated_at >= datetime("{start}") && updated_at <= datetime("{end}"){by}'
    views = list_views(visit.model, stored.entity, visit.actor.roles)
    whole = next((view.name for view in views if view.filter is None), None)
    return visit.urls.list(stored.entity, view=whole, filter=expression)


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
