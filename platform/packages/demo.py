"""Demo data: records to look around with, and what people did with them (`flows`); loaded together, taken away together.

Flows are played by the verbs that everybody calls, each in a transaction of its own, as the person and at the time that the
document says. What was played is remembered, so loading again plays only what is new. An engine that starts no approvals
plays none.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from fieldstone.engine import records
from fieldstone.engine.context import Context, Tenant
from fieldstone.engine.identity import context_for_user
from fieldstone.engine.service import Engine
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import compile_plan
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Model
from fieldstone.metadata.demo_flows import HANDS_OVER
from fieldstone.packages.acting import act_on_flow
from fieldstone.packages.seeding import BadSeed, Ref, UnknownRef, load_records, plain_value, seeded_records
from fieldstone.problems import FieldstoneError, Problem
from fieldstone.workflows.approvals.mending import end_runs

PLAYED: Final = "flows"
"""The folder under which played flows are remembered."""

GONE: Final = "The demo data was taken away."

_TABLE = control.seeded
_FOLDER = _TABLE.c.folder == sa.bindparam("folder", type_=sa.Text())
_OF_FOLDER = compile_plan(sa.select(_TABLE.c.entity, _TABLE.c.record_id, _TABLE.c.name).where(_FOLDER))
_FORGET = compile_plan(sa.delete(_TABLE).where(_FOLDER))
_KEEP = compile_plan(
    sa.insert(_TABLE).values({c.name: sa.bindparam(c.name, type_=c.type) for c in _TABLE.columns})
)


@dataclass(frozen=True, slots=True)
class Flow:
    """One act to play. `name` is that of its document and its own."""

    document: str
    layer: str
    name: str
    actor: Ref
    says: Mapping[str, Any]

    @property
    def record(self) -> Ref:
        entity, _, name = self.says["record"].partition("/")
        return entity, name


def load_demo(engine: Engine, tenant: Tenant) -> int:
    """Load the demo records that are not there yet and play the flows that were not played; how many records."""
    count = load_records(engine, tenant, "demo")
    if engine.approvals is not None:
        context = engine.system_context(tenant)
        waiting, known = engine.read(context, _waiting)
        for flow in waiting:
            _play(engine, context, flow, known)
    return count


def remove_demo(engine: Engine, context: Context) -> tuple[int, int]:
    """Delete the demo records, newest first; (deleted, kept). What people's own records link to is kept.

    What is being decided about a demo record ends with it.
    """
    ids = engine.read(context, lambda tx: tx.fetch(_OF_FOLDER, {"folder": "demo"}))
    deleted = 0
    waiting = [(entity, record_id) for entity, record_id, _ in ids]
    while waiting:
        kept = []
        for entity, record_id in reversed(waiting):
            try:
                engine.write(context, partial(_delete, entity=entity, record_id=record_id))
                deleted += 1
            except FieldstoneError as error:
                if error.kind != "not_found":
                    kept.append((entity, record_id))
        if len(kept) == len(waiting):
            break
        waiting = kept
    if not waiting:
        engine.write(context, _forget)
    return deleted, len(waiting)


def _delete(tx: Transaction, entity: str, record_id: UUID) -> None:
    end_runs(tx, entity, record_id, GONE)
    records.delete(tx, entity, record_id)


def _forget(tx: Transaction) -> None:
    for folder in ("demo", PLAYED):
        tx.defer(_FORGET, {"folder": folder})


def _waiting(tx: Transaction) -> tuple[list[Flow], dict[Ref, UUID]]:
    """The flows that were not played yet, in their order, and all records that may be named."""
    played = {name for _, _, name in tx.fetch(_OF_FOLDER, {"folder": PLAYED})}
    return [flow for flow in _flows(tx.model) if flow.name not in played], seeded_records(tx)


def _flows(model: Model) -> Iterator[Flow]:
    for name, document in model.folder("demo").items():
        placed = [
            (flow.get("order", 10 * at + 10), at, flow)
            for at, flow in enumerate(document.body.get("flows", ()))
        ]
        for _, _, flow in sorted(placed, key=lambda each: each[:2]):
            yield Flow(
                f"demo/{name}.json",
                document.provenance.get("", ""),
                f"{name}/{flow['name']}",
                ("user", flow["as"].partition("/")[2]),
                flow,
            )


def _play(engine: Engine, system: Context, flow: Flow, known: Mapping[Ref, UUID]) -> None:
    for ref in (flow.actor, flow.record):
        if ref not in known:
            raise UnknownRef(f"{flow.document} {flow.name}: there is no record {'/'.join(ref)}.")
    now = engine.read(system, lambda tx: _moment(tx, flow.says.get("at"), known))
    with engine.database.connection() as connection:
        context = context_for_user(connection, system.tenant, known[flow.actor], now=now)
    try:
        engine.write(context, partial(_act, flow=flow, known=known))
    except FieldstoneError as error:
        place = f"{flow.document} {flow.name}"
        problems = error.problems or [Problem("", error.code, error.message)]
        placed = [replace(problem, file=place) for problem in problems]
        raise BadSeed(f"{place}: {error.message}", problems=placed) from error


def _act(tx: Transaction, flow: Flow, known: Mapping[Ref, UUID]) -> None:
    entity, record_id, says = flow.record[0], known[flow.record], flow.says
    values = plain_value(tx, says.get("values", {}), known)
    if says["do"] == "update":
        records.update(tx, entity, record_id, values)
    else:
        if says["do"] in HANDS_OVER:
            says = {**says, "to": plain_value(tx, {"$ref": says["to"]}, known)}
        act_on_flow(tx, says["do"], entity, record_id, values, says)
    row = {
        "package": flow.layer,
        "folder": PLAYED,
        "entity": entity,
        "name": flow.name,
        "record_id": record_id,
    }
    tx.as_system().defer(_KEEP, row)


def _moment(tx: Transaction, at: Mapping[str, Any] | None, known: Mapping[Ref, UUID]) -> datetime:
    """When a flow happened: never later than now."""
    now = tx.context.now
    if at is None:
        return now
    if set(at) == {"$days"}:
        return now + timedelta(days=at["$days"])
    return min(now, datetime.fromisoformat(plain_value(tx, at, known)))
