"""Carrying a command out: ask the core, store what it says, do what it asks for; all in the caller's transaction.

A command that the core refuses changes nothing. What it asks for may lead to commands of other runs (a `call` step and
its end) or of the same one (a `do` step that was done), which are carried out in turn.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

from fieldstone.engine import records
from fieldstone.engine.context import Actor
from fieldstone.engine.jobs import enqueue
from fieldstone.engine.pending import pending_values
from fieldstone.engine.pending.taking import drop_values, take_values
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.approval_flows import Workflow
from fieldstone.metadata.definitions import Model
from fieldstone.problems import FieldstoneError
from fieldstone.workflows.approvals.core import commands
from fieldstone.workflows.approvals.core.decide import decide
from fieldstone.workflows.approvals.core.decision import Decision
from fieldstone.workflows.approvals.core.effects import (
    Effect,
    EndRun,
    Finished,
    RingAt,
    SetFields,
    StartRun,
    Tell,
)
from fieldstone.workflows.approvals.core.facts import Broken
from fieldstone.workflows.approvals.core.state import Run
from fieldstone.workflows.approvals.facts import DatabaseFacts
from fieldstone.workflows.approvals.snapshots import snapshot
from fieldstone.workflows.approvals.store import Stored, load_run, save
from fieldstone.workflows.approvals.telling import tell
from fieldstone.workflows.approvals.wire import wire_patch

RING: Final = "approval.ring"
"""The kind of job that a timer is."""
SAVEPOINT: Final = "child_run"


class Undefined(FieldstoneError):
    """The definition of a run is not in its revision any more: stored data was changed from outside."""

    code = "approval.undefined"
    kind = "internal"


def model_of(tx: Transaction, revision: int) -> Model:
    """The model of a revision; the present one is at hand."""
    if revision == tx.context.revision:
        return tx.model
    return tx.engine.models.model(tx.connection.connection, tx.context.tenant, revision)


def definition_of(tx: Transaction, run: Run) -> Workflow:
    """The definition that a run goes by: that of its revision."""
    found = model_of(tx, run.revision).workflows.get(run.workflow)
    if found is None:
        raise Undefined(f'Revision {run.revision} has no workflow "{run.workflow}".')
    return found


def facts_of(tx: Transaction, stored: Stored) -> DatabaseFacts:
    """The world as the run sees it."""
    run = stored.run
    model = model_of(tx, run.revision)
    pending = pending_values(tx, run.id) if stored.field else None
    return DatabaseFacts(tx, model, definition_of(tx, run), run.record, run.submitter, pending=pending)


def carry_out(
    tx: Transaction, stored: Stored, command: commands.AnyCommand, facts: DatabaseFacts | None = None
) -> Stored:
    """The run after a command; what the core refuses is raised. The run's row must be locked."""
    facts = facts or facts_of(tx, stored)
    decision = decide(facts.definition, stored.run, command, facts)
    return _settle(tx, stored, decision, command, facts)


def begin(
    tx: Transaction, command: commands.Submit, facts: DatabaseFacts, *, field: str | None = None
) -> Stored:
    """A new run."""
    decision = decide(facts.definition, None, command, facts)
    seen = [snapshot(facts, decision.run.round, command.at, command.record_version)]
    save(tx, None, decision.run, decision.events, field=field, seen=seen)
    return _follow(tx, Stored(decision.run, field, seen), decision.effects, command, facts)


def _settle(
    tx: Transaction,
    stored: Stored,
    decision: Decision,
    command: commands.AnyCommand,
    facts: DatabaseFacts,
) -> Stored:
    if not decision.events:
        return stored
    seen = None
    if isinstance(command, commands.Submit):
        seen = [*stored.seen, snapshot(facts, decision.run.round, command.at, command.record_version)]
    save(tx, stored.run, decision.run, decision.events, seen=seen)
    after = replace(stored, run=decision.run, seen=stored.seen if seen is None else seen)
    return _follow(tx, after, decision.effects, command, facts)


def _follow(
    tx: Transaction,
    stored: Stored,
    effects: Sequence[Effect],
    command: commands.AnyCommand,
    facts: DatabaseFacts,
) -> Stored:
    """Do what the core asked for, in order."""
    told: list[Tell] = []
    for effect in effects:
        match effect:
            case RingAt():
                _ring_at(tx, stored.run, effect)
            case SetFields():
                stored = _set_fields(tx, stored, effect, command, facts)
            case StartRun():
                stored = _start(tx, stored, effect, command)
            case EndRun():
                child = load_run(tx, effect.run, lock=True)
                carry_out(
                    tx, child, commands.Dismiss(**_follow_up(command, "dismiss", effect.run), run=effect.run)
                )
            case Finished():
                _finish(tx, stored, effect, command)
            case Tell():
                told.append(effect)
    if told:
        tell(tx, stored, facts.definition, told, command)
    return stored


def _follow_up(command: commands.AnyCommand, what: str, which: UUID) -> dict[str, Any]:
    """Who, when and under which id a command comes that follows from another one."""
    return {"id": uuid5(command.id, f"{what}:{which}"), "actor": None, "at": command.at}


def _ring_at(tx: Transaction, run: Run, ring: RingAt) -> None:
    payload = {
        "run": str(run.id), "step": str(ring.step), "task": str(ring.task) if ring.task else None,
        "timer": ring.timer, "count": ring.count, "at": ring.at.isoformat(),
    }  # fmt: skip
    enqueue(as_platform(tx, None, None), RING, payload, due_at=ring.at, key=str(ring.command))


def as_platform(tx: Transaction, actor: UUID | None, behalf: UUID | None) -> Transaction:
    """The transaction with all rights, that says in history and audit who decided, and for whom."""
    acting = Actor(id=actor, name="system", kind="system", on_behalf_of=behalf)
    return replace(tx, context=replace(tx.context, actor=acting), approved=True)


def _set_fields(
    tx: Transaction, stored: Stored, effect: SetFields, command: commands.AnyCommand, facts: DatabaseFacts
) -> Stored:
    run, incident = stored.run, ""
    try:
        values = {name: facts.value(expression) for name, expression in effect.values.items()}
        if effect.step is None:
            _update(tx, run, values, command.actor)
        else:
            _behind_savepoint(tx, lambda: _update(tx, run, values, command.actor))
    except (Broken, FieldstoneError) as error:
        if isinstance(error, FieldstoneError) and error.kind in ("unavailable", "internal"):
            raise
        if effect.step is None:
            raise
        incident = error.message if isinstance(error, FieldstoneError) else str(error)
    else:
        facts = facts_of(tx, stored)  # what follows reads the record as it is now
    if effect.step is None:
        return stored
    given = _follow_up(command, "done", effect.step)
    done = commands.StepDone(**given, run=run.id, step=effect.step, incident=incident)
    return carry_out(tx, stored, done, facts)


def _update(tx: Transaction, run: Run, values: Mapping[str, Any], actor: UUID | None) -> None:
    entity = tx.model.entities.get(run.entity)
    if entity is None:
        raise Broken(f'There is no entity "{run.entity}" any more.')
    behalf = run.submitter if actor != run.submitter else None
    records.update(as_platform(tx, actor, behalf), run.entity, run.record, wire_patch(entity, values))


def _start(tx: Transaction, stored: Stored, effect: StartRun, command: commands.AnyCommand) -> Stored:
    """Start the run of a `call` step; when that is impossible the step is stuck."""
    run = stored.run
    try:
        model = model_of(tx, run.revision)
        definition = model.workflows[effect.workflow]
        record = run.record
        if effect.record is not None:
            found = facts_of(tx, stored).record.at(effect.record)
            if found is None:
                raise Broken(f"There is no record at {effect.record}.")
            record = found if isinstance(found, UUID) else UUID(str(found))
        facts = DatabaseFacts(tx, model, definition, record, run.submitter)
        child = commands.Submit(
            **{**_follow_up(command, "call", effect.step), "actor": run.submitter},
            run=effect.run,
            workflow=effect.workflow,
            revision=run.revision,
            entity=definition.entity,
            record=record,
            record_version=facts.record.values["version"],
            parent=(run.id, effect.step),
            depth=run.depth + 1,
        )
        _behind_savepoint(tx, lambda: begin(tx, child, facts))
    except (Broken, KeyError, FieldstoneError) as error:
        if isinstance(error, FieldstoneError) and error.kind in ("unavailable", "internal"):
            raise
        why = error.message if isinstance(error, FieldstoneError) else str(error)
        failed = commands.Failed(
            **_follow_up(command, "failed", effect.step), run=run.id, step=effect.step, incident=why
        )
        return carry_out(tx, stored, failed)
    return load_run(tx, run.id)  # the child may have ended at once, which its parent has heard of


def _behind_savepoint(tx: Transaction, work: Callable[[], object]) -> None:
    """What is refused leaves nothing: no values, no run, no tasks, no notices. What clashes in the database is refused, too."""
    told, bells, steps = len(tx.happened), len(tx.after_commit), dict(tx.steps)
    tx.connection.savepoint(SAVEPOINT)
    try:
        work()
        tx.settle()
    except (Broken, KeyError, FieldstoneError):
        tx.connection.rollback_to(SAVEPOINT)
        tx.connection.release(SAVEPOINT)
        del tx.happened[told:], tx.after_commit[bells:]
        tx.steps.clear()
        tx.steps.update(steps)
        raise
    tx.connection.release(SAVEPOINT)


def _finish(tx: Transaction, stored: Stored, effect: Finished, command: commands.AnyCommand) -> None:
    run = stored.run
    if stored.field is not None:
        if effect.outcome == "approved":
            behalf = run.submitter if command.actor != run.submitter else None
            take_values(as_platform(tx, command.actor, behalf), run.id, command.at)
        else:
            drop_values(tx, run.id, effect.outcome, command.at)
    if run.parent is not None:
        parent, step = run.parent
        heard = commands.ChildEnded(
            **_follow_up(command, "ended", run.id), run=parent, step=step, outcome=effect.outcome
        )
        carry_out(tx, load_run(tx, parent, lock=True), heard)


def ring(tx: Transaction, payload: Mapping[str, Any]) -> None:
    """A timer's job: give its run the command `Ring`, if there still is such a run."""
    run_id, step = UUID(payload["run"]), UUID(payload["step"])
    task = UUID(payload["task"]) if payload.get("task") else None
    due = datetime.fromisoformat(payload["at"])
    rung = RingAt(due, step, task, payload["timer"], payload["count"])
    command = commands.Ring(
        id=rung.command, actor=None, at=max(due, tx.context.now), run=run_id, step=step, task=task,
        timer=rung.timer, count=rung.count,
    )  # fmt: skip
    carry_out(tx, load_run(tx, run_id, lock=True), command)


__all__ = ["RING", "as_platform", "begin", "carry_out", "definition_of", "facts_of", "model_of", "ring"]
