"""A definition against records that exist: how many would have gone which way.

Records that were submitted before are taken as they were at their first submission; others as they are. Nothing is stored.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from fieldstone.engine.permissions import require_manage
from fieldstone.engine.query.listing import list_records
from fieldstone.engine.query.request import ListRequest
from fieldstone.engine.records.entered import entered_values
from fieldstone.engine.records.errors import InvalidContent
from fieldstone.engine.records.program import program_for
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import compile_plan
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.approval_flows import Workflow
from fieldstone.metadata.compile import compile_model
from fieldstone.metadata.definitions import Model
from fieldstone.problems import FieldstoneError, Problem, did_you_mean
from fieldstone.workflows.approvals import views
from fieldstone.workflows.approvals.core.facts import Broken
from fieldstone.workflows.approvals.core.path import PathStep, path
from fieldstone.workflows.approvals.facts import DatabaseFacts
from fieldstone.workflows.approvals.knowing import AREA

MOST: Final = 1000
EXAMPLES: Final = 5
_RUN: Final = control.approval_run
_SEEN: Final = compile_plan(
    sa.select(_RUN.c.record, _RUN.c.submitter, _RUN.c.seen)
    .where(
        _RUN.c.record == sa.any_(sa.bindparam("records", type_=ARRAY(sa.Uuid()))), _RUN.c.parent_run.is_(None)
    )
    .order_by(_RUN.c.id.desc())
)


def simulate(
    tx: Transaction, workflow: str | Mapping[str, Any], filter: str | None = None, limit: int = 200
) -> dict[str, Any]:
    """Ways with how many records would go each, the most frequent first; `not_submitted` are those that `when` keeps out.

    `workflow` is a name, or a document that is not published. Only records that the actor may read. Raises Denied,
    InvalidContent with what is wrong with the document, and what is wrong with the filter.
    """
    require_manage(tx, AREA)
    definition, model = _definition(tx, workflow)
    request = ListRequest(filter=filter, sort=("-created_at",), limit=min(limit, MOST, 200))
    ids: list[UUID] = []
    owners: dict[UUID, UUID | None] = {}
    while len(ids) < min(limit, MOST):
        page = list_records(tx, definition.entity, request)
        for record in page.data[: min(limit, MOST) - len(ids)]:
            ids.append(record["id"])
            owners[record["id"]] = record.get("owner_id") or record.get("created_by")
        if page.next is None:
            break
        request = ListRequest(filter=filter, sort=("-created_at",), limit=request.limit, cursor=page.next)
    seen = {row[0]: (row[1], row[2][0]["values"]) for row in tx.fetch(_SEEN, {"records": ids}) if row[2]}
    ways: dict[tuple[Any, ...], dict[str, Any]] = {}
    skipped, broken = 0, []
    for record_id in ids:
        submitter, values = seen.get(record_id, (owners[record_id] or record_id, None))
        try:
            found = _one(tx, definition, model, record_id, submitter, values)
        except (Broken, FieldstoneError) as error:
            broken.append({"record": record_id, "message": getattr(error, "message", str(error))})
            continue
        if found is None:
            skipped += 1
            continue
        key = tuple((step.name, tuple(person.user for person in step.people), step.problem) for step in found)
        way = ways.setdefault(key, {"steps": found, "count": 0, "examples": []})
        way["count"] += 1
        if len(way["examples"]) < EXAMPLES:
            way["examples"].append(record_id)
    return {
        "workflow": definition.name, "records": len(ids), "as_submitted": len(seen), "not_submitted": skipped,
        "broken": broken, "ways": _told(tx, sorted(ways.values(), key=lambda way: -way["count"])),
    }  # fmt: skip


def _one(
    tx: Transaction,
    definition: Workflow,
    model: Model,
    record_id: UUID,
    submitter: UUID,
    values: Mapping[str, Any] | None,
) -> tuple[PathStep, ...] | None:
    entered = None
    if values is not None:
        program = program_for(tx.model, tx.model.entities[definition.entity])
        given = {name: value for name, value in values.items() if value is not None}
        entered = entered_values(tx.as_system(), program, given, record_id)
    facts = DatabaseFacts(tx, model, definition, record_id, submitter, entered=entered)
    if definition.when is not None and facts.value(definition.when) is not True:
        return None
    return path(definition, facts, submitter, tx.context.now)


def _told(tx: Transaction, ways: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    ways = list(ways)
    people = [person.user for way in ways for step in way["steps"] for person in step.people]
    names = views.Names(tx, people)
    return [{**way, "steps": [views.path_step(step, names) for step in way["steps"]]} for way in ways]


def _definition(tx: Transaction, workflow: str | Mapping[str, Any]) -> tuple[Workflow, Model]:
    if isinstance(workflow, str):
        found = tx.model.workflows.get(workflow)
        if found is None:
            message = f'There is no workflow "{workflow}"{did_you_mean(workflow, tx.model.workflows) or "."}'
            raise InvalidContent(message, problems=[Problem("/workflow", "workflow.unknown", message)])
        return found, tx.model
    name = str(workflow.get("name") or "simulated")
    packages, patches = tx.engine.models.layers(
        tx.connection.connection, tx.context.tenant, tx.context.revision
    )
    tried = {**patches, f"workflows/{name}": {**workflow, "name": name}}
    compiled = compile_model(packages, tried, tx.engine.models.cache)
    if compiled.model is None:
        raise InvalidContent(compiled.problems[0].message, problems=list(compiled.problems))
    return compiled.model.workflows[name], compiled.model
