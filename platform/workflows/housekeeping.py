"""Housekeeping: what is over is deleted, once an hour, for all tenants. Each chore may fail without the others."""

import logging
import threading
from collections.abc import Callable

from fieldstone.engine import idempotency
from fieldstone.engine.identity.attempts import sweep_attempts
from fieldstone.engine.identity.sessions import sweep_sessions
from fieldstone.engine.jobs import sweep_jobs, sweep_refused
from fieldstone.engine.service import Engine
from fieldstone.engine.tenants.registry import list_tenants
from fieldstone.workflows.automations.trace import clear_old
from fieldstone.workflows.notifications.store import sweep as sweep_notices
from fieldstone.workflows.webhooks.events import sweep as sweep_events

log = logging.getLogger("fieldstone.housekeeping")
SECONDS = 3600.0


def keep_house(engine: Engine) -> None:
    """Do all chores once: sessions and sign-in counts whose time is over, idempotency keys older than a day, old jobs."""
    _attempt("sessions", lambda: _sessions(engine))
    _attempt("jobs", lambda: _jobs(engine))
    with engine.database.connection() as connection:
        tenants = list_tenants(connection)
    for tenant in tenants:
        _attempt(
            f"idempotency keys of {tenant.name}",
            lambda tenant=tenant: engine.write(engine.system_context(tenant), idempotency.sweep),  # type: ignore[misc]
        )
        _attempt(
            f"runs of automations of {tenant.name}",
            lambda tenant=tenant: engine.write(engine.system_context(tenant), clear_old),  # type: ignore[misc]
        )
        _attempt(
            f"notices of {tenant.name}",
            lambda tenant=tenant: engine.write(engine.system_context(tenant), sweep_notices),  # type: ignore[misc]
        )
        _attempt(
            f"events of web hooks of {tenant.name}",
            lambda tenant=tenant: engine.write(engine.system_context(tenant), sweep_events),  # type: ignore[misc]
        )


def _sessions(engine: Engine) -> None:
    with engine.database.connection() as connection:
        sweep_sessions(connection)
        sweep_attempts(connection)


def _jobs(engine: Engine) -> None:
    with engine.database.connection() as connection:
        sweep_jobs(connection)
        sweep_refused(connection)


def _attempt(what: str, chore: Callable[[], None]) -> None:
    try:
        chore()
    except Exception:
        log.exception("could not clear up %s", what)


def keep_house_forever(engine: Engine, stop: threading.Event, seconds: float = SECONDS) -> None:
    """Keep house now and every hour until told to stop."""
    while True:
        _attempt("anything", lambda: keep_house(engine))
        if stop.wait(seconds):
            return
