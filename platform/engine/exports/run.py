"""From a request to a file: which records, in batches, written as they come.

The actor needs the verb `export`, and gets the records that both `export` and `read` reach. Records come by
id, which is the order of their creation, or sorted as lists are: then the pages of the list say which come next.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, BinaryIO, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from fieldstone.engine.context import Context
from fieldstone.engine.exports.columns import Column, columns_of
from fieldstone.engine.exports.link_texts import put_link_texts
from fieldstone.engine.exports.writers import Writer, csv_writer, json_writer, ndjson_writer, xlsx_writer
from fieldstone.engine.permissions import access, actor_values, need
from fieldstone.engine.query.columns import EntityColumns
from fieldstone.engine.query.errors import BadRequest
from fieldstone.engine.query.filtering import check_filter, filter_condition, search_condition
from fieldstone.engine.query.gate import bindings, gate_for, read_predicate
from fieldstone.engine.query.listing import list_records
from fieldstone.engine.query.request import ListRequest
from fieldstone.engine.query.select import fetch_details, readable_fields, record_where, select_fields
from fieldstone.engine.service import Engine
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import did_you_mean

BATCH: Final = 1000
PAGE: Final = 200
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
    """Which records and fields, and in which order. `titles`: column names and options as the reader's language
    shows them.
    """

    filter: str | None = None
    q: str | None = None
    fields: tuple[str, ...] | None = None
    titles: bool = False
    sort: tuple[str, ...] = ()


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
    batch = partial(_batch, entity=entity, request=request, columns=columns, tabular=tabular)
    batches = (
        _by_sort(engine, context, entity, request, batch) if request.sort else _by_id(engine, context, batch)
    )
    count = 0
    for records in batches:
        for record in records:
            writer.write(record)
        count += len(records)
    writer.end()
    return count


def _by_id(engine: Engine, context: Context, batch: Callable[..., list[Record]]) -> Iterator[list[Record]]:
    """Batches in the order of creation."""
    after = UUID(int=0)
    while True:
        records = engine.read(context, partial(batch, after=after))
        yield records
        if len(records) < BATCH:
            return
        after = records[-1]["id"]


def _by_sort(
    engine: Engine, context: Context, entity: str, request: ExportRequest, batch: Callable[..., list[Record]]
) -> Iterator[list[Record]]:
    """Batches in the order of a list, which may hold more records than may be exported."""
    cursor: str | None = None
    while True:
        page = ListRequest(request.filter, request.sort, ("id",), limit=PAGE, cursor=cursor, q=request.q)
        listed = engine.read(context, partial(list_records, entity=entity, request=page))
        ids = [record["id"] for record in listed.data]
        found = (
            {record["id"]: record for record in engine.read(context, partial(batch, ids=ids))} if ids else {}
        )
        yield [found[each] for each in ids if each in found]
        cursor = listed.next
        if cursor is None:
            return


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
    tx: Transaction,
    entity: str,
    request: ExportRequest,
    columns: list[Column],
    tabular: bool,
    after: UUID | None = None,
    ids: list[UUID] | None = None,
) -> list[Record]:
    """The records that come after one, or those of some ids in whatever order."""
    need(tx, entity, "export")
    definition = tx.model.entities[entity]
    source = EntityColumns(tx.model, definition, bindings=bindings(tx), gate=gate_for(tx))
    names = list(dict.fromkeys(["id", "version", *(column.base for column in columns)]))
    selection = select_fields(tx, source, names)
    where = record_where(tx, source)
    allowed = read_predicate(tx, source, "export")
    if allowed is not None:
        where.append(allowed)
    values: dict[str, Any] = {**actor_values(tx.context.actor)}
    values |= {"after": after} if ids is None else {"ids": ids}
    if request.filter:
        where.append(filter_condition(source, check_filter(tx, definition, request.filter)))
    if request.q:
        condition, more = search_condition(source, request.q, access(tx, entity).readable)
        where.append(condition)
        values |= more
    key = source.own("id")
    if ids is None:
        where.append(key > sa.bindparam("after", type_=sa.Uuid()))
    else:
        where.append(key == sa.any_(sa.bindparam("ids", type_=ARRAY(sa.Uuid()))))
    labelled = selection.labelled()
    statement = sa.select(*labelled).select_from(source.source).where(*where).order_by(key).limit(BATCH)
    records = [selection.shape.record(row) for row in tx.select(statement, values)]
    fetch_details(tx, selection.shape, records)
    if tabular:
        put_link_texts(tx, definition, columns, records)
    return records
