"""The registry of column kinds, one line per field type."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import BigInteger, Boolean, Date, DateTime, Float, Numeric, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from fieldstone.engine.columns.base import ColumnKind
from fieldstone.metadata.definitions import Field
from fieldstone.metadata.fields.duration import iso_of, seconds_of
from fieldstone.metadata.fields.secret import NewSecret

TEXT = Text(collation="C")
NUMBER: Numeric[Any] = Numeric()


def jsonb(value: Any) -> Jsonb:
    return Jsonb(value)


def days_of(value: Mapping[str, Any]) -> dict[str, date | None]:
    """The ends of a date range as days."""
    return {name: date.fromisoformat(day) if day else None for name, day in value.items()}


def degrees_of(value: Mapping[str, Any]) -> dict[str, float]:
    """The parts of a point as doubles."""
    return {name: float(degrees) for name, degrees in value.items()}


def sealed_text(value: NewSecret) -> Jsonb:
    """What is stored of a secret: its encrypted text (`records/sealing.py` puts it there)."""
    assert value.sealed is not None, "a secret must be sealed before it is stored"
    return Jsonb(value.sealed)


_TEXT = ColumnKind(TEXT, order="text")
_LONG_TEXT = ColumnKind(TEXT, order="none", groupable=False)
_CODE = ColumnKind(TEXT)
_NUMBER = ColumnKind(NUMBER, measurable=True)
_LINK = ColumnKind(Uuid())
_LIST = ColumnKind(ARRAY(TEXT), order="none")
_JSON = ColumnKind(JSONB(), order="none", groupable=False, to_db=jsonb)

COLUMNS: dict[str, ColumnKind] = {
    "text": _TEXT,
    "multiline": _LONG_TEXT,
    "rich_text": _LONG_TEXT,
    "markdown": _LONG_TEXT,
    "code": _LONG_TEXT,
    "email": _TEXT,
    "phone": _TEXT,
    "url": _TEXT,
    "colour": _CODE,
    "icon": _CODE,
    "duration": ColumnKind(BigInteger(), measurable=True, to_db=seconds_of, from_db=iso_of),
    "integer": ColumnKind(BigInteger(), measurable=True),
    "rating": ColumnKind(BigInteger(), measurable=True),
    "number": ColumnKind(Float(53), measurable=True),
    "decimal": _NUMBER,
    "percent": _NUMBER,
    "money": ColumnKind(NUMBER, companions=(("currency", TEXT), ("base", NUMBER)), measurable=True),
    "boolean": ColumnKind(Boolean()),
    "date": ColumnKind(Date()),
    "time": _CODE,
    "datetime": ColumnKind(DateTime(timezone=True)),
    "select": _CODE,
    "dependent_select": _CODE,
    "region": _CODE,
    "any_link": ColumnKind(
        JSONB(),
        order="none",
        groupable=False,
        to_db=jsonb,
        parts=(("entity", TEXT), ("id", TEXT)),
        split=dict,
    ),
    "snapshot": _JSON,
    "radio": _CODE,
    "multi_select": _LIST,
    "tags": _LIST,
    "link": _LINK,
    "parent": _LINK,
    "user": _LINK,
    "team": _LINK,
    "file": _LINK,
    "image": _LINK,
    "signature": _LINK,
    "files": ColumnKind(ARRAY(Uuid()), order="none", groupable=False),
    "sequence": _TEXT,
    "address": _JSON,
    "person_name": _JSON,
    "date_range": ColumnKind(
        JSONB(),
        groupable=False,
        to_db=jsonb,
        parts=(("start", Date()), ("end", Date())),
        split=days_of,
    ),
    "geo_point": ColumnKind(
        JSONB(),
        order="none",
        groupable=False,
        to_db=jsonb,
        from_db=degrees_of,
        parts=(("lat", Float(53)), ("lon", Float(53))),
        split=degrees_of,
    ),
    "barcode": _CODE,
    "position": _CODE,
    "secret": ColumnKind(JSONB(), order="none", groupable=False, to_db=sealed_text, masked=True),
    "json": _JSON,
}

BY_EXPRESSION_TYPE: dict[str, ColumnKind] = {
    "boolean": COLUMNS["boolean"],
    "integer": COLUMNS["integer"],
    "decimal": COLUMNS["decimal"],
    "text": _LONG_TEXT,
    "select": _CODE,
    "date": COLUMNS["date"],
    "datetime": COLUMNS["datetime"],
    "link": _LINK,
}
"""The column of a stored formula or a rollup, by the kind of its expression's type."""


def column_kind(field: Field) -> ColumnKind | None:
    """The kind of a field's column; None for lines and for what is computed when it is read."""
    if field.lines is not None or field.type == "related":
        return None
    if field.type == "formula":
        if not field.stored or field.formula is None:
            return None
        return BY_EXPRESSION_TYPE.get(field.formula.type.kind, _LONG_TEXT)
    if field.type == "rollup":
        return _rollup_kind(field)
    return COLUMNS[field.type]


def _rollup_kind(field: Field) -> ColumnKind:
    rollup = field.rollup
    assert rollup is not None
    if rollup.fn == "count":
        return COLUMNS["integer"]
    if rollup.fn in ("any", "all"):
        return COLUMNS["boolean"]
    if rollup.value is None:
        return _NUMBER
    kind = rollup.value.type.kind
    return (
        _NUMBER
        if rollup.fn in ("sum", "avg") and kind != "integer"
        else BY_EXPRESSION_TYPE.get(kind, _NUMBER)
    )
