"""Records that packages bring along: `data/` for every tenant, `demo/` to look around in.

They are written by the record verbs like all others, in the order that their references need. Where references run
in a circle (a team's manager is in the team) a link is left out first and set afterwards. Each record's id is kept, so
loading again adds only what is new, and demo records can be taken away (`demo.py`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from fieldstone.engine import records
from fieldstone.engine.context import Tenant
from fieldstone.engine.query.gate import bindings
from fieldstone.engine.service import Engine
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import compile_plan
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Model
from fieldstone.problems import FieldstoneError, Problem

_TABLE = control.seeded
_KNOWN = compile_plan(
    sa.select(_TABLE.c.entity, _TABLE.c.name, _TABLE.c.record_id).where(_TABLE.c.folder.in_(("data", "demo")))
)
_KEEP = compile_plan(
    sa.insert(_TABLE).values({c.name: sa.bindparam(c.name, type_=c.type) for c in _TABLE.columns})
)
Ref = tuple[str, str]


class BadSeed(FieldstoneError):
    """A record of a package is refused by its own entity."""

    code = "data.invalid"
    kind = "invalid"


class UnknownRef(FieldstoneError):
    """A value refers to a record that is not there."""

    code = "data.ref"
    kind = "invalid"


@dataclass(frozen=True, slots=True)
class Seed:
    """One record to load. `later` holds links that close a circle."""

    document: str
    layer: str
    entity: str
    name: str
    values: Mapping[str, Any]

    @property
    def ref(self) -> Ref:
        return self.entity, self.name


def load_records(engine: Engine, tenant: Tenant, folder: str) -> int:
    """Load the records of a folder (`data` or `demo`) that are not there yet; how many."""
    return engine.write(engine.system_context(tenant), lambda tx: _load(tx, folder))


def seeded_records(tx: Transaction) -> dict[Ref, UUID]:
    """The ids of all records that packages brought along, by entity and name."""
    return {(entity, name): record_id for entity, name, record_id in tx.fetch(_KNOWN)}


def _load(tx: Transaction, folder: str) -> int:
    known = seeded_records(tx)
    waiting = [seed for seed in _seeds(tx.model, folder) if seed.ref not in known]
    later: list[tuple[Seed, dict[str, Any]]] = []
    count = len(waiting)
    while waiting:
        ready = [seed for seed in waiting if all(ref in known for ref in _refs(seed.values))]
        if not ready:
            first, links = _without_circle(tx, waiting, known)
            later.append((waiting[first], links))
            kept = {name: value for name, value in waiting[first].values.items() if name not in links}
            waiting[first] = replace(waiting[first], values=kept)
            continue
        for seed in ready:
            known[seed.ref] = _create(tx, seed, known, folder)
        waiting = [seed for seed in waiting if seed.ref not in known]
    for seed, links in later:
        records.update(
            tx,
            seed.entity,
            known[seed.ref],
            {name: plain_value(tx, value, known) for name, value in links.items()},
        )
    return count


def _without_circle(
    tx: Transaction, waiting: list[Seed], known: Mapping[Ref, UUID]
) -> tuple[int, dict[str, Any]]:
    """The first record whose open references are all in links that may be empty, and those links."""
    for index, seed in enumerate(waiting):
        fields = tx.model.entities[seed.entity].fields
        links = {n: v for n, v in seed.values.items() if any(ref not in known for ref in _refs(v))}
        if all(name in fields and not fields[name].required and fields[name].target for name in links):
            return index, links
    names = ", ".join(f"{seed.entity}/{seed.name}" for seed in waiting[:5])
    raise BadSeed(
        f"These records need each other and none can be first, or name records that do not exist: {names}."
    )


def _seeds(model: Model, folder: str) -> Iterator[Seed]:
    for name, document in model.folder(folder).items():
        layer = document.provenance.get("", "")
        for record in document.body.get("records", ()):
            yield Seed(
                f"{folder}/{name}.json",
                layer,
                document.body["entity"],
                record["name"],
                record.get("values", {}),
            )


def _refs(value: Any) -> Iterator[Ref]:
    if isinstance(value, Mapping):
        if set(value) == {"$ref"}:
            entity, _, name = value["$ref"].partition("/")
            yield entity, name
        else:
            for inner in value.values():
                yield from _refs(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _refs(inner)


def _create(tx: Transaction, seed: Seed, known: Mapping[Ref, UUID], folder: str) -> UUID:
    values = {name: plain_value(tx, value, known) for name, value in seed.values.items()}
    try:
        record = records.create(tx, seed.entity, values)
        tx.settle()
    except FieldstoneError as error:
        place = f"{seed.document} {seed.name}"
        problems = error.problems or [Problem("", error.code, error.message)]
        placed = [replace(problem, file=place) for problem in problems]
        raise BadSeed(f"{place}: {error.message}", problems=placed) from error
    row = {
        "package": seed.layer,
        "folder": folder,
        "entity": seed.entity,
        "name": seed.name,
        "record_id": record["id"],
    }
    tx.defer(_KEEP, row)
    record_id: UUID = record["id"]
    return record_id


def plain_value(tx: Transaction, value: Any, known: Mapping[Ref, UUID]) -> Any:
    """A value with its references and relative dates filled in. Raises UnknownRef."""
    if isinstance(value, list):
        return [plain_value(tx, inner, known) for inner in value]
    if not isinstance(value, Mapping):
        return value
    if set(value) == {"$ref"}:
        entity, _, name = value["$ref"].partition("/")
        if (entity, name) not in known:
            raise UnknownRef(f"There is no record {entity}/{name} yet.")
        return str(known[entity, name])
    if set(value) in ({"$days"}, {"$days", "$time"}):
        today = bindings(tx).today
        assert today is not None
        day = today + timedelta(days=value["$days"])
        return _moment(tx, day, value["$time"]) if "$time" in value else day.isoformat()
    if set(value) == {"$hours"}:
        return (tx.context.now + timedelta(hours=value["$hours"])).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {name: plain_value(tx, inner, known) for name, inner in value.items()}


def _moment(tx: Transaction, day: date, clock: str) -> str:
    """A day and a time by the company's clock, as the API takes it."""
    local = datetime.combine(day, time.fromisoformat(clock), ZoneInfo(tx.context.company.time_zone))
    return local.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
