"""The screens as a real server for tests: the WSGI application in a thread, on a real database."""

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from fieldstone.app.services import make_engine
from fieldstone.engine.context import Context, Tenant
from fieldstone.engine.egress import Egress
from fieldstone.engine.service import Engine
from fieldstone.engine.storage.connection import Database
from fieldstone.engine.tenants.create import delete_tenant, prepare_database
from fieldstone.engine.tenants.registry import TenantRegistry, need_tenant
from fieldstone.engine.vault import Vault
from fieldstone.packages.install import create_tenant_from
from fieldstone.ui import register

LIBRARY = Path(__file__).parent / "packages" / "library"


@dataclass(frozen=True)
class Services:
    engine: Engine
    tenants: TenantRegistry
    egress: Egress = Egress()


@dataclass(frozen=True)
class World:
    """A tenant with the library package, and an application that shows it."""

    services: Services
    tenant: Tenant
    password: str
    app: Flask

    @property
    def base(self) -> str:
        return f"/t/{self.tenant.name}"

    def close(self) -> None:
        delete_tenant(self.services.engine, self.tenant.name)
        self.services.engine.database.dispose()

    def system(self) -> Context:
        return self.services.engine.system_context(self.tenant)


def make_world(
    url: str,
    name: str,
    package: Path = LIBRARY,
    company: Mapping[str, Any] | None = None,
    *,
    demo: bool = False,
) -> World:
    services = _services(url)
    made = create_tenant_from(services.engine, name, [package], demo=demo, company=company)
    return _world(services, made.tenant, made.password)


def open_world(url: str, name: str, password: str) -> World:
    """A tenant that is there already; `password` is its administrator's."""
    services = _services(url)
    with services.engine.database.connection() as connection:
        tenant = need_tenant(connection, name)
    return _world(services, tenant, password)


def _services(url: str) -> Services:
    database = Database(url)
    prepare_database(database)
    return Services(make_engine(database, vault=Vault(b"k" * 32)), TenantRegistry())


def _world(services: Services, tenant: Tenant, password: str) -> World:
    app = Flask(__name__, root_path=str(LIBRARY.parent), static_folder=None, template_folder=None)
    register(app, services)
    return World(services, tenant, password, app)


def signed_in(world: World, username: str, password: str) -> FlaskClient:
    """A client with the session of somebody."""
    client = world.app.test_client()
    answer = client.post(f"{world.base}/sign-in", data={"username": username, "password": password})
    assert answer.status_code == 303
    return client


@contextmanager
def served(app: Flask, port: int = 0) -> Iterator[str]:
    """The application on a port of this machine; its address."""
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(10)


def token_of(html: str) -> str:
    """The CSRF token of a page."""
    found = re.search(r'name="csrf-token" content="([^"]+)"', html)
    assert found
    return found[1]
