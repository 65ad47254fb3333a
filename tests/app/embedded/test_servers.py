"""The servers of a home: shared, private, and there again after any crash."""

import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import create_engine, text

from fieldstone.app.embedded.endpoints import without_driver


def test_application_role_reaches_its_database_through_sqlalchemy(postgres_url: str) -> None:
    engine = create_engine(postgres_url)
    with engine.connect() as connection:
        row = connection.execute(
            text("SELECT current_user, rolsuper, rolcreaterole FROM pg_roles WHERE rolname = current_user")
        ).one()
    engine.dispose()
    assert tuple(row) == ("fieldstone_app", False, True)


def test_database_sorts_by_builtin_locale(postgres_url: str) -> None:
    with psycopg.connect(without_driver(postgres_url)) as connection:
        row = connection.execute(
            "SELECT datlocprovider, datlocale, datcollversion IS NOT NULL FROM pg_database"
            " WHERE datname = current_database()"
        ).fetchone()
    assert row == ("b", "C.UTF-8", True)


def test_application_role_creates_schemas_and_roles_it_can_switch_to(postgres_url: str) -> None:
    with psycopg.connect(without_driver(postgres_url)) as connection:
        connection.execute("CREATE ROLE probe_role")
        connection.execute("GRANT probe_role TO CURRENT_USER WITH INHERIT FALSE, SET TRUE")
        connection.execute("CREATE SCHEMA probe AUTHORIZATION probe_role")
        connection.execute("SET LOCAL ROLE probe_role")
        assert connection.execute("SELECT current_user").fetchone() == ("probe_role",)
        connection.rollback()


def test_application_role_may_not_execute_set_config(postgres_url: str) -> None:
    with (
        psycopg.connect(without_driver(postgres_url)) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("SELECT set_config('role', 'postgres', true)")


def test_valkey_answers_with_password_only(redis_url: str) -> None:
    assert redis.Redis.from_url(redis_url).ping()
    socket = redis_url.split("@")[1].split("?")[0]
    with pytest.raises(redis.exceptions.AuthenticationError):
        redis.Redis(unix_socket_path=socket, retry=Retry(NoBackoff(), 0)).ping()
