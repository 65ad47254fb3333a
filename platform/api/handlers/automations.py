"""Automations: buttons on records, and for those who manage definitions what ran, why, and the secrets of hooks."""

from datetime import timedelta
from typing import Any, Final

from fieldstone.api.answers import Answer, is_record_id, json_answer
from fieldstone.api.call import Call
from fieldstone.api.fields import ParameterChoice, ParameterInteger, ParameterText, StrictText
from fieldstone.api.handlers.records import NOTHING, record_id
from fieldstone.api.preconditions import if_match
from fieldstone.api.schemas import Strict
from fieldstone.engine.permissions import require_manage
from fieldstone.engine.query.errors import BadRequest
from fieldstone.engine.query.gate import readable
from fieldstone.engine.query.request import MAX_LIMIT
from fieldstone.engine.records.read import read
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.automation_rules import Automation
from fieldstone.problems import FieldstoneError, did_you_mean
from fieldstone.workflows import automations
from fieldstone.workflows.automations.trace import STATES

DAYS: Final = 7


class PressEnvelope(Strict):
    """The button: the name of its automation."""

    automation = StrictText(required=True)


class RunPage(Strict):
    """A page of runs."""

    state = ParameterChoice(*STATES, load_default=None)
    record = ParameterText(longest=36, load_default=None)
    limit = ParameterInteger(1, MAX_LIMIT, load_default=50)
    cursor = ParameterText(load_default=None)


PRESS: Final = PressEnvelope()
RUNS: Final = RunPage()


def press(call: Call, entity: str, id: str) -> Answer:
    call.parameters(NOTHING)
    which, seen = record_id(id), if_match(call.request)
    sent = call.envelope(PRESS)

    def work(tx: Transaction) -> Answer:
        return json_answer(automations.press(tx, entity, which, sent["automation"], if_match=seen).to_json())

    return call.write(work)


def buttons(call: Call, entity: str, id: str) -> Answer:
    call.parameters(NOTHING)
    which = record_id(id)

    def work(tx: Transaction) -> list[dict[str, Any]]:
        readable(tx, entity)
        read(tx, entity, which, fields=())
        return [
            {
                "name": each.name,
                "title": each.title,
                "icon": each.trigger.icon,
                "confirm": each.trigger.confirm,
            }
            for each in automations.buttons(tx, entity, which)
        ]

    return json_answer({"data": call.read(work)})


def overview(call: Call) -> Answer:
    """All automations, with what they did in the last week."""
    call.parameters(NOTHING)

    def work(tx: Transaction) -> list[dict[str, Any]]:
        require_manage(tx, "metadata")
        counted = automations.counts(tx, tx.context.now - timedelta(days=DAYS))
        secrets = automations.secrets_set(tx)
        return [
            {
                **_told(each),
                "runs": counted.get(each.name, {}),
                "secret_set_at": secrets.get(each.name),
            }
            for each in sorted(tx.model.automations.values(), key=lambda each: each.name)
        ]

    return json_answer({"data": call.read(work)})


def _told(automation: Automation) -> dict[str, Any]:
    return {
        "name": automation.name, "title": automation.title, "entity": automation.entity,
        "trigger": automation.trigger.on, "active": automation.active,
    }  # fmt: skip


def runs(call: Call, name: str) -> Answer:
    page = call.parameters(RUNS)
    before = _id(page["cursor"], "cursor")
    record = _id(page["record"], "record")

    def work(tx: Transaction) -> tuple[list[automations.Trace], Any]:
        require_manage(tx, "metadata")
        if name not in tx.model.automations:
            near = did_you_mean(name, tx.model.automations) or "."
            raise FieldstoneError(
                f'There is no automation "{name}"{near}', code="automation.unknown", kind="not_found"
            )
        return automations.runs(
            tx, automation=name, state=page["state"], record=record, before=before, limit=page["limit"]
        )

    found, following = call.read(work)
    return json_answer({"data": [each.to_json() for each in found], "next": following})


def _id(text: str | None, parameter: str) -> Any:
    found = is_record_id(text) if text else None
    if text and found is None:
        raise BadRequest(f"The parameter {parameter} is no id.", code=f"{parameter}.malformed")
    return found


def run(call: Call, id: str) -> Answer:
    call.parameters(NOTHING)
    which = record_id(id)
    return json_answer(call.read(lambda tx: automations.run_of(tx, which)).to_json())


def retry(call: Call, id: str) -> Answer:
    call.parameters(NOTHING)
    which = record_id(id)

    def work(tx: Transaction) -> Answer:
        automations.try_again(tx, which)
        return Answer(202)

    return call.write(work)


def new_secret(call: Call, name: str) -> Answer:
    call.parameters(NOTHING)

    def work(tx: Transaction) -> Answer:
        return json_answer(
            {"secret": automations.new_secret(tx, name)}, headers={"Cache-Control": "no-store"}
        )

    return call.engine.write(call.context, work, connection=call.connection)
