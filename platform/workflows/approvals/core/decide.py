"""The one door of the core: what a command makes of a run.

`COMMANDS` lists every command with the function that carries it out. A command that was carried out before changes
nothing, whatever it says now.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from fieldstone.metadata.approval_flows import Workflow
from fieldstone.problems import FieldstoneError
from fieldstone.workflows.approvals.core import commands as c
from fieldstone.workflows.approvals.core.answers import child_ended, failed, step_done
from fieldstone.workflows.approvals.core.decision import Decision
from fieldstone.workflows.approvals.core.facts import Facts
from fieldstone.workflows.approvals.core.handing import add_sign, delegate, leave, remove_added, transfer
from fieldstone.workflows.approvals.core.interventions import intervene
from fieldstone.workflows.approvals.core.moving import move
from fieldstone.workflows.approvals.core.returning import change_record, return_task
from fieldstone.workflows.approvals.core.starting import dismiss, submit, withdraw
from fieldstone.workflows.approvals.core.state import Run
from fieldstone.workflows.approvals.core.talking import comment, copy, urge
from fieldstone.workflows.approvals.core.timers import ring
from fieldstone.workflows.approvals.core.turn import Follow, Open, Turn
from fieldstone.workflows.approvals.core.voting import decide_task, settle
from fieldstone.workflows.approvals.core.walking import enter, follow


def decide(definition: Workflow, run: Run | None, command: c.Command, facts: Facts) -> Decision:
    """What follows from `command`. `definition` is the one of the run's revision (of the new one for `Move`).

    Raises FieldstoneError (refusals.py) when it is refused; then nothing happened.
    """
    if run is not None and command.id in run.commands:
        return Decision(run, (), ())
    turn = Turn(definition, facts, command, run, intervention=isinstance(command, c.Intervene))
    if run is None and not isinstance(command, c.Submit):
        raise FieldstoneError("There is no such approval.", code="run.unknown", kind="not_found")
    COMMANDS[type(command)](turn, command)
    work_off(turn)
    return Decision(turn.run, tuple(turn.events), tuple(turn.effects))


def work_off(turn: Turn) -> None:
    """Go on until everybody who can be asked is asked."""
    while turn.agenda:
        work = turn.agenda.popleft()
        if isinstance(work, Open):
            enter(turn, work)
        elif isinstance(work, Follow):
            follow(turn, work)
        else:
            settle(turn, work.visit)


COMMANDS: Final[Mapping[type[c.Command], Callable[[Turn, Any], None]]] = MappingProxyType(
    {
        c.Submit: submit,
        c.Decide: decide_task,
        c.Return: return_task,
        c.Transfer: transfer,
        c.Delegate: delegate,
        c.AddSign: add_sign,
        c.RemoveAdded: remove_added,
        c.Copy: copy,
        c.Urge: urge,
        c.Comment: comment,
        c.Withdraw: withdraw,
        c.Dismiss: dismiss,
        c.Ring: ring,
        c.ChildEnded: child_ended,
        c.StepDone: step_done,
        c.Failed: failed,
        c.RecordChanged: change_record,
        c.ApproverLeft: leave,
        c.Intervene: intervene,
        c.Move: move,
    }
)
