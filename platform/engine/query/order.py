"""Sort orders as SQL, and the condition that continues a page after its last row (keyset).

Text is sorted as people of the reader's language expect: by a stored key where it is not plain ASCII. Nulls come
last in both directions; the id breaks ties.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from fieldstone.engine.columns import column_kind
from fieldstone.engine.query.columns import EntityColumns
from fieldstone.engine.query.errors import BadRequest
from fieldstone.engine.query.gate import readable_names
from fieldstone.engine.search import sort_index
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import SYSTEM_FIELDS, Field
from fieldstone.problems import did_you_mean

SYSTEM_KINDS: dict[str, type] = {
    "id": UUID, "version": int, "created_at": datetime, "updated_at": datetime, "deleted_at": datetime,
    "created_by": UUID, "updated_by": UUID, "owner_id": UUID,
}  # fmt: skip
LINKS_TO_USERS = ("created_by", "updated_by", "owner_id")
BY_TYPE: dict[str, type] = {
    "BIGINTEGER": int, "INTEGER": int, "NUMERIC": Decimal, "FLOAT": float, "BOOLEAN": bool, "DATE": date,
    "DATETIME": datetime, "TIME": time, "TEXT": str, "UUID": UUID,
}  # fmt: skip
BY_EXPRESSION: dict[str, type] = {
    "integer": Decimal, "decimal": Decimal, "number": Decimal, "boolean": bool, "date": date, "datetime": datetime,
    "text": str, "select": str, "link": UUID,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Key:
    """One part of a sort order. `kind` is the Python type of its values in a cursor."""

    expression: ColumnElement[Any]
    descending: bool
    kind: type
    nullable: bool = True

    def ordered(self) -> ColumnElement[Any]:
        directed = self.expression.desc() if self.descending else self.expression.asc()
        return directed.nulls_last() if self.nullable else directed

    def after(self, value: ColumnElement[Any] | None) -> ColumnElement[bool]:
        """Rows that come later than a value (None: null, after which nothing comes)."""
        if value is None:
            return sa.false()
        beyond = self.expression < value if self.descending else self.expression > value
        return sa.or_(beyond, self.expression.is_(None)) if self.nullable else beyond

    def same(self, value: ColumnElement[Any] | None) -> ColumnElement[bool]:
        return self.expression.is_(None) if value is None else self.expression == value


def sort_keys_of(tx: Transaction, columns: EntityColumns, sort: Sequence[str]) -> list[Key]:
    """The keys of a sort order, the id at its end. Raises BadRequest for a field that cannot be sorted by."""
    keys: list[Key] = []
    for item in sort:
        descending, path = item.startswith("-"), item.removeprefix("-").removeprefix("+")
        keys.append(_key(tx, columns, tuple(path.split(".")), descending, path))
        if path == "id":
            return keys
    by_time = bool(sort) and sort[-1].lstrip("-") in ("created_at", "updated_at")
    direction = by_time and keys[-1].descending  # ids are made in the order of time
    return [*keys, Key(columns.own("id"), direction, UUID, nullable=False)]


def _key(tx: Transaction, columns: EntityColumns, path: tuple[str, ...], descending: bool, whole: str) -> Key:
    entity = columns.entity
    name = path[0]
    known = readable_names(tx, entity.name)
    field = entity.fields.get(name)
    if name not in known or (field is None and name not in SYSTEM_FIELDS):
        raise BadRequest(
            f'There is no field "{name}" to sort by{did_you_mean(name, known) or "."}', code="sort.unknown"
        )
    is_link = name in LINKS_TO_USERS or (
        field is not None and field.lines is None and field.target in tx.model.entities
    )
    if len(path) > 1:
        if not is_link:
            raise BadRequest(f'"{name}" is no link, so "{whole}" cannot be sorted by.', code="sort.unknown")
        return _key(tx, columns.hop(name), path[1:], descending, whole)
    if is_link:
        return _by_title(tx, columns, name, descending)
    if field is None:
        return Key(columns.own(name), descending, SYSTEM_KINDS[name], nullable=name == "deleted_at")
    return _own(tx, columns, field, descending, whole)


def _by_title(tx: Transaction, columns: EntityColumns, name: str, descending: bool) -> Key:
    """A link sorts by the title of what it leads to."""
    joined = columns.hop(name)
    title = joined.entity.fields.get(joined.entity.title_field or "")
    if title is None or title.name not in readable_names(tx, joined.entity.name):
        return Key(columns.own(name), descending, UUID)
    return _own(tx, joined, title, descending, name)


def _own(tx: Transaction, columns: EntityColumns, field: Field, descending: bool, whole: str) -> Key:
    kind = column_kind(field)
    if kind is None and field.formula is not None:
        found = BY_EXPRESSION.get(field.formula.type.kind)
        if found is None:
            raise _unsortable(field, whole)
        expression = columns.column((field.name,))
        if found is Decimal:
            expression = sa.cast(expression, sa.Numeric())
        return Key(expression, descending, found)
    if kind is None and field.related is not None:
        path, holder = field.related, columns
        for link in path[:-1]:
            holder = holder.hop(link)
        last = holder.entity.fields.get(path[-1])
        if last is None or last.target:
            return Key(columns.column(path), descending, UUID if last else SYSTEM_KINDS.get(path[-1], str))
        return _own(tx, holder, last, descending, whole)
    if kind is None or kind.order == "none":
        raise _unsortable(field, whole)
    if kind.order == "text":
        return Key(text_key(tx, columns, field), descending, str)
    if kind.parts:
        part, type_ = kind.parts[0]
        return Key(columns.column((field.name, part)), descending, python_of(type_))
    python = python_of(kind.type)
    return Key(columns.own(field.name), descending, python)


def python_of(type_: Any) -> type:
    return BY_TYPE.get(type(type_).__name__.upper(), str)


def text_key(tx: Transaction, columns: EntityColumns, field: Field) -> ColumnElement[Any]:
    """What a text field sorts by in the reader's language."""
    own = columns.own(field.name)
    stored = columns.raw(columns.built.sort[field.name].name)
    index: sa.ColumnClause[Any] = sa.literal_column(str(int(sort_index(tx.context.locale))))
    return sa.func.coalesce(stored[index], sa.func.lower(own))


def _unsortable(field: Field, whole: str) -> BadRequest:
    return BadRequest(f'"{whole}" ({field.type}) cannot be sorted by.', code="sort.unsupported")


def continued(keys: Sequence[Key], values: Sequence[Any]) -> tuple[ColumnElement[bool], dict[str, Any]]:
    """The condition for rows after those sort values, and its parameters."""
    params: dict[str, Any] = {}
    bound: list[ColumnElement[Any] | None] = []
    for index, (key, value) in enumerate(zip(keys, values, strict=True)):
        if value is None:
            bound.append(None)
            continue
        name = f"after_{index}"
        params[name] = value
        bound.append(sa.bindparam(name, type_=key.expression.type))
    alternatives = []
    for index, key in enumerate(keys):
        same = [keys[i].same(bound[i]) for i in range(index)]
        alternatives.append(sa.and_(*same, key.after(bound[index])))
    return sa.or_(*alternatives), params
