"""The three back ends behind one call: a checked expression over records gives texts that can be compared."""

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from expressions.world import (
    TableColumns,
    assets,
    create,
    insert,
    python,
    python_bindings,
    wire,
    wire_bindings,
)

from fieldstone.expressions import Checked, compile_python, to_json
from fieldstone.expressions.python import dates, numbers
from fieldstone.expressions.sql import from_sql, to_predicate, to_sql

UI = Path(__file__).parents[2] / "ui"


def shown(value: Any) -> Any:
    """A result in one comparable form: null, true, false, or a text."""
    match value:
        case None | bool() | str():
            return value
        case int() | Decimal():
            return numbers.shown(value)
        case datetime():
            return value.isoformat()
        case date():
            return dates.shown(value)
        case _:
            raise TypeError(value)


class Python:
    name = "python"

    def run(
        self, checked: Checked, records: Sequence[Mapping[str, Any]], given: Mapping[str, Any]
    ) -> list[Any]:
        run = compile_python(checked)
        bindings = python_bindings(given)
        return [shown(run(python(wire(record)), bindings)) for record in records]

    def one(
        self, checked: Checked, records: Sequence[Mapping[str, Any]], number: int, given: Mapping[str, Any]
    ) -> Any:
        return self.run(checked, [records[number]], given)[0]


class Postgres:
    """Real tables; `load` replaces the records that `run` looks at."""

    name = "postgres"

    def __init__(self, url: str) -> None:
        self.engine = sa.create_engine(url)
        self.connection = self.engine.connect()
        # Another zone than UTC shows every function that secretly depends on the session.
        self.connection.execute(sa.text("SET TIME ZONE 'America/New_York'"))
        self.connection.execute(sa.text("SET statement_timeout = '20s'"))
        create(self.connection)
        self.connection.commit()
        self.loaded: Sequence[Mapping[str, Any]] = ()

    def close(self) -> None:
        self.connection.rollback()
        self.connection.close()
        self.engine.dispose()

    def load(self, records: Sequence[Mapping[str, Any]]) -> None:
        if self.loaded is records:
            return
        self.connection.rollback()
        for number, record in enumerate(records):
            insert(self.connection, number, record)
        self.loaded = records

    def one(
        self, checked: Checked, records: Sequence[Mapping[str, Any]], number: int, given: Mapping[str, Any]
    ) -> Any:
        return self.run(checked, records, given, assets.c.nr == number)[0]

    def run(
        self,
        checked: Checked,
        records: Sequence[Mapping[str, Any]],
        given: Mapping[str, Any],
        which: sa.ColumnElement[bool] | None = None,
    ) -> list[Any]:
        self.load(records)
        columns = TableColumns(assets)
        bindings = python_bindings(given)
        element = to_sql(checked, columns, bindings)
        if checked.type.kind == "datetime":
            # psycopg cannot read the first and last days of the range in another zone than UTC.
            element = sa.func.timezone("UTC", element)
        found = [element]
        if checked.type.kind == "boolean":
            found.append(to_predicate(checked, columns, bindings))
        query = sa.select(*(e.label(f"r{n}") for n, e in enumerate(found))).select_from(columns.joined)
        query = query if which is None else query.where(which)
        rows = self.connection.execute(query.order_by(assets.c.nr)).all()
        if len(found) == 2:
            assert [row[0] is True for row in rows] == [row[1] is True for row in rows], (
                "to_predicate differs"
            )
        values = [row[0].replace(tzinfo=UTC) if isinstance(row[0], datetime) else row[0] for row in rows]
        return [shown(from_sql(checked.type, value)) for value in values]


class Node:
    """One Node process that runs the browser's evaluator."""

    name = "node"

    def __init__(self, folder: Path) -> None:
        bundle = folder / "expressions.mjs"
        esbuild = UI / "node_modules" / ".bin" / "esbuild"
        entry = Path(__file__).with_name("evaluator.ts")
        subprocess.run(
            [
                esbuild,
                entry,
                "--bundle",
                "--platform=node",
                "--format=esm",
                f"--outfile={bundle}",
                "--log-level=error",
            ],
            check=True,
        )
        node = shutil.which("node")
        assert node is not None
        self.process = subprocess.Popen(
            [node, bundle], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(10)

    def run(
        self, checked: Checked, records: Sequence[Mapping[str, Any]], given: Mapping[str, Any]
    ) -> list[Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        request = {
            "expression": to_json(checked),
            "records": [wire(r) for r in records],
            "bindings": wire_bindings(given),
        }
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            raise AssertionError(f"node: {answer['error']}")
        return [_from_node(checked, value) for value in answer["values"]]

    def one(
        self, checked: Checked, records: Sequence[Mapping[str, Any]], number: int, given: Mapping[str, Any]
    ) -> Any:
        return self.run(checked, [records[number]], given)[0]


def _from_node(checked: Checked, value: Any) -> Any:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return numbers.shown(Decimal(value))
    if checked.type.kind == "datetime" and value is not None:
        return datetime.fromisoformat(value).isoformat()
    return value
