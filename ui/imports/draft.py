"""The page on which an import is decided: layout of the file, columns, mode, the trial run, what it found."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from werkzeug.wrappers import Response

from fieldstone.engine.imports import (
    ENCODINGS,
    PARSERS,
    SYNCHRONOUS_ROWS,
    BadImportOptions,
    ImportOptions,
    ImportResult,
    Layout,
    Source,
    StoredImport,
    UnreadableSource,
    continue_import,
    drop_draft,
    layout_of,
    open_source,
    read_import,
    run_import,
    save_draft,
    start_draft,
    start_trial,
    stop_import,
    stored_import,
)
from fieldstone.engine.jobs import enqueue
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Entity
from fieldstone.ui.imports.begin import draft_of, importing, redirected
from fieldstone.ui.imports.columns import decided, look_at
from fieldstone.ui.imports.report import report
from fieldstone.ui.imports.saved import Offer, offers, used
from fieldstone.ui.imports.sent import options_of
from fieldstone.ui.imports.settle import lookup, settlings
from fieldstone.ui.imports.targets import READINGS, field_choices
from fieldstone.ui.visit import Visit

DELIMITERS: Final = ((",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "bar"))
PATIENCE: Final = timedelta(seconds=8)
"""How long a run may wait for a worker before the page says that none takes it."""
MODES: Final = ("create", "update", "upsert")


@dataclass(frozen=True, slots=True)
class Opened:
    """A draft whose file can be read."""

    entity: Entity
    stored: StoredImport
    layout: Layout
    source: Source


def draft_page(visit: Visit, entity: Entity, stored: StoredImport) -> Response:
    """The whole page of a draft."""
    return visit.page(
        "imports/draft.html",
        page_entity=entity.name,
        page_view=None,
        entity=entity,
        draft=stored,
        **_content(visit, entity, stored),
    )


def reread(visit: Visit, entity: str, run_id: UUID) -> Response:
    """The columns again, after the layout of the file was put right or decisions shall be made afresh."""
    definition = importing(visit, entity)
    stored = draft_of(visit, entity, run_id)
    afresh, using = visit.request.form.get("afresh") == "true", visit.request.form.get("use", "")
    options = replace(options_of(visit.request.form), dry_run=False)
    if afresh or using:
        options = replace(
            ImportOptions(),
            sheet=options.sheet,
            encoding=options.encoding,
            delimiter=options.delimiter,
            header=options.header,
        )
    if using:
        options = used(visit, entity, using, options)
    stored = replace(stored, options=options)
    content = _content(visit, definition, stored, afresh=afresh, using=using)
    if content["problem"] is None:
        visit.write(lambda tx: save_draft(tx, run_id, content["options"]))
    return visit.partial("imports/decisions.html", entity=definition, draft=stored, **content)


def check(visit: Visit, entity: str, run_id: UUID) -> Response:
    """Do the whole import and take it back: what would happen."""

    def work(definition: Entity, stored: StoredImport, options: ImportOptions) -> Response:
        visit.write(lambda tx: save_draft(tx, run_id, options))
        source = open_source(stored.content, stored.kind, options)
        if source.count() > SYNCHRONOUS_ROWS:
            return _trial(visit, definition, stored, visit.write(lambda tx: begin(tx, source, options)))
        dry = replace(options, dry_run=True, partial=True)
        result = run_import(visit.services.engine, visit.context, entity, stored.content, stored.kind, dry)
        return _check_part(visit, definition, stored, options, result)

    def begin(tx: Transaction, source: Source, options: ImportOptions) -> UUID:
        trial_id = start_trial(tx, run_id, source, options)
        enqueue(tx, "import", {"import": str(trial_id)}, key=str(trial_id))
        return trial_id

    return _decided(visit, entity, run_id, work)


def trial(visit: Visit, entity: str, run_id: UUID, trial_id: UUID) -> Response:
    """How far a long trial is; at its end what it found."""
    return _trial(visit, importing(visit, entity), draft_of(visit, entity, run_id), trial_id)


def stop_trial(visit: Visit, entity: str, run_id: UUID, trial_id: UUID) -> Response:
    """Give a long trial up."""
    stop_import(visit.services.engine, visit.context, trial_id)
    return trial(visit, entity, run_id, trial_id)


def _trial(visit: Visit, entity: Entity, stored: StoredImport, trial_id: UUID) -> Response:
    stored = draft_of(visit, entity.name, stored.id)
    run = stored_import(visit.services.engine, visit.context, trial_id)
    result = read_import(visit.services.engine, visit.context, trial_id)
    if result.state in ("waiting", "running"):
        unheard = result.state == "waiting" and datetime.now(UTC) - run.created_at > PATIENCE
        return visit.partial(
            "imports/trial.html", entity=entity, draft=stored, trial=trial_id, result=result, unheard=unheard
        )
    return _check_part(visit, entity, stored, stored.options, result if result.state == "done" else None)


def _check_part(
    visit: Visit, entity: Entity, stored: StoredImport, options: ImportOptions, result: ImportResult | None
) -> Response:
    content = _checked(visit, entity, options, result)
    return visit.partial("imports/check.html", entity=entity, draft=stored, **content)


def start(visit: Visit, entity: str, run_id: UUID) -> Response:
    """Run the import: here, or as a job when it is long."""

    def work(definition: Entity, stored: StoredImport, options: ImportOptions) -> Response:
        source = open_source(stored.content, stored.kind, options)

        def begin(tx: Transaction) -> int:
            rows = start_draft(tx, run_id, source, options)
            if rows > SYNCHRONOUS_ROWS:
                enqueue(tx, "import", {"import": str(run_id)}, key=str(run_id))
            return rows

        if visit.write(begin) <= SYNCHRONOUS_ROWS:
            continue_import(visit.services.engine, visit.context, run_id, source=source)
        return redirected(visit.urls.import_run(entity, run_id))

    return _decided(visit, entity, run_id, work)


def discard(visit: Visit, entity: str, run_id: UUID) -> Response:
    """Forget a draft."""
    importing(visit, entity)
    visit.write(lambda tx: drop_draft(tx, run_id))
    return redirected(visit.urls.imports(entity))


def find_values(visit: Visit, entity: str) -> Response:
    """What a value may stand for, while one types."""
    definition = importing(visit, entity)
    args = visit.request.args
    q = args.get("value_other", "").strip()
    found = lookup(visit, definition, args.get("field", ""), q)
    return visit.partial("imports/found.html", found=found)


def _decided(
    visit: Visit, entity: str, run_id: UUID, work: Callable[[Entity, StoredImport, ImportOptions], Response]
) -> Response:
    """Run `work` with the decisions that were sent; what is wrong with them is shown in their place."""
    definition = importing(visit, entity)
    stored = draft_of(visit, entity, run_id)
    try:
        options = options_of(visit.request.form)
        return work(definition, stored, options)
    except (BadImportOptions, UnreadableSource) as error:
        text = "" if error.problems else error.message
        return visit.partial(
            "imports/problem.html", status=422,
            headers={"HX-Reswap": "innerHTML", "HX-Retarget": "#check-problem"},
            text=text, problems=error.problems,
        )  # fmt: skip


def _content(
    visit: Visit, entity: Entity, stored: StoredImport, *, afresh: bool = False, using: str = ""
) -> dict[str, Any]:
    """What the page shows of a draft; `problem` when its file cannot be read as told.

    `using` is the saved mapping whose decisions were just taken over.
    """
    saved: tuple[Offer, ...] = ()
    options, problem, look, layout = stored.options, None, None, None
    try:
        layout = layout_of(stored.content, stored.kind, options)
        source = open_source(stored.content, stored.kind, options)
        found = visit.read(lambda tx: decided(tx, entity.name, source, options, afresh=afresh))
        options, look = found.options, look_at(source, found)
        saved = offers(visit, entity.name, source.headers)
    except UnreadableSource as error:
        problem = error
        layout = layout or Layout(stored.kind, options.encoding, options.delimiter, (), options.sheet)
    encodings = dict.fromkeys((*ENCODINGS, layout.encoding or "utf-8"))
    choices = field_choices(visit, entity)
    return {
        "problem": problem,
        "options": options,
        "look": look,
        "saved": saved,
        "using": using,
        "ask": "",
        "said": "",
        "layout": layout,
        "encodings": tuple(encodings),
        "delimiters": DELIMITERS,
        "modes": [mode for mode in MODES if _may(visit, entity.name, mode)],
        "field_choices": choices,
        "titles": {choice.name: choice.title for choice in choices},
        "readings": READINGS,
        "parsers": PARSERS,
        "keys": (*options.key, "") if len(options.key) > 1 else (*options.key, "", "")[:2],
        **_checked(visit, entity, options, None),
    }


def _may(visit: Visit, entity: str, mode: str) -> bool:
    verbs = {"create": ("create",), "update": ("update",), "upsert": ("create", "update")}[mode]
    return all(visit.may(entity, verb) for verb in verbs)


def _checked(
    visit: Visit, entity: Entity, options: ImportOptions, result: ImportResult | None
) -> dict[str, Any]:
    return {
        "result": result,
        "report": report(visit, entity, result) if result else None,
        "settlings": settlings(visit, entity, result.links if result else (), options),
    }
