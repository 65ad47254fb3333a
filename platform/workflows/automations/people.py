"""Whom an automation means: the same ways of naming people as approvals have."""

from uuid import UUID

from fieldstone.metadata.approval_flows import Assignee, Step, Workflow
from fieldstone.workflows.approvals.facts import DatabaseFacts
from fieldstone.workflows.automations.performing import ActionFailed, Run
from fieldstone.workflows.automations.subject import Subject

NOBODY = UUID(int=0)


def people_of(run: Run, lines: tuple[Assignee, ...], subject: Subject) -> list[UUID]:
    """Active users that the lines name, each once, in order. For a line of a record it is about the record around it."""
    about = subject.around or subject
    nowhere = about.entity is None or about.record_id is None
    if nowhere and any(each.kind not in ("role", "user") for each in lines):
        raise ActionFailed("There is no record to read people from.")
    entity = about.entity.name if about.entity is not None else "user"
    holder = Workflow(
        name=run.automation.name,
        entity=entity,
        title=run.automation.title,
        steps=(Step(name="people", kind="cc", title="", assign=lines),),
    )
    facts = DatabaseFacts(
        run.acting,
        run.acting.model,
        holder,
        about.record_id or NOBODY,
        run.actor or NOBODY,
        entered=about.raw,
    )
    found = facts.people(lines, {})
    return [each.user for each in found if facts.active(each.user)]
