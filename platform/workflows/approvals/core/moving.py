"""Going over to another revision of a definition while a run is running."""

from collections.abc import Mapping

from fieldstone.metadata.approval_flows import Workflow
from fieldstone.workflows.approvals.core.commands import Move
from fieldstone.workflows.approvals.core.refusals import MoveRefused, RunDenied, RunOver
from fieldstone.workflows.approvals.core.state import Run, StepRow
from fieldstone.workflows.approvals.core.tree import Tree
from fieldstone.workflows.approvals.core.turn import Settle, Turn
from fieldstone.workflows.approvals.core.walking import join


def obstacles(definition: Workflow, run: Run, steps: Mapping[str, str]) -> Mapping[str, str]:
    """Why a run cannot go over to `definition`: name of a step at which it is -> absent, kind or place. A dry run."""
    tree = Tree(definition)
    found: dict[str, str] = {}
    for row in run.steps.values():
        if not row.live:
            continue
        place = tree.places.get(steps.get(row.name, row.name))
        if place is None:
            found[row.name] = "absent"
        elif [(step.name, way.name) for step, way in place.chain] != _chain(run, row, steps):
            found[row.name] = "place"
        elif _kind_differs(run, row, place.step.kind, [way.name for way in place.step.ways]):
            found[row.name] = "kind"
    return found


def move(turn: Turn, command: Move) -> None:
    """The definition of the turn is the new one already."""
    if command.actor is not None and command.actor not in turn.facts.administrators():
        raise RunDenied("administrator")
    if turn.run.over:
        raise RunOver(turn.run.state, turn.run.ended_at)
    found = obstacles(turn.definition, turn.run, command.steps)
    if found:
        raise MoveRefused("The other revision has no place for where this approval is.", steps=dict(found))
    turn.emit("moved", comment=command.comment, revision=command.revision, steps=dict(command.steps))
    for row in list(turn.run.steps.values()):
        if row.live and row.state == "open":
            if turn.place(row).step.kind == "approve":
                turn.agenda.append(Settle(row.id))
            elif row.ways:
                join(turn, row.id)


def _chain(run: Run, row: StepRow, steps: Mapping[str, str]) -> list[tuple[str, str]]:
    chain: list[tuple[str, str]] = []
    while row.parent is not None:
        parent = run.steps[row.parent]
        chain.insert(0, (steps.get(parent.name, parent.name), row.way or ""))
        row = parent
    return chain


def _kind_differs(run: Run, row: StepRow, kind: str, ways: list[str]) -> bool:
    if row.ways:
        return kind not in ("branch", "parallel") or not set(row.ways) <= set(ways)
    if row.child:
        return kind != "call"
    if any(task.step == row.id for task in run.tasks.values()):
        return kind != "approve"
    return False
