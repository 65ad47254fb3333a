"""Connections and transactions: how SQL reaches PostgreSQL, in as few round trips as its meaning allows.

SQLAlchemy builds and compiles the SQL and keeps the pool; psycopg sends it, because only psycopg can pipeline.
Connections are in autocommit mode and BEGIN/COMMIT are statements like any other, so that the start of a
transaction (role, lock, revision check), the work and the commit can travel together:

* the first `fetch` of a transaction carries its prelude,
* `defer` keeps a statement whose result nobody waits for until the commit, and they go out in one trip.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import psycopg
import sqlalchemy as sa
from psycopg.copy import LibpqWriter
from psycopg.types.json import Jsonb, set_json_dumps, set_json_loads
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.sql.elements import ClauseElement

from fieldstone.engine.context import Tenant
from fieldstone.engine.storage.copy_text import copy_text
from fieldstone.engine.storage.json_values import dumps, loads
from fieldstone.engine.storage.names import SCHEMA_MARK

DIALECT = PGDialect_psycopg()  # type: ignore[no-untyped-call]
UNREACHABLE = (psycopg.OperationalError, sa.exc.OperationalError)
"""What is raised where no answer came from the database."""

Row = tuple[Any, ...]


_PLACEHOLDER = re.compile(r"%%|%\((\w+)\)s")
Params = Sequence[Any] | Mapping[str, Any] | None


def positional(sql: str) -> tuple[str, tuple[str, ...]]:
    """SQL with `%(name)s` placeholders as SQL with `$1`, and the names in order.

    psycopg would do this at every execution, and for statements of some kilobytes that costs more than the rest.
    """
    names: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        name = found.group(1)
        return "%" if name is None else f"${names.setdefault(name, len(names) + 1)}"

    return _PLACEHOLDER.sub(number, sql), tuple(names)


_positional = lru_cache(maxsize=1024)(positional)


@dataclass(frozen=True, slots=True)
class Plan:
    """A compiled statement of no tenant in particular: SQL with the schema mark and `$n`, and its bound literals."""

    sql: str
    names: tuple[str, ...]
    literals: Mapping[str, Any]
    processors: Mapping[str, Any]

    def bind(self, values: Mapping[str, Any]) -> list[Any]:
        """Parameters to send, in order: the statement's own literals, overridden by `values`."""
        params = {**self.literals, **values} if values else self.literals
        processors = self.processors
        if not processors:
            return [params[name] for name in self.names]
        bound = []
        for name in self.names:
            value = params[name]
            process = processors.get(name)
            if process is not None and value is not None and not isinstance(value, Jsonb):
                value = process(value)
            bound.append(value)
        return bound


def compile_plan(statement: ClauseElement) -> Plan:
    """Compile a SQLAlchemy statement once; `bindparam`s without a value are given at each `fetch`."""
    compiled: Any = statement.compile(dialect=DIALECT)
    given = compiled.construct_params(_check=False) or {}
    if compiled.post_compile_params:  # IN lists: one parameter per value
        expanded = compiled._process_parameters_for_postcompile(given, _populate_self=True)
        given = expanded.parameters
    sql, names = positional(str(compiled))
    processors = {name: process for name, process in compiled._bind_processors.items() if name in names}
    return Plan(sql, names, {name: value for name, value in given.items() if name in names}, processors)


def text_plan(sql: str) -> Plan:
    """A statement written by hand (only in `storage`), with `%(name)s` parameters."""
    return Plan(*positional(sql), {}, {})


PIECE = 250
"""Rows that COPY is given at a time."""

UNSENT = 4_000_000
"""Bytes of them that may wait for the server here; only then is it waited for."""

BEGIN, COMMIT, ROLLBACK = text_plan("BEGIN"), text_plan("COMMIT"), text_plan("ROLLBACK")


class Database:
    """One PostgreSQL database and its pool. `round_trips` counts, for tests and the request log."""

    def __init__(self, url: str, *, pool_size: int = 8, max_overflow: int = 8) -> None:
        self.url = sa.make_url(url).set(drivername="postgresql+psycopg")
        self.engine = sa.create_engine(
            self.url,
            pool_size=pool_size,
            max_overflow=max_overflow,
            pool_recycle=1800,
            pool_reset_on_return=None,
            connect_args={"options": "-c timezone=UTC"},
        )
        sa.event.listen(self.engine, "connect", _prepare_connection)
        self.name = self.url.database or ""

    @contextmanager
    def connection(self) -> Iterator["Connection"]:
        """A pooled connection. One that comes back inside a transaction is rolled back, a broken one dropped."""
        pooled = self.engine.raw_connection()
        raw = pooled.driver_connection
        assert isinstance(raw, psycopg.Connection)
        try:
            yield Connection(raw)
        finally:
            try:
                if raw.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
                    raw.execute("ROLLBACK")
            except psycopg.Error:
                pooled.invalidate()
            else:
                pooled.close()

    def dispose(self) -> None:
        self.engine.dispose()


def _prepare_connection(raw: Any, _record: Any) -> None:
    raw.autocommit = True
    raw.prepare_threshold = 3
    raw.prepared_max = 500
    raw.cursor_factory = psycopg.RawCursor
    set_json_loads(loads, raw)
    set_json_dumps(dumps, raw)


class Connection:
    """One connection, outside or inside a transaction."""

    __slots__ = ("raw", "round_trips")

    def __init__(self, raw: "psycopg.Connection[Any]") -> None:
        self.raw = raw
        self.round_trips = 0

    def run(self, steps: Sequence[tuple[str, Params]]) -> list["psycopg.Cursor[Any]"]:
        """Send statements in one round trip; their cursors. The first error ends the rest."""
        self.round_trips += 1
        if len(steps) == 1:
            return [self._execute(*steps[0])]
        try:
            with self.raw.pipeline():
                return [self._execute(sql, params) for sql, params in steps]
        except psycopg.Error:
            # psycopg takes for prepared what an aborted pipeline was going to prepare: it must forget it all
            self.raw._prepared.clear()
            raise

    def _execute(self, sql: str, params: Params) -> "psycopg.Cursor[Any]":
        if isinstance(params, Mapping):
            sql, names = _positional(sql)
            params = [params[name] for name in names]
        return self.raw.execute(sql, params or None)

    def copy(
        self, steps: Iterable[tuple[str, Sequence[Sequence[Any]]]], meanwhile: Callable[[], Iterator[None]]
    ) -> None:
        """COPY rows, given as columns, into tables, one after the other.

        In pieces, and the columns of the next table are made before this one's end is waited for: the server stores
        what it has while the rest is made. Before the last end is waited for, `meanwhile` is gone through: what is
        done there must send nothing on this connection.
        """
        following = iter(steps)
        step = next(following, None)
        while step is not None:
            sql, columns = step
            self.round_trips += 1
            cursor = self.raw.cursor()
            writer = LibpqWriter(cursor, flush_threshold=UNSENT)
            with cursor, cursor.copy(sql, writer=writer) as copy:
                for start in range(0, len(columns[0]) if columns else 0, PIECE):
                    copy.write(copy_text([column[start : start + PIECE] for column in columns]))
                step = next(following, None)
                for _ in meanwhile() if step is None else ():
                    self.raw.pgconn.flush()

    def fetch(self, plan: Plan, values: Mapping[str, Any] | None = None, *, schema: str = "") -> list[Row]:
        """Rows of one statement, outside a tenant's transaction (control tables, sign-in)."""
        sql = plan.sql.replace(SCHEMA_MARK, schema) if schema else plan.sql
        cursor = self.run([(sql, plan.bind(values or {}))])[0]
        return _rows(cursor)

    def execute(self, sql: str, params: Params = None) -> None:
        self.run([(sql, params)])


FEW = 20
"""Up to so many gathered rows are sent as statements, which need no round trip of their own."""


@dataclass(frozen=True, slots=True)
class CopyInto:
    """Where COPY puts rows."""

    schema: str
    table: str
    columns: tuple[str, ...]

    def sql(self, schema: str) -> str:
        names = ", ".join(f'"{name}"' for name in self.columns)
        place = schema if self.schema == SCHEMA_MARK else f'"{self.schema}"'
        return f'COPY {place}."{self.table}" ({names}) FROM STDIN'


def nothing() -> Iterator[None]:
    """What there is to do meanwhile, usually."""
    return iter(())


class Gathered(Protocol):
    """Rows held back to be stored together: by statements, or when there are many by COPY."""

    def __len__(self) -> int: ...

    def statements(self) -> list[tuple[Plan, Mapping[str, Any]]]:
        """What inserts them one by one."""

    def copies(self) -> Iterator[tuple[CopyInto, Sequence[Sequence[Any]]]]:
        """The same rows for COPY, table by table, as columns."""

    def clear(self) -> None: ...


def _rows(cursor: "psycopg.Cursor[Any]") -> list[Row]:
    """All rows; none for a statement that gives none. (`description` would make an object per column to say so.)"""
    result = cursor.pgresult
    return cursor.fetchall() if result is not None and result.nfields else []


class TenantConnection:
    """A transaction in one tenant: its role is set, its schema filled in, its revision checked.

    With `revision`, the transaction holds the tenant's advisory lock shared (a publish waits for it, it for a
    publish) and fails with DivisionByZero, which expressions never raise, when another revision is current.
    """

    def __init__(
        self,
        connection: Connection,
        tenant: Tenant,
        *,
        revision: int | None = None,
        lock: bool = False,
        as_owner: bool = False,
        inside: bool = False,
        patience: float | None = None,
    ) -> None:
        """`inside`: the caller has begun a transaction on the connection, and ends it. `patience`: seconds after which
        the database takes the transaction back when nothing more comes, so that a process that stands still holds
        nobody up for ever.
        """
        self.connection = connection
        self.tenant = tenant
        self._quoted = f'"{tenant.schema}"'
        self._pending: list[tuple[str, Params]] = [] if inside else [("BEGIN", None)]
        if lock:
            self._pending.append(("SELECT pg_advisory_xact_lock_shared(%(key)s)", {"key": tenant.lock_key}))
        if not as_owner:
            self._pending.append((f'SET LOCAL ROLE "{tenant.role}"', None))
        if revision is not None:
            self._pending.append(
                (
                    f"SELECT 1 / (number = %(revision)s)::int FROM {self._quoted}._state",
                    {"revision": revision},
                )
            )
        if patience is not None:
            timeout = f"SET LOCAL idle_in_transaction_session_timeout = {max(1000, int(patience * 1000))}"
            self._pending.append((timeout, None))
        self._closed = False
        self._gathered: list[Gathered] = []
        self.meanwhile: Callable[[], Iterator[None]] = nothing
        """Work that needs no database, for the time in which many rows are stored."""
        self._last: list[tuple[str, Params]] = []

    def seal(self, plan: Plan, values: Mapping[str, Any]) -> None:
        """Send a statement right before the commit, in the same round trip: by the application, not by the tenant."""
        self._last = [("RESET ROLE", None), self._step(plan, values)]

    def gather(self, rows: Gathered) -> None:
        """Hold rows back until something else is sent, which sends them first. They may become more meanwhile."""
        if not any(rows is each for each in self._gathered):
            self._gathered.append(rows)

    def _pour(self) -> None:
        """Store what was gathered: what was deferred before it has gone out then."""
        gathered, self._gathered = self._gathered, []
        for each in gathered:
            if len(each) <= FEW:
                self._pending += [self._step(plan, params) for plan, params in each.statements()]
            else:
                pending, self._pending = self._pending, []
                if pending:
                    self.connection.run(pending)
                steps = ((into.sql(self._quoted), columns) for into, columns in each.copies())
                self.connection.copy(steps, self.meanwhile)
            each.clear()

    def _step(self, plan: Plan, values: Mapping[str, Any]) -> tuple[str, Params]:
        params = plan.bind(values)
        return plan.sql.replace(f'"{SCHEMA_MARK}"', self._quoted), params or None

    def fetch(self, plan: Plan, values: Mapping[str, Any] | None = None) -> list[Row]:
        """The rows of one statement; what was deferred goes out before it, in the same round trip."""
        return self.fetch_all([(plan, values or {})])[0]

    def fetch_all(
        self, plans: Iterable[tuple[Plan, Mapping[str, Any]]], *, last: bool = False
    ) -> list[list[Row]]:
        """The rows of several independent statements in one round trip, with the commit when `last`."""
        steps = [self._step(plan, values) for plan, values in plans]
        if self._gathered:
            self._pour()
        pending, self._pending = self._pending, []
        tail: list[tuple[str, Params]] = [("COMMIT", None)] if last else []
        cursors = self.connection.run([*pending, *steps, *tail])
        if last:
            self._closed = True
        wanted = cursors[len(pending) : len(pending) + len(steps)]
        return [_rows(cursor) for cursor in wanted]

    def defer(self, plan: Plan, values: Mapping[str, Any] | None = None) -> None:
        """Send a statement with the next one, or with the commit: nobody waits for its rows."""
        if self._gathered:
            self._pour()
        self._pending.append(self._step(plan, values or {}))

    def flush(self) -> None:
        """Send what was deferred now, so that its errors are raised here."""
        if self._gathered:
            self._pour()
        if self._pending:
            pending, self._pending = self._pending, []
            self.connection.run(pending)

    def savepoint(self, name: str) -> None:
        self._pending.append((f"SAVEPOINT {name}", None))
        self.flush()

    def rollback_to(self, name: str) -> None:
        self._pending, self._gathered = [], []
        self.connection.run([(f"ROLLBACK TO SAVEPOINT {name}", None)])

    def release(self, name: str) -> None:
        """Forget a savepoint, with the next statement: thousands of them would slow the transaction down."""
        self._pending.append((f"RELEASE SAVEPOINT {name}", None))

    def commit(self) -> None:
        """Send what was deferred, and the commit, in one round trip."""
        if self._gathered:
            self._pour()
        if self._closed:
            if self._pending:
                raise RuntimeError("statements were deferred after the last one was sent with the commit")
            return
        self._closed = True
        if (
            self._pending
            and not self._last
            and self._pending[0][0] == "BEGIN"
            and len(self._pending) <= 4
            and self._only_prelude()
        ):
            self._pending = []
            return
        pending, self._pending = self._pending, []
        self.connection.run([*pending, *self._last, ("COMMIT", None)])

    def _only_prelude(self) -> bool:
        return all(
            sql == "BEGIN"
            or sql.startswith(("SELECT pg_advisory_xact_lock_shared", "SET LOCAL ROLE", "SELECT 1 / (number"))
            for sql, _ in self._pending
        )

    def rollback(self) -> None:
        self._closed = True
        self._pending, self._gathered = [], []
        if self.connection.raw.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
            self.connection.run([("ROLLBACK", None)])
