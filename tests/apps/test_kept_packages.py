"""Packages as they were shipped, kept as zips: every version of the platform opens them, with their records.

They are what upgrades start from. A zip is added when a version is released, and never changed.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from fieldstone.app.services import make_engine
from fieldstone.engine.query.listing import list_records
from fieldstone.engine.query.request import ListRequest
from fieldstone.engine.records import update
from fieldstone.engine.service import Engine
from fieldstone.engine.storage.connection import Database
from fieldstone.engine.tenants.create import delete_tenant, prepare_database
from fieldstone.metadata.documents import read_package
from fieldstone.packages import create_tenant_from

KEPT = sorted((Path(__file__).parent / "kept").glob("*.zip"))
CURRENT = Path(__file__).parents[2] / "apps" / "default_crm"


@pytest.fixture(scope="module")
def engine(postgres_url: str) -> Iterator[Engine]:
    database = Database(postgres_url, pool_size=4)
    prepare_database(database)
    yield make_engine(database)
    database.dispose()


@pytest.mark.parametrize("kept", KEPT, ids=lambda path: path.stem)
def test_a_kept_package_opens_with_its_records(engine: Engine, kept: Path) -> None:
    package = read_package(kept)
    assert kept.stem == f"{package.name}-{package.version}"
    name = f"kept-{package.name}-{package.version}".replace("_", "-").replace(".", "-")
    tenant = create_tenant_from(engine, name, [kept], demo=True).tenant
    try:
        context = engine.system_context(tenant)
        for folder, entity in package.documents:
            if folder == "entities":
                found = engine.read(
                    context, partial(list_records, entity=entity, request=ListRequest(limit=1))
                )
                assert found.data, f"{entity} has no demo record"
                record = found.data[0]
                same = engine.write(context, partial(update, entity=entity, record_id=record["id"], patch={}))
                assert same["version"] == record["version"]
    finally:
        delete_tenant(engine, name)


def test_the_current_version_is_kept_as_it_is() -> None:
    package = read_package(CURRENT)
    kept = {path.stem: path for path in KEPT}.get(f"{package.name}-{package.version}")
    how = "a new version? raise it in package.json; then: fieldstone package build apps/default_crm --out tests/apps/kept"
    assert kept is not None, how
    assert read_package(kept).to_json() == package.to_json(), how
