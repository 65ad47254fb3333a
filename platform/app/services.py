"""What a process of Fieldstone works with, built once at its start and passed on.

Everything that has a lifetime (connections, caches) hangs here, so that nothing needs a global.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from fieldstone.app.embedded import Embedded, Endpoints
from fieldstone.app.secret_key import secret_key
from fieldstone.app.settings import Settings
from fieldstone.engine.egress import Egress
from fieldstone.engine.identity import IdentityGuard
from fieldstone.engine.records.tree import TreeGuard
from fieldstone.engine.service import Engine
from fieldstone.engine.storage.connection import Database
from fieldstone.engine.tenants.create import prepare_database
from fieldstone.engine.tenants.registry import TenantRegistry
from fieldstone.engine.vault import Vault
from fieldstone.workflows import make_bell
from fieldstone.workflows.approvals import ApprovalGuard, AutomaticRuns, BoundFields, RunningApprovals, submit
from fieldstone.workflows.automations import Automations, Ports, outside
from fieldstone.workflows.webhooks import WebhookFollower

AUTOMATION_PORTS = Ports(notify=outside.notify, email=outside.email, webhook=outside.webhook, submit=submit)
"""What automations may ask of the rest of the product."""


@dataclass(frozen=True, slots=True)
class Services:
    """The settings and the things made from them."""

    settings: Settings
    endpoints: Endpoints
    engine: Engine
    tenants: TenantRegistry

    @property
    def database(self) -> sa.Engine:
        """The pool below the engine, for checks that concern no tenant."""
        return self.engine.database.engine

    @property
    def egress(self) -> Egress:
        """The way out to other hosts."""
        return Egress(self.settings.egress_allow)


def embedded(settings: Settings) -> Embedded:
    """The servers that `settings` ask for, not yet opened."""
    return Embedded(
        settings.home,
        database_url=settings.database_url,
        redis_url=settings.redis_url,
        system_user=settings.system_user,
    )


def make_services(settings: Settings, endpoints: Endpoints) -> Services:
    database = Database(
        endpoints.database_url, pool_size=settings.web_threads, max_overflow=settings.web_threads
    )
    engine = make_engine(database, bell=make_bell(endpoints.redis_url), vault=Vault(secret_key(settings)))
    return Services(settings, endpoints, engine, TenantRegistry())


def make_engine(
    database: Database, *, bell: Callable[[UUID], None] | None = None, vault: Vault | None = None
) -> Engine:
    """An engine with everything that watches changes: guards, web hooks, automations, approvals."""
    return Engine(
        database,
        guards=[IdentityGuard(), TreeGuard(), ApprovalGuard()],
        followers=[WebhookFollower(), Automations(AUTOMATION_PORTS), AutomaticRuns()],
        submit=submit,
        approvals=BoundFields(),
        running=RunningApprovals(),
        bell=bell,
        vault=vault,
    )


@contextmanager
def open_services(settings: Settings) -> Iterator[Services]:
    """Services for a command: on the servers of a running `serve`, or on its own for the time being."""
    with embedded(settings) as endpoints:
        services = make_services(settings, endpoints)
        try:
            prepare_database(services.engine.database)
            yield services
        finally:
            services.database.dispose()
