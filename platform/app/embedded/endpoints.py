"""Where PostgreSQL and Redis are: the addresses that the rest of the product connects to.

Database addresses are SQLAlchemy URLs with the psycopg driver, whatever spelling an operator used, so that
nobody downstream has to look at the scheme again.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote

from fieldstone.app.embedded.private import write_private

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Addresses of the servers in use.

    `database_url` logs in as the application role. `admin_url` logs in as superuser and is None unless the
    server is the embedded one. `redis_url` is for `redis.Redis.from_url`.
    """

    database_url: str
    admin_url: str | None
    redis_url: str


def with_driver(url: str) -> str:
    """`url` as an SQLAlchemy URL for psycopg 3."""
    scheme, separator, rest = url.partition("://")
    return f"postgresql+psycopg://{rest}" if separator and scheme in ("postgres", "postgresql") else url


def without_driver(url: str) -> str:
    """`url` as libpq and psycopg.connect understand it."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def postgres_url(role: str, password: str, database: str, sockets: Path) -> str:
    return f"postgresql+psycopg://{role}:{quote(password)}@/{database}?host={quote(str(sockets), safe='')}"


def redis_url(password: str, socket: Path) -> str:
    return f"unix://:{quote(password)}@{quote(str(socket))}?db=0"


def save(endpoints: Endpoints, path: Path) -> None:
    write_private(path, json.dumps({"format": FORMAT, **asdict(endpoints)}, indent=1) + "\n")
