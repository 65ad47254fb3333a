"""What an event makes of a state: the only way in which a state comes about.

`EVENTS` lists every kind with the function that folds it. Nothing here asks the world or a definition: whatever was
found out when the event was made (people, due times, counters) stands in its data.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from fieldstone.workflows.approvals.core.decision import Event
from fieldstone.workflows.approvals.core.state import CC, Run, StepRow, TaskRow


def evolve(run: Run | None, event: Event) -> Run:
    """The state after `event`. Raises ValueError for an event that cannot follow (an unknown kind, a gap)."""
    if event.kind not in EVENTS:
        raise ValueError(f'event {event.number}: no event is called "{event.kind}"')
    if event.number != (run.version + 1 if run else 1):
        raise ValueError(f"event {event.number} cannot follow event {run.version if run else 0}")
    after = _submitted(event) if run is None else EVENTS[event.kind](run, event)
    command = event.data.get("command")
    return replace(
        after,
        version=event.number,
        commands=after.commands | {UUID(command)} if command else after.commands,
        state=_state(after),
    )


def replay(events: Iterable[Event]) -> Run:
    """The state that all events of a run make, from the first one on."""
    run: Run | None = None
    for event in events:
        run = evolve(run, event)
    if run is None:
        raise ValueError("a run has at least one event")
    return run


def _state(run: Run) -> Any:
    if run.state not in ("running", "stuck"):
        return run.state
    return "stuck" if any(step.state == "stuck" for step in run.steps.values()) else "running"


def _submitted(event: Event) -> Run:
    data = event.data
    parent = data.get("parent")
    return Run(
        id=UUID(data["run"]),
        workflow=data["workflow"],
        revision=data["revision"],
        entity=data["entity"],
        record=UUID(data["record"]),
        submitter=UUID(data["submitter"]),
        submitted_at=event.at,
        state="running",
        round=1,
        record_version=data["record_version"],
        parent=(UUID(parent[0]), UUID(parent[1])) if parent else None,
        depth=data["depth"],
    )


def _again(run: Run, event: Event) -> Run:
    raise ValueError(f"event {event.number}: a run is submitted once")


def _resubmitted(run: Run, event: Event) -> Run:
    return replace(run, state="running", returned_to=None, record_version=event.data["record_version"])


def _step_opened(run: Run, event: Event) -> Run:
    data = event.data
    row = StepRow(
        id=UUID(data["step"]),
        name=data["name"],
        state="open",
        round=run.round,
        parent=_id(data, "parent"),
        way=data.get("way"),
        opened_at=event.at,
        needed=data.get("needed"),
        ways=tuple(data.get("ways", ())),
    )
    return replace(run, steps=MappingProxyType({**run.steps, row.id: row}))


def _ways_taken(run: Run, event: Event) -> Run:
    return _step(run, event, ways=tuple(event.data["ways"]), needed=event.data["needed"])


def _called(run: Run, event: Event) -> Run:
    return _step(run, event, child=UUID(event.data["child"]))


def _step_counted(run: Run, event: Event) -> Run:
    return _step(run, event, needed=event.data["needed"])


def _step_stuck(run: Run, event: Event) -> Run:
    return _step(run, event, state="stuck", incident=event.data["incident"])


def _step_resumed(run: Run, event: Event) -> Run:
    return _step(run, event, state="open", incident=None)


def _step_closed(run: Run, event: Event) -> Run:
    data = event.data
    run = _step(run, event, state=data["state"], closed_at=event.at, incident=None)
    return replace(run, keep=run.keep - {data["kept"]}) if "kept" in data else run


def _task_made(run: Run, event: Event) -> Run:
    data = event.data
    row = TaskRow(
        id=UUID(data["task"]),
        step=UUID(data["step"]),
        assignee=UUID(data["assignee"]),
        holder=UUID(data["holder"]),
        state=data["state"],
        order=data["order"],
        origin=data["origin"],
        why=MappingProxyType(dict(data["why"])),
        added=data.get("added"),
        added_to=_id(data, "added_to"),
    )
    if row.state == "approved":  # taken over from an earlier step
        row = replace(row, decided_at=event.at, decided_by=_id(data, "decided_by"))
    return _counted(replace(run, tasks=MappingProxyType({**run.tasks, row.id: row})), row.step)


def _task_opened(run: Run, event: Event) -> Run:
    due = event.data.get("due_at")
    return _task(
        run, event, state="open", opened_at=event.at, due_at=datetime.fromisoformat(due) if due else None
    )


def _task_waits(run: Run, event: Event) -> Run:
    return _task(run, event, state="waiting")


def _task_resumed(run: Run, event: Event) -> Run:
    return _task(run, event, state="open")


def _task_closed(run: Run, event: Event) -> Run:
    return _task(run, event, state=event.data["state"])


def _decided(run: Run, event: Event) -> Run:
    return _task(
        run,
        event,
        state=event.kind,
        decided_at=event.at,
        decided_by=event.actor,
        comment=event.comment,
        signature=_id(event.data, "signature"),
    )


def _transferred(run: Run, event: Event) -> Run:
    old, new = UUID(event.data["task"]), UUID(event.data["to_task"])
    tasks = {
        key: replace(row, added_to=new, version=row.version + 1) if row.added_to == old else row
        for key, row in run.tasks.items()
    }
    return _task(
        replace(run, tasks=MappingProxyType(tasks)),
        event,
        state="transferred",
        decided_at=event.at,
        decided_by=event.actor,
        comment=event.comment,
    )


def _delegated(run: Run, event: Event) -> Run:
    return _task(run, event, holder=UUID(event.data["to"]))


def _returned(run: Run, event: Event) -> Run:
    """The task that sent it back, all visits that do not count any more, the next round."""
    data = event.data
    if "task" in data:
        run = _decided(run, event)
    steps = dict(run.steps)
    for key in map(UUID, data["voided"]):
        row = steps[key]
        steps[key] = replace(
            row, state="returned", closed_at=row.closed_at or event.at, incident=None, version=row.version + 1
        )
    return replace(
        run,
        steps=MappingProxyType(steps),
        round=run.round + 1,
        keep=frozenset(data["keep"]),
        returned_to=data["to"],
        state="returned" if data["wait"] else "running",
    )


def _copied(run: Run, event: Event) -> Run:
    new = tuple(CC(UUID(user), _id(event.data, "step"), event.at) for user in event.data["users"])
    return replace(run, ccs=run.ccs + new)


def _told(run: Run, event: Event) -> Run:
    """Something for the trail that changes no row."""
    return run


def _moved(run: Run, event: Event) -> Run:
    names: Mapping[str, str] = event.data["steps"]
    steps = {
        key: replace(row, name=names[row.name], version=row.version + 1) if row.name in names else row
        for key, row in run.steps.items()
    }
    return replace(
        run,
        revision=event.data["revision"],
        steps=MappingProxyType(steps),
        keep=frozenset(names.get(name, name) for name in run.keep),
    )


def _finished(run: Run, event: Event) -> Run:
    return replace(run, state=event.data["outcome"], ended_at=event.at)


def _id(data: Mapping[str, Any], key: str) -> UUID | None:
    text = data.get(key)
    return UUID(text) if text else None


def _step(run: Run, event: Event, **changes: Any) -> Run:
    row = run.steps[UUID(event.data["step"])]
    row = replace(row, version=row.version + 1, **changes)
    return replace(run, steps=MappingProxyType({**run.steps, row.id: row}))


def _task(run: Run, event: Event, **changes: Any) -> Run:
    row = run.tasks[UUID(event.data["task"])]
    row = replace(row, version=row.version + 1, **changes)
    return _counted(replace(run, tasks=MappingProxyType({**run.tasks, row.id: row})), row.step)


def _counted(run: Run, key: UUID) -> Run:
    """The step with its counters made equal to its tasks."""
    votes = [task.state for task in run.tasks.values() if task.step == key and task.votes]
    row = run.steps[key]
    approvals, rejections = votes.count("approved"), votes.count("rejected")
    if (approvals, rejections) == (row.approvals, row.rejections):
        return run
    row = replace(row, approvals=approvals, rejections=rejections, version=row.version + 1)
    return replace(run, steps=MappingProxyType({**run.steps, key: row}))


EVENTS: Final[Mapping[str, Callable[[Run, Event], Run]]] = MappingProxyType(
    {
        "submitted": _again,
        "resubmitted": _resubmitted,
        "step_opened": _step_opened,
        "ways_taken": _ways_taken,
        "called": _called,
        "waiting": _told,
        "step_counted": _step_counted,
        "step_stuck": _step_stuck,
        "step_resumed": _step_resumed,
        "step_closed": _step_closed,
        "task_made": _task_made,
        "task_opened": _task_opened,
        "task_waits": _task_waits,
        "task_resumed": _task_resumed,
        "task_closed": _task_closed,
        "approved": _decided,
        "rejected": _decided,
        "transferred": _transferred,
        "delegated": _delegated,
        "returned": _returned,
        "voided": _returned,
        "added": _told,
        "removed": _told,
        "copied": _copied,
        "urged": _told,
        "commented": _told,
        "reminded": _told,
        "escalated": _told,
        "rang": _told,
        "left": _told,
        "intervened": _told,
        "moved": _moved,
        "withdrawn": _told,
        "finished": _finished,
    }
)
"""Every kind of event. Kinds whose function is `_told` are for the trail and change nothing."""
