"""Reading rows: which SQL gives which fields of a record, and how rows become records.

Everything that reads records for an actor (one record, a list, an expanded link) selects through here, so the wire
form of a field is decided once.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.elements import ColumnElement

from fieldstone.engine.columns import column_kind
from fieldstone.engine.permissions import EntityAccess, access, actor_values
from fieldstone.engine.query.columns import EntityColumns
from fieldstone.engine.query.gate import bindings, bound_values, gate_for, read_by_fields, read_predicate
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import Plan
from fieldstone.engine.storage.tables import EXTRAS, PARENT, POSITION
from fieldstone.engine.transaction import Transaction
from fieldstone.expressions.sql import from_sql
from fieldstone.metadata.definitions import SYSTEM_FIELDS, Entity, Field
from fieldstone.metadata.fields.file import ONE_FILE
from fieldstone.metadata.fields.multi_link import LINK, is_joining

Decode = Callable[[Any], Any] | None
IDS = sa.bindparam("ids", type_=ARRAY(sa.Uuid()))
Filed = list[tuple[Field, Sequence[dict[str, Any]]]]
"""Fields that name files, each with the records or lines that hold it."""


@dataclass(slots=True)
class Shape:
    """How to make a record of a row: names and decoders by position. It is kept with its statement."""

    names: list[str]
    decoders: list[tuple[int, Callable[[Any], Any]]]
    lines: list[Field]
    files: list[Field]
    extras: int | None = None

    def record(self, row: Sequence[Any]) -> dict[str, Any]:
        """A record of a row; columns behind the selection's own are left out."""
        record = dict(zip(self.names, row, strict=False))
        for index, decode in self.decoders:
            name = self.names[index]
            if record[name] is not None:
                record[name] = decode(record[name])
        if self.extras is not None:
            extras = record.pop(EXTRAS)
            if extras:
                record.update(extras)
        return record


@dataclass(slots=True)
class Selection:
    """Columns to select, and the shape of their rows."""

    expressions: list[ColumnElement[Any]]
    shape: Shape

    def labelled(self) -> list[ColumnElement[Any]]:
        return [expression.label(f"v{i}") for i, expression in enumerate(self.expressions)]


def readable_fields(entity: Entity, access: EntityAccess, wanted: Iterable[str] | None = None) -> list[str]:
    """System fields and fields the actor may read, in the entity's order; only `wanted` ones when given."""
    names = [name for name in (*SYSTEM_FIELDS, *entity.fields) if name in access.readable]
    if wanted is None:
        return names
    chosen = {"id", "version", *wanted}
    return [name for name in names if name in chosen]


def select_fields(tx: Transaction, columns: EntityColumns, names: Sequence[str]) -> Selection:
    """The selection of some fields of an entity."""
    entity = columns.entity
    selection = Selection([], Shape([], [], [], []))
    for name in names:
        field = entity.fields.get(name)
        if field is None:
            _add(selection, name, columns.own(name))
        elif field.lines is not None:
            selection.shape.lines.append(field)
        else:
            _add_field(selection, columns, field)
    if entity.extras is not False:
        selection.shape.extras = len(selection.shape.names)
        _add(selection, EXTRAS, columns.raw(EXTRAS))
    return selection


def _add(selection: Selection, name: str, expression: ColumnElement[Any], decode: Decode = None) -> None:
    if decode is not None:
        selection.shape.decoders.append((len(selection.shape.names), decode))
    selection.shape.names.append(name)
    selection.expressions.append(expression)


def _add_field(selection: Selection, columns: EntityColumns, field: Field) -> None:
    decode: Decode = None
    if field.formula is not None:
        type_ = field.formula.type

        def decode(value: Any, type_: Any = type_) -> Any:
            return from_sql(type_, value)

    elif (kind := column_kind(field)) is not None:
        decode = kind.from_db

    _add(selection, field.name, columns.column((field.name,)), decode)
    if field.type == "money":
        _add(selection, f"{field.name}_currency", columns.own(f"{field.name}_currency"))
        _add(selection, f"{field.name}_base", columns.own(f"{field.name}_base"))
    if is_file(field):
        selection.shape.files.append(field)


def fetch_details(
    tx: Transaction, shape: Shape, records: Sequence[dict[str, Any]], *, last: bool = False
) -> None:
    """Put lines and descriptions of files into records, all in one round trip and only where there are any.

    Files that lines name take one more.
    """
    if not records:
        return
    plans: list[tuple[Plan, Mapping[str, Any]]] = []
    finishers: list[Callable[[list[tuple[Any, ...]]], None]] = []
    ids = [record["id"] for record in records]
    inner: Filed = []
    more = False
    for field in shape.lines:
        plan, child = _lines_plan(tx, field)
        more = more or bool(child.files)
        plans.append((plan, {"parents": ids, **actor_values(tx.context.actor)}))
        finishers.append(_put_lines(field, child, records, inner))
    filed: Filed = [(field, records) for field in shape.files]
    if wanted := file_ids(filed):
        plans.append((files_plan(tx), {"ids": wanted}))
        finishers.append(partial(put_files, filed))
    if plans:
        for finish, rows in zip(finishers, tx.fetch_all(plans, last=last and not more), strict=True):
            finish(rows)
    describe_files(tx, inner, last=last)


def _lines_plan(tx: Transaction, field: Field) -> tuple[Plan, Shape]:
    child = tx.model.entities[field.lines or ""]
    gate = gate_for(tx)

    def build() -> tuple[sa.Select[Any], Shape]:
        columns = EntityColumns(tx.model, child, bindings=bindings(tx), gate=gate)
        readable = access(tx, child.name).readable
        needed = {*readable, LINK} if is_joining(child) else readable
        selection = select_fields(tx, columns, ["id", *(name for name in child.fields if name in needed)])
        met = columns.met()
        parent, position = columns.raw(PARENT), columns.raw(POSITION)
        statement = (
            sa.select(*selection.labelled(), parent.label("parent"))
            .select_from(columns.source)
            .where(parent == sa.any_(sa.bindparam("parents", type_=ARRAY(sa.Uuid()))))
            .order_by(parent, position, columns.own("id"))
        )
        return statement if met is None else statement.where(met), selection.shape

    bound = bound_values(tx, read_by_fields(tx.model, child))
    return tx.reading(("line_fields", child.hash, gate.key, bound), build)


def _put_lines(
    field: Field,
    child: Shape,
    records: Sequence[dict[str, Any]],
    filed: Filed,
) -> Callable[[list[tuple[Any, ...]]], None]:
    joining = field.type == "multi_link"

    def finish(rows: list[tuple[Any, ...]]) -> None:
        by_parent: dict[UUID, list[dict[str, Any]]] = {}
        for row in rows:
            line = child.record(row)
            if joining:
                line["id"] = line.pop(LINK)
            by_parent.setdefault(row[-1], []).append(line)
        for record in records:
            record[field.name] = by_parent.get(record["id"], [])
        every = [line for lines in by_parent.values() for line in lines]
        filed.extend((inner, every) for inner in child.files)

    return finish


def is_file(field: Field) -> bool:
    """Whether a field's value names stored files."""
    return field.type in ONE_FILE or field.type == "files"


def files_plan(tx: Transaction) -> Plan:
    file = control.file
    return tx.plan(
        ("files",),
        lambda: sa.select(file.c.id, file.c.name, file.c.size, file.c.type).where(file.c.id == sa.any_(IDS)),
    )


def describe_files(tx: Transaction, filed: Filed, *, last: bool = False) -> None:
    """Put name, size and type in place of the ids of files; asked for only where there are any."""
    if ids := file_ids(filed):
        put_files(filed, tx.fetch_all([(files_plan(tx), {"ids": ids})], last=last)[0])


def file_ids(filed: Filed) -> list[UUID]:
    """The ids of all files that are named."""
    found: set[UUID] = set()
    for field, records in filed:
        for record in records:
            value = record.get(field.name)
            found.update(value if isinstance(value, list) else [] if value is None else [value])
    return list(found)


def put_files(filed: Filed, rows: Sequence[tuple[Any, ...]]) -> None:
    files = {row[0]: {"id": row[0], "name": row[1], "size": row[2], "type": row[3]} for row in rows}
    for field, records in filed:
        for record in records:
            value = record.get(field.name)
            if isinstance(value, list):
                record[field.name] = [files[one] for one in value if one in files]
            elif value is not None:
                record[field.name] = files.get(value)


def record_where(
    tx: Transaction, columns: EntityColumns, *, deleted: bool = False
) -> list[ColumnElement[bool]]:
    """The conditions that every read of an entity carries: not deleted, and what the actor may read."""
    state = columns.own("deleted_at")
    where: list[ColumnElement[bool]] = [state.is_not(None) if deleted else state.is_(None)]
    predicate = read_predicate(tx, columns)
    if predicate is not None:
        where.append(predicate)
    return where
