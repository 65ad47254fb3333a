"""Approval tasks: the boxes of the inbox, one task, what is done with it, several at once."""

from typing import Any, Final
from uuid import UUID, uuid5

from marshmallow import fields

from fieldstone.api.answers import Answer, etag, is_record_id, json_answer
from fieldstone.api.call import Call, checked_key
from fieldstone.api.fields import (
    ParameterChoice,
    ParameterInteger,
    ParameterText,
    StrictBoolean,
    StrictChoice,
    StrictId,
    StrictText,
)
from fieldstone.api.handlers.records import NOTHING
from fieldstone.api.preconditions import if_match
from fieldstone.api.schemas import Strict
from fieldstone.engine.ids import new_id
from fieldstone.engine.query.request import MAX_LIMIT
from fieldstone.engine.transaction import Transaction
from fieldstone.workflows import approvals

MOST_AT_ONCE: Final = 200


class BoxPage(Strict):
    """A page of a box."""

    box = ParameterChoice(*approvals.BOXES, load_default="waiting")
    limit = ParameterInteger(1, MAX_LIMIT, load_default=50)
    cursor = ParameterText(load_default=None)
    count = ParameterChoice("true", "false", load_default="false")


class ActEnvelope(Strict):
    """What goes with an action; which members count is said by the action."""

    comment = StrictText(longest=10_000, load_default="")
    to = StrictText(longest=100, allow_none=True, load_default=None)
    users = fields.List(StrictId(), load_default=None, allow_none=True)
    where = StrictChoice("before", "after", "parallel", load_default="parallel")
    rerun = StrictBoolean(load_default=True)
    password = StrictText(longest=1000, allow_none=True, load_default=None)
    signature = StrictId(load_default=None, allow_none=True)
    values = fields.Dict(keys=StrictText(longest=100), load_default=dict)


class DecideEnvelope(Strict):
    """One decision on several tasks."""

    tasks = fields.List(StrictId(), required=True, validate=lambda ids: 0 < len(ids) <= MOST_AT_ONCE)
    action = StrictChoice("approve", "reject", required=True)
    comment = StrictText(longest=10_000, load_default="")
    password = StrictText(longest=1000, allow_none=True, load_default=None)


PAGE: Final = BoxPage()
ACT: Final = ActEnvelope()
DECIDE: Final = DecideEnvelope()


def task_id(text: str) -> UUID:
    """The id in an address; UnknownTask when it can be none."""
    found = is_record_id(text)
    if found is None:
        raise approvals.UnknownTask("There is no such task.")
    return found


def box(call: Call) -> Answer:
    page = call.parameters(PAGE)

    def work(tx: Transaction) -> dict[str, Any]:
        found = approvals.tasks(tx, page["box"], page["limit"], page["cursor"])
        body: dict[str, Any] = {"data": found.data, "next": found.next}
        if page["count"] == "true":
            body["waiting"] = approvals.waiting_count(tx)
        return body

    return json_answer(call.read(work))


def show(call: Call, id: str) -> Answer:
    call.parameters(NOTHING)
    which = task_id(id)
    found = call.read(lambda tx: approvals.task(tx, which))
    return json_answer(found, headers={"ETag": etag(found["version"])})


def act(call: Call, id: str, action: str) -> Answer:
    call.parameters(NOTHING)
    which, seen = task_id(id), if_match(call.request)
    body = call.envelope(ACT) if call.raw else {}
    command = command_id(call, which)

    def work(tx: Transaction) -> Answer:
        found = approvals.act(tx, which, action, body, command_id=command, if_match=seen)
        return json_answer(found, headers={"ETag": etag(found["version"])})

    return call.write(work)


def decide(call: Call) -> Answer:
    """Each task for itself: what is refused costs no other."""
    call.parameters(NOTHING)
    sent = call.envelope(DECIDE)
    body = {"comment": sent["comment"], "password": sent["password"]}

    def work(tx: Transaction) -> Answer:
        results = approvals.decide_many(tx, sent["tasks"], sent["action"], body)
        return json_answer({"results": results})

    return call.write(work)


def command_id(call: Call, which: UUID) -> UUID:
    """The id of a command: the same for the same Idempotency-Key."""
    key = call.request.headers.get("Idempotency-Key")
    return uuid5(which, f"{call.context.actor.id}:{checked_key(key)}") if key else new_id()
