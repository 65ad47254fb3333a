"""The engine's side doors to approvals: what a bound field waits for, what a new record is submitted to by itself."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from fieldstone.engine.ids import new_id
from fieldstone.engine.pending import pending_values
from fieldstone.engine.records.load import load_for_change
from fieldstone.engine.records.program import program_for
from fieldstone.engine.service import Change
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import FieldstoneError
from fieldstone.workflows.approvals import carry
from fieldstone.workflows.approvals.core import commands
from fieldstone.workflows.approvals.facts import DatabaseFacts
from fieldstone.workflows.approvals.guard import has_approvals
from fieldstone.workflows.approvals.store import going_runs, load_runs
from fieldstone.workflows.approvals.submitting import of_entity

RANK: Final = ("hidden", "read", "required", "write")


class Unbound(FieldstoneError):
    """The field says that it needs an approval that does not exist: a definition that was not checked."""

    code = "approval.undefined"
    kind = "internal"


class BoundFields:
    """Starts the run of a change that waits; `engine.service.Approvals`."""

    def hides(self, tx: Transaction, entity: str) -> bool:
        return any(
            access.access == "hidden"
            for definition in tx.model.workflows.values()
            if definition.entity == entity
            for step in definition.all_steps()
            for access in step.fields
        )

    def fields(self, tx: Transaction, entity: str, record_id: UUID) -> dict[str, str]:
        """What several open tasks say of one field adds up: the most that any of them allows."""
        who = tx.context.actor.id
        if who is None or not has_approvals(tx, entity):
            return {}
        found: dict[str, str] = {}
        for stored in load_runs(tx, going_runs(tx, record_id)).values():
            definition = carry.definition_of(tx, stored.run)
            for task in stored.run.tasks.values():
                step = definition.step(stored.run.steps[task.step].name)
                if (
                    task.holder == who
                    and task.state == "open"
                    and step is not None
                    and stored.run.entity == entity
                ):
                    for each in step.fields:
                        if (
                            RANK.index(each.access) > RANK.index(found.get(each.name, "hidden"))
                            or each.name not in found
                        ):
                            found[each.name] = each.access
        return found

    def asked(
        self, tx: Transaction, entity: str, record_id: UUID, field: str, workflow: str, run: UUID
    ) -> None:
        definition = tx.model.workflows.get(workflow)
        if definition is None:
            raise Unbound(f'There is no workflow "{workflow}".')
        _begin(tx, entity, record_id, workflow, run=run, field=field)


class AutomaticRuns:
    """Submits new records to the workflows that say so; `engine.service.Follower`."""

    def concerned(self, tx: Transaction, entity: str) -> bool:
        return any(each.automatic == "create" for each in of_entity(tx.model, entity).values())

    def after(self, tx: Transaction, changes: Sequence[Change]) -> None:
        for change in changes:
            if change.verb != "create":
                continue
            for name, definition in of_entity(tx.model, change.entity).items():
                if definition.automatic == "create" and _holds(tx, change, name):
                    _begin(tx, change.entity, change.record_id, name)


def _holds(tx: Transaction, change: Change, workflow: str) -> bool:
    """Whether the definition's condition is true for a new record; one that is not submits nothing and refuses nothing."""
    definition = tx.model.workflows[workflow]
    if definition.when is None:
        return True
    facts = DatabaseFacts(tx, tx.model, definition, change.record_id, _submitter(tx, change.new or {}))
    return facts.value(definition.when) is True


def _submitter(tx: Transaction, record: dict[str, object]) -> UUID:
    actor = tx.context.actor
    found = actor.id or actor.on_behalf_of or record.get("owner_id") or record.get("created_by")
    return found if isinstance(found, UUID) else UUID(int=0)


def _begin(
    tx: Transaction,
    entity: str,
    record_id: UUID,
    workflow: str,
    *,
    run: UUID | None = None,
    field: str | None = None,
) -> None:
    definition = tx.model.workflows[workflow]
    program = program_for(tx.model, tx.model.entities[entity])
    record = load_for_change(tx.as_system(), program, record_id, "read", lock=False)
    if record is None:
        return
    submitter = _submitter(tx, record)
    if submitter.int == 0:
        return  # the platform's own record, which belongs to nobody
    run = run or new_id()
    pending = pending_values(tx, run) if field is not None else None
    facts = DatabaseFacts(tx, tx.model, definition, record_id, submitter, pending=pending)
    command = commands.Submit(
        id=new_id(),
        actor=submitter,
        at=tx.context.now,
        run=run,
        workflow=workflow,
        revision=tx.context.revision,
        entity=entity,
        record=record_id,
        record_version=record["version"],
    )
    carry.begin(tx, command, facts, field=field)


__all__ = ["AutomaticRuns", "BoundFields", "Unbound"]
