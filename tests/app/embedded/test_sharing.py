"""Who starts, shares and stops the servers of a home, and what they leave untouched."""

import json
import os
import pwd
import random
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
from running import as_ordinary_user, as_ourselves, kill_everything, new_home, processes_of, wait_until

from fieldstone.app.embedded import Embedded, servers
from fieldstone.app.embedded.endpoints import without_driver
from fieldstone.app.embedded.errors import HomeRefused
from fieldstone.app.embedded.folders import find_folders
from fieldstone.app.embedded.processes import listener, programs_in

HOLD = """
import sys, time
from pathlib import Path
from fieldstone.app.embedded import servers
with servers(Path(sys.argv[1]), durable=False) as endpoints:
    print(endpoints.database_url, flush=True)
    sys.stdin.read() if len(sys.argv) > 2 else time.sleep(600)
"""


@pytest.fixture
def home() -> Iterator[Path]:
    yield from new_home("share")


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """A home with a cluster that nobody runs."""
    for home in new_home("made"):
        with servers(home, durable=False):
            pass
        yield home


def postmaster(home: Path) -> int | None:
    folders = find_folders(home)
    return listener(folders.postgres_socket) if folders else None


def test_second_user_gets_the_same_servers_and_the_last_one_stops_them(home: Path) -> None:
    other = as_ourselves().start(home, "-c", HOLD, str(home))
    assert other.stdout is not None
    address = other.stdout.readline().strip()
    first = postmaster(home)
    with servers(home, durable=False) as endpoints:
        assert endpoints.database_url == address
        assert postmaster(home) == first
        saved = json.loads((home / "run" / "endpoints.json").read_text())
        assert saved["database_url"] == address
    assert postmaster(home) == first, "the other one still uses it"
    other.terminate()
    other.wait()
    wait_until(
        lambda: not processes_of(home), 20, "servers and guardian gone after their last user was killed"
    )
    assert not (home / "run" / "endpoints.json").exists()


def test_killed_server_is_started_again_at_the_same_address(home: Path) -> None:
    own = Embedded(home, durable=False)
    endpoints = own.open()
    assert own.ensure() is False
    pid = postmaster(home)
    assert pid
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: postmaster(home) is None, 10, "postgres dead")
    assert own.ensure() is True
    with psycopg.connect(without_driver(endpoints.database_url)) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    own.close()
    assert postmaster(home) is None


def test_pid_file_whose_number_was_reused_neither_misleads_nor_kills_a_stranger(made: Path) -> None:
    stranger = subprocess.Popen(["sleep", "600"], **as_server_account(made))
    data = made / "servers" / "postgres"
    owner = data.stat()
    text = f"{stranger.pid}\n{data.resolve()}\n1700000000\n5432\n\n\n 1 1\nready   \n"
    for path in (data / "postmaster.pid", made / "servers" / "sockets" / ".s.PGSQL.5432.lock"):
        path.write_text(text)
        os.chown(path, owner.st_uid, owner.st_gid)
    with (
        servers(made, durable=False) as endpoints,
        psycopg.connect(without_driver(endpoints.database_url)),
    ):
        assert postmaster(made) != stranger.pid
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def as_server_account(home: Path) -> dict[str, int]:
    """PostgreSQL believes in a pid only when a process of its own account has it."""
    owner = (home / "servers").stat()
    return {"user": owner.st_uid, "group": owner.st_gid} if os.geteuid() == 0 else {}


@pytest.mark.parametrize("text", ["", "not a number\n", "12"], ids=["empty", "words", "torn"])
def test_damaged_pid_file_is_no_obstacle(made: Path, text: str) -> None:
    data = made / "servers" / "postgres"
    (data / "postmaster.pid").write_text(text)
    os.chown(data / "postmaster.pid", data.stat().st_uid, data.stat().st_gid)
    with (
        servers(made, durable=False) as endpoints,
        psycopg.connect(without_driver(endpoints.database_url)),
    ):
        pass


def test_cluster_half_made_when_killed_is_made_anew(home: Path) -> None:
    maker = as_ourselves().start(home, "-c", HOLD, str(home))
    wait_until(lambda: (home / "servers" / "postgres.new" / "base").exists(), 20, "initdb at work")
    kill_everything(home, random.Random(1))
    maker.communicate()
    with servers(home, durable=False) as endpoints, psycopg.connect(without_driver(endpoints.database_url)):
        assert not (home / "servers" / "postgres.new").exists()


def test_everything_private_and_nothing_outside_the_home_changed(home: Path) -> None:
    outside = [home.parent, *home.parent.parents, Path(sys.prefix), Path(psycopg.__file__).parent]
    before = [stat.S_IMODE(path.stat().st_mode) for path in outside]
    with servers(home, durable=False):
        folders = find_folders(home)
        assert folders is not None
        for path in (folders.sockets, folders.data, folders.run, home / "log"):
            assert stat.S_IMODE(path.stat().st_mode) == 0o700, path
        for name in ("secrets.json", "endpoints.json"):
            assert stat.S_IMODE((home / "run" / name).stat().st_mode) == 0o600
        pid = postmaster(home)
        assert pid
        process = psutil.Process(pid)
        assert process.uids().real == folders.account.uid != 0
        assert not process.net_connections("tcp"), "listens on Unix sockets only"
    assert before == [stat.S_IMODE(path.stat().st_mode) for path in outside]


def test_path_too_long_for_a_socket_gets_a_short_private_one(home: Path) -> None:
    home.parent.mkdir(exist_ok=True)
    deep = home.parent / ("d" * 60) / ("e" * 60) / "var"
    with servers(deep, durable=False) as endpoints, psycopg.connect(without_driver(endpoints.database_url)):
        folders = find_folders(deep)
        assert folders is not None
        assert len(str(folders.postgres_socket)) < 100
        assert stat.S_IMODE(folders.sockets.stat().st_mode) == 0o700
        short = folders.sockets
    for each in short.iterdir():
        each.unlink()
    short.rmdir()
    with servers(deep, durable=False) as endpoints, psycopg.connect(without_driver(endpoints.database_url)):
        assert (deep / "servers" / "sockets").resolve() != short, "a cleaned /tmp is no obstacle"
    (deep / "servers" / "sockets").resolve().rmdir()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lends the servers another account")
def test_home_that_the_lent_account_cannot_reach_keeps_its_data_elsewhere(home: Path) -> None:
    closed = home.parent / "closed"
    closed.mkdir(mode=0o700)
    with servers(closed / "var", durable=False) as endpoints:
        place = (closed / "var" / "servers").resolve()
        assert place.parent == Path("/var/lib/fieldstone")
        with psycopg.connect(without_driver(endpoints.database_url)) as connection:
            connection.execute("CREATE TABLE kept (n int)")
    with (
        servers(closed / "var", durable=False) as endpoints,
        psycopg.connect(without_driver(endpoints.database_url)) as connection,
    ):
        connection.execute("SELECT n FROM kept")
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    subprocess.run(["rm", "-rf", place], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs two accounts")
def test_home_of_another_user_is_refused_with_its_name(home: Path) -> None:
    runner = as_ordinary_user()
    if runner is None:
        pytest.skip("no Python that an ordinary user can reach")
    with servers(home, durable=False):
        other = runner.start(home, "-c", HOLD, str(home))
        _, said = other.communicate(timeout=60)
    assert other.returncode != 0
    assert "HomeRefused" in said
    assert pwd.getpwuid(0).pw_name in said


def test_home_that_is_a_file_is_refused(home: Path) -> None:
    home.write_text("")
    with pytest.raises(HomeRefused, match="FIELDSTONE_HOME"):
        Embedded(home).open()


def test_given_addresses_are_used_and_no_server_is_started(home: Path) -> None:
    with servers(home, database_url="postgres://u:p@db/x", redis_url="redis://r/1") as endpoints:
        assert endpoints.database_url == "postgresql+psycopg://u:p@db/x"
        assert endpoints.redis_url == "redis://r/1"
        assert endpoints.admin_url is None
    assert not home.exists()


def test_only_the_server_without_an_address_is_started(home: Path) -> None:
    with servers(home, database_url="postgresql://u:p@db/x", durable=False) as endpoints:
        assert endpoints.redis_url.startswith("unix://")
        assert postmaster(home) is None
        assert not programs_in((home / "servers" / "postgres"), "postgres")
