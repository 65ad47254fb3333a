"""Many records: lists, aggregates and batches of one entity, and search over all."""

import re
from typing import Any, Final

from marshmallow import ValidationError, fields

from fieldstone.api.answers import Answer, json_answer
from fieldstone.api.call import Call
from fieldstone.api.fields import (
    STORABLE,
    ParameterChoice,
    ParameterInteger,
    ParameterNames,
    ParameterText,
    StrictChoice,
    StrictId,
    StrictInteger,
    StrictObject,
    StrictText,
)
from fieldstone.api.handlers.records import NOTHING
from fieldstone.api.schemas import InvalidRequest, Strict
from fieldstone.engine import records
from fieldstone.engine.query.aggregate import BUCKETS, FUNCTIONS, MAX_GROUPS, aggregate
from fieldstone.engine.query.everything import search
from fieldstone.engine.query.listing import list_records
from fieldstone.engine.query.request import (
    MAX_LIMIT,
    AggregateRequest,
    GroupKey,
    ListRequest,
    Measure,
)
from fieldstone.engine.records.batch import MAX_OPERATIONS
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import FieldstoneError, Problem

COUNTS: Final = {"true": "capped", "capped": "capped", "exact": "exact", "false": "no"}
INSIDE: Final = re.compile(r"(/operations/\d+)(/.*)")
MOST: Final = 100


class ListParameters(Strict):
    """A page of a list."""

    filter = ParameterText(load_default=None)
    sort = ParameterNames(load_default=None)
    fields_ = ParameterNames(data_key="fields", load_default=None)
    expand = ParameterNames(load_default=None)
    limit = ParameterInteger(1, MAX_LIMIT, load_default=50)
    cursor = ParameterText(load_default=None)
    count = ParameterChoice(*COUNTS, load_default="false")
    q = ParameterText(longest=1000, load_default=None)
    deleted = ParameterChoice("true", "false", load_default="false")


class OperationEnvelope(Strict):
    """One operation of a batch."""

    op = StrictChoice("create", "update", "delete", required=True)
    id = StrictId()
    record = StrictObject()
    if_match = StrictInteger(1)


class BatchEnvelope(Strict):
    """Several writes, all or nothing."""

    operations = fields.List(fields.Nested(OperationEnvelope), required=True)


class GroupField(fields.Field[GroupKey]):
    """A field's name, or an object of a date field and its bucket."""

    @property
    def wire(self) -> dict[str, Any]:
        name = {"type": "string", "minLength": 1, "pattern": STORABLE}
        whole = {
            "type": "object",
            "required": ["field"],
            "properties": {"field": name, "by": {"type": ["string", "null"], "enum": [*BUCKETS, None]}},
            "additionalProperties": False,
        }
        return {"oneOf": [name, whole]}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> GroupKey:
        if isinstance(value, dict):
            extra = set(value) - {"field", "by"}
            if extra:
                raise ValidationError(f'There is no "{min(extra)}" here; a group has "field" and "by".')
            name, by = value.get("field"), value.get("by")
        else:
            name, by = value, None
        if type(name) is not str or not name or "\0" in name or not (by is None or type(by) is str):
            raise ValidationError('Must be a field\'s name, or {"field": name, "by": bucket}.')
        return GroupKey(name, by)


class SortField(fields.Field[tuple[str, ...]]):
    """Names separated by commas, or a list of names."""

    @property
    def wire(self) -> dict[str, Any]:
        name = {"type": "string", "minLength": 1, "pattern": STORABLE}
        return {"oneOf": [name, {"type": "array", "items": name}]}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> tuple[str, ...]:
        names = value.split(",") if type(value) is str and value else value
        if not isinstance(names, list) or not all(type(name) is str and name for name in names):
            raise ValidationError("Must be names, as a list or separated by commas.")
        return tuple(name.strip() for name in names)


class MeasureEnvelope(Strict):
    """One figure."""

    fn = StrictChoice(*FUNCTIONS, required=True)
    field = StrictText(allow_none=True, load_default=None)
    as_ = StrictText(data_key="as", longest=100, load_default="")


class AggregateEnvelope(Strict):
    """Groups and figures."""

    filter = StrictText(allow_none=True, load_default=None)
    q = StrictText(longest=1000, allow_none=True, load_default=None)
    group = fields.List(GroupField(), load_default=list)
    measures = fields.List(fields.Nested(MeasureEnvelope), load_default=list)
    sort = SortField(load_default=())
    limit = StrictInteger(1, MAX_GROUPS, load_default=1000)


class SearchParameters(Strict):
    """A search over everything."""

    q = ParameterText(longest=1000, required=True)
    limit = ParameterInteger(1, MOST, load_default=20)


LIST: Final = ListParameters()
BATCH: Final = BatchEnvelope()
AGGREGATE: Final = AggregateEnvelope()
SEARCH: Final = SearchParameters()


def list_page(call: Call, entity: str) -> Answer:
    asked = call.parameters(LIST)
    request = ListRequest(
        filter=asked["filter"],
        sort=asked["sort"] or (),
        fields=asked["fields_"],
        expand=asked["expand"] or (),
        limit=asked["limit"],
        cursor=asked["cursor"],
        count=COUNTS[asked["count"]],  # type: ignore[arg-type]
        q=asked["q"],
        deleted=asked["deleted"] == "true",
    )
    page = call.read(lambda tx: list_records(tx, entity, request), solo=True)
    body: dict[str, Any] = {"data": page.data, "next": page.next}
    if page.count is not None:
        body["count"] = page.count
        body["count_is_exact"] = page.count_is_exact
    return json_answer(body)


def batch(call: Call, entity: str) -> Answer:
    call.parameters(NOTHING)
    operations = _operations(call.envelope(BATCH)["operations"])

    def work(tx: Transaction) -> Answer:
        try:
            outcomes = records.batch(tx, entity, operations)
        except FieldstoneError as error:
            _place(error)
            raise
        statuses = {"create": 201, "update": 200, "delete": 204}
        return json_answer({"results": [{"status": statuses[o.op], "record": o.record} for o in outcomes]})

    return call.write(work)


def _place(error: FieldstoneError) -> None:
    """The engine speaks of an operation's record; in the envelope it lies under `record`."""
    error.problems = tuple(
        Problem(INSIDE.sub(r"\1/record\2", p.path), p.code, p.message, p.data, layer=p.layer)
        for p in error.problems
    )


def _operations(sent: list[dict[str, Any]]) -> list[records.Operation]:
    if len(sent) > MAX_OPERATIONS:
        problem = Problem("/operations", "maxItems", f"A batch has at most {MAX_OPERATIONS:,} operations.")
        raise InvalidRequest(problem.message, problems=[problem])
    problems = [
        problem for index, each in enumerate(sent) for problem in _wrong(f"/operations/{index}", each)
    ]
    if problems:
        raise InvalidRequest(problems[0].message, problems=problems)
    return [records.Operation(e["op"], e.get("id"), e.get("record") or {}, e.get("if_match")) for e in sent]


def _wrong(place: str, sent: dict[str, Any]) -> list[Problem]:
    op = sent["op"]
    needed = {"create": {"record"}, "update": {"id", "record"}, "delete": {"id"}}[op]
    allowed = {"op", *needed, *(() if op == "create" else ("if_match",))}
    found = [
        Problem(f"{place}/{name}", "required", f'"{name}" is required to {op}.')
        for name in sorted(needed - set(sent))
    ]
    return found + [
        Problem(f"{place}/{name}", "unknown", f'"{name}" means nothing to {op}.')
        for name in sorted(set(sent) - allowed)
    ]


def figures(call: Call, entity: str) -> Answer:
    call.parameters(NOTHING)
    asked = call.envelope(AGGREGATE)
    request = AggregateRequest(
        group=tuple(asked["group"]),
        measures=tuple(Measure(m["fn"], m["field"], m["as_"]) for m in asked["measures"]),
        filter=asked["filter"] or None,
        sort=asked["sort"],
        limit=asked["limit"],
        q=asked["q"] or None,
    )
    return json_answer({"data": call.read(lambda tx: aggregate(tx, entity, request), solo=True)})


def find(call: Call) -> Answer:
    """Records of any entity that hold all the words."""
    asked = call.parameters(SEARCH)
    if asked["q"] is None:
        return json_answer({"data": []})
    hits = call.read(lambda tx: search(tx, asked["q"], limit=asked["limit"]))
    return json_answer({"data": [{"entity": h.entity, "id": h.record["id"], "title": h.title} for h in hits]})
