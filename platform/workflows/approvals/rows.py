"""The state of a run as the values of its rows, and back: the one place that knows both names."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from fieldstone.workflows.approvals.core.decision import Event
from fieldstone.workflows.approvals.core.state import CC, Run, StepRow, TaskRow

RUN: Final = (
    "id", "workflow", "revision", "entity", "record", "submitter", "submitted_at", "state", "round",
    "record_version", "returned_to", "keep", "parent_run", "parent_step", "depth", "ended_at", "version", "commands",
)  # fmt: skip
STEP: Final = (
    "id", "name", "state", "round", "parent", "way", "opened_at", "closed_at", "approvals", "rejections", "needed",
    "child", "incident", "version", "ways",
)  # fmt: skip
TASK: Final = (
    "id", "step", "assignee", "holder", "state", "order", "origin", "why", "added", "added_to", "opened_at", "due_at",
    "decided_at", "decided_by", "comment", "signature", "version",
)  # fmt: skip
CCS: Final = ("user_id", "step", "at")
EVENT: Final = ("number", "kind", "at", "actor", "data", "comment", "intervention")


def run_values(run: Run) -> dict[str, Any]:
    """The values of the run's own row."""
    parent_run, parent_step = run.parent or (None, None)
    return {
        "id": run.id, "workflow": run.workflow, "revision": run.revision, "entity": run.entity,
        "record": run.record, "submitter": run.submitter, "submitted_at": run.submitted_at, "state": run.state,
        "round": run.round, "record_version": run.record_version, "returned_to": run.returned_to,
        "keep": sorted(run.keep), "parent_run": parent_run, "parent_step": parent_step, "depth": run.depth,
        "ended_at": run.ended_at,
        "version": run.version, "commands": sorted(run.commands),
    }  # fmt: skip


def step_values(step: StepRow) -> dict[str, Any]:
    return {name: getattr(step, name) for name in STEP} | {"ways": list(step.ways)}


def task_values(task: TaskRow) -> dict[str, Any]:
    return {name: getattr(task, name) for name in TASK} | {"why": dict(task.why)}


def cc_values(cc: CC) -> dict[str, Any]:
    return {"user_id": cc.user, "step": cc.step, "at": cc.at}


def run_of_rows(
    row: Sequence[Any],
    steps: Sequence[Sequence[Any]],
    tasks: Sequence[Sequence[Any]],
    ccs: Sequence[Sequence[Any]],
) -> Run:
    """The run that rows hold: `row` in the order of RUN, the others in theirs."""
    values = dict(zip(RUN, row, strict=False))
    parent = (values.pop("parent_run"), values.pop("parent_step"))
    values["keep"] = frozenset(values["keep"])
    values["commands"] = frozenset(values["commands"])
    return Run(
        **values,
        parent=None if parent[0] is None else parent,
        steps=MappingProxyType({each[0]: _step_of_row(each) for each in steps}),
        tasks=MappingProxyType({each[0]: task_of_row(each) for each in tasks}),
        ccs=tuple(CC(*each) for each in ccs),
    )


def _step_of_row(row: Sequence[Any]) -> StepRow:
    values = dict(zip(STEP, row, strict=True))
    return StepRow(**values | {"ways": tuple(values["ways"])})


def task_of_row(row: Sequence[Any]) -> TaskRow:
    return TaskRow(**dict(zip(TASK, row, strict=True)))


def event_of_row(row: Sequence[Any]) -> Event:
    return Event(**dict(zip(EVENT, row, strict=True)))


def plain(value: Any) -> Any:
    """A value as stored JSON holds it."""
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, Mapping):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    return value
