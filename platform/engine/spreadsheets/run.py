"""A spreadsheet's way: kept with a proposal, planned, published with its imports in one commit, imported.

Only those who manage definitions may do any of it. The plan is that of every publish: what was shown is what
happens, or `plan.stale`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from fieldstone.engine.context import Context
from fieldstone.engine.ids import new_id
from fieldstone.engine.imports import (
    SYNCHRONOUS_ROWS,
    ImportBusy,
    ImportResult,
    Kind,
    continue_import,
    read_import,
)
from fieldstone.engine.permissions import require_manage
from fieldstone.engine.publish import PublishPlan, plan_edits, publish_edits
from fieldstone.engine.service import Engine
from fieldstone.engine.spreadsheets import storage
from fieldstone.engine.spreadsheets.checks import problems_of
from fieldstone.engine.spreadsheets.documents import edits_of, import_of
from fieldstone.engine.spreadsheets.order import in_order
from fieldstone.engine.spreadsheets.proposal import BadProposal, Proposal, changed
from fieldstone.engine.spreadsheets.propose import propose, refitted
from fieldstone.engine.spreadsheets.storage import Stored
from fieldstone.engine.storage.connection import Connection
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Model

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a spreadsheet. `imports` are the runs by entity, in their order; `later`: a job runs them."""

    revision: int
    imports: tuple[tuple[str, UUID], ...]
    later: bool

    def to_json(self) -> dict[str, Any]:
        runs = [{"entity": entity, "id": str(run)} for entity, run in self.imports]
        return {"revision": self.revision, "imports": runs, "later": self.later}


def start_spreadsheet(engine: Engine, context: Context, content: bytes, kind: Kind, name: str) -> UUID:
    """Keep a file with what it would become; the id of the draft. Raises Denied and UnreadableSource."""
    proposal = engine.read(context, lambda tx: proposal_for(tx, content, kind, name))
    return engine.write(context, lambda tx: storage.add(tx, content, kind, name, proposal))


def proposal_for(tx: Transaction, content: bytes, kind: Kind, name: str) -> Proposal:
    """What a file would become in this tenant."""
    require_manage(tx, "metadata")
    return propose(content, kind, name, tx.model, tx.context.company.currency)


def read_spreadsheet(engine: Engine, context: Context, draft: UUID) -> Stored:
    """A file with its proposal. Raises Denied and UnknownImport."""
    return engine.read(context, lambda tx: storage.load(tx, draft))


def change_spreadsheet(engine: Engine, context: Context, draft: UUID, sent: Any) -> Stored:
    """Keep what somebody changed in a proposal. Raises BadProposal and ImportBusy."""
    stored = read_spreadsheet(engine, context, draft)
    if stored.state != "draft":
        raise ImportBusy("The entities were made already.", state=stored.state)
    proposal = refitted(changed(stored.proposal, sent), stored.content, stored.kind, stored.name)
    engine.write(context, lambda tx: storage.save(tx, draft, proposal))
    return replace(stored, proposal=proposal)


def drop_spreadsheet(engine: Engine, context: Context, draft: UUID) -> None:
    """Forget a draft and its file."""

    def work(tx: Transaction) -> None:
        stored = storage.load(tx, draft)
        if stored.state != "draft":
            raise ImportBusy("The entities were made already.", state=stored.state)
        storage.drop(tx, stored)

    engine.write(context, work)


def plan_spreadsheet(tx: Transaction, proposal: Proposal) -> PublishPlan:
    """What publishing would change. Raises BadProposal with everything that stands in the way."""
    require_manage(tx, "metadata")
    problems = problems_of(proposal, tx.model)
    if problems:
        raise BadProposal(problems[0].message, problems=problems)
    return plan_edits(tx, edits_of(proposal))


def apply_spreadsheet(
    engine: Engine, context: Context, draft: UUID, base: int, sealed: str, *, here: bool = False
) -> Outcome:
    """Publish the entities as planned and import the rows: few of them here, many by a job (or `here` too).

    Definitions, imports and job are one commit. Raises what `publish` and `plan_spreadsheet` raise.
    """
    stored = read_spreadsheet(engine, context, draft)
    if stored.state != "draft":
        raise ImportBusy("The entities were made already.", state=stored.state)
    sheets = in_order(stored.proposal)
    runs = [(new_id(), sheet.name, _options(stored, sheet), sheet.rows) for sheet in sheets]
    later = not here and stored.proposal.rows() > SYNCHRONOUS_ROWS
    named = tuple((entity, run) for run, entity, _, _ in runs)
    outcome = Outcome(base + 1, named, later)
    job = new_id() if later else None

    def also(connection: Connection, model: Model) -> None:
        storage.applied(connection, context, stored, outcome.to_json(), runs, job=job)

    engine.read(context, lambda tx: plan_spreadsheet(tx, stored.proposal))
    publish_edits(engine, context, edits_of(stored.proposal), base, sealed, before_commit=also)
    if job is not None:
        if engine.bell is not None:
            engine.bell(job)
    else:
        continue_spreadsheet(engine, context.at(outcome.revision), draft)
    return outcome


def _options(stored: Stored, sheet: Any) -> Any:
    return replace(import_of(sheet), sheet=sheet.sheet if stored.kind == "xlsx" else None)


def continue_spreadsheet(
    engine: Engine, context: Context, draft: UUID, *, progress: Progress | None = None
) -> list[ImportResult]:
    """Run the imports of a spreadsheet one after the other, from where they are."""
    stored = read_spreadsheet(engine, context, draft)
    found: list[ImportResult] = []
    for each in stored.outcome.get("imports", ()):
        run = UUID(each["id"])
        if read_import(engine, context, run).state in ("waiting", "running"):
            continue_import(engine, context, run, progress=progress)
        found.append(read_import(engine, context, run))
    return found
