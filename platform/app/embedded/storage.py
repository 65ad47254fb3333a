"""What Fieldstone needs inside a PostgreSQL cluster: its role, its database, and one function closed.

The application role is no superuser; it may create roles (one per tenant) and owns its database, so that it
can create schemas. Nobody but superusers may execute `set_config`: with it, one injected expression could
switch the role that separates tenants. Every step looks before it acts, so that a killed run is continued.
"""

from dataclasses import dataclass

import psycopg
from psycopg import sql

APPLICATION_ROLE = "fieldstone_app"
DATABASE = "fieldstone"


def answers(url: str) -> None:
    """Connect and ask the simplest question; psycopg.OperationalError when there is no answer."""
    with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
        connection.execute("SELECT 1")


def make_role(url: str, password: str) -> None:
    """The application role, with `password`. `url` logs in as superuser."""
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APPLICATION_ROLE]).fetchone()
        verb = "ALTER" if found else "CREATE"
        connection.execute(
            sql.SQL("{} ROLE {} LOGIN CREATEROLE NOSUPERUSER NOCREATEDB PASSWORD {}").format(
                sql.SQL(verb), sql.Identifier(APPLICATION_ROLE), sql.Literal(password)
            )
        )


def make_database(url: str, name: str = DATABASE) -> None:
    """A database as Fieldstone needs it, owned by the application role. `url` logs in as superuser."""
    with psycopg.connect(url, autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            connection.execute(
                sql.SQL(
                    "CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8' "
                    "LOCALE_PROVIDER builtin LOCALE 'C.UTF-8'"
                ).format(sql.Identifier(name), sql.Identifier(APPLICATION_ROLE))
            )
    with psycopg.connect(url, autocommit=True, dbname=name) as connection:
        connection.execute("REVOKE EXECUTE ON FUNCTION set_config(text, text, boolean) FROM PUBLIC")


def drop_database(url: str, name: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def is_ready(url: str) -> bool:
    """Whether role and database are there and closed as they must be. `url` logs in as superuser."""
    with psycopg.connect(url, autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            return False
    with psycopg.connect(url, autocommit=True, dbname=DATABASE) as connection:
        row = connection.execute(
            "SELECT has_function_privilege(%s, 'set_config(text, text, boolean)', 'EXECUTE')",
            [APPLICATION_ROLE],
        ).fetchone()
        return row is not None and not row[0]


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    """What a login finds about its database and itself. `version` is 180004 for 18.4."""

    version: int
    locale: str | None
    encoding: str
    role: str
    superuser: bool
    may_create_roles: bool
    may_create_schemas: bool
    may_set_config: bool


def database_facts(url: str) -> DatabaseFacts:
    with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
        row = connection.execute(
            "SELECT datlocale, pg_encoding_to_char(encoding), rolname, rolsuper, rolcreaterole,"
            " has_database_privilege(current_database(), 'CREATE'),"
            " has_function_privilege('set_config(text, text, boolean)', 'EXECUTE')"
            " FROM pg_database, pg_roles WHERE datname = current_database() AND rolname = current_user"
        ).fetchone()
        assert row is not None
        return DatabaseFacts(connection.info.server_version, *row)
