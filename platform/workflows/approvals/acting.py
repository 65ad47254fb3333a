"""What people do with a task or a run: approve, reject, return, hand over, ask more people, comment, withdraw.

Who may know of a task: who has it or had it, who submitted, who was told, and administrators. For everybody else, and in
another tenant, there is none.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import UUID

from fieldstone.engine.identity.confirming import confirm_password
from fieldstone.engine.ids import new_id
from fieldstone.engine.records.errors import InvalidContent
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.approval_flows import Step
from fieldstone.problems import Problem, did_you_mean
from fieldstone.workflows.approvals import carry, views
from fieldstone.workflows.approvals.core import commands
from fieldstone.workflows.approvals.core.state import Run, TaskRow
from fieldstone.workflows.approvals.filling import fill
from fieldstone.workflows.approvals.knowing import require_known
from fieldstone.workflows.approvals.store import UnknownRun, UnknownTask, load_run, load_run_of_task

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """One act on its way: who, on what, with which body."""

    tx: Transaction
    run: Run
    task: TaskRow
    body: Body
    given: dict[str, Any]
    version: int | None

    def user(self, name: str = "to") -> UUID:
        return _user(self.body.get(name), f"/{name}")

    def users(self) -> tuple[UUID, ...]:
        found = self.body.get("users")
        if not isinstance(found, (list, tuple)) or not found:
            raise _wrong("/users", "required", "Name at least one person.")
        return tuple(_user(each, f"/users/{place}") for place, each in enumerate(found))


def act(
    tx: Transaction,
    task_id: UUID,
    action: str,
    body: Body | None = None,
    *,
    command_id: UUID | None = None,
    if_match: int | None = None,
    confirmed: bool = False,
) -> dict[str, Any]:
    """Do something with a task and return it as it is then.

    `confirmed`: the caller has asked for the actor's password already.

    `body` holds `comment`, for approve `values` of fields that the step lets be written, and by action `to` (a user; for
    return the name of a step), `rerun`, `users`, `where`, `password`, `signature` (a file's id).

    Raises UnknownTask, InvalidContent, and what the core refuses.
    """
    body = body or {}
    make = ACTIONS.get(action)
    if make is None:
        message = f'There is no action "{action}"{did_you_mean(action, ACTIONS) or "."}'
        raise InvalidContent(message, problems=[Problem("", "task.action", message)])
    if body.get("password") is not None:
        confirmed = confirm_password(tx, str(body["password"]))
    stored = load_run_of_task(tx, task_id, lock=True)
    task = stored.run.tasks[task_id]
    require_known(tx, stored.run, UnknownTask("There is no such task."))
    facts = carry.facts_of(tx, stored)
    given = _given(tx, body, command_id)
    command = make(Asked(tx, stored.run, task, body, given, if_match))
    if isinstance(command, commands.Decide) and command.id not in stored.run.commands:
        step = facts.definition.step(stored.run.steps[task.step].name)
        if step is not None and task.holder == tx.context.actor.id and task.state == "open":
            _require_confirmed(step, command, confirmed)
            if body.get("values") and command.verdict == "approve":
                fill(tx, stored.run, step, body["values"])
                facts = carry.facts_of(tx, stored)
            _require_filled(facts, step, command)
    after = carry.carry_out(tx, stored, command, facts)
    return views.task_view(tx, after, after.run.tasks[task_id], facts)


def withdraw(
    tx: Transaction, run_id: UUID, comment: str = "", *, command_id: UUID | None = None
) -> dict[str, Any]:
    """Take a submission back."""
    return _on_run(tx, run_id, comment, command_id, lambda given: commands.Withdraw(**given, run=run_id))


def urge(
    tx: Transaction, run_id: UUID, comment: str = "", *, command_id: UUID | None = None
) -> dict[str, Any]:
    """Ask everybody who has an open task to hurry."""
    return _on_run(tx, run_id, comment, command_id, lambda given: commands.Urge(**given, run=run_id))


def comment(tx: Transaction, run_id: UUID, text: str, *, command_id: UUID | None = None) -> dict[str, Any]:
    """Say something in the trail of a run."""
    return _on_run(tx, run_id, text, command_id, lambda given: commands.Comment(**given, run=run_id))


def copy_to(
    tx: Transaction, run_id: UUID, users: Sequence[UUID], text: str = "", *, command_id: UUID | None = None
) -> dict[str, Any]:
    """Let more people know of a run."""
    return _on_run(
        tx,
        run_id,
        text,
        command_id,
        lambda given: commands.Copy(**given, run=run_id, task=None, users=tuple(users)),
    )


def _on_run(
    tx: Transaction,
    run_id: UUID,
    text: str,
    command_id: UUID | None,
    make: Callable[[dict[str, Any]], commands.AnyCommand],
) -> dict[str, Any]:
    stored = load_run(tx, run_id, lock=True)
    require_known(tx, stored.run, UnknownRun("There is no such approval."))
    after = carry.carry_out(tx, stored, make(_given(tx, {"comment": text}, command_id)))
    return views.run_view(tx, after)


def _given(tx: Transaction, body: Body, command_id: UUID | None) -> dict[str, Any]:
    return {
        "id": command_id or new_id(), "actor": tx.context.actor.id, "at": tx.context.now,
        "comment": str(body.get("comment") or ""),
    }  # fmt: skip


def _user(value: Any, pointer: str) -> UUID:
    if isinstance(value, UUID):
        return value
    try:
        return UUID(str(value))
    except ValueError:
        raise _wrong(pointer, "required" if value is None else "value", "Must be the id of a user.") from None


def _wrong(pointer: str, code: str, message: str) -> InvalidContent:
    return InvalidContent(message, problems=[Problem(pointer, code, message)])


def _require_confirmed(step: Step, command: commands.Decide, confirmed: bool) -> None:
    if step.password and not confirmed:
        raise InvalidContent(
            "This decision needs your password.",
            code="task.password",
            problems=[Problem("/password", "required", "This decision needs your password.")],
        )


def _require_filled(facts: Any, step: Step, command: commands.Decide) -> None:
    """An approval needs the fields that the step says are required."""
    if command.verdict != "approve":
        return
    entity = facts.record.entity
    problems = []
    for access in step.fields:
        field = entity.fields.get(access.name)
        if access.access == "required" and field is not None and _empty(facts.record.values.get(access.name)):
            message = f"{field.title} is required before this can be approved."
            problems.append(Problem(f"/{access.name}", "required", message, {"title": field.title}))
    if problems:
        raise InvalidContent(problems[0].message, code="task.fields", problems=problems)


def _empty(value: Any) -> bool:
    return value is None or value == "" or value == []


def _decide(verdict: Literal["approve", "reject"]) -> Callable[[Asked], commands.AnyCommand]:
    def make(asked: Asked) -> commands.AnyCommand:
        signature = asked.body.get("signature")
        return commands.Decide(
            **asked.given, task=asked.task.id, verdict=verdict, version=asked.version,
            signature=None if signature is None else _user(signature, "/signature"),
        )  # fmt: skip

    return make


def _return(asked: Asked) -> commands.AnyCommand:
    to = asked.body.get("to")
    return commands.Return(
        **asked.given, task=asked.task.id, to=None if to is None else str(to),
        rerun=asked.body.get("rerun") is not False, version=asked.version,
    )  # fmt: skip


def _transfer(asked: Asked) -> commands.AnyCommand:
    return commands.Transfer(**asked.given, task=asked.task.id, to=asked.user(), version=asked.version)


def _delegate(asked: Asked) -> commands.AnyCommand:
    return commands.Delegate(**asked.given, task=asked.task.id, to=asked.user(), version=asked.version)


def _add_sign(asked: Asked) -> commands.AnyCommand:
    where = asked.body.get("where", "parallel")
    if where not in ("before", "after", "parallel"):
        raise _wrong("/where", "enum", "Must be before, after or parallel.")
    return commands.AddSign(
        **asked.given, task=asked.task.id, where=where, users=asked.users(), version=asked.version
    )


def _remove(asked: Asked) -> commands.AnyCommand:
    return commands.RemoveAdded(**asked.given, task=asked.task.id)


def _cc(asked: Asked) -> commands.AnyCommand:
    return commands.Copy(**asked.given, run=asked.run.id, task=asked.task.id, users=asked.users())


def _urge(asked: Asked) -> commands.AnyCommand:
    return commands.Urge(**asked.given, run=asked.run.id)


def _comment(asked: Asked) -> commands.AnyCommand:
    return commands.Comment(**asked.given, run=asked.run.id)


ACTIONS: Final[Mapping[str, Callable[[Asked], commands.AnyCommand]]] = {
    "approve": _decide("approve"),
    "reject": _decide("reject"),
    "return": _return,
    "transfer": _transfer,
    "delegate": _delegate,
    "add-sign": _add_sign,
    "remove": _remove,
    "cc": _cc,
    "urge": _urge,
    "comment": _comment,
}
"""What can be done with a task, by its name in the address."""
