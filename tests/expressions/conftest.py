"""The three back ends, each started once per test process."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from expressions.backends import Node, Postgres, Python


@pytest.fixture(scope="session")
def postgres(postgres_url: str) -> Iterator[Postgres]:
    backend = Postgres(postgres_url)
    yield backend
    backend.close()


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    folder: Path = tmp_path_factory.mktemp("expressions")
    backend = Node(folder)
    yield backend
    backend.close()


@pytest.fixture(scope="session")
def backends(postgres: Postgres, node: Node) -> tuple[Python, Postgres, Node]:
    return Python(), postgres, node
