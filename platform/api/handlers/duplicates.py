"""Records that are likely the same: asking while one is entered, the report, merging and its undo."""

from typing import Any, Final
from uuid import UUID

from marshmallow import fields

from fieldstone.api.answers import Answer, etag, is_record_id, json_answer
from fieldstone.api.call import Call
from fieldstone.api.fields import ParameterInteger, ParameterText, StrictId, StrictObject
from fieldstone.api.handlers.records import NOTHING, record_id
from fieldstone.api.preconditions import if_match
from fieldstone.api.schemas import InvalidRequest, Strict, escape
from fieldstone.engine import duplicates
from fieldstone.engine.query.gate import readable
from fieldstone.engine.query.request import MAX_LIMIT
from fieldstone.engine.records.merge import merge
from fieldstone.engine.records.subject import readable_entity
from fieldstone.engine.records.unmerge import unmerge
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import Problem


class CheckEnvelope(Strict):
    """A record that is being entered; `id` is that of the record being changed, if it is no new one."""

    values = StrictObject(required=True)
    id = StrictId(load_default=None)


class ReportPage(Strict):
    """A page of groups of likely duplicates."""

    rule = ParameterText(longest=40, load_default=None)
    limit = ParameterInteger(1, MAX_LIMIT, load_default=25)
    cursor = ParameterText(load_default=None)


class MergeEnvelope(Strict):
    """The records to merge into one, and by field the record whose value stays."""

    others = fields.List(StrictId(), required=True)
    choose = StrictObject(load_default=dict)


class UnmergeEnvelope(Strict):
    """The merge to undo."""

    merge = StrictId(required=True)


CHECK: Final = CheckEnvelope()
REPORT: Final = ReportPage()
MERGE: Final = MergeEnvelope()
UNMERGE: Final = UnmergeEnvelope()


def check(call: Call, entity: str) -> Answer:
    call.parameters(NOTHING)
    sent = call.envelope(CHECK)

    def work(tx: Transaction) -> list[dict[str, Any]]:
        readable_entity(tx, entity)
        readable(tx, entity)
        values = duplicates.entered(tx, entity, sent["values"])
        return [match.to_json() for match in duplicates.find(tx, entity, values, record_id=sent["id"])]

    return json_answer({"data": call.read(work)})


def report(call: Call, entity: str) -> Answer:
    page = call.parameters(REPORT)

    def work(tx: Transaction) -> duplicates.Report:
        readable_entity(tx, entity)
        return duplicates.duplicate_groups(
            tx, entity, rule=page["rule"], cursor=page["cursor"], limit=page["limit"]
        )

    found = call.read(work)
    groups = [group.to_json() for group in found.groups]
    return json_answer({"data": groups, "next": found.next, "building": found.building})


def merge_records(call: Call, entity: str, id: str) -> Answer:
    call.parameters(NOTHING)
    which, seen = record_id(id), if_match(call.request)
    sent = call.envelope(MERGE)
    choose = {name: found for name, found in ids_of(sent["choose"], "choose").items() if found is not None}

    def work(tx: Transaction) -> Answer:
        done = merge(tx, entity, which, sent["others"], choose, if_match=seen)
        body = {"merge": done.id, "moved": done.moved, "record": done.record}
        return json_answer(body, headers={"ETag": etag(done.record["version"])})

    return call.write(work)


def unmerge_records(call: Call, entity: str, id: str) -> Answer:
    call.parameters(NOTHING)
    which = record_id(id)
    sent = call.envelope(UNMERGE)

    def work(tx: Transaction) -> Answer:
        done = unmerge(tx, entity, which, sent["merge"])
        body = {"restored": list(done.restored), "kept": list(done.kept), "record": done.record}
        return json_answer(body, headers={"ETag": etag(done.record["version"])})

    return call.write(work)


def ids_of(values: dict[str, Any], member: str, *, nullable: bool = False) -> dict[str, UUID | None]:
    """The ids by name that an object holds. Raises InvalidRequest."""
    found: dict[str, UUID | None] = {}
    problems = []
    for name, value in values.items():
        known = is_record_id(value) if isinstance(value, str) else None
        if known is None and not (nullable and value is None):
            problems.append(Problem(f"/{member}/{escape(name)}", "value", "Must be an id."))
        found[name] = known
    if problems:
        raise InvalidRequest(problems[0].message, problems=problems)
    return found
