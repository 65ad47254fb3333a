"""The drill: SIGKILL to everything while rows are written, start again, and nothing acknowledged is lost."""

import os
import random
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from running import (
    ORDINARY,
    Runner,
    as_ordinary_user,
    as_ourselves,
    is_healthy,
    kill_everything,
    new_home,
    processes_of,
    wait_until,
)

from fieldstone.app.embedded import servers
from fieldstone.app.embedded.endpoints import without_driver

ROUNDS = int(os.environ.get("DRILL_ROUNDS", "2"))
SEED = int(os.environ.get("DRILL_SEED", str(random.SystemRandom().randrange(10**6))))

WRITER = """
import sys, psycopg
from pathlib import Path
from fieldstone.app.embedded import servers
from fieldstone.app.embedded.endpoints import without_driver
with servers(Path(sys.argv[1])) as endpoints:
    with psycopg.connect(without_driver(endpoints.database_url), autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS written (n bigint PRIMARY KEY)")
        number = int(sys.argv[2])
        while True:
            connection.execute("INSERT INTO written VALUES (%s)", [number])
            print(number, flush=True)
            number += 1
"""

READER = """
import sys, psycopg
from pathlib import Path
from fieldstone.app.embedded import servers
from fieldstone.app.embedded.endpoints import without_driver
with servers(Path(sys.argv[1])) as endpoints:
    with psycopg.connect(without_driver(endpoints.database_url)) as connection:
        print(*(n for (n,) in connection.execute("SELECT n FROM written")))
"""


@pytest.fixture
def home() -> Iterator[Path]:
    yield from new_home("drill")


@pytest.fixture
def open_home() -> Iterator[Path]:
    """A home whose folder belongs to the ordinary user."""
    yield from new_home("user", ORDINARY if os.geteuid() == 0 else None)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def drill(runner: Runner, home: Path, rounds: int) -> None:
    order = random.Random(SEED)
    print(f"DRILL_SEED={SEED}")
    acknowledged: set[int] = set()
    for number in range(1, rounds + 1):
        port = free_port()
        serving = runner.serve(home, port)
        started = time.monotonic()
        wait_until(lambda: is_healthy(port) or serving.poll() is not None, 30, "healthy")  # noqa: B023
        assert serving.poll() is None, serving.communicate()
        print(f"round {number}: serves after {time.monotonic() - started:.1f} s")
        writer = runner.start(home, "-c", WRITER, str(home), str(number * 1_000_000))
        assert writer.stdout is not None
        first = writer.stdout.readline()
        assert first, writer.communicate()
        time.sleep(order.uniform(0, 0.5))
        assert kill_everything(home, order) >= 6
        said = first + writer.communicate()[0]
        serving.communicate()
        acknowledged |= {int(line) for line in said.splitlines(keepends=True) if line.endswith("\n")}
        found, errors = runner.start(home, "-c", READER, str(home)).communicate(timeout=60)
        lost = acknowledged - {int(word) for word in found.split()}
        assert not lost, f"round {number} lost {len(lost)} acknowledged rows, seed {SEED}\n{errors}"
    assert len(acknowledged) > rounds
    wait_until(lambda: not processes_of(home), 30, "nothing left running")


@pytest.mark.drill
def test_everything_killed_and_restarted_loses_nothing(home: Path) -> None:
    drill(as_ourselves(), home, ROUNDS)


@pytest.mark.drill
def test_the_same_as_an_ordinary_user(open_home: Path) -> None:
    runner = as_ordinary_user()
    if runner is None:
        pytest.skip("no Python with our packages that an ordinary user can reach")
    drill(runner, open_home, max(1, ROUNDS // 2) if ROUNDS < 20 else ROUNDS)
    assert open_home.stat().st_uid == (ORDINARY if os.geteuid() == 0 else os.geteuid())


def test_killed_supervisor_takes_its_children_and_servers_along(home: Path) -> None:
    port = free_port()
    serving = as_ourselves().serve(home, port)
    wait_until(lambda: is_healthy(port), 30, "healthy")
    serving.kill()
    serving.communicate()
    wait_until(lambda: not processes_of(home), 30, "web, servers and guardian gone")
    assert not is_healthy(port)


def test_dead_servers_and_web_come_back_under_a_running_supervisor(home: Path) -> None:
    port = free_port()
    serving = as_ourselves().serve(home, port)
    wait_until(lambda: is_healthy(port), 30, "healthy")
    for process in processes_of(home):
        if process.pid != serving.pid:
            process.kill()
    wait_until(lambda: is_healthy(port), 30, "healthy again")
    with (
        servers(home) as endpoints,
        psycopg.connect(without_driver(endpoints.database_url)) as connection,
    ):
        assert connection.execute("SELECT 1").fetchone() == (1,)
    serving.terminate()
    said, logged = serving.communicate(timeout=40)
    assert serving.returncode == 0, logged
    assert f"http://127.0.0.1:{port}" in said
    assert not processes_of(home)
