"""A new entity from a spreadsheet: a file, what it would become, the plan in one sentence, and the import.

For those who manage definitions. Every change of the form is kept at once (nothing typed is lost) and answered
with the plan; the button publishes exactly that plan.
"""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from werkzeug.wrappers import Response

from fieldstone.engine.imports import ImportResult, UnknownImport, UnreadableSource, kind_of, read_import
from fieldstone.engine.publish import PublishPlan
from fieldstone.engine.publish.errors import PlanStale
from fieldstone.engine.spreadsheets import (
    TYPES,
    BadProposal,
    Proposal,
    Stored,
    apply_spreadsheet,
    change_spreadsheet,
    drop_spreadsheet,
    plan_spreadsheet,
    read_spreadsheet,
    start_spreadsheet,
    unfinished,
)
from fieldstone.metadata.entities import TITLE_TYPES
from fieldstone.problems import Problem
from fieldstone.ui.imports.begin import ACCEPTED, redirected
from fieldstone.ui.imports.sheet_form import sent_proposal
from fieldstone.ui.studio.gate import require_customiser
from fieldstone.ui.studio.wording import sentence
from fieldstone.ui.visit import Visit

PAGE: Final = "studio/spreadsheet"
UNIQUE: Final = ("text", "email", "phone", "url", "integer")
CHOICES: Final = ("select", "multi_select")


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that stands in the way, with where it is."""

    place: str
    text: str


@dataclass(frozen=True, slots=True)
class Made:
    """An entity that was made, and the import of its rows."""

    title: str
    name: str
    run: UUID
    result: ImportResult


def show(visit: Visit) -> Response:
    """The place for a file, and the files that were not made into entities yet."""
    require_customiser(visit)
    return visit.page(
        "imports/sheet_begin.html",
        page_name="studio",
        accepted=ACCEPTED,
        drafts=visit.read(unfinished),
        action=visit.urls.page(PAGE),
    )


def upload(visit: Visit) -> Response:
    """Keep a file with what it would become."""
    require_customiser(visit)
    sent = visit.request.files.get("file")
    try:
        if sent is None or not sent.filename:
            raise UnreadableSource(visit.texts("import.file_missing"))
        name = sent.filename.rsplit("/", 1)[-1].rsplit("\\", 1)[-1][:200]
        draft = start_spreadsheet(visit.services.engine, visit.context, sent.read(), kind_of(name), name)
    except UnreadableSource as error:
        return visit.partial(
            "imports/problem.html", status=422, headers={"HX-Reswap": "innerHTML", "HX-Retarget": "#upload-problem"},
            text=error.message, problems=(),
        )  # fmt: skip
    return redirected(visit.urls.page(f"{PAGE}/{draft}"))


def open_one(visit: Visit, run_id: UUID) -> Response:
    """The proposal while it is decided about, then what came of it."""
    stored = _stored(visit, run_id)
    if stored.state == "draft":
        return visit.page(
            "imports/sheet.html", page_name="studio", **_shown(visit, stored), **_plan(visit, stored.proposal)
        )
    return visit.page("imports/sheet_made.html", page_name="studio", **_made(visit, stored))


def change(visit: Visit, run_id: UUID) -> Response:
    """Keep what was changed; the plan again, and the parts of the form that follow from the change."""
    before = stored = _stored(visit, run_id)
    form = visit.request.form
    try:
        stored = change_spreadsheet(
            visit.services.engine, visit.context, run_id, sent_proposal(form, stored.proposal)
        )
    except BadProposal as error:
        return visit.partial(
            "imports/sheet_foot.html", plan=None, sentence="", troubles=_troubles(visit, error.problems),
            stored=stored, url=visit.urls.page(f"{PAGE}/{run_id}"),
        )  # fmt: skip
    return visit.partial(
        "imports/sheet_changed.html",
        retyped=_retyped(before.proposal, stored.proposal),
        **_shown(visit, stored),
        **_plan(visit, stored.proposal),
    )


def _retyped(before: Proposal, now: Proposal) -> set[tuple[str, str]]:
    """Sheet and column wherever another type was chosen: what can be said of it is another thing then."""
    return {
        (sheet.sheet, column.column)
        for old, sheet in zip(before.sheets, now.sheets, strict=True)
        for was, column in zip(old.columns, sheet.columns, strict=True)
        if was.type != column.type
    }


def apply(visit: Visit, run_id: UUID) -> Response:
    """Publish the entities and import the rows."""
    stored = _stored(visit, run_id)
    form = visit.request.form
    base = form.get("base", "")
    try:
        stored = change_spreadsheet(
            visit.services.engine, visit.context, run_id, sent_proposal(form, stored.proposal)
        )
        apply_spreadsheet(
            visit.services.engine,
            visit.context,
            run_id,
            int(base) if base.isdecimal() else 0,
            form.get("plan", ""),
        )
    except BadProposal as error:
        return visit.partial(
            "imports/sheet_foot.html", plan=None, sentence="", troubles=_troubles(visit, error.problems),
            stored=stored, url=visit.urls.page(f"{PAGE}/{run_id}"),
        )  # fmt: skip
    except PlanStale:  # somebody published meanwhile, or typed on: show what it would do now
        return visit.partial(
            "imports/sheet_foot.html", stored=stored, again=True, url=visit.urls.page(f"{PAGE}/{run_id}"),
            **_plan(visit, stored.proposal),
        )  # fmt: skip
    return redirected(visit.urls.page(f"{PAGE}/{run_id}"))


def progress(visit: Visit, run_id: UUID) -> Response:
    """How far the imports are."""
    return visit.partial("imports/sheet_state.html", **_made(visit, _stored(visit, run_id)))


def discard(visit: Visit, run_id: UUID) -> Response:
    """Forget a file."""
    require_customiser(visit)
    drop_spreadsheet(visit.services.engine, visit.context, run_id)
    return redirected(visit.urls.page(PAGE))


def _stored(visit: Visit, run_id: UUID) -> Stored:
    require_customiser(visit)
    return read_spreadsheet(visit.services.engine, visit.context, run_id)


def _shown(visit: Visit, stored: Stored) -> dict[str, Any]:
    texts = visit.texts
    proposal = stored.proposal
    targets = [(sheet.sheet, sheet.title) for sheet in proposal.used()]
    targets += sorted(
        (
            (entity.name, visit.labels.plural(entity))
            for entity in visit.model.entities.values()
            if entity.parent is None
        ),
        key=lambda pair: pair[1],
    )
    return {
        "stored": stored,
        "proposal": proposal,
        "url": visit.urls.page(f"{PAGE}/{stored.id}"),
        "types": [(name, texts(f"studio.type.{name}")) for name in TYPES],
        "targets": targets,
        "roles": [
            (name, visit.labels.role(name)) for name in sorted(visit.model.roles) if name != "administrator"
        ],
        "with_options": CHOICES,
        "unique_types": UNIQUE,
        "title_types": TITLE_TYPES,
    }


def _plan(visit: Visit, proposal: Proposal) -> dict[str, Any]:
    try:
        plan = visit.read(lambda tx: plan_spreadsheet(tx, proposal))
    except BadProposal as error:
        return {"plan": None, "sentence": "", "troubles": _troubles(visit, error.problems)}
    troubles = [Trouble("", problem.message) for problem in plan.problems]
    return {"plan": plan, "sentence": _sentence(visit, plan), "troubles": troubles}


def _sentence(visit: Visit, plan: PublishPlan) -> str:
    return "" if plan.problems else sentence(visit, plan)


def _troubles(visit: Visit, problems: Any) -> list[Trouble]:
    return [_trouble(visit, problem) for problem in problems]


def _trouble(visit: Visit, problem: Problem) -> Trouble:
    place = " · ".join(str(problem.data[name]) for name in ("sheet", "column") if problem.data.get(name))
    key = f"problem.{problem.code}"
    return Trouble(place, visit.texts(key) if visit.texts.has(key) else problem.message)


def _made(visit: Visit, stored: Stored) -> dict[str, Any]:
    found: list[Made] = []
    for each in stored.outcome.get("imports", ()):
        run = UUID(each["id"])
        entity = visit.model.entities.get(each["entity"])
        sheet = next((sheet for sheet in stored.proposal.sheets if sheet.name == each["entity"]), None)
        title = visit.labels.plural(entity) if entity else (sheet.title if sheet else each["entity"])
        try:
            result = read_import(visit.services.engine, visit.context, run)
        except UnknownImport:
            continue
        found.append(Made(title, each["entity"] if entity else "", run, result))
    moving = any(each.result.state in ("waiting", "running") for each in found)
    return {"stored": stored, "made": found, "moving": moving, "url": visit.urls.page(f"{PAGE}/{stored.id}")}
