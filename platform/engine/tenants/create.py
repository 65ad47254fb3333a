"""Creating and deleting a tenant: its schema, its role, its tables, its first revision and its administrator."""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg.types.json import Jsonb

from fieldstone.engine.context import Tenant
from fieldstone.engine.identity.passwords import hash_password
from fieldstone.engine.jobs import enqueue
from fieldstone.engine.models import package_sha
from fieldstone.engine.records import create
from fieldstone.engine.service import Engine
from fieldstone.engine.storage import control, ddl
from fieldstone.engine.storage.connection import Connection, Database, Params, compile_plan
from fieldstone.engine.storage.names import SCHEMA_MARK, lock_key, tenant_role, tenant_schema
from fieldstone.engine.tenants.base_entities import add_what_is_missing, base_sha
from fieldstone.engine.tenants.registry import list_tenants, need_tenant
from fieldstone.metadata.compile import compile_model
from fieldstone.metadata.definitions import Model
from fieldstone.metadata.documents import Package, PackageError
from fieldstone.metadata.requirements import in_dependency_order
from fieldstone.problems import FieldstoneError

NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
INSERT_TENANT = compile_plan(
    sa.insert(control.tenant).values(
        {name: sa.bindparam(name, type_=sa.Text()) for name in ("name", "schema", "role", "state")}
    )
)
ACTIVATE = compile_plan(
    sa.update(control.tenant)
    .where(control.tenant.c.name == sa.bindparam("tenant", type_=sa.Text()))
    .values(state="active")
)
FORGET = compile_plan(
    sa.delete(control.tenant).where(control.tenant.c.name == sa.bindparam("tenant", type_=sa.Text()))
)

TENANTS = compile_plan(
    sa.select(control.tenant.c.schema, control.tenant.c.role).where(control.tenant.c.state == "active")
)

CREDENTIAL = compile_plan(
    sa.insert(control.credential).values(
        tenant=sa.bindparam("tenant_name", type_=sa.Text()),
        user_id=sa.bindparam("user", type_=sa.Uuid()),
        password_hash=sa.bindparam("hash", type_=sa.Text()),
    )
)


class BadTenantName(FieldstoneError):
    """Tenant names are lower-case letters, digits and hyphens, beginning with a letter, at most 40."""

    code = "tenant.name"
    kind = "malformed"


class TenantExists(FieldstoneError):
    """The name is taken."""

    code = "tenant.exists"
    kind = "conflict"


@dataclass(frozen=True, slots=True)
class Created:
    """A new tenant and the password of its user `admin`, which is shown once and not kept."""

    tenant: Tenant
    password: str


def prepare_database(database: Database) -> None:
    """Create the control schema where it is missing, and what an earlier version left out of tenants' tables.

    Safe to run at every start, and by several at once; one that this version prepared already costs one query.
    """
    wanted = ddl.prepared_for(base_sha())
    with database.connection() as connection:
        if connection.fetch(ddl.STAMP)[0][0] == wanted:
            return
        connection.execute("SELECT pg_advisory_lock(7305531)")
        try:
            connection.run([(statement, None) for statement in ddl.control_statements()])
            bring_up_to_date(connection)
            add_what_is_missing(connection, list_tenants(connection))
            connection.execute(ddl.stamp(wanted))
        finally:
            connection.execute("SELECT pg_advisory_unlock(7305531)")


def bring_up_to_date(connection: Connection) -> None:
    """Add the `_` tables and columns that this version knows and the stored tenants lack."""
    tenants = {row[0]: row[1] for row in connection.fetch(TENANTS)}
    tables = [*control.control.sorted_tables, *control.local.sorted_tables]
    asked = {
        "schemas": [control.CONTROL, *tenants],
        "tables": sorted({table.name for table in tables}),
    }
    found = {(schema, name): columns for schema, name, columns in connection.fetch(ddl.COLUMNS, asked)}
    statements = []
    for table in control.control.sorted_tables:
        place = (control.CONTROL, table.name)
        statements += ddl.missing_columns(table, found[place], control.CONTROL)
    for schema, role in tenants.items():
        for table in control.local.sorted_tables:
            columns = found.get((schema, table.name))
            if columns is None:
                more = ddl.local_table(table, role)
            else:
                more = ddl.missing_columns(table, columns, ddl.MARK)
            statements += [statement.replace(SCHEMA_MARK, schema) for statement in more]
    if statements:
        connection.run([("BEGIN", None), *((each, None) for each in statements), ("COMMIT", None)])


def create_tenant(
    engine: Engine,
    name: str,
    packages: Sequence[Package],
    *,
    company: Mapping[str, Any] | None = None,
    admin: Mapping[str, Any] | None = None,
) -> Created:
    """Create a tenant with some packages and a user `admin` who holds the role `administrator`.

    Raises BadTenantName, TenantExists, and PackageError with every problem of the packages.
    """
    if not NAME.fullmatch(name):
        raise BadTenantName(
            f'"{name}" is no tenant name: use a-z, 0-9 and "-", beginning with a letter, at most 40.'
        )
    compiled = compile_model(packages, {}, engine.models.cache)
    if compiled.model is None:
        raise PackageError(compiled.problems)
    tenant = Tenant(
        name,
        tenant_schema(name),
        tenant_role(name, engine.database.name),
        lock_key(name, engine.database.name),
    )
    with engine.database.connection() as connection:
        _claim(connection, tenant)
        try:
            _build(
                connection,
                tenant,
                in_dependency_order(packages)[0],
                compiled.model,
                {"name": name, **(company or {})},
            )
            engine.models.put(tenant, 1, compiled.model)
            password = _first_user(engine, tenant, admin or {})
            connection.fetch(ACTIVATE, {"tenant": name})
        except BaseException:
            _drop(connection, tenant)
            raise
    return Created(tenant, password)


def _claim(connection: Connection, tenant: Tenant) -> None:
    values = {"name": tenant.name, "schema": tenant.schema, "role": tenant.role, "state": "creating"}
    try:
        connection.fetch(INSERT_TENANT, values)
    except psycopg.errors.UniqueViolation as error:
        raise TenantExists(f'There is a tenant "{tenant.name}" already.') from error


def _build(
    connection: Connection,
    tenant: Tenant,
    packages: Sequence[Package],
    model: Model,
    company: Mapping[str, Any],
) -> None:
    statements = [
        *ddl.create_role(tenant.role),
        *ddl.tenant_statements(tenant.role),
        *ddl.create_model(model, tenant.role),
    ]
    steps: list[tuple[str, Params]] = [("BEGIN", None)]
    steps += [(statement.replace(SCHEMA_MARK, tenant.schema), None) for statement in statements]
    shas = []
    for package in packages:
        content = package.to_json()
        shas.append(package_sha(content))
        steps.append(
            _insert(
                tenant,
                control.package,
                sha=shas[-1],
                name=package.name,
                version=package.version,
                content=content,
            )
        )
    first = {"number": 1, "kind": "install", "packages": shas, "tenant": {}, "changes": [], "note": ""}
    steps.append(_insert(tenant, control.revision, **first))
    steps.append(_insert(tenant, control.state, number=1, company=dict(company)))
    connection.run([*steps, ("COMMIT", None)])


def _insert(where: Tenant, table: sa.Table, **values: Any) -> tuple[str, Params]:
    plan = compile_plan(
        sa.insert(table).values({name: sa.bindparam(name, type_=table.c[name].type) for name in values})
    )
    bound = {key: Jsonb(value) if isinstance(value, (dict, list)) else value for key, value in values.items()}
    return plan.sql.replace(SCHEMA_MARK, where.schema), plan.bind(bound)


def _first_user(engine: Engine, tenant: Tenant, admin: Mapping[str, Any]) -> str:
    password = secrets.token_urlsafe(12)
    context = engine.system_context(tenant)

    def work(tx: Any) -> Any:
        user = create(tx, "user", {"username": "admin", "name": "Administrator", **admin})
        create(tx, "role_grant", {"user": str(user["id"]), "role": "administrator"})
        if tx.model.automations:  # as after a publish: a job sets schedules, once the tenant is active
            names = sorted(tx.model.automations)
            due = context.now + timedelta(seconds=10)
            enqueue(tx, "automation.published", {"names": names}, key="1", due_at=due)
        return user["id"]

    user_id = engine.write(context, work)
    with engine.database.connection() as connection:
        connection.fetch(
            CREDENTIAL, {"tenant_name": tenant.name, "user": user_id, "hash": hash_password(password)}
        )
    return password


def delete_tenant(engine: Engine, name: str) -> None:
    """Drop a tenant with everything in it. There is no way back but a backup."""
    with engine.database.connection() as connection:
        _drop(connection, need_tenant(connection, name))


def _drop(connection: Connection, tenant: Tenant) -> None:
    if connection.raw.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
        connection.raw.execute("ROLLBACK")
    connection.execute(ddl.drop_schema(tenant.schema))
    if connection.fetch(ddl.ROLE_EXISTS, {"role": tenant.role}):
        for statement in ddl.drop_role(tenant.role):
            connection.execute(statement)
    connection.fetch(FORGET, {"tenant": tenant.name})
