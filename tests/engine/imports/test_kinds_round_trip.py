"""What is exported of every special type is read back as the same values, in every format."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fieldstone.engine.exports import ExportRequest, export
from fieldstone.engine.imports import ImportOptions, run_import
from fieldstone.engine.query.listing import list_records
from fieldstone.engine.query.request import ListRequest
from fieldstone.engine.records import create
from fieldstone.engine.service import Engine
from fieldstone.engine.storage.connection import Database
from fieldstone.engine.tenants.create import create_tenant, delete_tenant, prepare_database
from fieldstone.engine.vault import Vault
from fieldstone.metadata.documents import read_package

KINDS = Path(__file__).parents[2] / "packages" / "kinds"
FULL: dict[str, Any] = {
    "label": "full", "opens": "09:30:15", "effort": "P1DT2H", "stay": {"start": "2026-01-01", "end": None}, "stars": 4,
    "level": "high", "paint": "#ff8800", "picture": "truck-delivery", "spot": {"lat": -25.033, "lon": 121.5},
    "ean": "4006381333931", "tag": "=https://example.org", "token": "s3cret", "text": "<p>a &lt; <b>b</b></p>",
    "notes": "# H\n\n*x*", "query": "SELECT 1;\n  -- two",
}  # fmt: skip
KEPT = tuple(name for name in FULL if name != "token")


@pytest.fixture(scope="module")
def made(postgres_url: str) -> Iterator[tuple[Engine, Any]]:
    database = Database(postgres_url, pool_size=4)
    prepare_database(database)
    engine = Engine(database, vault=Vault(b"k" * 32))
    tenant = create_tenant(engine, "kinds-round-trip", [read_package(KINDS)]).tenant
    engine.write(engine.system_context(tenant), lambda tx: create(tx, "sample", FULL))
    yield engine, tenant
    delete_tenant(engine, tenant.name)
    database.dispose()


@pytest.mark.parametrize("kind", ["csv", "ndjson", "xlsx"])
def test_exported_values_are_imported_as_they_were(made: tuple[Engine, Any], kind: Any) -> None:
    engine, tenant = made
    context = engine.system_context(tenant)
    target = io.BytesIO()
    fields = (*FULL, "rank")
    export(engine, context, "sample", ExportRequest(filter='label == "full"', fields=fields), kind, target)
    data = target.getvalue()
    assert b"s3cret" not in data
    data = data.replace(b"full", kind.encode()) if kind != "xlsx" else data
    before = len(rows(engine, context))
    result = run_import(engine, context, "sample", data, kind, ImportOptions.from_json({}), name=f"a.{kind}")
    assert (result.created, result.failed) == (1, 0), result
    found = rows(engine, context)
    assert len(found) == before + 1
    new, old = found[-1], found[0]
    assert {name: new[name] for name in KEPT if name != "label"} == {
        name: old[name] for name in KEPT if name != "label"
    }
    assert new["token"] is None
    assert old["token"] == {"set": True}


def rows(engine: Engine, context: Any) -> list[dict[str, Any]]:
    request = ListRequest(sort=("id",), limit=200)
    return engine.read(context, lambda tx: list_records(tx, "sample", request)).data
