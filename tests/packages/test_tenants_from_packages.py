"""Tenants made from package folders, packages added later, and the records that packages bring along."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from fieldstone.engine.query.listing import list_records
from fieldstone.engine.query.request import ListRequest
from fieldstone.engine.service import Engine
from fieldstone.engine.storage.connection import Database
from fieldstone.engine.tenants.create import TenantExists, delete_tenant, prepare_database
from fieldstone.engine.tenants.registry import find_tenant
from fieldstone.metadata.documents import PackageError
from fieldstone.packages import add_package, create_tenant_from, load_records, plan_adding, remove_demo
from fieldstone.packages.adding import AlreadyInstalled

HERE = Path(__file__).parent
LIBRARY, PLAIN = HERE / "library", HERE / "plain"


@pytest.fixture(scope="module")
def engine(postgres_url: str) -> Iterator[Engine]:
    database = Database(postgres_url, pool_size=4)
    prepare_database(database)
    yield Engine(database)
    database.dispose()


@pytest.fixture
def name(engine: Engine, request: pytest.FixtureRequest) -> Iterator[str]:
    found = f"packages-{abs(hash(request.node.name)) % 10**6}"
    yield found
    with engine.database.connection() as connection:
        there = find_tenant(connection, found) is not None
    if there:
        delete_tenant(engine, found)


def count(engine: Engine, name: str, entity: str) -> int:
    with engine.database.connection() as connection:
        tenant = find_tenant(connection, name)
    assert tenant is not None
    context = engine.system_context(tenant)
    return engine.read(context, lambda tx: list_records(tx, entity, ListRequest(count="exact"))).count or 0


def test_demo_records_are_loaded_once_and_can_be_taken_away(engine: Engine, name: str) -> None:
    tenant = create_tenant_from(engine, name, [LIBRARY], demo=True).tenant
    books = count(engine, name, "book")
    assert books > 0
    assert load_records(engine, tenant, "demo") == 0, "loading again adds nothing"
    deleted, kept = remove_demo(engine, engine.system_context(tenant))
    assert deleted > 0
    assert kept == 0
    assert count(engine, name, "book") < books


def test_a_name_is_taken_once(engine: Engine, name: str) -> None:
    create_tenant_from(engine, name, [])
    with pytest.raises(TenantExists):
        create_tenant_from(engine, name, [])


def test_a_broken_package_leaves_no_tenant_behind(engine: Engine, name: str, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(LIBRARY, broken)
    author = broken / "entities" / "author.json"
    author.write_text(author.read_text().replace('"target": "author"', '"target": "autor"'))
    with pytest.raises(PackageError) as refused:
        create_tenant_from(engine, name, [broken])
    assert any('did you mean "author"' in str(problem) for problem in refused.value.problems)
    with engine.database.connection() as connection:
        assert find_tenant(connection, name) is None


def test_seed_records_that_a_rule_refuses_leave_no_tenant_behind(
    engine: Engine, name: str, tmp_path: Path
) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(LIBRARY, broken)
    (broken / "data" / "more.json").write_text(
        '{"entity": "book", "records": [{"name": "bad", "values": {"title": "T", "status": "used"}}]}'
    )
    with pytest.raises(Exception, match="bad"):
        create_tenant_from(engine, name, [broken])
    with engine.database.connection() as connection:
        assert find_tenant(connection, name) is None


def test_a_package_is_added_to_a_tenant_in_use_by_a_plan(engine: Engine, name: str) -> None:
    tenant = create_tenant_from(engine, name, [LIBRARY]).tenant
    context = engine.system_context(tenant)
    plan = plan_adding(engine, context, PLAIN)
    assert plan.problems == ()
    assert {change.cls for change in plan.changes} == {"safe"}
    assert any(change.op == "add_entity" for change in plan.changes)
    result = add_package(engine, context, PLAIN, plan.hash)
    assert result.revision == 2
    added = next(
        change.entity for change in plan.changes if change.op == "add_entity" and "__" not in change.entity
    )
    assert count(engine, name, added) == 0
    with pytest.raises(AlreadyInstalled):
        plan_adding(engine, engine.system_context(tenant), PLAIN)
