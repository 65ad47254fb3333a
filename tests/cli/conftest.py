"""One tenant for the commands, and a way to call them."""

import io
import os
from collections.abc import Callable, Iterator

import pytest
from identity_world import World, world

from fieldstone.app.embedded import Endpoints
from fieldstone.cli.command_line import main

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="package")
def shop(postgres_url: str) -> Iterator[World]:
    with world(postgres_url, "shop") as built:
        yield built


@pytest.fixture
def run(
    shop: World,
    endpoints: Endpoints,
    test_home: object,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Run:
    """Run a command in the tenant's database: its exit code, standard output and standard error."""
    monkeypatch.setenv("FIELDSTONE_HOME", os.fspath(test_home))  # type: ignore[call-overload]
    monkeypatch.setenv("FIELDSTONE_DATABASE_URL", endpoints.database_url)
    monkeypatch.setenv("FIELDSTONE_REDIS_URL", endpoints.redis_url)

    def call(*words: str, stdin: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        code = main([*words[:2], "--tenant", "shop", *words[2:]])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call
