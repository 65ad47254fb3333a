"""The second fence: what a tenant's database role can do when an expression was injected into its SQL.

Values are bound and columns come from the field map, so nothing should ever be injected. If something is, it
is an expression inside a SELECT, running as the tenant's role.
"""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from identity_world import World
from psycopg import errors as pg

from fieldstone.engine.records import create
from fieldstone.engine.storage.connection import TenantConnection, text_plan


def run_as_tenant(office: World, sql: str) -> list[tuple[Any, ...]]:
    """One statement in a transaction of the tenant, exactly as a verb would send it."""
    with office.database.connection() as connection:
        scoped = TenantConnection(connection, office.tenant, revision=1, lock=True)
        try:
            rows = scoped.fetch(text_plan(sql))
            scoped.commit()
        except psycopg.Error:
            scoped.rollback()
            raise
    return rows


def inject(office: World, expression: str) -> list[tuple[Any, ...]]:
    return run_as_tenant(office, f'SELECT id, ({expression}) FROM "{office.tenant.schema}"."user" LIMIT 1')


def test_the_role_is_the_tenant_s_and_its_own_records_are_there(office: World) -> None:
    assert inject(office, "current_user")[0][1] == office.tenant.role
    assert run_as_tenant(office, f'SELECT count(*) FROM "{office.tenant.schema}"._history')[0][0] > 0


def rival_schema(rival: World) -> str:
    return f'"{rival.tenant.schema}"'


EXPRESSIONS: dict[str, Callable[[World], str]] = {
    "switch role by set_config": lambda rival: f"set_config('role', '{rival.tenant.role}', true)",
    "switch role for the session": lambda rival: "set_config('role', 'none', false)",
    "become the application": lambda rival: "set_config('session_authorization', 'fieldstone_app', false)",
    "change the search path": lambda rival: f"set_config('search_path', '{rival.tenant.schema}', true)",
    "set_config through the catalogue": lambda rival: (
        "(SELECT set_config(name, 'none', true) FROM pg_catalog.pg_settings WHERE name = 'role')"
    ),
    "set_config inside xml": lambda rival: (
        "query_to_xml('SELECT set_config(''role'', ''none'', true)', true, true, '')::text"
    ),
    "another tenant's records": lambda rival: f'(SELECT username FROM {rival_schema(rival)}."user" LIMIT 1)',
    "another tenant's history": lambda rival: f"(SELECT id FROM {rival_schema(rival)}._history LIMIT 1)",
    "another tenant's records through xml": lambda rival: (
        f"query_to_xml('SELECT * FROM {rival_schema(rival)}.\"user\"', true, true, '')::text"
    ),
    "list of tenants": lambda rival: "(SELECT name FROM fieldstone.tenant LIMIT 1)",
    "API keys": lambda rival: "(SELECT hash FROM fieldstone.api_key LIMIT 1)",
    "sessions": lambda rival: "(SELECT hash FROM fieldstone.session LIMIT 1)",
    "passwords": lambda rival: "(SELECT password_hash FROM fieldstone.credential LIMIT 1)",
    "links": lambda rival: "(SELECT hash FROM fieldstone.token LIMIT 1)",
    "database roles' passwords": lambda rival: "(SELECT rolpassword FROM pg_authid LIMIT 1)",
    "files of the server": lambda rival: "pg_read_file('/etc/passwd')",
    "folders of the server": lambda rival: "(SELECT pg_ls_dir('.') LIMIT 1)",
    "large objects from files": lambda rival: "lo_import('/etc/passwd')",
}


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_one_injected_expression_gets_nowhere(office: World, rival: World, name: str) -> None:
    with pytest.raises((pg.InsufficientPrivilege, pg.UndefinedFunction)):
        inject(office, EXPRESSIONS[name](rival))


STATEMENTS: dict[str, str] = {
    "change history": "UPDATE \"{own}\"._history SET verb = 'x'",
    "delete history": 'DELETE FROM "{own}"._history',
    "truncate history": 'TRUNCATE "{own}"._history',
    "change the audit log": "UPDATE \"{own}\"._audit SET event = 'x'",
    "delete from the audit log": 'DELETE FROM "{own}"._audit',
    "make another revision current": 'UPDATE "{own}"._state SET number = 2',
    "write a revision": 'DELETE FROM "{own}"._revision',
    "write a package": 'DELETE FROM "{own}"._package',
    "write to another tenant": 'UPDATE "{other}"."user" SET name = \'x\'',
    "add a table": 'CREATE TABLE "{own}".trap (id int)',
    "drop a table": 'DROP TABLE "{own}".asset',
    "alter a table": 'ALTER TABLE "{own}".asset ADD COLUMN x int',
    "add a trigger": 'CREATE RULE r AS ON SELECT TO "{own}".asset DO INSTEAD NOTHING',
    "a key for oneself": (
        "INSERT INTO fieldstone.api_key (id, tenant, user_id, name, hash, hint) "
        "VALUES (gen_random_uuid(), 'office', gen_random_uuid(), '', '\\x00', '')"
    ),
    "a job in another tenant's name": (
        "INSERT INTO fieldstone.job (id, tenant, tenant_role, kind, payload) "
        "VALUES (gen_random_uuid(), '{other_name}', '{other_role}', 'x', '{{}}')"
    ),
    "change jobs": "UPDATE fieldstone.job SET state = 'done'",
    "delete jobs": "DELETE FROM fieldstone.job",
    "a table in public": "CREATE TABLE public.trap (id int)",
    "a program on the server": "COPY (SELECT 1) TO PROGRAM 'true'",
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_even_a_whole_injected_statement_cannot(office: World, rival: World, name: str) -> None:
    sql = STATEMENTS[name].format(
        own=office.tenant.schema,
        other=rival.tenant.schema,
        other_name=rival.tenant.name,
        other_role=rival.tenant.role,
    )
    with pytest.raises((pg.InsufficientPrivilege, pg.WrongObjectType)):
        run_as_tenant(office, sql)


def test_a_tenant_sees_its_own_jobs_only(office: World, rival: World) -> None:
    insert = (
        "INSERT INTO fieldstone.job (id, tenant, kind, payload) "
        "VALUES (gen_random_uuid(), '{}', 'greet', '{{}}') RETURNING tenant_role"
    )
    assert run_as_tenant(office, insert.format(office.tenant.name))[0][0] == office.tenant.role
    assert run_as_tenant(rival, insert.format(rival.tenant.name))[0][0] == rival.tenant.role
    seen = run_as_tenant(office, "SELECT DISTINCT tenant FROM fieldstone.job")
    assert seen == [(office.tenant.name,)]
    with office.database.connection() as connection:
        every = connection.fetch(text_plan("SELECT DISTINCT tenant FROM fieldstone.job WHERE kind = 'greet'"))
    assert {row[0] for row in every} == {office.tenant.name, rival.tenant.name}, "workers see all"


def test_a_tenant_cannot_pass_its_job_off_as_another_s(office: World, rival: World) -> None:
    sql = (
        "INSERT INTO fieldstone.job (id, tenant, kind, payload) "
        f"VALUES (gen_random_uuid(), '{rival.tenant.name}', 'greet', '{{}}')"
    )
    with pytest.raises(pg.ForeignKeyViolation):
        run_as_tenant(office, sql)


def test_a_tenant_cannot_give_its_rights_away(office: World, rival: World) -> None:
    table = f'"{office.tenant.schema}".asset'
    run_as_tenant(office, f'GRANT ALL ON {table} TO PUBLIC, "{rival.tenant.role}"')  # PostgreSQL only warns
    with office.database.connection() as connection:
        sql = f"SELECT has_table_privilege('{rival.tenant.role}', '{table}', 'SELECT')"
        assert connection.fetch(text_plan(sql)) == [(False,)]


@pytest.mark.parametrize(
    "value",
    [
        "'; DROP TABLE asset; --",
        "' OR true",
        '"; SELECT 1; --',
        "%(actor_id)s",
        "{tenant}",
        "\\'; SELECT 1",
        "$1",
        ":x",
    ],
)
def test_values_are_only_ever_values(office: World, value: str) -> None:
    made = office.engine.write(office.system(), lambda tx: create(tx, "asset", {"label": value}))
    assert made["label"] == value


def test_the_connection_is_the_application_again_after_a_tenant_s_transaction(office: World) -> None:
    with office.database.connection() as connection:
        for fails in (False, True):
            scoped = TenantConnection(connection, office.tenant)
            sql = "SELECT 1 / 0" if fails else "SELECT current_user"
            try:
                scoped.fetch(text_plan(sql))
                scoped.commit()
            except psycopg.Error:
                scoped.rollback()
            assert connection.fetch(text_plan("SELECT current_user"))[0][0] == "fieldstone_app"


def test_the_application_is_no_superuser_and_inherits_nothing_of_a_tenant(office: World) -> None:
    sql = (
        "SELECT rolsuper, rolbypassrls, pg_has_role(current_user, %(role)s, 'USAGE'), "
        "pg_has_role(current_user, %(role)s, 'SET') FROM pg_roles WHERE rolname = current_user"
    )
    with office.database.connection() as connection:
        assert connection.fetch(text_plan(sql), {"role": office.tenant.role})[0] == (
            False,
            False,
            False,
            True,
        )
