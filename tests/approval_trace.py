"""What a run did, as text that people read: the definition, each command, the events that it made."""

from typing import Any
from uuid import UUID

from approval_company import Company, Drive, name_of

from fieldstone.metadata.approval_flows import Step, Workflow
from fieldstone.problems import FieldstoneError
from fieldstone.workflows.approvals.core import commands as c
from fieldstone.workflows.approvals.core.decision import Decision, Event
from fieldstone.workflows.approvals.core.effects import Effect, EndRun, RingAt, SetFields, StartRun


class Trace(Drive):
    """A driver that writes down what happens."""

    def __init__(self, definition: Workflow, company: Company | None = None) -> None:
        self.lines = [*outline(definition.steps, 0), ""]
        super().__init__(definition, company)

    def give(self, command: c.Command) -> Decision:
        self.lines.append(f"> {said(command, self)}")
        try:
            return super().give(command)
        except FieldstoneError as refused:
            self.lines.append(f"    refused: {refused.code}")
            raise

    def refused(self, command: Any, *arguments: Any, **more: Any) -> None:
        """Give a command that must be refused."""
        try:
            command(*arguments, **more)
        except FieldstoneError:
            return
        raise AssertionError("not refused")

    def world(self, text: str) -> None:
        """Something that happened outside of the run."""
        self.lines.append(f"* {text}")

    def _take(self, decision: Decision) -> None:
        super()._take(decision)
        self.lines += [f"    {line}" for event in decision.events if (line := self._event(event))]
        self.lines += [f"    -> {line}" for effect in decision.effects if (line := self._effect(effect))]

    def text(self) -> str:
        return "\n".join([*self.lines, "", f"= {self.state.state}, round {self.state.round}", ""])

    def _event(self, event: Event) -> str:
        data = event.data
        words = [event.kind]
        if "name" in data:
            words.append(data["name"])
        elif "step" in data and UUID(data["step"]) in self.state.steps:
            words.append(self.state.steps[UUID(data["step"])].name)
        if "task" in data:
            words.append(name_of(self.state.tasks[UUID(data["task"])].holder))
        words += [f"in {data['way']}"] if "way" in data else []
        if data.get("voided"):
            words.append(f"voids: {', '.join(self.state.steps[UUID(key)].name for key in data['voided'])}")
        for key in ("ways", "keep"):
            words += [f"{key}: {', '.join(data[key])}"] if data.get(key) else []
        for key in ("state", "needed", "to", "reason", "incident", "outcome", "round"):
            value = data.get(key)
            if key == "to" and value and "-" in value:
                value = name_of(UUID(value))
            words += [f"{key}={value}"] if value is not None else []
        return " ".join(words)

    def _effect(self, effect: Effect) -> str:
        if isinstance(effect, RingAt):
            who = f" for {name_of(self.state.tasks[effect.task].holder)}" if effect.task else ""
            return f"ring {effect.timer} at {effect.at:%H:%M}{who}"
        if isinstance(effect, SetFields):
            return f"set {', '.join(effect.values)}"
        if isinstance(effect, StartRun):
            return f"start {effect.workflow}"
        return "end the child" if isinstance(effect, EndRun) else ""


def said(command: c.Command, drive: Drive) -> str:
    """A command in words: who, what, with what."""
    who = name_of(command.actor) if command.actor else "(platform)"
    words = [who, type(command).__name__.lower()]
    task = getattr(command, "task", None)
    if task is not None and drive.run is not None:
        holder = name_of(drive.run.tasks[task].holder)
        words += [f"(task of {holder})"] if holder != who else []
    for key in ("verdict", "action", "where", "to", "users", "timer", "outcome", "fields"):
        value = getattr(command, key, None)
        if isinstance(value, UUID):
            value = name_of(value)
        if isinstance(value, tuple):
            value = ",".join(name_of(each) if isinstance(each, UUID) else str(each) for each in value)
        if value is not None:
            words.append(f"{key}={value}")
    return " ".join(words)


def outline(steps: tuple[Step, ...], depth: int) -> list[str]:
    """A definition as an indented list."""
    lines = []
    for step in steps:
        words = [f"{'  ' * depth}{step.name}: {step.kind}"]
        if step.kind in ("approve", "cc"):
            words.append(",".join(line.name for line in step.assign))
        if step.kind == "approve" and (step.mode != "all" or step.full_count or step.on_reject != "end"):
            size = step.count or step.percent or ""
            words.append(
                f"({step.mode}{f' {size}' if size else ''}, {step.on_reject}{', full' * step.full_count})"
            )
        if step.kind == "parallel":
            words.append(f"(join {step.join or 'all'}, {step.rest} the rest)")
        if step.kind == "branch":
            words.append("(every true way)" if step.every else "(first true way)")
        if step.kind == "end":
            words.append(step.outcome)
        words += [f"[{timer.name}: {timer.action} after {timer.after // 60} min]" for timer in step.timers]
        lines.append(" ".join(words))
        for way in step.ways:
            lines.append(f"{'  ' * depth}  {way.name}{f' when {way.when}' if way.when else ''}:")
            lines += outline(way.steps, depth + 2)
    return lines
