"""Actions on one record: set, create, convert, transition."""

from typing import Any

from fieldstone.engine.records.convert import convert
from fieldstone.engine.records.program import program_for
from fieldstone.engine.records.transition import find_transition, transition
from fieldstone.metadata.automation_rules import Action
from fieldstone.workflows.automations.acting import writing
from fieldstone.workflows.automations.performing import ActionFailed, Run
from fieldstone.workflows.automations.standing import as_person
from fieldstone.workflows.automations.subject import Subject


def set_values(run: Run, action: Action, subject: Subject) -> dict[str, Any]:
    if subject.around is not None and action.record is None:
        assert subject.entity is not None
        return writing.update_line(run, subject, writing.body_of(run, subject.entity, action.values, subject))
    found = writing.target_of(run, action.record, subject)
    if found is None:
        return {"state": "skipped", "info": {"empty": action.record}}
    entity, record_id = found
    return writing.update_record(run, entity, record_id, writing.body_of(run, entity, action.values, subject))


def create_record(run: Run, action: Action, subject: Subject) -> dict[str, Any]:
    entity = run.acting.model.entities.get(action.entity or "")
    if entity is None:
        raise ActionFailed(f'There is no entity "{action.entity}".')
    return writing.create_record(run, entity, writing.body_of(run, entity, action.values, subject))


def convert_record(run: Run, action: Action, subject: Subject) -> dict[str, Any]:
    found = writing.target_of(run, action.record, subject)
    if found is None:
        return {"state": "skipped", "info": {"empty": action.record}}
    entity, record_id = found
    done = convert(run.acting, entity.name, record_id, action.conversion or "")
    run.acting.settle()
    made = [each.to_json() for each in done.created]
    return {"record": {"entity": entity.name, "id": record_id}, "info": {"created": made}, "refresh": True}


def take_transition(run: Run, action: Action, subject: Subject) -> dict[str, Any]:
    """By the transition's own rules but its roles; one with an approval is submitted by a person, as ever."""
    found = writing.target_of(run, action.record, subject)
    if found is None:
        return {"state": "skipped", "info": {"empty": action.record}}
    entity, record_id = found
    program = program_for(run.acting.model, entity)
    field, step = find_transition(run.acting, program, action.transition or "", action.field)
    tx = as_person(run, subject) if step.workflow is not None else run.acting
    before = subject.raw.get(field.name) if record_id == subject.record_id else None
    record = transition(
        tx, entity.name, record_id, step.name, field=field.name, comment=action.title or run.automation.title
    )
    run.acting.settle()
    changes = {field.name: {"old": before, "new": record.get(field.name)}}
    return {
        "record": {"entity": entity.name, "id": record_id},
        "changes": changes,
        "info": {"transition": step.name},
    }
