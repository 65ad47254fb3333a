"""Imports: a file of rows into an entity, and what came of it.

The run is stored first, with the claim of the idempotency key in the same transaction; then it runs. A repeated
request therefore finds its run, goes on with it if it was broken off, and never starts a second one.
"""

from typing import Any, Final
from uuid import UUID

from marshmallow import fields

from fieldstone.api.answers import Answer, is_record_id, json_answer
from fieldstone.api.call import Call
from fieldstone.api.fields import (
    ParameterChoice,
    ParameterInteger,
    ParameterNames,
    ParameterText,
    StrictBoolean,
    StrictChoice,
    StrictObject,
    StrictText,
)
from fieldstone.api.handlers.records import NOTHING
from fieldstone.api.problems import HttpError
from fieldstone.api.schemas import BadParameter, Strict
from fieldstone.engine.imports import (
    SYNCHRONOUS_ROWS,
    ImportOptions,
    ImportResult,
    UnknownImport,
    continue_import,
    delete_mapping,
    kind_of,
    open_source,
    read_import,
    revert_import,
    run_import,
    save_mapping,
    saved_mapping,
    saved_mappings,
    stop_import,
    with_saved,
)
from fieldstone.engine.imports.plan import plan_import
from fieldstone.engine.imports.sources import MAX_BYTES, TYPES
from fieldstone.engine.imports.store import add_run
from fieldstone.engine.jobs import enqueue
from fieldstone.engine.records.subject import readable_entity
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.json_text import parse_json
from fieldstone.problems import Problem

IMPORT_LIMIT: Final = MAX_BYTES
LONGEST: Final = 7000
"""Characters of JSON that fit into an address, which servers cut at 64 KB, whatever they are."""


class ImportParameters(Strict):
    """How rows become records. `saved` names a saved mapping; `sheet` and `header` (the row that names the columns) say
    where in the file to look.
    """

    mode = ParameterChoice("create", "update", "upsert", load_default="create")
    key = ParameterNames(load_default=None)
    dry_run = ParameterChoice("true", "false", load_default="false")
    partial_ = ParameterChoice("true", "false", data_key="partial", load_default="false")
    clear_blanks = ParameterChoice("true", "false", load_default="false")
    mapping = ParameterText(longest=LONGEST, load_default=None)
    values_ = ParameterText(longest=LONGEST, data_key="values", load_default=None)
    saved = ParameterText(longest=60, load_default=None)
    sheet = ParameterText(longest=100, load_default=None)
    header = ParameterInteger(1, 1000, load_default=None)
    encoding = ParameterText(longest=40, load_default=None)
    delimiter = ParameterText(longest=1, load_default=None)
    name = ParameterText(longest=200, load_default=None)


class MappingEnvelope(Strict):
    """Decisions to save under a name: as in a mapping file."""

    mode = StrictChoice("create", "update", "upsert", load_default="create")
    key = fields.List(StrictText(100), load_default=list)
    mapping = StrictObject(required=True)
    values_ = StrictObject(data_key="values", load_default=dict)
    clear_blanks = StrictBoolean(load_default=False)


IMPORT: Final = ImportParameters()
MAPPING: Final = MappingEnvelope()


def start(call: Call, entity: str) -> Answer:
    asked = call.parameters(IMPORT)
    sent = call.request.mimetype
    if sent not in TYPES:
        accepted = ", ".join(TYPES)
        raise HttpError(415, "body.type", f"Send a file of one of these types: {accepted}.", Accept=accepted)
    kind = kind_of("", sent)
    options = ImportOptions.from_json(
        {
            "mode": asked["mode"],
            "key": asked["key"] or (),
            "partial": asked["partial_"] == "true",
            "dry_run": asked["dry_run"] == "true",
            "clear_blanks": asked["clear_blanks"] == "true",
            "mapping": _json("mapping", asked["mapping"]),
            "values": _json("values", asked["values_"]) or {},
            "sheet": asked["sheet"],
            "header": asked["header"],
            "encoding": asked["encoding"] or call.request.mimetype_params.get("charset"),
            "delimiter": asked["delimiter"],
        }
    )
    call.read(lambda tx: readable_entity(tx, entity))  # lines have no address, not even here
    if asked["saved"]:
        saved = call.read(lambda tx: saved_mapping(tx, entity, asked["saved"]))
        options = with_saved(options, saved)
    name = asked["name"] or ""
    if options.dry_run:
        return json_answer(run_import(call.engine, call.context, entity, call.raw, kind, options).to_json())
    source = open_source(call.raw, kind, options)
    rows = source.count()

    later = rows > SYNCHRONOUS_ROWS

    def work(tx: Transaction) -> Answer:
        plan = plan_import(tx, entity, source, options)
        run = add_run(tx, entity, call.raw, name, kind, plan.options, rows)
        if later:
            enqueue(tx, "import", {"import": str(run)}, key=str(run))
        return json_answer({"id": str(run)})

    run_id = UUID(parse_json(call.write(work).body)["id"])
    if later:
        waiting = read_import(call.engine, call.context, run_id)
        return json_answer(waiting.to_json(), 202, {"Location": f"{call.base}/imports/{run_id}"})
    return _result(continue_import(call.engine, call.context, run_id))


def _json(name: str, text: str | None) -> Any:
    if text is None:
        return None
    try:
        return parse_json(text.encode())
    except UnicodeEncodeError as error:
        problem = Problem(f"/{name}", "value", "Must be JSON.")
        raise BadParameter(problem.message, problems=[problem]) from error


def _result(result: ImportResult) -> Answer:
    return json_answer(result.to_json())


def _id(text: str) -> UUID:
    found = is_record_id(text)
    if found is None:
        raise UnknownImport("There is no such import.")
    return found


def show(call: Call, id: str) -> Answer:
    call.parameters(NOTHING)
    return _result(read_import(call.engine, call.context, _id(id)))


def stop(call: Call, id: str) -> Answer:
    call.parameters(NOTHING)
    return _result(stop_import(call.engine, call.context, _id(id)))


def revert(call: Call, id: str) -> Answer:
    """Take an import back: at once, or as a job when it wrote many records (202; the run tells `reverting`)."""
    call.parameters(NOTHING)
    run_id = _id(id)
    run = read_import(call.engine, call.context, run_id)
    if run.created + run.updated <= SYNCHRONOUS_ROWS or run.state not in ("done", "stopped"):
        return json_answer(revert_import(call.engine, call.context, run_id).to_json())

    def work(tx: Transaction) -> Answer:
        enqueue(tx, "import", {"import": str(run_id), "revert": True}, key=f"{run_id}/revert")
        return json_answer(run.to_json(), 202, {"Location": f"{call.base}/imports/{run_id}"})

    return call.write(work)


def list_mappings(call: Call, entity: str) -> Answer:
    """The saved mappings of an entity."""
    call.parameters(NOTHING)

    def work(tx: Transaction) -> Answer:
        readable_entity(tx, entity)
        return json_answer({"data": [each.to_json() for each in saved_mappings(tx, entity)]})

    return call.read(work)


def put_mapping(call: Call, entity: str, name: str) -> Answer:
    """Save a mapping under a name, in place of what had it."""
    call.parameters(NOTHING)
    sent = call.envelope(MAPPING)
    decided = {
        **{each: sent[each] for each in ("mode", "key", "mapping", "clear_blanks")},
        "values": sent["values_"],
    }
    options = ImportOptions.from_json(decided)

    def work(tx: Transaction) -> Answer:
        readable_entity(tx, entity)
        save_mapping(tx, entity, name, options)
        return json_answer(saved_mapping(tx, entity, name).to_json())

    return call.write(work)


def drop_mapping(call: Call, entity: str, name: str) -> Answer:
    """Forget a saved mapping."""
    call.parameters(NOTHING)

    def work(tx: Transaction) -> Answer:
        readable_entity(tx, entity)
        delete_mapping(tx, entity, name)
        return Answer(204)

    return call.write(work)
