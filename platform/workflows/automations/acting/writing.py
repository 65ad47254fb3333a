"""How actions write: through the record verbs, as the platform on behalf of whoever caused the run."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from fieldstone.engine import records
from fieldstone.engine.records.converting import linking, plain
from fieldstone.engine.records.load import load_for_change
from fieldstone.engine.records.program import program_for
from fieldstone.expressions import Checked
from fieldstone.metadata.definitions import Entity
from fieldstone.workflows.approvals.values import linked_entity
from fieldstone.workflows.automations.performing import ActionFailed, Run
from fieldstone.workflows.automations.subject import Subject

PROTECTED: Final = frozenset({"role_grant"})
"""Who may do what is for people to say, never for an automation: it would lift its designer above themselves."""

SECRET: Final = frozenset({"secret"})


def target_of(run: Run, path: str | None, subject: Subject) -> tuple[Entity, UUID] | None:
    """The record that an action is done to: the subject's own, or the one at a path of links (None: it is empty)."""
    if path is None:
        if subject.entity is None or subject.record_id is None:
            raise ActionFailed("There is no record that this could be done to.")
        if subject.deleted:
            raise ActionFailed("The record is deleted.")
        return subject.entity, subject.record_id
    at: Entity | None = subject.entity
    for part in path.split("."):
        goal = linked_entity(run.acting.model, at, part) if at is not None else None
        at = run.acting.model.entities.get(goal or "")
    if at is None:
        raise ActionFailed(f'The path "{path}" leads to no record.')
    found = subject.at(path)
    return None if found is None else (at, UUID(str(found)))


def body_of(run: Run, goal: Entity, values: Mapping[str, Checked], subject: Subject) -> dict[str, Any]:
    """Wire values of expressions over a subject; a link in the form that the field takes."""
    body: dict[str, Any] = {}
    for name, expression in values.items():
        value = subject.value(run.tx, expression)
        if isinstance(value, Mapping) and "id" in value:
            value = value["id"]
        field = goal.fields.get(name)
        if value is not None and field is not None and field.type in ("multi_link", "any_link"):
            body[name] = linking(field, value, field.target or "")
        else:
            body[name] = plain(value)
    return body


def update_record(run: Run, entity: Entity, record_id: UUID, body: Mapping[str, Any]) -> dict[str, Any]:
    """Change a record by the update verb; what the trace says of it."""
    refuse_protected(entity)
    before = load_for_change(run.acting, program_for(run.acting.model, entity), record_id, "update")
    if before is None:
        raise ActionFailed("The record is deleted.")
    records.update(run.acting, entity.name, record_id, body)
    run.acting.settle()
    after = load_for_change(run.acting, program_for(run.acting.model, entity), record_id, "read", lock=False)
    return {"record": _named(entity, record_id), "changes": differences(entity, before, after or {}, body)}


def update_line(run: Run, subject: Subject, body: Mapping[str, Any]) -> dict[str, Any]:
    """Change a line by changing its record."""
    around = subject.around
    assert around is not None and around.entity is not None and around.record_id is not None
    program = program_for(run.acting.model, around.entity)
    before = load_for_change(run.acting, program, around.record_id, "update")
    if before is None or subject.line is None or subject.entity is None:
        raise ActionFailed("The record is deleted.")
    lines = before.get(subject.line) or ()
    was = next((line for line in lines if line["id"] == subject.record_id), None)
    if was is None:
        raise ActionFailed("The line is gone.")
    patch = [{"id": str(line["id"]), **(body if line is was else {})} for line in lines]
    records.update(run.acting, around.entity.name, around.record_id, {subject.line: patch})
    run.acting.settle()
    told = {name: {"old": plain(was.get(name)), "new": value} for name, value in body.items()}
    return {"record": _named(around.entity, around.record_id), "changes": _open(subject.entity, told)}


def create_record(run: Run, entity: Entity, body: dict[str, Any]) -> dict[str, Any]:
    """Create a record, which belongs to whoever caused the run unless the values say otherwise."""
    refuse_protected(entity)
    record = records.create(run.acting, entity.name, owned(run, entity, body))
    run.acting.settle()
    told = {name: {"old": None, "new": value} for name, value in body.items() if value is not None}
    return {"record": _named(entity, record["id"]), "changes": _open(entity, told), "refresh": False}


def owned(run: Run, entity: Entity, body: dict[str, Any]) -> dict[str, Any]:
    """The body without empty values, with an owner."""
    found = {name: value for name, value in body.items() if value is not None}
    if "owner_id" not in found and run.actor is not None:
        found["owner_id"] = str(run.actor)
    return found


def refuse_protected(entity: Entity) -> None:
    if entity.name in PROTECTED:
        raise ActionFailed(f"Automations do not change {entity.plural}.")


def differences(
    entity: Entity, before: Mapping[str, Any], after: Mapping[str, Any], body: Mapping[str, Any]
) -> dict[str, Any]:
    """Old and new wire values of what the body named and what really changed."""
    told = {
        name: {"old": plain(before.get(name)), "new": plain(after.get(name))}
        for name in body
        if before.get(name) != after.get(name)
    }
    return _open(entity, told)


def _open(entity: Entity, changes: dict[str, Any]) -> dict[str, Any]:
    """Without what nobody reads."""
    return {
        name: change
        for name, change in changes.items()
        if name not in entity.fields or entity.fields[name].type not in SECRET
    }


def _named(entity: Entity, record_id: UUID) -> dict[str, Any]:
    return {"entity": entity.name, "id": record_id}
