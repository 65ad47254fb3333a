"""The boxes of somebody's inbox: what waits for me, what I submitted, what I was told of, what I decided."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import UUID

import sqlalchemy as sa

from fieldstone.engine.query.errors import BadRequest
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import Plan, compile_plan
from fieldstone.engine.transaction import Transaction
from fieldstone.workflows.approvals import carry, views
from fieldstone.workflows.approvals.knowing import require_known
from fieldstone.workflows.approvals.store import Stored, UnknownTask, load_run_of_task, load_runs
from fieldstone.workflows.approvals.trail import changes_of, comments_of

Box = Literal["waiting", "submitted", "cc", "done"]
BOXES: Final = ("waiting", "submitted", "cc", "done")
MOST: Final = 200

_RUN: Final = control.approval_run
_TASK: Final = control.approval_task
_CC: Final = control.approval_cc
_WHO: Final = sa.bindparam("who", type_=sa.Uuid())
_LIMIT: Final = sa.bindparam("most", type_=sa.Integer())
_BEFORE: Final = sa.bindparam("before", type_=sa.Uuid())
_GOING: Final = _RUN.c.state.in_(("running", "stuck"))


def _page(statement: "sa.Select[Any]", key: "sa.ColumnElement[Any]") -> Plan:
    """Newest first, below the cursor."""
    return compile_plan(
        statement.where(sa.or_(_BEFORE.is_(None), key < _BEFORE)).order_by(key.desc()).limit(_LIMIT)
    )


_PAGES: Final[Mapping[str, Plan]] = {
    "waiting": _page(
        sa.select(_TASK.c.id, _TASK.c.run)
        .join_from(_TASK, _RUN, _RUN.c.id == _TASK.c.run)
        .where(_TASK.c.holder == _WHO, _TASK.c.state == "open", _GOING),
        _TASK.c.id,
    ),
    "done": _page(
        sa.select(_TASK.c.id, _TASK.c.run).where(
            _TASK.c.decided_by == _WHO, _TASK.c.state.in_(("approved", "rejected", "returned", "transferred"))
        ),
        _TASK.c.id,
    ),
    "submitted": _page(
        sa.select(_RUN.c.id, _RUN.c.id.label("run")).where(_RUN.c.submitter == _WHO), _RUN.c.id
    ),
    "cc": _page(
        sa.select(_CC.c.run.label("id"), _CC.c.run).where(_CC.c.user_id == _WHO).distinct(), _CC.c.run
    ),
}
_COUNT: Final = compile_plan(
    sa.select(sa.func.count())
    .select_from(_TASK.join(_RUN, _RUN.c.id == _TASK.c.run))
    .where(_TASK.c.holder == _WHO, _TASK.c.state == "open", _GOING)
)


@dataclass(frozen=True, slots=True)
class TaskPage:
    """A page of a box. `next` is where the following one begins."""

    data: list[dict[str, Any]]
    next: str | None


def tasks(tx: Transaction, box: Box = "waiting", limit: int = 50, cursor: str | None = None) -> TaskPage:
    """The actor's own tasks or runs, newest first; entries of `submitted` and `cc` are runs with who is asked now."""
    who = tx.context.actor.id
    if who is None:
        return TaskPage([], None)
    before = _cursor(cursor)
    asked = {"who": who, "before": before, "most": min(limit, MOST) + 1}
    found = tx.fetch(_PAGES[box], asked)
    more, found = found[min(limit, MOST) :], found[: min(limit, MOST)]
    stored = load_runs(tx, [row[1] for row in found])
    entries = _entries(tx, box, [(row[0], stored[row[1]]) for row in found if row[1] in stored])
    return TaskPage(entries, str(found[-1][0]) if more else None)


def _cursor(text: str | None) -> UUID | None:
    if text is None:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise BadRequest(
            "The cursor cannot be read; start again without it.", code="cursor.malformed"
        ) from None


def _entries(tx: Transaction, box: Box, found: list[tuple[UUID, Stored]]) -> list[dict[str, Any]]:
    names = views.Names(tx, [person for _, stored in found for person in views.people_of(stored.run)])
    wanted: dict[str, list[UUID]] = {}
    for _, stored in found:
        wanted.setdefault(stored.run.entity, []).append(stored.run.record)
    called = views.titles(tx, wanted)
    entries = []
    for which, stored in found:
        definition = carry.definition_of(tx, stored.run)
        if box in ("waiting", "done"):
            task = stored.run.tasks[which]
            entries.append(views.task_json(tx, stored, definition, task, names, called))
            continue
        entry = views.run_json(stored, definition, names, called)
        entry["waiting_for"] = [
            {
                "task": task.id, "step": stored.run.steps[task.step].name, "person": names(task.holder),
                "since": task.opened_at, "due_at": task.due_at,
            }
            for task in stored.run.tasks.values()
            if task.state == "open"
        ]  # fmt: skip
        entries.append(entry)
    return entries


def waiting_entries(tx: Transaction, who: UUID) -> list[dict[str, Any]]:
    """What waits for somebody else: for administrators."""
    found = tx.fetch(_PAGES["waiting"], {"who": who, "before": None, "most": MOST})
    stored = load_runs(tx, [row[1] for row in found])
    return _entries(tx, "waiting", [(row[0], stored[row[1]]) for row in found if row[1] in stored])


def waiting_count(tx: Transaction) -> int:
    """How many tasks wait for the actor."""
    who = tx.context.actor.id
    return 0 if who is None else int(tx.fetch(_COUNT, {"who": who})[0][0])


def task(tx: Transaction, task_id: UUID) -> dict[str, Any]:
    """One task with what somebody sees before deciding: figures, chosen fields, changes, earlier comments."""
    stored = load_run_of_task(tx, task_id)
    require_known(tx, stored.run, UnknownTask("There is no such task."))
    row = stored.run.tasks[task_id]
    facts = carry.facts_of(tx, stored)
    step = facts.definition.step(stored.run.steps[row.step].name)
    view = views.task_view(tx, stored, row, facts)
    view["figures"] = views.figures(facts, facts.definition, step)
    view["values"] = views.values_for(facts, step)
    view["changes"] = changes_of(tx, stored, facts, step)
    view["comments"] = comments_of(tx, stored.run.id)
    return view
