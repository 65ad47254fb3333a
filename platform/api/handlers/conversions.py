"""Converting a record: others are made of it in one step."""

from typing import Any, Final

from fieldstone.api.answers import Answer, etag, json_answer
from fieldstone.api.call import Call
from fieldstone.api.fields import StrictObject, StrictText
from fieldstone.api.handlers.duplicates import ids_of
from fieldstone.api.handlers.records import NOTHING, record_id
from fieldstone.api.preconditions import if_match
from fieldstone.api.schemas import InvalidRequest, Strict, escape
from fieldstone.engine.records.convert import convert
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import Problem


class ConvertEnvelope(Strict):
    """The conversion to run; `values` and `use` are by the name of the record to be made."""

    conversion = StrictText(required=True)
    values = StrictObject(load_default=dict)
    use = StrictObject(load_default=dict)


CONVERT: Final = ConvertEnvelope()


def convert_record(call: Call, entity: str, id: str) -> Answer:
    call.parameters(NOTHING)
    which, seen = record_id(id), if_match(call.request)
    sent = call.envelope(CONVERT)
    use = ids_of(sent["use"], "use", nullable=True)
    values = bodies(sent["values"])

    def work(tx: Transaction) -> Answer:
        done = convert(tx, entity, which, sent["conversion"], values=values, use=use, if_match=seen)
        body = {
            "created": [each.to_json() for each in done.created],
            "used": [each.to_json() for each in done.used],
            "record": done.record,
        }
        return json_answer(body, 201, {"ETag": etag(done.record["version"])})

    return call.write(work)


def bodies(values: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Bodies by name. Raises InvalidRequest."""
    problems = [
        Problem(f"/values/{escape(name)}", "value", "Must be an object.")
        for name, value in values.items()
        if not isinstance(value, dict)
    ]
    if problems:
        raise InvalidRequest(problems[0].message, problems=problems)
    return values
