"""From a request to a file: which records, in batches, written as they come.

The actor needs the verb `export`, and gets the records that both `export` and `read` reach. Records come by
id, which is the order of their creation.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, BinaryIO, Final
from uuid import UUID

import sqlalchemy as sa

from fieldstone.engine.context import Context
from fieldstone.engine.exports.columns import Column, columns_of
from fieldstone.engine.exports.link_texts import put_link_texts
from fieldstone.engine.exports.writers import Writer, csv_writer, json_writer, ndjson_writer, xlsx_writer
from fieldstone.engine.permissions import access, actor_values, need
from fieldstone.engine.query.columns import EntityColumns
from fieldstone.engine.query.errors import BadRequest
from fieldstone.engine.query.filtering import check_filter, filter_condition, search_condition
from fieldstone.engine.query.gate import bindings, gate_for, read_predicate
from fieldstone.engine.query.select import fetch_details, readable_fields, record_where, select_fields
from fieldstone.engine.service import Engine
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import did_you_mean

BATCH: Final = 1000
Record = dict[str, Any]

FORMATS: Final[Mapping[str, Callable[[BinaryIO, list[Column]], Writer]]] = {
    "csv": csv_writer,
    "xlsx": xlsx_writer,
    "json": json_writer,
    "ndjson": ndjson_writer,
}
_TABULAR: Final = frozenset(("csv", "xlsx"))


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """Which records and fields. `titles`: column names and options as the reader's language shows them."""

    filter: str | None = None
    q: str | None = None
    fields: tuple[str, ...] | None = None
    titles: bool = False


def export(
    engine: Engine, context: Context, entity: str, request: ExportRequest, kind: str, target: BinaryIO
) -> int:
    """Write the records to `target`; how many there were. Raises NotFound, Denied and BadRequest."""
    if kind not in FORMATS:
        raise BadRequest(
            f'There is no format "{kind}"; there are {", ".join(FORMATS)}.', code="format.unknown"
        )
    tabular = kind in _TABULAR
    columns = engine.read(context, lambda tx: _columns(tx, entity, request))
    writer = FORMATS[kind](target, columns)
    writer.begin()
    count, after = 0, UUID(int=0)
    while True:
        batch = partial(_batch, entity=entity, request=request, columns=columns, after=after, tabular=tabular)
        records = engine.read(context, batch)
        for record in records:
            writer.write(record)
        count += len(records)
        if len(records) < BATCH:
            break
        after = records[-1]["id"]
    writer.end()
    return count


def _columns(tx: Transaction, entity: str, request: ExportRequest) -> list[Column]:
    access = need(tx, entity, "export")
    need(tx, entity, "read")
    definition = tx.model.entities[entity]
    names = readable_fields(definition, access, request.fields)
    for name in request.fields or ():
        if name not in access.readable:
            known = [field for field in definition.fields if field in access.readable]
            message = f'{definition.title} has no field "{name}"{did_you_mean(name, known)}'
            raise BadRequest(message, code="field.unknown")
    if request.filter:
        check_filter(tx, definition, request.filter)  # before anything is written
    return columns_of(tx.model, definition, names, tx.context.locale if request.titles else None)


def _batch(
    tx: Transaction, entity: str, request: ExportRequest, columns: list[Column], after: UUID, tabular: bool
) -> list[Record]:
    need(tx, entity, "export")
    definition = tx.model.entities[entity]
    source = EntityColumns(tx.model, definition, bindings=bindings(tx), gate=gate_for(tx))
    names = list(dict.fromkeys(["id", "version", *(column.base for column in columns)]))
    selection = select_fields(tx, source, names)
    where = record_where(tx, source)
    allowed = read_predicate(tx, source, "export")
    if allowed is not None:
        where.append(allowed)
    values: dict[str, Any] = {**actor_values(tx.context.actor), "after": after}
    if request.filter:
        where.append(filter_condition(source, check_filter(tx, definition, request.filter)))
    if request.q:
        condition, more = search_condition(source, request.q, access(tx, entity).readable)
        where.append(condition)
        values |= more
    key = source.own("id")
    where.append(key > sa.bindparam("after", type_=sa.Uuid()))
    labelled = selection.labelled()
    statement = sa.select(*labelled).select_from(source.source).where(*where).order_by(key).limit(BATCH)
    records = [selection.shape.record(row) for row in tx.select(statement, values)]
    fetch_details(tx, selection.shape, records)
    if tabular:
        put_link_texts(tx, definition, columns, records)
    return records
