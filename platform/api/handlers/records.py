"""One record: create, read, change, delete, restore, and its history."""

from typing import Any, Final
from uuid import UUID

from fieldstone.api.answers import Answer, etag, is_record_id, json_answer, record_answer
from fieldstone.api.bodies import MERGE_PATCH
from fieldstone.api.call import Call
from fieldstone.api.fields import ParameterChoice, ParameterInteger, ParameterNames, ParameterText
from fieldstone.api.preconditions import if_match, is_known, known_versions
from fieldstone.api.schemas import Strict
from fieldstone.engine import records
from fieldstone.engine.query.errors import BadRequest
from fieldstone.engine.query.request import MAX_LIMIT
from fieldstone.engine.records.asking import ask_first
from fieldstone.engine.records.errors import UnknownRecord
from fieldstone.engine.records.subject import readable_entity
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Entity
from fieldstone.problems import did_you_mean

SYSTEM: Final = ("id", "version")


class Shape(Strict):
    """How a record is answered."""

    fields_ = ParameterNames(data_key="fields", load_default=None)
    expand = ParameterNames(load_default=None)


class Nothing(Strict):
    """No parameters."""


class WriteParameters(Strict):
    """How a record is written: `duplicates=ask` refuses, with 409, what is likely there already."""

    duplicates = ParameterChoice("ask", "allow", load_default="allow")


class HistoryPage(Strict):
    """A page of changes."""

    limit = ParameterInteger(1, MAX_LIMIT, load_default=50)
    cursor = ParameterText(load_default=None)


SHAPE: Final = Shape()
NOTHING: Final = Nothing()
WRITE: Final = WriteParameters()
HISTORY: Final = HistoryPage()


def record_id(text: str) -> UUID:
    """The id in an address; UnknownRecord when it can be none."""
    found = is_record_id(text)
    if found is None:
        raise UnknownRecord("There is no such record.")
    return found


def create(call: Call, entity: str) -> Answer:
    ask = call.parameters(WRITE)["duplicates"] == "ask"
    body = call.json()

    def work(tx: Transaction) -> Answer:
        record = records.create(tx, entity, body)
        if ask:
            ask_first(tx, entity, record["id"])
        return record_answer(record, 201, {"Location": f"{call.base}/{entity}/{record['id']}"})

    return call.write(work)


def read(call: Call, entity: str, id: str) -> Answer:
    wanted = call.parameters(SHAPE)
    fields: tuple[str, ...] | None = wanted["fields_"]
    expand: tuple[str, ...] = wanted["expand"] or ()
    which, known = record_id(id), known_versions(call.request)

    def work(tx: Transaction) -> tuple[dict[str, Any], bool]:
        program, access = readable_entity(tx, entity)
        if fields is not None:
            for name in fields:
                if name not in access.readable:
                    nearest = did_you_mean(name, access.readable) or "."
                    raise BadRequest(f'There is no field "{name}"{nearest}', code="fields.unknown")
        chosen = None if fields is None else (*fields, *expand)
        return records.read(tx, entity, which, fields=chosen, expand=expand), _own_only(program.entity)

    record, own_only = call.read(work, solo=True)
    if own_only and not expand and is_known(known, record["version"]):
        return Answer(304, headers={"ETag": etag(record["version"])})
    return record_answer(record)


def _own_only(entity: Entity) -> bool:
    """Whether an answer changes only when the record's version does: nothing in it is computed from elsewhere."""
    for field in entity.fields.values():
        if field.rollup is not None or field.related is not None:
            return False
        formula = field.formula
        if formula is not None and (formula.reads_context or any(len(path) > 1 for path in formula.deps)):
            return False
    return True


def update(call: Call, entity: str, id: str) -> Answer:
    ask = call.parameters(WRITE)["duplicates"] == "ask"
    patch = call.json(MERGE_PATCH)
    which, seen = record_id(id), if_match(call.request)

    def work(tx: Transaction) -> Answer:
        record = records.update(tx, entity, which, patch, if_match=seen)
        if ask:
            ask_first(tx, entity, which, patch)
        return record_answer(record)

    return call.write(work)


def delete(call: Call, entity: str, id: str) -> Answer:
    call.parameters(NOTHING)
    which, seen = record_id(id), if_match(call.request)

    def work(tx: Transaction) -> Answer:
        records.delete(tx, entity, which, if_match=seen)
        return Answer(204)

    return call.write(work)


def restore(call: Call, entity: str, id: str) -> Answer:
    call.parameters(NOTHING)
    which = record_id(id)
    return call.write(lambda tx: record_answer(records.restore(tx, entity, which)))


def history(call: Call, entity: str, id: str) -> Answer:
    page = call.parameters(HISTORY)
    which = record_id(id)
    before = is_record_id(page["cursor"]) if page["cursor"] else None
    if page["cursor"] and before is None:
        raise BadRequest("The cursor cannot be read; start again without it.", code="cursor.malformed")
    entries, following = call.read(
        lambda tx: records.history(tx, entity, which, before=before, limit=page["limit"])
    )
    return json_answer({"data": entries, "next": following})
