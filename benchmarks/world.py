"""What is measured: a tenant with loaded records, the reference's copy of its table, and both behind granian."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from benchmarks.rows import bodies
from fieldstone.app.embedded import Endpoints, servers
from fieldstone.app.embedded.endpoints import without_driver
from fieldstone.engine.identity import IdentityGuard, create_key, find_person
from fieldstone.engine.ids import new_id
from fieldstone.engine.records.program import program_for
from fieldstone.engine.records.write import SYSTEM, lexemes, row_values
from fieldstone.engine.service import Engine
from fieldstone.engine.storage.connection import Database
from fieldstone.engine.storage.tables import SEARCH
from fieldstone.engine.tenants.create import Created, create_tenant, prepare_database
from fieldstone.metadata.definitions import Model
from fieldstone.metadata.documents import Package, read_package

PACKAGE = Path(__file__).parent / "package"
ENTITY = "account_record"
COPIES = "bench_reference"
MONEY = ("turnover", "ceiling", "used")


@dataclass(frozen=True, slots=True)
class World:
    """Everything a measurement needs. `table` is the loaded table, `copy` the reference's, both qualified."""

    endpoints: Endpoints
    home: Path
    engine: Engine
    made: Created
    package: Package
    key: str
    rows: int

    @property
    def table(self) -> str:
        return f'"{self.made.tenant.schema}".{ENTITY}'

    @property
    def copy(self) -> str:
        return f"{COPIES}.{ENTITY}"

    @property
    def base(self) -> str:
        """The address of the measured entity."""
        return f"/t/{self.made.tenant.name}/api/v1/{ENTITY}"

    def sql(self) -> "psycopg.Connection[Any]":
        """A plain connection as the application's role, which owns all tables."""
        return psycopg.connect(without_driver(self.endpoints.database_url), autocommit=True)

    def model(self) -> Model:
        return self.engine.read(self.engine.system_context(self.made.tenant), lambda tx: tx.model)


@contextmanager
def world(rows: int) -> Iterator[World]:
    """A new home with its own servers, gone afterwards."""
    home = Path(tempfile.mkdtemp(prefix="fs-bench-", dir="/tmp"))
    try:
        with servers(home) as endpoints:
            database = Database(endpoints.database_url)
            prepare_database(database)
            engine = Engine(database, guards=[IdentityGuard()])
            package = read_package(PACKAGE)
            made = create_tenant(engine, "bench", [package])
            with database.connection() as connection:
                admin = find_person(connection, made.tenant, "admin")
                assert admin is not None
                key = create_key(connection, made.tenant, admin.id)[1]
            built = World(endpoints, home, engine, made, package, key, rows)
            load(built, admin.id)
            yield built
            database.dispose()
    finally:
        servers_data = home / "servers"
        if servers_data.is_symlink():
            shutil.rmtree(servers_data.resolve(), ignore_errors=True)
        shutil.rmtree(home, ignore_errors=True)


def load(built: World, owner: Any) -> None:
    """Fill the tenant's table by COPY, and copy it with all its indexes for the reference."""
    names, lines = table_rows(built.model(), built.rows, owner)
    with built.sql() as connection:
        copy_rows(connection, built.table, names, lines)
        connection.execute(f"CREATE SCHEMA {COPIES}")
        connection.execute(f"CREATE TABLE {built.copy} (LIKE {built.table} INCLUDING ALL)")
        connection.execute(
            f"ALTER TABLE {built.copy} ADD FOREIGN KEY (above) REFERENCES {built.copy} (id),"
            f" ALTER version SET DEFAULT 1"
        )
        connection.execute(f"INSERT INTO {built.copy} SELECT * FROM {built.table}")
        for table in (built.table, built.copy):
            connection.execute(f"VACUUM ANALYZE {table}")


def copy_rows(
    connection: "psycopg.Connection[Any]", table: str, names: list[str], lines: Iterator[list[Any]]
) -> None:
    columns = ", ".join(f'"{name}"' for name in names)
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        for line in lines:
            copy.write_row(line)


def table_rows(
    model: Model, count: int, owner: Any, *, series: str = "L"
) -> tuple[list[str], Iterator[list[Any]]]:
    """Column names and rows as the record verbs would have stored the bodies of a series."""
    program = program_for(model, model.entities[ENTITY])
    now = datetime.now(UTC)

    def columns(body: dict[str, Any]) -> dict[str, Any]:
        values: dict[str, Any] = dict(body)
        for name in MONEY:
            amount = Decimal(body[name])
            values |= {name: amount, f"{name}_currency": "USD", f"{name}_base": amount}
        values["discount"] = Decimal(body["discount"])
        values["founded"] = date.fromisoformat(body["founded"])
        values["last_seen"] = datetime.fromisoformat(body["last_seen"])
        system = dict.fromkeys(SYSTEM) | {
            "id": new_id(), "version": 1, "created_at": now, "updated_at": now, "owner_id": owner,
        }  # fmt: skip
        row = system | row_values(program, values)
        row[SEARCH] = lexemes(row[SEARCH])
        return row

    names = list(columns(next(bodies(1))))
    return names, (list(columns(body).values()) for body in bodies(count, series=series))


def as_json(row: list[Any]) -> list[Any]:
    """A row without what only COPY understands."""
    return [value.obj if isinstance(value, Jsonb) else value for value in row]


@contextmanager
def served(app: str, environment: dict[str, str]) -> Iterator[int]:
    """An application factory behind granian, one process, in every measurement the same way; its port."""
    with web_process(app, environment) as (port, _):
        yield port


@contextmanager
def web_process(app: str, environment: dict[str, str]) -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
    """The same with the process, whose children do the work."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    granian = Path(sys.executable).parent / "granian"
    command = [
        str(granian), "--interface", "wsgi", "--factory", "--no-ws", "--host", "127.0.0.1", "--port", str(port),
        "--workers", "1", "--blocking-threads", "3", "--log-level", "warning", app,
    ]  # fmt: skip
    process = subprocess.Popen(command, env={**os.environ, **environment})
    try:
        _wait_for(port, process)
        yield port, process
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server does not answer")


def surroundings(built: World) -> dict[str, str]:
    """The environment of our web process."""
    return {
        "FIELDSTONE_HOME": str(built.home),
        "FIELDSTONE_DATABASE_URL": built.endpoints.database_url,
        "FIELDSTONE_REDIS_URL": built.endpoints.redis_url,
    }


@contextmanager
def both(built: World) -> Iterator[tuple[int, int]]:
    """Ports of Fieldstone and of the reference, on the same database."""
    ours = surroundings(built)
    theirs = {
        "BENCH_DATABASE_URL": built.endpoints.database_url,
        "BENCH_TENANT_SCHEMA": built.made.tenant.schema,
        "BENCH_CONTROL_SCHEMA": "fieldstone",
        "PYTHONPATH": str(Path(__file__).parent.parent),
    }
    with (
        served("fieldstone.app.wsgi:create_app", ours) as mine,
        served("benchmarks.reference:make_app", theirs) as other,
    ):
        yield mine, other
