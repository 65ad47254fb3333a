"""Bulk runs: one change to many records, and what came of it.

Like imports: the run is stored first, with the claim of the idempotency key in the same transaction; then it runs.
"""

from typing import Any, Final
from uuid import UUID

from marshmallow import fields

from fieldstone.api.answers import Answer, is_record_id, json_answer
from fieldstone.api.call import Call
from fieldstone.api.fields import StrictChoice, StrictId, StrictObject, StrictText
from fieldstone.api.handlers.records import NOTHING
from fieldstone.api.schemas import InvalidRequest, Strict
from fieldstone.engine.bulk import (
    AT_ONCE,
    BulkRequest,
    BulkResult,
    UnknownBulk,
    add_bulk,
    continue_bulk,
    read_bulk,
    stop_bulk,
    undo_bulk,
)
from fieldstone.engine.jobs import enqueue
from fieldstone.engine.records.subject import readable_entity
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.json_text import parse_json
from fieldstone.problems import Problem

MOST_IDS: Final = 10_000


class BulkEnvelope(Strict):
    """One change to many records: those of `ids`, or all that match `filter` and `q`."""

    op = StrictChoice("update", "delete", required=True)
    ids = fields.List(StrictId(), allow_none=True, load_default=None)
    filter = StrictText(allow_none=True, load_default=None)
    q = StrictText(longest=1000, allow_none=True, load_default=None)
    values_ = StrictObject(data_key="values", load_default=dict)


BULK: Final = BulkEnvelope()


def start(call: Call, entity: str) -> Answer:
    call.parameters(NOTHING)
    asked = call.envelope(BULK)
    request = _request(asked)
    call.read(lambda tx: readable_entity(tx, entity))  # lines have no address, not even here

    def work(tx: Transaction) -> Answer:
        run, rows = add_bulk(tx, entity, request)
        if rows > AT_ONCE:
            enqueue(tx, "bulk", {"bulk": str(run)}, key=str(run))
        return json_answer({"id": str(run), "later": rows > AT_ONCE})

    stored = parse_json(call.write(work).body)
    run_id = UUID(stored["id"])
    if stored["later"]:
        waiting = read_bulk(call.engine, call.context, run_id)
        return json_answer(waiting.to_json(), 202, {"Location": f"{call.base}/{entity}/bulk/{run_id}"})
    return json_answer(continue_bulk(call.engine, call.context, run_id).to_json())


def _request(asked: dict[str, Any]) -> BulkRequest:
    ids, problem = asked["ids"], None
    if ids is not None and (asked["filter"] is not None or asked["q"] is not None):
        problem = Problem("/filter", "bulk.both", "Choose records by ids or by filter and q, not by both.")
    elif ids is None and asked["filter"] is None and asked["q"] is None:
        message = 'Choose records by ids or by a filter; "filter": "true" means all.'
        problem = Problem("/ids", "required", message)
    elif ids is not None and len(ids) > MOST_IDS:
        problem = Problem("/ids", "maxItems", f"Send at most {MOST_IDS:,} ids, or a filter.")
    if problem is not None:
        raise InvalidRequest(problem.message, problems=[problem])
    return BulkRequest(
        asked["op"], tuple(ids) if ids is not None else None, asked["filter"], asked["q"], asked["values_"]
    )


def _run(call: Call, entity: str, id: str) -> BulkResult:
    call.parameters(NOTHING)
    found = is_record_id(id)
    result = read_bulk(call.engine, call.context, found) if found is not None else None
    if result is None or result.entity != entity:
        raise UnknownBulk("There is no such bulk run.")
    return result


def show(call: Call, entity: str, id: str) -> Answer:
    return json_answer(_run(call, entity, id).to_json())


def stop(call: Call, entity: str, id: str) -> Answer:
    run = _run(call, entity, id)
    return json_answer(stop_bulk(call.engine, call.context, run.id).to_json())


def undo(call: Call, entity: str, id: str) -> Answer:
    run = _run(call, entity, id)
    if run.rows <= AT_ONCE:
        return json_answer(undo_bulk(call.engine, call.context, run.id).to_json())

    def work(tx: Transaction) -> Answer:
        enqueue(tx, "bulk", {"bulk": str(run.id), "undo": True}, key=f"{run.id}-undo")
        return json_answer(run.to_json(), 202, {"Location": f"{call.base}/{entity}/bulk/{run.id}"})

    return call.write(work)
