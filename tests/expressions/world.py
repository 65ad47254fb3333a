"""The record that expression tests are about, its tables, and its values in three forms.

Values are written as they travel (JSON): decimals and large integers as strings, dates and moments as texts,
links as objects, lines as arrays. `python` and `row` turn them into what the two other back ends take.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from fieldstone.expressions import (
    BOOLEAN,
    DATE,
    DATETIME,
    INTEGER,
    JSON,
    NUMBER,
    RULE,
    SECONDS,
    TAGS,
    Bindings,
    Decimal_,
    Lines,
    Link,
    Parts,
    RecordType,
    Select,
    Tags,
    Text,
    User,
)
from fieldstone.expressions.calls import read_datetime
from fieldstone.expressions.python.values import read_seconds
from fieldstone.expressions.sql import LinesSource

STATUS = ("new", "used", "gone")
COLOURS = ("red", "blue", "Ünïq")

place = RecordType(
    "place",
    lambda: {
        "id": Link(lambda: place),
        "name": Text(80),
        "size": Decimal_(),
        "opened": DATE,
        "open": BOOLEAN,
        "parent": Link(lambda: place),
        "assets": Lines(lambda: part),
    },
)
part = RecordType(
    "part",
    lambda: {
        "name": Text(80),
        "qty": INTEGER,
        "cost": Decimal_(14, 4),
        "made": DATE,
        "at": DATETIME,
        "ok": BOOLEAN,
        "origin": Link(place),
    },
)
asset = RecordType(
    "asset",
    lambda: {
        "id": Link(lambda: asset),
        "i": INTEGER,
        "j": INTEGER,
        "x": Decimal_(),
        "y": Decimal_(),
        "price": Decimal_(14, 2),
        "f": NUMBER,
        "s": Text(),
        "t": Text(255),
        "u": Text(),
        "status": Select(STATUS),
        "tags": TAGS,
        "colours": Tags(COLOURS),
        "d": DATE,
        "e": DATE,
        "m": DATETIME,
        "n": DATETIME,
        "b": BOOLEAN,
        "c": BOOLEAN,
        "js": JSON,
        "took": SECONDS,
        "stay": Parts((("start", DATE), ("end", DATE))),
        "spot": Parts((("lat", NUMBER), ("lon", NUMBER))),
        "place": Link(place),
        "other": Link(place),
        "parts": Lines(part),
    },
)
ENV = asset.allowing(RULE)

metadata = sa.MetaData()
TIME = sa.DateTime(timezone=True)


def text_column(name: str) -> "sa.Column[Any]":
    return sa.Column(name, sa.Text(collation="C"))


places = sa.Table(
    "x_place",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    text_column("name"),
    sa.Column("size", sa.Numeric),
    sa.Column("opened", sa.Date),
    sa.Column("open", sa.Boolean),
    sa.Column("parent", sa.Uuid),
)
parts = sa.Table(
    "x_part",
    metadata,
    sa.Column("asset", sa.Uuid),
    text_column("name"),
    sa.Column("qty", sa.BigInteger),
    sa.Column("cost", sa.Numeric),
    sa.Column("made", sa.Date),
    sa.Column("at", TIME),
    sa.Column("ok", sa.Boolean),
    sa.Column("origin", sa.Uuid),
)
assets = sa.Table(
    "x_asset",
    metadata,
    sa.Column("nr", sa.Integer),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("i", sa.BigInteger),
    sa.Column("j", sa.Integer),
    sa.Column("x", sa.Numeric),
    sa.Column("y", sa.Numeric),
    sa.Column("price", sa.Numeric(16, 2)),
    sa.Column("f", sa.Double),
    text_column("s"),
    text_column("t"),
    sa.Column("u", sa.Text),
    text_column("status"),
    sa.Column("tags", sa.ARRAY(sa.Text)),
    sa.Column("colours", sa.ARRAY(sa.Text(collation="C"))),
    sa.Column("d", sa.Date),
    sa.Column("e", sa.Date),
    sa.Column("m", TIME),
    sa.Column("n", TIME),
    sa.Column("b", sa.Boolean),
    sa.Column("c", sa.Boolean),
    sa.Column("js", JSONB(none_as_null=True)),
    sa.Column("took", sa.BigInteger),
    sa.Column("stay", JSONB(none_as_null=True)),
    sa.Column("stay__start", sa.Date),
    sa.Column("stay__end", sa.Date),
    sa.Column("spot", JSONB(none_as_null=True)),
    sa.Column("spot__lat", sa.Double),
    sa.Column("spot__lon", sa.Double),
    sa.Column("place", sa.Uuid),
    sa.Column("other", sa.Uuid),
)

PLACES: dict[str, dict[str, Any]] = {
    "hall": {
        "id": "00000000-0000-7000-8000-000000000001",
        "name": "Hall",
        "size": "12.5",
        "opened": "1999-12-31",
        "open": True,
        "parent": None,
        "assets": [],
    },
    "shed": {
        "id": "00000000-0000-7000-8000-00000000000a",
        "name": None,
        "size": None,
        "opened": None,
        "open": None,
        "parent": "hall",
        "assets": [],
    },
}


def wire_place(name: Any) -> Any:
    """A place by its name as a linked record; its parent likewise."""
    if not isinstance(name, str):
        return name
    found = PLACES[name]
    return found | {"parent": wire_place(found["parent"])}


def wire(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as the browser gets them: links as objects."""
    result = {
        name: wire_place(value) if name in ("place", "other", "origin") else value
        for name, value in values.items()
    }
    if isinstance(result.get("parts"), list):
        result["parts"] = [wire(line) for line in result["parts"]]
    return result


def python(values: Mapping[str, Any] | None, record: RecordType = asset) -> dict[str, Any]:
    """Values as Python takes them."""
    return {name: _python(value, record.field(name)) for name, value in (values or {}).items()}


def _python(value: Any, type_: Any) -> Any:
    if value is None:
        return None
    match type_.kind:
        case "integer" if type_.seconds:
            return value
        case "integer":
            return int(value)
        case "decimal" if type_.double:
            return value
        case "decimal":
            return Decimal(value)
        case "date":
            return date.fromisoformat(value)
        case "datetime":
            return read_datetime(value)
        case "lines":
            return [python(line, type_.record()) for line in value]
        case "link" if isinstance(value, Mapping):
            return python(value, type_.record())
        case _:
            return value


def insert(connection: sa.Connection, number: int, values: Mapping[str, Any]) -> None:
    """One record of wire form (links by the place's short name) as rows."""
    id_ = UUID(int=number + 1)
    row = {name: value for name, value in _row(values, asset).items() if name != "parts"}
    connection.execute(assets.insert(), {"nr": number, "id": id_, **row})
    for line in values.get("parts") or ():
        connection.execute(parts.insert(), {"asset": id_, **_row(line, part)})


def _row(values: Mapping[str, Any], record: RecordType) -> dict[str, Any]:
    plain = {name: value for name, value in values.items() if name not in ("place", "other", "origin")}
    links = {
        name: UUID(PLACES[values[name]]["id"]) for name in ("place", "other", "origin") if values.get(name)
    }
    row = {**python(plain, record), **links}
    if row.get("took") is not None:
        row["took"] = read_seconds(row["took"])
    for name in ("stay", "spot"):
        for part, value in (row.get(name) or {}).items():
            row[f"{name}__{part}"] = date.fromisoformat(value) if name == "stay" and value else value
    return row


def create(connection: sa.Connection) -> None:
    metadata.drop_all(connection)
    metadata.create_all(connection)
    for found in PLACES.values():
        parent = found["parent"] and UUID(PLACES[found["parent"]]["id"])
        row = {
            "name": found["name"],
            "size": found["size"] and Decimal(found["size"]),
            "open": found["open"],
            "opened": found["opened"] and date.fromisoformat(found["opened"]),
        }
        connection.execute(places.insert(), {"id": UUID(found["id"]), "parent": parent, **row})


class TableColumns:
    """Columns of a table, links joined on demand: the shape in which the engine offers them."""

    def __init__(self, table: Any, root: "TableColumns | None" = None) -> None:
        self.table = table
        self.root = root or self
        self.hops: dict[str, TableColumns] = {}
        self.joined: Any = table

    def column(self, path: tuple[str, ...]) -> sa.ColumnElement[Any]:
        if len(path) == 1:
            return self.table.c[path[0]]  # type: ignore[no-any-return]
        if path[0] in ("stay", "spot"):
            return self.table.c[f"{path[0]}__{path[1]}"]  # type: ignore[no-any-return]
        return self.hop(path[0]).column(path[1:])

    def hop(self, name: str) -> "TableColumns":
        if name not in self.hops:
            target = places.alias()
            self.hops[name] = TableColumns(target, self.root)
            self.root.joined = self.root.joined.outerjoin(target, target.c.id == self.table.c[name])
        return self.hops[name]

    def lines(self, path: tuple[str, ...]) -> LinesSource:
        return _Lines(TableColumns(parts.alias()), self.table)


class _Lines(LinesSource):
    def __init__(self, child: TableColumns, parent: Any) -> None:
        object.__setattr__(self, "_child", child)
        object.__setattr__(self, "_parent", parent)

    @property
    def from_(self) -> Any:  # type: ignore[override]
        return self._child.joined  # type: ignore[attr-defined]

    @property
    def condition(self) -> Any:  # type: ignore[override]
        return self._child.table.c.asset == self._parent.c.id  # type: ignore[attr-defined]

    @property
    def columns(self) -> Any:  # type: ignore[override]
        return self._child  # type: ignore[attr-defined]


NOW = "2026-03-15T10:30:45.123456Z"
TODAY = "2026-03-16"
USER = {"id": PLACES["hall"]["id"], "teams": ["team-1", "team-2"], "roles": ["keeper"], "locale": "en"}


def wire_bindings(given: Mapping[str, Any]) -> dict[str, Any]:
    """Bindings as the browser gets them; a vector may say others."""
    bindings = {"now": NOW, "today": TODAY, "user": USER, "old": None, "isNew": False, "changed": [], **given}
    if bindings["old"] is not None:
        bindings["old"] = wire(bindings["old"])
    return bindings


def python_bindings(given: Mapping[str, Any]) -> Bindings:
    wired = wire_bindings(given)
    user = wired["user"] or {}
    return Bindings(
        now=wired["now"] and datetime.fromisoformat(wired["now"]).astimezone(UTC),
        today=wired["today"] and date.fromisoformat(wired["today"]),
        user=User(
            user.get("id"), tuple(user.get("teams", ())), tuple(user.get("roles", ())), user.get("locale")
        ),
        old=None if wired["old"] is None else python(wired["old"]),
        is_new=wired["isNew"],
        changed=frozenset(wired["changed"]),
    )
