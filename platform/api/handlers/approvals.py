"""Approvals of records: submitting, the way that it would take, the trail, withdrawing, mending what is stuck."""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from marshmallow import fields

from fieldstone.api.answers import Answer, is_record_id, json_answer
from fieldstone.api.call import Call
from fieldstone.api.fields import (
    ParameterChoice,
    ParameterInteger,
    StrictBoolean,
    StrictChoice,
    StrictId,
    StrictInteger,
    StrictObject,
    StrictText,
)
from fieldstone.api.handlers.records import NOTHING, record_id
from fieldstone.api.handlers.tasks import command_id
from fieldstone.api.schemas import Strict
from fieldstone.engine.query.request import MAX_LIMIT
from fieldstone.engine.transaction import Transaction
from fieldstone.workflows import approvals


class SubmitEnvelope(Strict):
    """What to submit a record to."""

    workflow = StrictText(longest=40, allow_none=True, load_default=None)
    comment = StrictText(longest=10_000, load_default="")


class PathEnvelope(Strict):
    """A stored record (`id`), values being entered (`values`), or changes of a record (both)."""

    id = StrictId(load_default=None, allow_none=True)
    values_ = StrictObject(data_key="values", load_default=None, allow_none=True)
    workflow = StrictText(longest=40, allow_none=True, load_default=None)


class CommentEnvelope(Strict):
    """A comment."""

    comment = StrictText(longest=10_000, load_default="")


class CopyEnvelope(Strict):
    """People to be told."""

    users = fields.List(StrictId(), required=True)
    comment = StrictText(longest=10_000, load_default="")


class RunPage(Strict):
    """Runs that need an administrator."""

    state = ParameterChoice("stuck", load_default="stuck")
    limit = ParameterInteger(1, MAX_LIMIT, load_default=50)


class InterveneEnvelope(Strict):
    """How a run is mended; a comment is a must."""

    action = StrictChoice("retry", "reassign", "skip", "end", required=True)
    comment = StrictText(longest=10_000, load_default="")
    step = StrictId(load_default=None, allow_none=True)
    task = StrictId(load_default=None, allow_none=True)
    to = StrictId(load_default=None, allow_none=True)
    outcome = StrictChoice("approved", "rejected", load_default=None, allow_none=True)


class MoveEnvelope(Strict):
    """Which running runs go over to the present definition: `steps` maps names of steps to new ones."""

    workflow = StrictText(longest=40, required=True)
    steps = StrictObject(load_default=dict)
    runs = fields.List(StrictId(), load_default=None, allow_none=True)
    comment = StrictText(longest=10_000, load_default="")
    dry_run = StrictBoolean(load_default=False)


class SimulateEnvelope(Strict):
    """A definition by its name (`workflow`) or as a document that is not published, and the records to try it on."""

    workflow = StrictText(longest=40, load_default=None, allow_none=True)
    document = StrictObject(load_default=None, allow_none=True)
    filter = StrictText(load_default=None, allow_none=True)
    limit = StrictInteger(1, 1000, load_default=200)


class LeaveEnvelope(Strict):
    """Who leaves, and to whom everything goes."""

    user = StrictId(required=True)
    to = StrictId(load_default=None, allow_none=True)
    comment = StrictText(longest=10_000, load_default="")
    dry_run = StrictBoolean(load_default=False)


SUBMIT: Final = SubmitEnvelope()
PATH: Final = PathEnvelope()
COMMENT: Final = CommentEnvelope()
COPY: Final = CopyEnvelope()
RUNS: Final = RunPage()
INTERVENE: Final = InterveneEnvelope()
MOVE: Final = MoveEnvelope()
SIMULATE: Final = SimulateEnvelope()
LEAVE: Final = LeaveEnvelope()


def run_id(text: str) -> UUID:
    """The id in an address; UnknownRun when it can be none."""
    found = is_record_id(text)
    if found is None:
        raise approvals.UnknownRun("There is no such approval.")
    return found


def submit(call: Call, entity: str, id: str) -> Answer:
    call.parameters(NOTHING)
    which = record_id(id)
    sent = call.envelope(SUBMIT) if call.raw else SUBMIT.load({})
    command = command_id(call, which)

    def work(tx: Transaction) -> Answer:
        run = approvals.submit(
            tx, entity, which, sent["workflow"], comment=sent["comment"], command_id=command
        )
        return json_answer(run, 201, {"Location": f"{call.base}/approvals/{run['id']}"})

    return call.write(work)


def path(call: Call, entity: str) -> Answer:
    call.parameters(NOTHING)
    sent = call.envelope(PATH)
    which, values = sent["id"], sent["values_"]

    def work(tx: Transaction) -> dict[str, Any]:
        if values is None and which is not None:
            return approvals.preview(tx, entity, which, sent["workflow"])
        return approvals.preview(tx, entity, values or {}, sent["workflow"], record_id=which)

    return json_answer(call.read(work))


def of_record(call: Call, entity: str, id: str) -> Answer:
    call.parameters(NOTHING)
    which = record_id(id)

    def work(tx: Transaction) -> dict[str, Any]:
        return {
            "data": approvals.runs_of(tx, entity, which),
            "offers": approvals.offers(tx, entity, which),
        }

    return json_answer(call.read(work))


def show(call: Call, id: str) -> Answer:
    call.parameters(NOTHING)
    which = run_id(id)
    return json_answer(call.read(lambda tx: approvals.run_of(tx, which)))


def withdraw(call: Call, id: str) -> Answer:
    return _commented(call, id, approvals.withdraw)


def urge(call: Call, id: str) -> Answer:
    return _commented(call, id, approvals.urge)


def comment(call: Call, id: str) -> Answer:
    return _commented(call, id, approvals.comment)


def _commented(call: Call, id: str, verb: Callable[..., dict[str, Any]]) -> Answer:
    """A verb that takes nothing but a comment."""
    call.parameters(NOTHING)
    which, sent = run_id(id), call.envelope(COMMENT) if call.raw else {"comment": ""}
    command = command_id(call, which)
    return call.write(lambda tx: json_answer(verb(tx, which, sent["comment"], command_id=command)))


def copy(call: Call, id: str) -> Answer:
    call.parameters(NOTHING)
    which, sent = run_id(id), call.envelope(COPY)
    command = command_id(call, which)
    return call.write(
        lambda tx: json_answer(
            approvals.copy_to(tx, which, sent["users"], sent["comment"], command_id=command)
        )
    )


def stuck(call: Call) -> Answer:
    page = call.parameters(RUNS)
    return json_answer({"data": call.read(lambda tx: approvals.stuck(tx, page["limit"])), "next": None})


def intervene(call: Call, id: str) -> Answer:
    call.parameters(NOTHING)
    which, sent = run_id(id), call.envelope(INTERVENE)
    command = command_id(call, which)
    return call.write(
        lambda tx: json_answer(
            approvals.intervene(
                tx,
                which,
                sent["action"],
                sent["comment"],
                step=sent["step"],
                task=sent["task"],
                to=sent["to"],
                outcome=sent["outcome"],
                command_id=command,
            )
        )
    )


def move(call: Call) -> Answer:
    call.parameters(NOTHING)
    sent = call.envelope(MOVE)
    steps = {name: str(to) for name, to in sent["steps"].items()}
    if sent["dry_run"]:
        return json_answer(call.read(lambda tx: approvals.moving_plan(tx, sent["workflow"], steps)))
    return call.write(
        lambda tx: json_answer(approvals.move(tx, sent["workflow"], steps, sent["comment"], sent["runs"]))
    )


def simulate(call: Call) -> Answer:
    call.parameters(NOTHING)
    sent = call.envelope(SIMULATE)
    tried = sent["document"] if sent["document"] is not None else sent["workflow"] or ""
    return json_answer(call.read(lambda tx: approvals.simulate(tx, tried, sent["filter"], sent["limit"])))


def leave(call: Call) -> Answer:
    call.parameters(NOTHING)
    sent = call.envelope(LEAVE)
    if sent["dry_run"]:
        return json_answer(call.read(lambda tx: approvals.leaving_plan(tx, sent["user"])))
    return call.write(
        lambda tx: json_answer(approvals.leave(tx, sent["user"], sent["to"], comment=sent["comment"]))
    )
