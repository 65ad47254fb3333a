"""What a process of Fieldstone works with, built once at its start and passed on.

Everything that has a lifetime (connections, caches) hangs here, so that nothing needs a global.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine, create_engine

from fieldstone.app.embedded import Embedded, Endpoints
from fieldstone.app.embedded.endpoints import with_driver
from fieldstone.app.settings import Settings

CONNECTION_LIFETIME = 1800
"""Seconds; a backend keeps memory for every table it ever touched, so connections are renewed."""


@dataclass(frozen=True, slots=True)
class Services:
    """The settings and the things made from them."""

    settings: Settings
    endpoints: Endpoints
    database: Engine


def embedded(settings: Settings) -> Embedded:
    """The servers that `settings` ask for, not yet opened."""
    return Embedded(
        settings.home,
        database_url=settings.database_url,
        redis_url=settings.redis_url,
        system_user=settings.system_user,
    )


def make_services(settings: Settings, endpoints: Endpoints) -> Services:
    database = create_engine(
        with_driver(endpoints.database_url),
        pool_size=settings.web_threads,
        max_overflow=2,
        pool_recycle=CONNECTION_LIFETIME,
        pool_pre_ping=True,
    )
    return Services(settings, endpoints, database)


@contextmanager
def open_services(settings: Settings) -> Iterator[Services]:
    """Services for a command: on the servers of a running `serve`, or on its own for the time being."""
    with embedded(settings) as endpoints:
        services = make_services(settings, endpoints)
        try:
            yield services
        finally:
            services.database.dispose()
