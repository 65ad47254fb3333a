"""What the engine writes down about the base entities is what the base package defines."""

import pytest
import sqlalchemy as sa
from identity_world import World

from fieldstone.engine.storage.base_tables import ROLE_GRANT, TEAM, USER
from fieldstone.engine.storage.tables import table_for
from fieldstone.engine.tenants.registry import TenantRegistry, find_tenant, list_tenants


@pytest.mark.parametrize("table", [USER, TEAM, ROLE_GRANT], ids=lambda table: table.name)
def test_columns_are_those_of_the_base_package(office: World, table: sa.TableClause) -> None:
    model = office.engine.read(office.system(), lambda tx: tx.model)
    built = table_for(model.entities[table.name]).table
    assert built.schema == table.schema
    for column in table.columns:
        assert type(built.c[column.name].type) is type(column.type), column.name


def test_tenants_are_found_by_name_and_remembered_for_a_while(office: World, rival: World) -> None:
    now = [0.0]
    registry = TenantRegistry(keep=5, clock=lambda: now[0])
    with office.database.connection() as connection:
        assert {"office", "rival"} <= {tenant.name for tenant in list_tenants(connection)}
        assert find_tenant(connection, "office") == office.tenant
        assert find_tenant(connection, "nowhere") is None
        asked = connection.round_trips
        assert registry.find(connection, "office") == registry.find(connection, "office") == office.tenant
        assert connection.round_trips == asked + 1
        now[0] = 6
        assert registry.remembered("office") is None
        registry.find(connection, "office")
        assert connection.round_trips == asked + 2
        for _ in range(2):
            assert registry.find(connection, "nowhere") is None
        assert connection.round_trips == asked + 4, "what is absent is asked for each time"
