"""What a command is refused with. A caller learns who decided, and when, where that is the reason."""

from datetime import datetime
from uuid import UUID

from fieldstone.problems import FieldstoneError, Problem


class TaskUnknown(FieldstoneError):
    code = "task.unknown"
    kind = "not_found"


class StepUnknown(FieldstoneError):
    code = "step.unknown"
    kind = "not_found"


class TaskDecided(FieldstoneError):
    """`decided_by` is None when a timer did it."""

    code = "task.decided"
    kind = "conflict"

    def __init__(self, by: UUID | None, at: datetime | None, state: str) -> None:
        super().__init__(
            f"This task is {state} already.",
            decided_by=str(by) if by else None,
            decided_at=at.isoformat() if at else None,
            state=state,
        )


class TaskNotYours(FieldstoneError):
    """`reason` is holder (another person's), inactive (a disabled user) or role (no longer in the asked role)."""

    code = "task.not_yours"
    kind = "denied"

    def __init__(self, reason: str) -> None:
        super().__init__("This task is not yours to decide.", reason=reason)


class TaskNotOpen(FieldstoneError):
    code = "task.not_open"
    kind = "conflict"

    def __init__(self, state: str) -> None:
        super().__init__(f"This task is {state}: it cannot be decided now.", state=state)


class TaskStale(FieldstoneError):
    code = "task.stale"
    kind = "stale"

    def __init__(self, version: int) -> None:
        super().__init__("This task changed meanwhile; look at it again.", version=version)


class OperationDenied(FieldstoneError):
    code = "task.operation"
    kind = "denied"

    def __init__(self, operation: str) -> None:
        super().__init__(f'This step does not allow "{operation}".', operation=operation)


class PersonRefused(FieldstoneError):
    """`reason` is inactive, same, asked (has a task in this step), excluded (separation of duties) or submitter."""

    code = "task.person"
    kind = "invalid"

    def __init__(self, user: UUID, reason: str, pointer: str = "/to") -> None:
        message = f"This person cannot be asked here ({reason})."
        problem = Problem(pointer, "task.person", message, {"user": str(user), "reason": reason})
        super().__init__(message, problems=[problem], user=str(user), reason=reason)


class Missing(FieldstoneError):
    """Something that must come with the command: a comment, a signature, a person."""

    kind = "invalid"

    def __init__(self, code: str, pointer: str, message: str) -> None:
        super().__init__(message, code=code, problems=[Problem(pointer, code, message)])


class ReturnRefused(FieldstoneError):
    """`targets` are the steps that it may be sent back to."""

    code = "return.unknown"
    kind = "invalid"

    def __init__(self, to: str | None, targets: tuple[str, ...]) -> None:
        message = f'It cannot be sent back to "{to or "submitter"}".'
        super().__init__(
            message,
            problems=[Problem("/to", "return.unknown", message, {"to": to, "targets": list(targets)})],
            to=to,
            targets=list(targets),
        )


class RoundsExhausted(FieldstoneError):
    code = "rounds.exhausted"
    kind = "refused"

    def __init__(self, rounds: int) -> None:
        super().__init__(f"It was sent back {rounds - 1} times; no more are allowed.", rounds=rounds)


class RunOver(FieldstoneError):
    code = "run.over"
    kind = "conflict"

    def __init__(self, state: str, at: datetime | None) -> None:
        super().__init__(
            f"This approval is over ({state}).", state=state, ended_at=at.isoformat() if at else None
        )


class RunRunning(FieldstoneError):
    code = "run.running"
    kind = "conflict"


class RunReturned(FieldstoneError):
    code = "run.returned"
    kind = "conflict"


class RunDenied(FieldstoneError):
    """Only the submitter, somebody involved, or an administrator may; `who` says which."""

    code = "run.not_yours"
    kind = "denied"

    def __init__(self, who: str) -> None:
        super().__init__(f"Only the {who} may do this.", who=who)


class SubmitRefused(FieldstoneError):
    """The definition's own condition is not true (`condition`), or gave no answer (`broken`)."""

    code = "submit.condition"
    kind = "refused"

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__("This cannot be submitted as it stands.", reason=reason, detail=detail)


class MoveRefused(FieldstoneError):
    """Steps at which the run is now have no place in the other revision; `steps` says which and why."""

    code = "move.step"
    kind = "invalid"
