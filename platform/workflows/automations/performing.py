"""Performing an automation for one subject: condition, actions in order, trace; all or nothing.

The actions act as the platform on behalf of whoever caused them, in the transaction of the change that started the
automation, behind a savepoint: an error takes back what this run did, is kept in the trace, and costs nobody's own change.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final, Protocol
from uuid import UUID

import psycopg

from fieldstone.engine.context import Actor
from fieldstone.engine.ids import new_id
from fieldstone.engine.jobs import enqueue
from fieldstone.engine.storage.failures import RETRYABLE, REVISION_CHANGED, translate
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.automation_rules import Action, Automation
from fieldstone.problems import FieldstoneError
from fieldstone.workflows.approvals.core.facts import Broken
from fieldstone.workflows.automations import trace
from fieldstone.workflows.automations.index import line_paths, paths_of
from fieldstone.workflows.automations.subject import Subject, line_subjects, load_subjects
from fieldstone.workflows.automations.trace import Trace

log = logging.getLogger("fieldstone.automations")

JOB: Final = "automation.run"
AGAIN: Final = frozenset({"conflict", "stale", "external", "unavailable", "internal"})
"""Kinds of errors that may have gone by in a minute: the run is tried again by a job."""
MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Cause:
    """The run whose action changed something: how deep it is, and which (automation, record) the chain went through."""

    run: UUID
    automation: str
    record: UUID | None
    depth: int
    visited: frozenset[tuple[str, UUID | None]]


class Notify(Protocol):
    """Tells people by a message template."""

    def __call__(
        self, tx: Transaction, receivers: Sequence[UUID], template: str, data: Mapping[str, Any], *,
        kind: str, entity: str | None, record: UUID | None, key: str,
    ) -> None: ...  # fmt: skip


class Email(Protocol):
    """Sends a mail by a message template to people and to one address outside."""

    def __call__(
        self, tx: Transaction, receivers: Sequence[UUID], address: str | None, template: str, data: Mapping[str, Any],
        *, entity: str | None, record: UUID | None, key: str,
    ) -> None: ...  # fmt: skip


class Send(Protocol):
    """Sends values to one of the tenant's endpoints, once this transaction is committed."""

    def __call__(
        self, tx: Transaction, endpoint: str, event: str, values: Mapping[str, Any], *,
        entity: str | None, record: UUID | None, key: str,
    ) -> None: ...  # fmt: skip


class Submit(Protocol):
    """Submits a record for approval on behalf of the transaction's actor."""

    def __call__(
        self, tx: Transaction, entity: str, record_id: UUID, workflow: str, *, comment: str = ""
    ) -> Any: ...


@dataclass(frozen=True, slots=True)
class Ports:
    """What automations ask of other parts of the product; without one, the action fails and says so."""

    notify: Notify | None = None
    email: Email | None = None
    webhook: Send | None = None
    submit: Submit | None = None


class Stopped(Exception):
    """The action `stop`: the rest is not done."""


class Waiting(Exception):
    """The action `wait`: the rest is done later."""

    def __init__(self, action: str, until: datetime) -> None:
        super().__init__(action)
        self.action = action
        self.until = until


class ActionFailed(FieldstoneError):
    """An action cannot be done, for a reason that lies in the automation or its data."""

    code = "automation.failed"
    kind = "refused"


@dataclass(slots=True)
class Run:
    """One run while it is performed. `tx` is that of whoever caused it, `acting` the platform's on their behalf."""

    tx: Transaction
    acting: Transaction
    ports: Ports
    automation: Automation
    subject: Subject
    id: UUID
    key: str
    depth: int
    steps: list[dict[str, Any]] = field(default_factory=list)

    @property
    def actor(self) -> UUID | None:
        """On whose behalf."""
        return self.acting.context.actor.on_behalf_of

    def refreshed(self, subject: Subject) -> Subject:
        """The subject as it is stored now; what started the run stays with it."""
        if subject.around is not None:
            around = self.refreshed(subject.around)
            return self._line(subject, around)
        if subject.entity is None or subject.record_id is None or subject.deleted:
            return subject
        found = load_subjects(
            self.acting, subject.entity, [subject.record_id], paths_of(self.automation)
        ).get(subject.record_id)
        if found is None:
            return replace(subject, deleted=True)
        return replace(subject, values=found.values, raw=found.raw)

    def _line(self, subject: Subject, around: Subject) -> Subject:
        """The line as it is now; as it was, when it is gone."""
        paths = {
            path
            for each in self.automation.all_actions()
            if each.kind == "each" and each.lines == subject.line
            for path in line_paths(each)
        }
        for line in line_subjects(self.acting, around, subject.line or "", paths):
            if line.record_id == subject.record_id:
                return line
        return replace(subject, around=around)


Act = Callable[[Run, Action, Subject], dict[str, Any]]
"""Does one action; what the trace says of it (`record`, `changes`, `info`)."""


def perform(
    tx: Transaction,
    ports: Ports,
    actions: Mapping[str, Act],
    automation: Automation,
    subject: Subject,
    trigger: str,
    *,
    key: str | None = None,
    before: Trace | None = None,
) -> Trace:
    """Run the actions of an automation whose condition holds, and store the trace. `before` is a run that goes on.

    Raises only what makes the whole transaction be tried again.
    """
    cause: Cause | None = tx.cause
    depth = before.depth if before is not None else cause.depth + 1 if cause is not None else 0
    visited = cause.visited if cause is not None else _visited(before)
    here = (automation.name, subject.record_id)
    made = before or _new(tx, automation, subject, trigger, cause, depth)
    if before is None and (depth >= automation.max_depth or here in visited):
        guarded = replace(made, state="guarded", error=_guard(automation, depth, here in visited))
        trace.store(tx, guarded)
        return guarded
    own = Cause(made.id, automation.name, subject.record_id, depth, visited | {here})
    context = replace(tx.context, actor=_platform(tx.context.actor))
    run = Run(
        tx, replace(tx, context=context, cause=own, states="bound"), ports, automation, subject, made.id,
        key or str(made.id), depth,
    )  # fmt: skip
    started = time.monotonic()
    after = (made.resume or {}).get("after") if before is not None else None
    outcome = _behind_savepoint(run, actions, after)
    spent = int((time.monotonic() - started) * 1000)
    done = replace(
        made,
        state=outcome.state,
        steps=[*made.steps, *run.steps],
        error=outcome.error,
        milliseconds=made.milliseconds + spent,
        finished_at=None if outcome.state == "waiting" else tx.context.now,
        resume=_resume(run, subject, visited, outcome),
        attempts=made.attempts + 1,
    )
    (trace.store if before is None else trace.change)(tx, done)
    if outcome.state == "waiting" and outcome.until is not None:
        enqueue(
            tx.as_system(), JOB, {"run": str(made.id)}, due_at=outcome.until, key=f"{made.id}:{done.attempts}"
        )
    elif outcome.state == "failed" and before is None and outcome.again:
        due = tx.context.now + MINUTE
        enqueue(tx.as_system(), JOB, {"run": str(made.id)}, due_at=due, key=f"{made.id}:{done.attempts}")
    return done


def _new(
    tx: Transaction, automation: Automation, subject: Subject, trigger: str, cause: Cause | None, depth: int
) -> Trace:
    actor = tx.context.actor
    return Trace(
        new_id(), automation.name, subject.entity.name if subject.entity is not None else None, subject.record_id,
        trigger, "done", actor.id or actor.on_behalf_of, cause.run if cause is not None else None, depth,
        tx.context.revision, tx.context.request_id, tx.context.now, tx.context.now, 0, (), None, None, 0,
    )  # fmt: skip


def _platform(actor: Actor) -> Actor:
    return Actor(id=None, name="system", kind="system", on_behalf_of=actor.id or actor.on_behalf_of)


@dataclass(frozen=True, slots=True)
class _Outcome:
    state: str
    error: dict[str, Any] | None = None
    until: datetime | None = None
    action: str | None = None
    again: bool = False


def _behind_savepoint(run: Run, actions: Mapping[str, Act], after: str | None) -> _Outcome:
    tx = run.tx
    name = f"automation_{run.depth}"
    tx.connection.savepoint(name)
    told = len(tx.after_commit)
    outcome = _Outcome("done")
    try:
        try:
            perform_actions(run, actions, run.automation.actions, run.subject, after)
        except Stopped:
            outcome = _Outcome("stopped")
        except Waiting as waiting:
            outcome = _Outcome("waiting", until=waiting.until, action=waiting.action)
        tx.settle()
    except (*RETRYABLE, REVISION_CHANGED, psycopg.OperationalError):
        raise
    except Exception as error:
        tx.connection.rollback_to(name)
        del tx.after_commit[told:]
        tx.happened.clear()
        outcome = replace(_failed(run, error), action=after)
        run.steps.append({"action": "", "kind": "", "state": "taken_back"})
    tx.connection.release(name)
    return outcome


def perform_actions(
    run: Run,
    actions: Mapping[str, Act],
    todo: Sequence[Action],
    subject: Subject,
    after: str | None = None,
) -> None:
    """Do actions in order (those after `after`), each with a step in the trace."""
    names = [each.name for each in todo]
    first = names.index(after) + 1 if after in names else 0
    for action in todo[first:]:
        started = time.monotonic()
        step: dict[str, Any] = {
            "action": action.name,
            "kind": action.kind,
            "title": action.title,
            "state": "done",
        }
        run.steps.append(step)
        if subject.around is not None:
            step["line"] = subject.record_id
        try:
            if not subject.holds(run.tx, action.when):
                step["state"] = "skipped"
                continue
            step |= actions[action.kind](run, action, subject)
        except Stopped:
            raise
        except Waiting as waiting:
            step |= {"state": "waiting", "info": {"until": waiting.until}}
            raise
        except (*RETRYABLE, REVISION_CHANGED, psycopg.OperationalError):
            raise
        except Exception as error:
            known = meant(run.tx, error)
            step |= {"state": "failed", "error": _told(known)}
            if known is error:
                raise
            raise known from error
        finally:
            step["milliseconds"] = int((time.monotonic() - started) * 1000)
        if step.get("changes") or step.pop("refresh", False):
            subject = run.refreshed(subject)
            if subject.around is None:
                run.subject = subject


def meant(tx: Transaction, error: Exception) -> Exception:
    """What an error of the database means, where that is known."""
    found = translate(error, tx.model) if isinstance(error, psycopg.Error) else None
    return found or error


def _failed(run: Run, error: Exception) -> _Outcome:
    known = isinstance(error, FieldstoneError | Broken)
    if not known:
        log.exception("automation %s failed", run.automation.name, exc_info=error)
    again = not known or (isinstance(error, FieldstoneError) and error.kind in AGAIN)
    return _Outcome("failed", error={**_told(error), "again": again}, again=again)


def _told(error: Exception) -> dict[str, Any]:
    """An error for the trace."""
    if isinstance(error, FieldstoneError):
        problems = [{"pointer": p.path, "code": p.code, "message": p.message} for p in error.problems]
        return {"code": error.code, "message": error.message, "problems": problems}
    if isinstance(error, Broken):
        return {"code": "automation.broken", "message": str(error), "problems": []}
    return {"code": "internal", "message": f"{type(error).__name__}: {error}", "problems": []}


def _guard(automation: Automation, depth: int, again: bool) -> dict[str, Any]:
    if again:
        message = "It ran for this record already in this chain of automations."
        return {"code": "automation.loop", "message": message, "problems": []}
    message = f"Automations started each other {depth} times; at most {automation.max_depth} are allowed."
    return {"code": "automation.depth", "message": message, "problems": []}


def _visited(before: Trace | None) -> frozenset[tuple[str, UUID | None]]:
    stored = (before.resume or {}).get("visited", ()) if before is not None else ()
    return frozenset((name, UUID(record) if record else None) for name, record in stored)


def _resume(
    run: Run, subject: Subject, visited: frozenset[tuple[str, UUID | None]], outcome: _Outcome
) -> dict[str, Any] | None:
    """What it takes to go on (waiting) or to try again (failed)."""
    if outcome.state not in ("waiting", "failed"):
        return None
    return {
        "format": 1,
        "after": outcome.action,
        "payload": dict(subject.payload),
        "visited": sorted([name, str(record) if record else None] for name, record in visited),
        "key": run.key,
    }
