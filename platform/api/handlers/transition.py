"""States of a record: what can be done with it, doing it, and how long it was where."""

from typing import Any, Final

from fieldstone.api.answers import Answer, json_answer, record_answer
from fieldstone.api.call import Call
from fieldstone.api.fields import StrictObject, StrictText
from fieldstone.api.handlers.records import NOTHING, record_id
from fieldstone.api.preconditions import if_match
from fieldstone.api.schemas import Strict
from fieldstone.engine.query.gate import readable
from fieldstone.engine.records.read import read
from fieldstone.engine.records.stages import stages as stages_of
from fieldstone.engine.records.transition import Offer, offers, transition
from fieldstone.engine.transaction import Transaction


class TransitionEnvelope(Strict):
    """The transition to take; `values` are a merge patch that goes with it, `field` tells two of the same name apart."""

    action = StrictText(required=True)
    field = StrictText(load_default=None)
    comment = StrictText(load_default="")
    values = StrictObject(load_default=dict)


TRANSITION: Final = TransitionEnvelope()


def take(call: Call, entity: str, id: str) -> Answer:
    call.parameters(NOTHING)
    which, seen = record_id(id), if_match(call.request)
    sent = call.envelope(TRANSITION)

    def work(tx: Transaction) -> Answer:
        record = transition(
            tx, entity, which, sent["action"], sent["values"], if_match=seen, field=sent["field"],
            comment=sent["comment"],
        )  # fmt: skip
        return record_answer(record)

    return call.write(work)


def offered(call: Call, entity: str, id: str) -> Answer:
    call.parameters(NOTHING)
    which = record_id(id)

    def work(tx: Transaction) -> list[dict[str, Any]]:
        readable(tx, entity)
        read(tx, entity, which, fields=())
        return [offer_json(each) for each in offers(tx, entity, which)]

    return json_answer({"data": call.read(work)})


def offer_json(offer: Offer) -> dict[str, Any]:
    """A transition as it is offered; `why` says what stands against it (null: nothing)."""
    step = offer.transition
    return {
        "name": step.name, "title": step.title, "field": offer.field, "to": step.to, "comment": step.comment,
        "workflow": step.workflow, "allowed": offer.why is None, "why": offer.why,
    }  # fmt: skip


def stages(call: Call, entity: str, id: str) -> Answer:
    call.parameters(NOTHING)
    which = record_id(id)

    def work(tx: Transaction) -> list[dict[str, Any]]:
        readable(tx, entity)
        return stages_of(tx, entity, which)

    return json_answer({"data": call.read(work)})
