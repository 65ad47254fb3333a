"""Where an import begins: a place for the file, and the imports there were."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from werkzeug.wrappers import Response

from fieldstone.engine.imports import (
    ImportOptions,
    RunSummary,
    StoredImport,
    UnreadableSource,
    add_draft,
    kind_of,
    open_source,
    recent_runs,
    stored_import,
)
from fieldstone.engine.permissions import access, need
from fieldstone.engine.query.listing import list_records
from fieldstone.engine.query.request import ListRequest
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Entity
from fieldstone.ui.studio.gate import is_customiser
from fieldstone.ui.visit import PageMissing, Visit

ACCEPTED: Final = ".csv,.tsv,.txt,.xlsx"


@dataclass(frozen=True, slots=True)
class ShownRun:
    run: RunSummary
    by: str


def show(visit: Visit, entity: str) -> Response:
    """The place for a file, and the latest imports into the entity."""
    definition = importing(visit, entity)
    runs = visit.read(lambda tx: _runs(tx, entity))
    return visit.page(
        "imports/begin.html",
        page_entity=entity,
        page_view=None,
        entity=definition,
        runs=runs,
        accepted=ACCEPTED,
        customiser=is_customiser(visit),
    )


def upload(visit: Visit, entity: str) -> Response:
    """Keep a file as a draft, and go on to its columns."""
    importing(visit, entity)
    sent = visit.request.files.get("file")
    try:
        if sent is None or not sent.filename:
            raise UnreadableSource(visit.texts("import.file_missing"))
        content, name = sent.read(), sent.filename.rsplit("/", 1)[-1].rsplit("\\", 1)[-1][:200]
        kind = kind_of(name)
        open_source(content, kind, ImportOptions())
    except UnreadableSource as error:
        # A layout that was guessed wrong can be put right on the next page; a file that is none cannot.
        return visit.partial(
            "imports/problem.html", status=422, headers={"HX-Reswap": "innerHTML", "HX-Retarget": "#upload-problem"},
            text=error.message, problems=(),
        )  # fmt: skip
    run_id = visit.write(lambda tx: add_draft(tx, entity, content, kind, name))
    return redirected(visit.urls.import_run(entity, run_id))


def importing(visit: Visit, entity: str) -> Entity:
    """The entity of an import page, for those who may import into it."""
    definition = visit.entity(entity)
    if not visit.may(entity, "import"):
        raise PageMissing(f"There is no import of {entity}.", entity=entity)
    return definition


def draft_of(visit: Visit, entity: str, run_id: UUID) -> StoredImport:
    """An import into an entity, for those who may see it."""
    stored = stored_import(visit.services.engine, visit.context, run_id)
    if stored.entity != entity:
        raise PageMissing("There is no such import.")
    return stored


def redirected(url: str) -> Response:
    """Send the browser of an htmx request to another page."""
    return Response("", 204, headers={"HX-Redirect": url})


def _runs(tx: Transaction, entity: str) -> list[ShownRun]:
    need(tx, entity, "import")
    runs = recent_runs(tx, entity)
    names = names_of(tx, {run.created_by for run in runs if run.created_by})
    return [ShownRun(run, names.get(run.created_by, "")) for run in runs]


def names_of(tx: Transaction, ids: set[UUID]) -> dict[UUID | None, str]:
    """The names of users, as far as this visitor may read them."""
    me = tx.context.actor
    if ids <= {me.id} or not access(tx, "user").allows("read"):
        return {me.id: me.name}
    wanted = ", ".join(f"'{each}'" for each in sorted(map(str, ids)))
    page = list_records(tx, "user", ListRequest(filter=f"id in [{wanted}]", fields=("name",), limit=200))
    return {record["id"]: str(record["name"]) for record in page.data}
