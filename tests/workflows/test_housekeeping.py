"""Housekeeping clears up what is over and leaves what is not."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from fieldstone.engine.context import Tenant
from fieldstone.engine.ids import new_id
from fieldstone.engine.service import Engine
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import Database, compile_plan
from fieldstone.engine.tenants.create import create_tenant, delete_tenant, prepare_database
from fieldstone.workflows import keep_house


@pytest.fixture(scope="module")
def engine(postgres_url: str) -> Iterator[Engine]:
    database = Database(postgres_url, pool_size=2)
    prepare_database(database)
    yield Engine(database)
    database.dispose()


@pytest.fixture(scope="module")
def tenant(engine: Engine) -> Iterator[Tenant]:
    yield create_tenant(engine, "tidy", []).tenant
    delete_tenant(engine, "tidy")


def test_old_sessions_and_keys_go_and_new_ones_stay(engine: Engine, tenant: Tenant) -> None:
    now = datetime.now(UTC)
    keys, session = control.idempotency, control.session
    with engine.database.connection() as connection:
        for name, at in (("old", now - timedelta(days=2)), ("new", now)):
            connection.fetch(
                compile_plan(sa.insert(keys).values(actor=new_id(), key=name, body_hash=b"x", at=at)),
                schema=tenant.schema,
            )
            ends = at + timedelta(hours=12)
            row = {
                "id": new_id(),
                "tenant": tenant.name,
                "user_id": new_id(),
                "hash": name.encode(),
                "csrf": "c",
            }
            connection.fetch(
                compile_plan(sa.insert(session).values(**row, created_at=at, seen_at=at, expires_at=ends))
            )
        keep_house(engine)
        left = connection.fetch(compile_plan(sa.select(keys.c.key)), schema=tenant.schema)
        signed_in = connection.fetch(
            compile_plan(sa.select(session.c.hash).where(session.c.tenant == tenant.name))
        )
    assert left == [("new",)]
    assert [bytes(row[0]) for row in signed_in] == [b"new"]
