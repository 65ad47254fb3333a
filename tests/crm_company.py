"""The demo company of the default CRM: made once per run, copied for each module that works with it.

Loading the demo records takes seconds, copying a database a fraction of one. The copies share the tenant's PostgreSQL
role with the original, so a copy is dropped as a database, never deleted as a tenant.
"""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import sqlalchemy as sa
from psycopg import sql
from ui_world import World, make_world, open_world

from fieldstone.app.demo import PASSWORD as PASSWORD
from fieldstone.app.embedded import Endpoints
from fieldstone.app.embedded.endpoints import without_driver
from fieldstone.app.embedded.storage import APPLICATION_ROLE, drop_database, make_database
from fieldstone.engine.identity import find_person, set_password

ROOT = Path(__file__).parents[1] / "apps" / "default_crm"
TENANT = "kingfisher"
COMPANY = {"name": "Kingfisher Trading", "currency": "USD", "time_zone": "Asia/Taipei"}


@contextmanager
def crm_company(endpoints: Endpoints, home: Path, name: str) -> Iterator[World]:
    """A copy of the demo company in a database of its own, for one module; `name` tells the copies apart."""
    assert endpoints.admin_url is not None
    admin = without_driver(endpoints.admin_url)
    original = _original(endpoints, home)
    copy = f"{sa.make_url(endpoints.database_url).database}_{name}"
    drop_database(admin, copy)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}").format(
                sql.Identifier(copy), sql.Identifier(original), sql.Identifier(APPLICATION_ROLE)
            )
        )
    world = open_world(_in_database(endpoints.database_url, copy), TENANT, PASSWORD)
    try:
        yield world
    finally:
        world.services.engine.database.dispose()
        drop_database(admin, copy)


def _original(endpoints: Endpoints, home: Path) -> str:
    """The name of the database with the company, which the first process that needs it makes while the others wait."""
    name, made = "demo_company", home / "demo_company.made"
    with (home / "demo_company.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            assert endpoints.admin_url is not None
            admin = without_driver(endpoints.admin_url)
            drop_database(admin, name)
            make_database(admin, name)
            _fill(_in_database(endpoints.database_url, name))
            made.touch()
    return name


def _fill(url: str) -> None:
    world = make_world(url, TENANT, ROOT, COMPANY, demo=True)
    engine = world.services.engine
    users = json.loads((ROOT / "demo" / "users.json").read_text())["records"]
    with engine.database.connection() as connection:
        for name in ("admin", *(user["values"]["username"] for user in users)):
            person = find_person(connection, world.tenant, name)
            assert person is not None, name
            set_password(connection, world.tenant, person.id, PASSWORD)
    engine.database.dispose()


def _in_database(url: str, name: str) -> str:
    return sa.make_url(url).set(database=name).render_as_string(hide_password=False)
