"""Fixtures for the whole suite: real servers, started once per run and shared by all its processes.

Each test process has a database and a Redis number of its own; the PostgreSQL cluster, and with it every
role, is shared by the processes of a run. The home lies in /tmp and is new for each run. FIELDSTONE_*
variables of the caller do not reach the tests.
"""

import os
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright
from rounds import TURN_VARIABLE, in_turn, turn

from fieldstone.app.embedded import Endpoints, servers
from fieldstone.app.embedded.endpoints import without_driver
from fieldstone.app.embedded.storage import DATABASE, make_database

HOME_VARIABLE = "FIELDSTONE_TEST_RUN_HOME"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return
    for name in [name for name in os.environ if name.startswith("FIELDSTONE_")]:
        del os.environ[name]
    os.environ[HOME_VARIABLE] = f"/tmp/fs-{secrets.token_hex(4)}"
    os.environ[TURN_VARIABLE] = str(turn())


def pytest_report_header() -> str:
    return f"{TURN_VARIABLE}={turn()}"


def pytest_xdist_auto_num_workers() -> int:
    """One more than processors: tests wait for browsers, servers and clocks, too."""
    return min(4, (os.cpu_count() or 1) + 1)


LONGEST = (
    "ui/browser/test_everybody.py",
    "docs/test_first_hour_screens.py",
    "docs/test_first_hour_implementer.py",
    "app/test_crash_drill.py",
    "apps/browser/",
    "ui/browser/",
    "house/",
    "engine/imports/",
)
"""Beginnings of paths in tests/ that take long: they come first, so that no process works alone at the end."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Long files first; of the cases of a `sampled` test, those whose turn it is, unless a test is asked for by name."""

    def place(item: pytest.Item) -> int:
        path = item.path.relative_to(Path(__file__).parent).as_posix()
        return next((n for n, start in enumerate(LONGEST) if path.startswith(start)), len(LONGEST))

    if not any("::" in argument for argument in config.args):
        families: dict[str, list[pytest.Item]] = {}
        for item in items:
            if item.get_closest_marker("sampled"):
                families.setdefault(item.nodeid.partition("[")[0], []).append(item)
        left: set[pytest.Item] = set()
        for cases in families.values():
            marker = cases[0].get_closest_marker("sampled")
            assert marker is not None
            left |= set(cases) - set(in_turn(cases, marker.args[0]))
        config.hook.pytest_deselected(items=list(left))
        items[:] = [item for item in items if item not in left]
    items.sort(key=place)


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        remove_home(Path(os.environ.pop(HOME_VARIABLE, "/tmp/fs-none")))


def remove_home(home: Path) -> None:
    """Delete a home, with the part of it that may lie elsewhere."""
    link = home / "servers"
    for folder in (link / "sockets", link):
        if folder.is_symlink():
            shutil.rmtree(folder.resolve(), ignore_errors=True)
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def test_home() -> Path:
    """FIELDSTONE_HOME of this run."""
    return Path(os.environ[HOME_VARIABLE])


@pytest.fixture(scope="session")
def endpoints(test_home: Path) -> Iterator[Endpoints]:
    """Servers that answer, with a database and a Redis number for this test process alone."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    with servers(test_home, durable=False) as shared:
        assert shared.admin_url is not None
        database = f"test_{worker}"
        make_database(without_driver(shared.admin_url), database)
        yield replace(
            shared,
            database_url=shared.database_url.replace(f"/{DATABASE}?", f"/{database}?"),
            admin_url=shared.admin_url.replace(f"/{DATABASE}?", f"/{database}?"),
            redis_url=shared.redis_url.replace("db=0", f"db={int(worker[2:]) % 16}"),
        )


@pytest.fixture(scope="session")
def postgres_url(endpoints: Endpoints) -> str:
    """SQLAlchemy URL of this process's database, as the application role."""
    return endpoints.database_url


@pytest.fixture(scope="session")
def admin_postgres_url(endpoints: Endpoints) -> str:
    """SQLAlchemy URL of this process's database, as superuser."""
    assert endpoints.admin_url is not None
    return endpoints.admin_url


@pytest.fixture(scope="session")
def redis_url(endpoints: Endpoints) -> str:
    return endpoints.redis_url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser per test process."""
    path = next((found for found in map(shutil.which, BROWSERS) if found), None)
    if path is None:
        pytest.fail("Chromium is missing; install it with: apt-get install chromium")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield launched
        launched.close()
