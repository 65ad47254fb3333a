"""A database that an earlier version made gets the tables and columns of this one at the next start."""

from fieldstone.engine.records import create, read, update
from fieldstone.engine.service import Engine
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import Connection, Database, text_plan
from fieldstone.engine.storage.ddl import COLUMNS, quote, stamp
from fieldstone.engine.tenants.create import create_tenant, delete_tenant, prepare_database
from fieldstone.engine.transaction import Transaction

GRANTS = text_plan(
    "SELECT privilege_type FROM information_schema.role_table_grants"
    " WHERE grantee = %(role)s AND table_name = %(table)s ORDER BY 1"
)
SHAPE = text_plan(
    "SELECT table_name, column_name::text, data_type FROM information_schema.columns WHERE table_schema = %(schema)s"
    " UNION ALL SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = %(schema)s"
    " UNION ALL SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE connamespace = %(schema)s::regnamespace ORDER BY 1, 2"
)
"""Columns, indexes and constraints of a schema."""


def test_what_an_earlier_version_left_out_is_added(postgres_url: str) -> None:
    database = Database(postgres_url, pool_size=2)
    prepare_database(database)
    tenant = create_tenant(Engine(database), "of-earlier-days", []).tenant
    asked = {
        "schemas": [tenant.schema],
        "tables": sorted(table.name for table in control.local.sorted_tables),
    }
    try:
        with database.connection() as connection:

            def columns() -> dict[str, list[str]]:
                return {row[1]: sorted(row[2]) for row in connection.fetch(COLUMNS, asked)}

            def rights(table: str) -> list[str]:
                return [row[0] for row in connection.fetch(GRANTS, {"role": tenant.role, "table": table})]

            whole, granted = columns(), rights("_merge")
            schema = quote(tenant.schema)
            connection.execute(f"DROP TABLE {schema}._merge")
            connection.execute(f"ALTER TABLE {schema}._import DROP COLUMN errors")
            connection.execute(stamp("what an earlier version wanted"))
            assert columns() != whole
            prepare_database(database)
            assert columns() == whole
            assert rights("_merge") == granted
    finally:
        delete_tenant(Engine(database), "of-earlier-days")
        database.dispose()


def test_what_an_earlier_base_layer_left_out_is_added_to_each_tenant(postgres_url: str) -> None:
    database = Database(postgres_url, pool_size=2)
    prepare_database(database)
    engine = Engine(database)
    tenants = [create_tenant(engine, name, []).tenant for name in ("of-old-base", "of-old-base-two")]
    try:
        with database.connection() as connection:

            def shape(connection: Connection, schema: str) -> list[tuple[str, str, str]]:
                return connection.fetch(SHAPE, {"schema": schema})  # type: ignore[return-value]

            whole = {tenant.schema: shape(connection, tenant.schema) for tenant in tenants}
            north = engine.write(
                engine.system_context(tenants[0]), lambda tx: create(tx, "team", {"name": "North"})
            )
            for tenant in tenants:
                schema = quote(tenant.schema)
                for each in ("working_day", "working_calendar__hours", "working_calendar"):
                    connection.execute(f"DROP TABLE {schema}.{each}")
                connection.execute(f"ALTER TABLE {schema}.team DROP COLUMN active, DROP COLUMN manager")
                connection.execute(f"ALTER TABLE {schema}.user DROP COLUMN _search")
                connection.execute(f"DROP INDEX {schema}.ix_user_team")
            connection.execute(stamp("what an earlier version wanted"))
            prepare_database(database)
            assert {tenant.schema: shape(connection, tenant.schema) for tenant in tenants} == whole
            prepare_database(database)

            def use(tx: Transaction) -> None:
                assert read(tx, "team", north["id"])["active"] is True, "old records have the default"
                update(tx, "team", north["id"], {"active": False})
                calendar = create(tx, "working_calendar", {"name": "Plant"})
                create(
                    tx,
                    "working_day",
                    {"calendar": str(calendar["id"]), "date": "2026-02-16", "kind": "holiday"},
                )

            engine.write(engine.system_context(tenants[0]), use)
    finally:
        for tenant in tenants:
            delete_tenant(engine, tenant.name)
        database.dispose()
