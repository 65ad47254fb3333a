"""Publishing while people work: nobody fails and nobody waits long; a kill leaves the old revision or the new one.

`DRILL_ROUNDS` (make drills) runs these at full length and with the exact bound; the ordinary run is shorter and takes
into account that the machine is busy with other tests.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from publish_world import PARTS, workshop

from fieldstone.engine.publish import run_builds
from fieldstone.engine.storage.tables import table_for

pytestmark = pytest.mark.drill

ROUNDS = int(os.environ.get("DRILL_ROUNDS", "0"))
WRITERS = 4
READ_SECONDS = 1.5
LONGEST_WAIT = 0.3 if ROUNDS else 3.0
STEP = 1 if ROUNDS else 14
"""Before every how manieth statement of a publish it is killed."""


def test_nobody_fails_and_nobody_waits_long_while_it_is_published(postgres_url: str) -> None:
    with workshop(postgres_url, "pub-busy", pool=12) as shop:
        stop = threading.Event()
        waits: list[float] = []
        faults: list[BaseException] = []
        numbers = iter(range(10_000_000))

        def work(verb: Any) -> None:
            while not stop.is_set():
                began = time.monotonic()
                try:
                    verb()
                except BaseException as error:
                    faults.append(error)
                    return
                waits.append(time.monotonic() - began)
                time.sleep(0.01)

        def write() -> None:
            shop.make(label=f"Busy {next(numbers)}", count=1)

        slow: list[float] = []

        def read_slowly() -> None:
            """A report that holds its locks for a second and a half."""
            while not stop.is_set():
                began = time.monotonic()

                def report(tx: Any) -> None:
                    tx.select(records_count())
                    time.sleep(READ_SECONDS)

                try:
                    shop.engine.read(shop.context, report)
                except BaseException as error:
                    faults.append(error)
                    return
                slow.append(time.monotonic() - began - READ_SECONDS)
                time.sleep(0.3)

        def records_count() -> Any:
            model = shop.engine.read(shop.context, lambda tx: tx.model)
            return sa.select(sa.func.count()).select_from(table_for(model.entities["part"]).table)

        threads = [threading.Thread(target=work, args=(write,)) for _ in range(WRITERS)]
        threads.append(threading.Thread(target=read_slowly))
        for thread in threads:
            thread.start()
        time.sleep(0.5)
        first = shop.revision
        times = []
        for round_ in range(max(ROUNDS // 4, 2)):
            began = time.monotonic()
            shop.go(part={"properties": {f"f{n}": {"type": "string"} for n in range(round_ + 1)}})
            times.append(time.monotonic() - began)
        stop.set()
        for thread in threads:
            thread.join(30)
        assert not faults, faults
        assert shop.revision == first + max(ROUNDS // 4, 2)
        print(f"{len(waits)} writes, longest {max(waits):.3f} s, publishes {[round(t, 2) for t in times]} s")
        assert len(waits) > 20
        assert max(waits + slow) < LONGEST_WAIT
        assert len(shop.listed("startsWith(label, 'Busy')")) > 20


CHILD = """
import sys, os
sys.path.insert(0, {tests!r})
from fieldstone.engine.storage.connection import Connection, Database
from fieldstone.engine.service import Engine
from fieldstone.engine.tenants.registry import TenantRegistry
from fieldstone.engine import publish

url, name, at = sys.argv[1], sys.argv[2], int(sys.argv[3])
database = Database(url)
engine = Engine(database)
with database.connection() as connection:
    tenant = TenantRegistry().find(connection, name)
context = engine.system_context(tenant)
plan = engine.read(context, publish.make_plan)
seen = 0
run = Connection._execute

def cut(self, sql, params):
    global seen
    if sys.argv[4] == "armed":
        seen += 1
        if seen > at:
            os.kill(os.getpid(), 9)
    return run(self, sql, params)

def one_by_one(self, steps):
    return [self._execute(sql, params) for sql, params in steps]

import fieldstone.engine.publish.apply as apply
attempt = apply._attempt
def counted(*given):
    Connection._execute, Connection.run = cut, one_by_one
    return attempt(*given)
apply._attempt = counted
publish.publish(engine, context, plan.base, plan.hash, [c.id for c in plan.needing_consent])
print(seen)
"""


def statements_of(url: str, name: str, at: int) -> subprocess.CompletedProcess[str]:
    code = CHILD.format(tests=str(Path(__file__).parents[2]))
    return subprocess.run(
        [sys.executable, "-c", code, url, name, str(at), "armed"], capture_output=True, text=True, timeout=60
    )


def test_a_kill_at_any_statement_leaves_the_old_revision_or_the_new(postgres_url: str) -> None:
    """A publish with every kind of statement is killed before its n-th, for each n, until it is through."""
    patch = {
        "required": ["label"],
        "properties": {
            "code": {"type": "integer"},
            "words": None,
            "size": {"type": "string", "unique": True},
            "twice": {"field": "formula", "formula": "count * 2", "stored": True},
        },
    }
    with workshop(postgres_url, "pub-kill") as shop:
        base = shop.revision
        shop.draft(
            part=patch, crate={"title": "Crate", "type": "object", "properties": {"name": {"type": "string"}}}
        )
        at, killed = 0, 0
        while True:
            done = statements_of(postgres_url, shop.tenant.name, at)
            wait_until_gone(postgres_url)
            if done.returncode == 0:
                break
            assert done.returncode == -signal.SIGKILL, done.stderr
            killed += 1
            if shop.revision > base:  # killed after the commit: what is left is the job of the builds
                run_builds(shop.engine, shop.tenant)
                break
            for each, part in zip(shop.ids, PARTS, strict=True):
                record = shop.record(each)
                assert record["code"] == part.get("code")
                assert "twice" not in record
            at += STEP
        assert killed >= 2
        print(f"killed {killed} times, before statement 0 to {at}")
        assert shop.revision == base + 1
        assert [shop.record(each)["code"] for each in shop.ids] == [7, 7, None, None]
        assert [shop.record(each)["twice"] for each in shop.ids] == [2, 4, 6, None]
        assert "words" not in shop.record(shop.ids[0])
        shop.make("crate", name="Blue")


def wait_until_gone(url: str) -> None:
    """PostgreSQL notices the loss of a client when it next reads from it: wait until its locks are gone."""
    plain = url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(plain, autocommit=True) as connection:
        for _ in range(100):
            found = connection.execute(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ExclusiveLock'"
            ).fetchone()
            if found is not None and found[0] == 0:
                return
            time.sleep(0.05)
    raise AssertionError("a killed publish still holds its lock")
