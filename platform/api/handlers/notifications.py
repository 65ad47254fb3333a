"""Notifications: what I have been told, and by which ways I want to hear of what."""

from typing import Any, Final
from uuid import UUID

from marshmallow import fields

from fieldstone.api.answers import Answer, json_answer
from fieldstone.api.call import Call
from fieldstone.api.fields import (
    ParameterChoice,
    ParameterInteger,
    ParameterText,
    StrictBoolean,
    StrictId,
)
from fieldstone.api.handlers.records import NOTHING
from fieldstone.api.schemas import InvalidRequest, Strict, page_cursor
from fieldstone.engine.permissions import require_manage
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import Problem
from fieldstone.workflows.notifications import (
    change_company,
    change_own,
    company_preferences,
    entries,
    mark_all_read,
    mark_read,
    mark_unread,
    own_preferences,
    unread,
)

MOST_IDS: Final = 1_000


class PageParameters(Strict):
    """A page of notices."""

    unread = ParameterChoice("true", "false", load_default="false")
    limit = ParameterInteger(1, 200, load_default=50)
    cursor = ParameterText(longest=36, load_default=None)


class MarkEnvelope(Strict):
    """Which notices: those of `ids`, or all (`until` one, which was the newest that was seen)."""

    ids = fields.List(StrictId(), load_default=None, allow_none=True)
    all_ = StrictBoolean(data_key="all", load_default=False)
    until = StrictId(load_default=None, allow_none=True)


class UnmarkEnvelope(Strict):
    """Which notices."""

    ids = fields.List(StrictId(), required=True)


PAGE: Final = PageParameters()
MARK: Final = MarkEnvelope()
UNMARK: Final = UnmarkEnvelope()


def list_page(call: Call) -> Answer:
    asked = call.parameters(PAGE)
    before = page_cursor(asked["cursor"])

    def work(tx: Transaction) -> dict[str, Any]:
        found, following = entries(
            tx, limit=asked["limit"], before=before, only_unread=asked["unread"] == "true"
        )
        return {
            "data": [each.to_json() for each in found],
            "next": str(following) if following else None,
            "unread": unread(tx).count,
        }

    return json_answer(call.read(work))


def mark(call: Call) -> Answer:
    call.parameters(NOTHING)
    asked = call.envelope(MARK)
    ids: list[UUID] | None = asked["ids"]
    if (ids is None) != asked["all_"]:
        problem = Problem("/ids", "notifications.which", 'Give "ids", or "all": true.')
        raise InvalidRequest(problem.message, problems=[problem])

    def work(tx: Transaction) -> Answer:
        read = mark_all_read(tx, asked["until"]) if ids is None else mark_read(tx, _few(ids))
        return json_answer({"changed": read, "unread": unread(tx).count})

    return call.write(work)


def unmark(call: Call) -> Answer:
    call.parameters(NOTHING)
    ids = _few(call.envelope(UNMARK)["ids"])

    def work(tx: Transaction) -> Answer:
        return json_answer({"changed": mark_unread(tx, ids), "unread": unread(tx).count})

    return call.write(work)


def preferences(call: Call) -> Answer:
    call.parameters(NOTHING)
    return json_answer(call.read(lambda tx: own_preferences(tx).to_json()))


def change_preferences(call: Call) -> Answer:
    call.parameters(NOTHING)
    changes = _object(call)
    return call.write(lambda tx: json_answer(change_own(tx, changes).to_json()))


def defaults(call: Call) -> Answer:
    call.parameters(NOTHING)
    return json_answer(company_preferences(call.context.company).to_json())


def change_defaults(call: Call) -> Answer:
    call.parameters(NOTHING)
    call.read(lambda tx: require_manage(tx, "company"))
    changes = _object(call)
    return call.apart(lambda: json_answer(change_company(call.engine, call.context, changes).to_json()))


def _object(call: Call) -> dict[str, Any]:
    body = call.json()
    if not isinstance(body, dict):
        problem = Problem("", "type", "Send an object.")
        raise InvalidRequest(problem.message, problems=[problem])
    return body


def _few(ids: list[UUID]) -> list[UUID]:
    if len(ids) > MOST_IDS:
        problem = Problem("/ids", "maxItems", f"Send at most {MOST_IDS:,} ids.")
        raise InvalidRequest(problem.message, problems=[problem])
    return ids
