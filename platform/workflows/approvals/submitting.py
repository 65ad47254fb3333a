"""Submitting a record for approval, and looking at the way that it would take."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fieldstone.engine.ids import new_id
from fieldstone.engine.permissions import EntityAccess
from fieldstone.engine.records.entered import entered_values
from fieldstone.engine.records.errors import InvalidContent, NotAllowed, Refused
from fieldstone.engine.records.load import load_for_change
from fieldstone.engine.records.program import Program
from fieldstone.engine.records.subject import readable_entity
from fieldstone.engine.records.update import refuse_invisible
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.approval_flows import Workflow
from fieldstone.metadata.definitions import Model
from fieldstone.problems import Problem, did_you_mean
from fieldstone.workflows.approvals import carry, views
from fieldstone.workflows.approvals.core import commands
from fieldstone.workflows.approvals.core.facts import Broken
from fieldstone.workflows.approvals.core.path import path
from fieldstone.workflows.approvals.facts import DatabaseFacts
from fieldstone.workflows.approvals.store import Stored, going_runs, load_runs


class NoSubmitter(InvalidContent):
    """The platform itself cannot ask for an approval: somebody has to be the submitter."""

    code = "approval.submitter"


def submit(
    tx: Transaction,
    entity: str,
    record_id: UUID,
    workflow: str | None = None,
    *,
    comment: str = "",
    command_id: UUID | None = None,
) -> dict[str, Any]:
    """Submit a record, or submit it again after it was sent back; the run as JSON.

    Without a `workflow` the only one that can be submitted now is meant. Raises UnknownRecord, NotAllowed,
    InvalidContent (`workflow.unknown`, `workflow.choose`), Refused (`workflow.none`) and what the core refuses.
    """
    program, access = readable_entity(tx, entity)
    record = _loaded(tx, program, access, record_id)
    going = [
        stored
        for stored in load_runs(tx, going_runs(tx, record_id, lock=True)).values()
        if stored.run.entity == entity and stored.field is None and stored.run.parent is None
    ]
    definition = _chosen(tx, program, record, workflow, going)
    submitter = _submitter(tx, record)
    again = next((stored for stored in going if stored.run.workflow == definition.name), None)
    if again is None or again.run.submitter != submitter:
        _require_may_submit(tx, program, record_id, definition)
    revision = again.run.revision if again is not None else tx.context.revision
    command = commands.Submit(
        id=command_id or new_id(),
        actor=submitter,
        at=tx.context.now,
        comment=comment,
        run=again.run.id if again is not None else new_id(),
        workflow=definition.name,
        revision=revision,
        entity=entity,
        record=record_id,
        record_version=record["version"],
    )
    if again is not None:
        stored = carry.carry_out(tx, again, command)
    else:
        stored = carry.begin(tx, command, DatabaseFacts(tx, tx.model, definition, record_id, submitter))
    return views.run_view(tx, stored)


def _loaded(tx: Transaction, program: Program, access: EntityAccess, record_id: UUID) -> dict[str, Any]:
    """The record, locked; whoever may read it comes this far."""
    record = load_for_change(tx, program, record_id, "read")
    if record is None:
        refuse_invisible(tx, program, record_id, "read")
    return record


def _submitter(tx: Transaction, record: Mapping[str, Any]) -> UUID:
    """Who submits: the actor; for the platform the person on whose behalf it acts, or the record's owner."""
    actor = tx.context.actor
    found = actor.id or actor.on_behalf_of or record.get("owner_id") or record.get("created_by")
    if found is None:
        raise NoSubmitter("The record belongs to nobody who could submit it.")
    return found if isinstance(found, UUID) else UUID(str(found))


def of_entity(model: Model, entity: str) -> dict[str, Workflow]:
    """The workflows that records of an entity can be submitted to."""
    return {
        name: each for name, each in model.workflows.items() if each.entity == entity and each.field is None
    }


def _chosen(
    tx: Transaction, program: Program, record: Mapping[str, Any], name: str | None, going: list[Stored]
) -> Workflow:
    known = of_entity(tx.model, program.entity.name)
    if name is not None:
        for stored in going:
            if stored.run.workflow == name:
                return carry.definition_of(tx, stored.run)
        if name not in known:
            message = (
                f'There is no workflow "{name}" for {program.entity.plural}{did_you_mean(name, known) or "."}'
            )
            raise InvalidContent(
                message, problems=[Problem("/workflow", "workflow.unknown", message, {"name": name})]
            )
        return known[name]
    if len(going) == 1:
        return carry.definition_of(tx, going[0].run)
    possible = [each for each in known.values() if _possible(tx, each, record["id"])]
    if len(possible) == 1:
        return possible[0]
    if len(known) == 1:
        return next(iter(known.values()))  # the core says why it cannot be submitted
    if not possible:
        raise Refused("There is no approval to submit this to now.", code="workflow.none")
    names = [each.name for each in possible]
    message = f"Several approvals are possible; say which: {', '.join(names)}."
    raise InvalidContent(
        message, problems=[Problem("/workflow", "workflow.choose", message, {"names": names})]
    )


def _possible(tx: Transaction, definition: Workflow, record_id: UUID) -> bool:
    if not _has_role(tx, definition):
        return False
    if definition.when is None:
        return True
    facts = DatabaseFacts(tx, tx.model, definition, record_id, tx.context.actor.id or record_id)
    try:
        return facts.value(definition.when) is True
    except Broken:
        return False


def _has_role(tx: Transaction, definition: Workflow) -> bool:
    actor = tx.context.actor
    return actor.kind == "system" or not definition.roles or bool(actor.roles & definition.roles)


def _require_may_submit(tx: Transaction, program: Program, record_id: UUID, definition: Workflow) -> None:
    if definition.roles:
        if not _has_role(tx, definition):
            raise NotAllowed("Your roles may not submit this.", verb="submit", entity=program.entity.name)
    elif load_for_change(tx, program, record_id, "update", lock=False) is None:
        raise NotAllowed("You may not submit this record.", verb="submit", entity=program.entity.name)


def offers(tx: Transaction, entity: str, record_id: UUID) -> list[dict[str, Any]]:
    """The workflows that the actor can submit a record to now, for the button."""
    program, _ = readable_entity(tx, entity)
    if load_for_change(tx, program, record_id, "read", lock=False) is None:
        return []
    going = {stored.run.workflow: stored.run for stored in load_runs(tx, going_runs(tx, record_id)).values()}
    found = []
    for name, definition in of_entity(tx.model, entity).items():
        run = going.get(name)
        again = run is not None and run.state == "returned" and run.submitter == tx.context.actor.id
        if again or (
            run is None and _possible(tx, definition, record_id) and _may(tx, program, record_id, definition)
        ):
            found.append({"workflow": name, "title": definition.title, "again": again})
    return found


def _may(tx: Transaction, program: Program, record_id: UUID, definition: Workflow) -> bool:
    try:
        _require_may_submit(tx, program, record_id, definition)
    except NotAllowed:
        return False
    return True


def preview(
    tx: Transaction,
    entity: str,
    given: Mapping[str, Any] | UUID,
    workflow: str | None = None,
    *,
    record_id: UUID | None = None,
) -> dict[str, Any]:
    """Who would be asked, and why: for a stored record (its id) or for values that are being entered.

    Values that are wrong or missing are left out; what cannot be said yet is a step without people. With a `record_id`
    the values are changes of that record.
    """
    program, _ = readable_entity(tx, entity)
    entered: dict[str, Any] | None = None
    if isinstance(given, UUID):
        record_id = given
        if load_for_change(tx, program, given, "read", lock=False) is None:
            refuse_invisible(tx, program, given, "read")
    else:
        entered = entered_values(tx, program, given, record_id)
    known = {name: each for name, each in tx.model.workflows.items() if each.entity == entity}
    if workflow is not None and workflow not in known:
        message = f'There is no workflow "{workflow}" here{did_you_mean(workflow, known) or "."}'
        raise InvalidContent(message, problems=[Problem("/workflow", "workflow.unknown", message)])
    actor = tx.context.actor
    submitter = actor.id or new_id()
    chosen = [known[workflow]] if workflow is not None else [e for e in known.values() if e.field is None]
    for definition in chosen:
        pending = _asked_for(definition, entered)
        facts = DatabaseFacts(
            tx, tx.model, definition, record_id or submitter, submitter,
            entered=entered, pending=pending,
        )  # fmt: skip
        try:
            possible = definition.when is None or facts.value(definition.when) is True
        except Broken:
            possible = False
        if possible or workflow is not None:
            return views.path_view(
                tx, definition, path(definition, facts, submitter, tx.context.now), possible
            )
    return {"workflow": None, "title": None, "possible": False, "steps": []}


def _asked_for(definition: Workflow, entered: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if definition.field is None or entered is None:
        return None
    return {
        "pending": entered.get(definition.field),
        "pending_currency": entered.get(f"{definition.field}_currency"),
    }


__all__ = ["NoSubmitter", "of_entity", "offers", "preview", "submit"]
