"""What somebody may do with a task now: what screens offer. `decide` checks again when it is done."""

from uuid import UUID

from fieldstone.metadata.approval_flows import Workflow
from fieldstone.workflows.approvals.core import returning
from fieldstone.workflows.approvals.core.state import Run, TaskRow
from fieldstone.workflows.approvals.core.tree import Tree

COMMENT = frozenset({"comment"})


def allowed(definition: Workflow, run: Run, task: TaskRow, user: UUID) -> frozenset[str]:
    """The operations (`metadata.approval_flows.Operation`) that `user` may ask for on `task`.

    `return` stands for at least one of `targets`; `remove` for an added task of theirs that is not decided.
    """
    tree = Tree(definition)
    row = run.steps[task.step]
    if run.over or user not in (task.holder, task.assignee) or row.name not in tree.places:
        return frozenset()
    operations = tree.places[row.name].step.operations
    if run.state == "returned" or not task.undecided:
        return operations & COMMENT
    added = any(each.added_to == task.id and each.added and each.undecided for each in run.tasks.values())
    possible = operations if added else operations - {"remove"}
    if task.state == "waiting":
        return possible & (COMMENT | {"remove"})
    if run.round >= definition.max_rounds or not returning.targets(tree, run, task):
        possible -= {"return"}
    return possible


def targets(definition: Workflow, run: Run, task: TaskRow) -> tuple[str, ...]:
    """Where the task may be sent back to: names of steps, nearest first, and `submitter`."""
    return returning.targets(Tree(definition), run, task)
