"""Outgoing web hooks: subscriptions, the log of deliveries and replay. For those who manage the company."""

from typing import Any, Final

from marshmallow import fields

from fieldstone.api.answers import Answer, id_or_nil, is_record_id, json_answer
from fieldstone.api.call import Call
from fieldstone.api.fields import (
    ParameterChoice,
    ParameterInteger,
    ParameterText,
    StrictBoolean,
    StrictChoice,
    StrictText,
)
from fieldstone.api.handlers.records import NOTHING
from fieldstone.api.schemas import Strict, page_cursor
from fieldstone.engine.permissions import require_manage
from fieldstone.engine.transaction import Transaction
from fieldstone.workflows.webhooks import (
    VERBS,
    Webhook,
    drop_webhook,
    events_of,
    find_webhook,
    save_webhook,
    webhooks,
)
from fieldstone.workflows.webhooks import replay as replay_event
from fieldstone.workflows.webhooks.events import STATES, UnknownEvent

ADDRESS_LENGTH: Final = 2_000
SECRET_LENGTH: Final = 200


class ChangeWebhookEnvelope(Strict):
    """What is to be changed; `secret`: null makes a new one."""

    name = StrictText(80)
    entity = StrictText(80)
    verbs = fields.List(StrictChoice(*VERBS))
    url = StrictText(ADDRESS_LENGTH)
    secret = StrictText(SECRET_LENGTH, allow_none=True)
    active = StrictBoolean()


class CreateWebhookEnvelope(ChangeWebhookEnvelope):
    """A subscription."""

    name = StrictText(80, required=True)
    entity = StrictText(80, required=True)
    url = StrictText(ADDRESS_LENGTH, required=True)


class EventParameters(Strict):
    """A page of the log."""

    state = ParameterChoice(*STATES, load_default=None)
    limit = ParameterInteger(1, 200, load_default=50)
    cursor = ParameterText(longest=36, load_default=None)


CREATE: Final = CreateWebhookEnvelope()
CHANGE: Final = ChangeWebhookEnvelope()
EVENTS: Final = EventParameters()


def list_all(call: Call) -> Answer:
    call.parameters(NOTHING)
    return json_answer({"data": [hook.to_json() for hook in call.read(webhooks)]})


def create(call: Call) -> Answer:
    call.parameters(NOTHING)
    call.read(lambda tx: require_manage(tx, "company"))
    asked = call.envelope(CREATE)

    def work() -> Answer:
        hook, secret = save_webhook(call.engine, call.context, asked)
        return json_answer(_told(hook, secret), 201, {"Location": f"{call.base}/webhooks/{hook.id}"})

    return call.apart(work)


def show(call: Call, id: str) -> Answer:
    call.parameters(NOTHING)
    return json_answer(call.read(lambda tx: find_webhook(tx, id_or_nil(id))).to_json())


def change(call: Call, id: str) -> Answer:
    call.parameters(NOTHING)
    call.read(lambda tx: require_manage(tx, "company"))
    asked = call.envelope(CHANGE)
    return call.apart(
        lambda: json_answer(_told(*save_webhook(call.engine, call.context, asked, id_or_nil(id))))
    )


def drop(call: Call, id: str) -> Answer:
    call.parameters(NOTHING)
    drop_webhook(call.engine, call.context, id_or_nil(id))
    return Answer(204)


def events(call: Call, id: str) -> Answer:
    asked = call.parameters(EVENTS)
    before = page_cursor(asked["cursor"])
    page, following = call.read(
        lambda tx: events_of(tx, id_or_nil(id), limit=asked["limit"], before=before, state=asked["state"])
    )
    return json_answer(
        {"data": [event.to_json() for event in page], "next": str(following) if following else None}
    )


def replay(call: Call, id: str, event: str) -> Answer:
    call.parameters(NOTHING)
    found = is_record_id(event)

    def work(tx: Transaction) -> Answer:
        hook = find_webhook(tx, id_or_nil(id))
        if found is None:
            raise UnknownEvent("There is no such event.")
        replay_event(tx, hook.id, found)
        return json_answer({"id": str(found), "state": "waiting"}, 202)

    return call.write(work)


def _told(hook: Webhook, secret: str | None) -> dict[str, Any]:
    """The subscription; with it the secret, when one was made."""
    return {**hook.to_json(), "secret": secret}
