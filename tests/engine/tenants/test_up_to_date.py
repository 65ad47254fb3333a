"""A database that an earlier version made gets the tables and columns of this one at the next start."""

from fieldstone.engine.service import Engine
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import Database, text_plan
from fieldstone.engine.storage.ddl import COLUMNS, quote, stamp
from fieldstone.engine.tenants.create import create_tenant, delete_tenant, prepare_database

GRANTS = text_plan(
    "SELECT privilege_type FROM information_schema.role_table_grants"
    " WHERE grantee = %(role)s AND table_name = %(table)s ORDER BY 1"
)


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
