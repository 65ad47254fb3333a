"""Builds: the long work that follows a publish, done in small transactions while people work.

A build is a row that says what is still missing and how far it is; it can be stopped at any point and goes on from there.
Kinds: `values` (a stored formula or rollup of old records), `search` (their search tokens), `sort` (the sort keys of a
field that became text), `match` (the keys by which duplicates are found).
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from fieldstone.engine.columns import column_kind
from fieldstone.engine.columns.kinds import TEXT
from fieldstone.engine.context import Tenant
from fieldstone.engine.duplicates import match_keys
from fieldstone.engine.records.effects import recompute
from fieldstone.engine.records.layout import decoders_of
from fieldstone.engine.records.program import Program, program_for
from fieldstone.engine.records.write import search_tokens
from fieldstone.engine.search import sort_keys
from fieldstone.engine.service import Engine
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import compile_plan
from fieldstone.engine.storage.tables import MATCH, SEARCH
from fieldstone.engine.transaction import Transaction

BATCH = 2000
_TABLE = control.build
_PENDING = compile_plan(
    sa.select(_TABLE.c.id, _TABLE.c.entity, _TABLE.c.field, _TABLE.c.kind, _TABLE.c.position, _TABLE.c.done)
    .where(_TABLE.c.state == "building")
    .order_by(_TABLE.c.id)
)
_STEP = compile_plan(
    sa.update(_TABLE)
    .where(_TABLE.c.id == sa.bindparam("build", type_=sa.Uuid()))
    .values(
        position=sa.bindparam("position", type_=sa.Uuid()),
        done=_TABLE.c.done + sa.bindparam("count", type_=sa.BigInteger()),
        state=sa.bindparam("state", type_=sa.Text()),
    )
)


@dataclass(frozen=True, slots=True)
class Build:
    """One build and how far it is."""

    id: UUID
    entity: str
    field: str
    kind: str
    position: UUID | None
    done: int


def pending_builds(tx: Transaction) -> list[Build]:
    """Builds that are not finished, oldest first."""
    return [Build(*row) for row in tx.fetch(_PENDING)]


def run_builds(engine: Engine, tenant: Tenant) -> int:
    """Finish all builds of a tenant; how many records were brought up to date."""
    total = 0
    while True:
        context = engine.system_context(tenant)
        count = engine.write(context, _one_batch)
        if count is None:
            return total
        total += count


def _one_batch(tx: Transaction) -> int | None:
    builds = pending_builds(tx)
    if not builds:
        return None
    build = builds[0]
    entity = tx.model.entities.get(build.entity)
    field = entity.fields.get(build.field) if entity is not None else None
    kind = column_kind(field) if field is not None else None
    if (
        entity is None
        or (build.kind == "values" and (field is None or not field.computed))
        or (build.kind == "sort" and (kind is None or kind.order != "text"))
    ):
        tx.defer(_STEP, {"build": build.id, "position": build.position, "count": 0, "state": "done"})
        return 0
    program = program_for(tx.model, entity)
    key = program.built.fields["id"]
    statement = sa.select(key).order_by(key).limit(BATCH)
    if build.position is not None:
        statement = statement.where(key > build.position)
    ids = [row[0] for row in tx.select(statement)]
    if ids:
        if build.kind == "search":
            _index_words(tx, program, ids)
        elif build.kind == "match":
            _match(tx, program, ids)
        elif build.kind == "sort":
            _sort(tx, program, build.field, ids)
        else:
            recompute(tx, build.entity, [build.field], ids)
    state = "building" if len(ids) == BATCH else "done"
    tx.defer(
        _STEP,
        {
            "build": build.id,
            "position": ids[-1] if ids else build.position,
            "count": len(ids),
            "state": state,
        },
    )
    return len(ids)


def _match(tx: Transaction, program: Program, ids: list[UUID]) -> None:
    """Store the match keys of old records."""
    built, entity = program.built, program.entity
    names = sorted({name for rule in entity.duplicates for name in rule.names})
    if not names:
        return
    decoders = decoders_of(entity)
    statement = (
        sa.select(built.fields["id"], *(built.fields[name] for name in names))
        .where(built.fields["id"] == sa.any_(sa.bindparam("ids", type_=ARRAY(sa.Uuid()))))
        .with_for_update()
    )
    update = compile_plan(
        sa.update(built.table)
        .where(built.table.c.id == sa.bindparam("row", type_=sa.Uuid()))
        .values({built.table.c[MATCH]: sa.bindparam("keys", type_=ARRAY(TEXT))})
    )
    for row_id, *stored in tx.select(statement, {"ids": ids}):
        values = {
            name: decoders[name](value) if value is not None and name in decoders else value
            for name, value in zip(names, stored, strict=True)
        }
        tx.defer(update, {"row": row_id, "keys": match_keys(entity, values)})


def _index_words(tx: Transaction, program: Any, ids: list[UUID]) -> None:
    built = program.built
    fields = [field for field in program.searched if field.name in built.fields]
    statement = (
        sa.select(built.fields["id"], *(built.fields[field.name] for field in fields))
        .where(built.fields["id"] == sa.any_(sa.bindparam("ids", type_=ARRAY(sa.Uuid()))))
        .with_for_update()
    )
    update = compile_plan(
        sa.update(built.table)
        .where(built.table.c.id == sa.bindparam("row", type_=sa.Uuid()))
        .values({built.table.c[SEARCH]: sa.func.array_to_tsvector(sa.bindparam("words", type_=ARRAY(TEXT)))})
    )
    for row_id, *values in tx.select(statement, {"ids": ids}):
        words = search_tokens(program, dict(zip((field.name for field in fields), values, strict=True)))
        tx.defer(update, {"row": row_id, "words": words})


def _sort(tx: Transaction, program: Any, field: str, ids: list[UUID]) -> None:
    table, column = program.built.table, program.built.fields[field]
    statement = (
        sa.select(table.c.id, column)
        .where(table.c.id == sa.any_(sa.bindparam("ids", type_=ARRAY(sa.Uuid()))), column.is_not(None))
        .with_for_update()
    )
    key = table.c[f"{column.name}__sort"]
    update = compile_plan(
        sa.update(table)
        .where(table.c.id == sa.bindparam("row", type_=sa.Uuid()))
        .values({key: sa.bindparam("keys", type_=key.type)})
    )
    for row_id, value in tx.select(statement, {"ids": ids}):
        tx.defer(update, {"row": row_id, "keys": sort_keys(value) if value else None})
