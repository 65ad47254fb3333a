"""Actions that reach people and other systems: jobs of the transaction, so that nothing is told that was not stored."""

from typing import Any
from uuid import UUID

from fieldstone.engine.records.converting import plain
from fieldstone.metadata.automation_rules import Action
from fieldstone.workflows.automations.acting.writing import target_of
from fieldstone.workflows.automations.people import people_of
from fieldstone.workflows.automations.performing import ActionFailed, Run
from fieldstone.workflows.automations.standing import as_person
from fieldstone.workflows.automations.subject import Subject


def notify(run: Run, action: Action, subject: Subject) -> dict[str, Any]:
    if run.ports.notify is None or action.template is None:
        raise ActionFailed("Notifications are not running here.")
    entity, record = _about(subject)
    receivers = people_of(run, action.receivers, subject)
    kind = "reminder" if run.automation.trigger.on == "date" else "automation"
    run.ports.notify(
        run.acting, receivers, action.template, _data(run), kind=kind, entity=entity, record=record,
        key=_key(run, action, subject),
    )  # fmt: skip
    return {"info": {"receivers": receivers, "template": action.template}}


def email(run: Run, action: Action, subject: Subject) -> dict[str, Any]:
    if run.ports.email is None or action.template is None:
        raise ActionFailed("E-mail is not running here.")
    entity, record = _about(subject)
    receivers = people_of(run, action.receivers, subject)
    address = subject.value(run.tx, action.to) if action.to is not None else None
    if not receivers and not address:
        return {"state": "skipped", "info": {"receivers": []}}
    run.ports.email(
        run.acting, receivers, address, action.template, _data(run), entity=entity, record=record,
        key=_key(run, action, subject),
    )  # fmt: skip
    return {"info": {"receivers": receivers, "address": address, "template": action.template}}


def webhook(run: Run, action: Action, subject: Subject) -> dict[str, Any]:
    if run.ports.webhook is None or action.endpoint is None:
        raise ActionFailed("Webhooks are not running here.")
    entity, record = _about(subject)
    values = {name: plain(subject.value(run.tx, each)) for name, each in action.values.items()}
    run.ports.webhook(
        run.acting, action.endpoint, f"automation.{run.automation.name}", values, entity=entity, record=record,
        key=_key(run, action, subject),
    )  # fmt: skip
    return {"info": {"endpoint": action.endpoint, "values": values}}


def submit(run: Run, action: Action, subject: Subject) -> dict[str, Any]:
    """Start an approval in the name of whoever caused the run: somebody has to be the submitter."""
    if run.ports.submit is None or action.workflow is None:
        raise ActionFailed("Approvals are not running here.")
    found = target_of(run, action.record, subject)
    if found is None:
        return {"state": "skipped", "info": {"empty": action.record}}
    entity, record_id = found
    run.ports.submit(as_person(run, subject), entity.name, record_id, action.workflow, comment=action.title)
    run.acting.settle()
    return {
        "record": {"entity": entity.name, "id": record_id},
        "info": {"workflow": action.workflow},
        "refresh": True,
    }


def _about(subject: Subject) -> tuple[str | None, UUID | None]:
    about = subject.around or subject
    return (about.entity.name if about.entity is not None else None), about.record_id


def _data(run: Run) -> dict[str, Any]:
    return {"automation": run.automation.title}


def _key(run: Run, action: Action, subject: Subject) -> str:
    line = f":{subject.record_id}" if subject.around is not None else ""
    return f"{run.key}:{action.name}{line}"
