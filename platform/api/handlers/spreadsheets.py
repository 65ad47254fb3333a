"""Spreadsheets that become entities: a file is answered with a proposal, which may be changed and is then applied.

All of it is for those who manage metadata. Nothing is made before `apply`, which wants the plan as it was shown.
"""

from typing import Any, Final
from uuid import UUID

from fieldstone.api.answers import Answer, is_record_id, json_answer
from fieldstone.api.call import Call
from fieldstone.api.fields import ParameterText, StrictInteger, StrictText
from fieldstone.api.handlers.metadata import plan_json
from fieldstone.api.handlers.records import NOTHING
from fieldstone.api.problems import HttpError
from fieldstone.api.schemas import Strict
from fieldstone.engine.imports import UnknownImport, kind_of
from fieldstone.engine.imports.sources import TYPES
from fieldstone.engine.permissions import require_manage
from fieldstone.engine.spreadsheets import (
    BadProposal,
    Stored,
    apply_spreadsheet,
    change_spreadsheet,
    drop_spreadsheet,
    plan_spreadsheet,
    read_spreadsheet,
    start_spreadsheet,
)


class SpreadsheetParameters(Strict):
    """The name of the file: what the entity of a CSV file is called after."""

    name = ParameterText(longest=200, load_default=None)


class ApplyEnvelope(Strict):
    """A plan as it was shown."""

    base = StrictInteger(0, 2**31 - 1, required=True)
    plan = StrictText(required=True)


PARAMETERS: Final = SpreadsheetParameters()
APPLY: Final = ApplyEnvelope()


def start(call: Call) -> Answer:
    """A file, kept with what it would become."""
    asked = call.parameters(PARAMETERS)
    call.read(lambda tx: require_manage(tx, "metadata"))
    sent = call.request.mimetype
    if sent not in TYPES or TYPES[sent] == "ndjson":
        accepted = ", ".join(name for name, kind in TYPES.items() if kind != "ndjson")
        raise HttpError(415, "body.type", f"Send a file of one of these types: {accepted}.", Accept=accepted)
    kind = kind_of("", sent)
    draft = start_spreadsheet(call.engine, call.context, call.raw, kind, asked["name"] or f"table.{kind}")
    shown = _shown(call, read_spreadsheet(call.engine, call.context, draft))
    return json_answer(shown, 201, {"Location": f"{call.base}/metadata/from-spreadsheet/{draft}"})


def show(call: Call, id: str) -> Answer:
    call.parameters(NOTHING)
    return json_answer(_shown(call, read_spreadsheet(call.engine, call.context, _id(call, id))))


def change(call: Call, id: str) -> Answer:
    """What is sent is changed in the proposal; what is left out stays."""
    call.parameters(NOTHING)
    draft = _id(call, id)
    return json_answer(_shown(call, change_spreadsheet(call.engine, call.context, draft, call.json())))


def apply(call: Call, id: str) -> Answer:
    call.parameters(NOTHING)
    draft = _id(call, id)
    asked = call.envelope(APPLY)
    outcome = apply_spreadsheet(call.engine, call.context, draft, asked["base"], asked["plan"])
    return json_answer(outcome.to_json(), 202 if outcome.later else 200)


def drop(call: Call, id: str) -> Answer:
    call.parameters(NOTHING)
    drop_spreadsheet(call.engine, call.context, _id(call, id))
    return Answer(204)


def _id(call: Call, text: str) -> UUID:
    call.read(lambda tx: require_manage(tx, "metadata"))
    found = is_record_id(text)
    if found is None:
        raise UnknownImport("There is no such spreadsheet.")
    return found


def _shown(call: Call, stored: Stored) -> dict[str, Any]:
    """The proposal with its plan; what stands in the way of a plan is in `problems`."""
    shown: dict[str, Any] = {
        "id": str(stored.id),
        "name": stored.name,
        "state": stored.state,
        "proposal": stored.proposal.to_json(),
        "plan": None,
        "problems": [],
        "outcome": dict(stored.outcome) or None,
    }
    if stored.state == "draft":
        try:
            shown["plan"] = plan_json(call.read(lambda tx: plan_spreadsheet(tx, stored.proposal)))
        except BadProposal as error:
            shown["problems"] = [
                {"pointer": each.path, "code": each.code, "message": each.message} for each in error.problems
            ]
    return shown
