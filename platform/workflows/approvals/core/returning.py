"""Going back: to a chosen step, to the submitter, by a rejection, or because material fields changed.

This is the only way back in a step tree, so it is counted: every return begins another round, and a definition says
how many there may be.
"""

from collections.abc import Iterable
from uuid import UUID

from fieldstone.metadata.approval_flows import Step
from fieldstone.workflows.approvals.core.closing import drop_tasks
from fieldstone.workflows.approvals.core.commands import RecordChanged, Return
from fieldstone.workflows.approvals.core.effects import EndRun, SetFields
from fieldstone.workflows.approvals.core.guarding import check, commented
from fieldstone.workflows.approvals.core.refusals import ReturnRefused, RoundsExhausted
from fieldstone.workflows.approvals.core.state import Run, StepRow, TaskRow
from fieldstone.workflows.approvals.core.tree import LEAVES, Tree, inside
from fieldstone.workflows.approvals.core.turn import Open, Turn

SUBMITTER = "submitter"
"""How `return_to` of a step names the submitter."""


def return_task(turn: Turn, command: Return) -> None:
    """Send back by hand."""
    task, step = check(turn, command.task, "return", command.version)
    commented(step, "return", command.comment)
    allowed = targets(turn.tree, turn.run, task)
    if (command.to or SUBMITTER) not in allowed:
        raise ReturnRefused(command.to, allowed)
    if turn.run.round >= turn.definition.max_rounds:
        raise RoundsExhausted(turn.run.round)
    _go_back(turn, task.step, command.to, rerun=command.rerun, task=task, comment=command.comment)


def targets(tree: Tree, run: Run, task: TaskRow) -> tuple[str, ...]:
    """Where a task may be sent back to: steps before that are approved, and `submitter`; nearest first."""
    row = run.steps[task.step]
    if row.name not in tree.places or run.late(row.id):
        return ()
    step = tree.places[row.name].step
    done = [
        visit.name
        for visit in run.steps.values()
        if visit.state == "done"
        and visit.name in tree.places
        and tree.places[visit.name].step.kind == "approve"
    ]
    earlier = [
        name for name in dict.fromkeys(reversed(done)) if _depth_before(tree, name, row.name) is not None
    ]
    return tuple(name for name in (*earlier, SUBMITTER) if not step.return_to or name in step.return_to)


def send_back(turn: Turn, visit: UUID, *, to_start: bool) -> None:
    """What a rejection does by its policy: back to the approvers before, or to the submitter when there are none."""
    _go_back(turn, visit, None if to_start else _previous(turn, visit), rerun=True, task=None, comment="")


def change_record(turn: Turn, command: RecordChanged) -> None:
    """Votes given so far do not count any more: everything is asked again, by the record as it is now."""
    material = frozenset(command.fields) & turn.definition.material
    if not material or turn.run.state not in ("running", "stuck"):
        return
    if turn.run.round >= turn.definition.max_rounds:
        raise RoundsExhausted(turn.run.round)
    asked = [task.holder for task in turn.run.tasks.values() if task.state in ("open", "approved")]
    _void(turn, "voided", None, _live_or_through(turn), (), fields=sorted(material), to=None, wait=False)
    turn.tell("returned", asked)
    turn.agenda.append(Open(turn.definition.steps[0], None, None))


def _go_back(
    turn: Turn, visit: UUID, to: str | None, *, rerun: bool, task: TaskRow | None, comment: str
) -> None:
    row = turn.visit(visit)
    depth = 0 if to is None else _depth_before(turn.tree, to, row.name) or 0
    names = (
        frozenset(step.name for step in inside(turn.definition.steps))
        if to is None
        else turn.tree.onwards(turn.tree.places[to], depth)
    )
    affected = [each for each in turn.run.steps.values() if each.name in names]
    kept = () if rerun else tuple(dict.fromkeys(each.name for each in affected if _keeps(turn, each, to)))
    voided = [each for each in affected if each.live or (each.through and (rerun or each.name == to))]
    _void(
        turn, "returned", task, voided, kept, comment=comment, to=to, rerun=rerun, wait=to is None,
        origin=row.name,
    )  # fmt: skip
    turn.tell("returned", (turn.run.submitter,), step=visit)
    if to is None:
        values = turn.definition.on.get("returned")
        if values:
            turn.effects.append(SetFields(values))
    else:
        _enter(turn, row, to, depth)


def _keeps(turn: Turn, row: StepRow, to: str | None) -> bool:
    return row.through and row.name != to and turn.place(row).step.kind in LEAVES


def _void(
    turn: Turn,
    kind: str,
    task: TaskRow | None,
    voided: Iterable[StepRow],
    keep: Iterable[str],
    *,
    comment: str = "",
    **data: object,
) -> None:
    voided = list(voided)
    turn.agenda.clear()
    turn.emit(
        kind,
        comment=comment,
        task=task.id if task else None,
        voided=[row.id for row in voided],
        keep=sorted(keep),
        round=turn.run.round + 1,
        **data,
    )
    for row in voided:
        drop_tasks(turn, row.id)
        if row.child and row.live:
            turn.effects.append(EndRun(row.child))


def _live_or_through(turn: Turn) -> list[StepRow]:
    return [row for row in turn.run.steps.values() if row.live or row.through]


def _enter(turn: Turn, origin: StepRow, to: str, depth: int) -> None:
    """Visit `to`, and before it the containers around it that are closed by now, each with this one way."""
    target = turn.tree.places[to]
    parent = _ancestor(turn, origin, depth)
    way = target.chain[depth - 1][1].name if depth else None
    for container, inner in target.chain[depth:]:
        visit = turn.facts.new_id()
        turn.emit(
            "step_opened",
            step=visit,
            name=container.name,
            parent=parent,
            way=way,
            ways=[inner.name],
            needed=1,
        )
        parent, way = visit, inner.name
    turn.agenda.append(Open(target.step, parent, way))


def _ancestor(turn: Turn, row: StepRow, depth: int) -> UUID | None:
    """The visit of the container around `row` whose content is `depth` containers deep."""
    chain: list[UUID] = []
    parent = row.parent
    while parent is not None:
        chain.append(parent)
        parent = turn.visit(parent).parent
    return chain[-depth] if depth else None


def _depth_before(tree: Tree, name: str, current: str) -> int | None:
    """How deep the sequence is in which `name` (or what holds it) comes before `current`; None when it does not."""
    target, here = tree.places[name], tree.places[current]
    depth = 0
    for (one, way), (other, other_way) in zip(target.chain, here.chain, strict=False):
        if (one.name, way.name) != (other.name, other_way.name):
            break
        depth += 1
    before = tree.level(target, depth).index < tree.level(here, depth).index
    return depth if before else None


def _previous(turn: Turn, visit: UUID) -> str | None:
    """The nearest step before that asked somebody: itself, or the container in which several did."""
    row = turn.visit(visit)
    place = turn.place(row)
    done = {each.name for each in turn.run.steps.values() if each.state == "done"}
    for depth in range(len(place.chain), -1, -1):
        here = turn.tree.level(place, depth)
        for step in reversed(here.sequence[: here.index]):
            if _asked(step) & done:
                return step.name
    return None


def _asked(step: Step) -> frozenset[str]:
    return frozenset(each.name for each in inside((step,)) if each.kind == "approve")
