"""What can be done with a record besides changing it: transitions of its states, and buttons of automations.

On the page stand only what the visitor may do now. What asks for a comment, or asks back, opens a dialog first.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import redirect
from markupsafe import Markup
from werkzeug.wrappers import Response

from fieldstone.engine.permissions import access
from fieldstone.engine.records.stages import stages
from fieldstone.engine.records.transition import offers, transition
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Entity, Field
from fieldstone.problems import FieldstoneError
from fieldstone.ui import flash
from fieldstone.ui.forms.layout import value_html
from fieldstone.ui.forms.problems import told
from fieldstone.ui.visit import PageMissing, Visit
from fieldstone.workflows.automations import buttons, press

TELLING = ("invalid", "refused", "conflict", "stale", "denied")


@dataclass(frozen=True, slots=True)
class Act:
    """A button: `name` is that of the transition (with its `field`) or of the automation. `asks`: a dialog comes first."""

    name: str
    title: str
    icon: str
    help: str = ""
    field: str = ""
    asks: bool = False


@dataclass(frozen=True, slots=True)
class Stay:
    """A time in one state; `until` is None for the present one."""

    html: Markup
    since: datetime
    until: datetime | None
    lasted: timedelta
    comment: str


@dataclass(frozen=True, slots=True)
class State:
    """A state field with what can be done now; `stays` are newest first."""

    title: str
    html: Markup
    acts: tuple[Act, ...]
    stays: tuple[Stay, ...]


def states(tx: Transaction, visit: Visit, entity: Entity, record: dict[str, Any]) -> list[State]:
    """The state fields that the visitor may read."""
    readable = access(tx, entity.name).readable
    fields = [f for f in entity.fields.values() if f.machine is not None and f.name in readable]
    if not fields:
        return []
    offered = offers(tx, entity.name, record["id"])
    stays = stages(tx, entity.name, record["id"])
    return [
        State(
            title=visit.labels.field(entity, field),
            html=_shown(visit, entity, field, record[field.name]),
            acts=tuple(
                Act(
                    each.transition.name,
                    visit.labels.transition(entity, field, each.transition),
                    "send" if each.transition.workflow else each.transition.icon,
                    each.transition.description,
                    field.name,
                    each.transition.comment,
                )
                for each in offered
                if each.field == field.name and each.why is None
            ),
            stays=tuple(
                Stay(
                    _shown(visit, entity, field, each["value"]),
                    each["entered_at"],
                    each["left_at"],
                    timedelta(seconds=each["seconds"]),
                    each["comment"],
                )
                for each in reversed(stays)
                if each["field"] == field.name
            ),
        )
        for field in fields
    ]


def _shown(visit: Visit, entity: Entity, field: Field, value: Any) -> Markup:
    return value_html(visit, entity, field, {field.name: value}, {})


def presses(tx: Transaction, visit: Visit, entity: Entity, record_id: UUID) -> list[Act]:
    """The buttons of automations that the visitor may press now."""
    return [
        Act(
            each.name,
            visit.labels.automation(each),
            each.trigger.icon,
            visit.labels.automation_help(each),
            asks=bool(each.trigger.confirm),
        )
        for each in buttons(tx, entity.name, record_id)
    ]


def ask(visit: Visit, entity: str, record_id: UUID) -> Response:
    """The dialog before a transition that needs a comment, or a button that asks back."""
    definition = visit.entity(entity)
    name, field = visit.request.args.get("name", ""), visit.request.args.get("field", "")

    def work(tx: Transaction) -> Response:
        if field:
            found = [
                act
                for state in states(tx, visit, definition, {"id": record_id, **_unknown(definition)})
                for act in state.acts
            ]
            question = ""
        else:
            found = presses(tx, visit, definition, record_id)
            automation = visit.model.automations.get(name)
            text = automation.trigger.confirm if automation is not None else ""
            question = visit.labels.text(f"automation.{name}.confirm", text)
        act = next((each for each in found if (each.name, each.field) == (name, field)), None)
        if act is None:
            raise PageMissing("There is nothing to be done here.")
        return visit.partial(
            "record/ask.html", entity=definition, record_id=record_id, act=act, question=question
        )

    return visit.read(work)


def _unknown(entity: Entity) -> dict[str, Any]:
    return {field.name: None for field in entity.fields.values() if field.machine is not None}


def take(visit: Visit, entity: str, record_id: UUID) -> Response:
    """Take a transition, and go back to the record."""
    definition = visit.entity(entity)
    form = visit.request.form
    name, field = form.get("name", ""), form.get("field") or None

    def work(tx: Transaction) -> str:
        transition(tx, entity, record_id, name, field=field, comment=form.get("comment", ""))
        state = definition.fields.get(field or "")
        step = state.machine.transition(name) if state is not None and state.machine is not None else None
        title = visit.labels.transition(definition, state, step) if state is not None and step else name
        return visit.texts("acting.submitted" if step and step.workflow else "acting.taken", title=title)

    return _done(visit, definition, record_id, work)


def push(visit: Visit, entity: str, record_id: UUID) -> Response:
    """Press a button, and go back to the record."""
    definition = visit.entity(entity)
    name = visit.request.form.get("name", "")

    def work(tx: Transaction) -> str:
        done = press(tx, entity, record_id, name)
        title = visit.labels.automation(visit.model.automations[name])
        if done.state in ("failed", "guarded"):
            return visit.texts("acting.failed", title=title, reason=(done.error or {}).get("message", ""))
        return visit.texts("acting.waiting" if done.state == "waiting" else "acting.done", title=title)

    return _done(visit, definition, record_id, work)


def _done(visit: Visit, entity: Entity, record_id: UUID, work: Any) -> Response:
    try:
        text = visit.write(work)
    except FieldstoneError as error:
        if error.kind not in TELLING:
            raise
        text = " ".join(dict.fromkeys(each["message"] for each in told(visit, entity, error)))
    return flash.put(redirect(visit.urls.record(entity.name, record_id), 303), visit.urls, text)
