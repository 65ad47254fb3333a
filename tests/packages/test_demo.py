"""Demo data that people have worked with: flows are played once, at their time, and go with the records."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from fieldstone.app.services import make_engine
from fieldstone.engine import records
from fieldstone.engine.context import Tenant
from fieldstone.engine.service import Engine
from fieldstone.engine.storage.connection import Database
from fieldstone.engine.tenants.create import delete_tenant, prepare_database
from fieldstone.engine.tenants.registry import find_tenant
from fieldstone.packages import create_tenant_from, load_demo, remove_demo
from fieldstone.packages.seeding import BadSeed, seeded_records
from fieldstone.workflows import approvals

NAME = "played-demo"
ROLE = {
    "entities": [
        {"name": "asset", "verbs": {"create": "all", "read": "all", "update": "all", "delete": "all"}}
    ]
}
ANN, BEN, CORA = ({"$ref": f"user/{name}"} for name in ("ann", "ben", "cora"))


def person(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "values": {"username": name, "name": name.title(), **more}}


def act(name: str, who: str, do: str, record: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "as": f"user/{who}", "do": do, "record": f"asset/{record}", **more}


ASSETS = ("press", "mill", "saw", "lathe")
FLOWS = [
    act("submit", "ann", "submit", "press", at={"$days": -2}),
    act("back", "ben", "return", "press", comment="Which one?", at={"$days": -1}),
    act("mill", "ann", "submit", "mill"),
    act("handed", "ben", "transfer", "mill", to="user/cora", comment="Yours"),
    act("first", "ann", "submit", "saw", at={"$hours": -5}, order=1),
    act("agreed", "ben", "approve", "saw", at={"$hours": -4}, order=2),
    act("asked", "ann", "update", "lathe", values={"cap": 7}),
]
DOCUMENTS: Mapping[str, Any] = {
    "package.json": {"name": "stock", "version": "1.0.0"},
    "entities/asset.json": {
        "$schema": "https://fieldstone.dev/schemas/entity-1.json",
        "properties": {
            "label": {"type": "string"},
            "day": {"type": "string", "format": "date"},
            "cap": {"type": "integer", "approval": "raise"},
        },
    },
    "roles/clerk.json": ROLE,
    "workflows/purchase.json": {
        "entity": "asset",
        "on": {"submitted": {"day": "today()"}},
        "steps": [{"name": "boss", "type": "approve", "assign": [{"name": "m", "type": "manager"}]}],
    },
    "workflows/raise.json": {
        "entity": "asset",
        "field": "cap",
        "steps": [{"name": "boss", "type": "approve", "assign": [{"name": "m", "type": "manager"}]}],
    },
    "demo/user.json": {
        "entity": "user",
        "records": [person("ben"), person("ann", manager=BEN), person("cora")],
    },
    "demo/role_grant.json": {
        "entity": "role_grant",
        "records": [
            {"name": name, "values": {"user": user, "role": "clerk"}}
            for name, user in {"a": ANN, "b": BEN, "c": CORA}.items()
        ],
    },
    "demo/asset.json": {
        "entity": "asset",
        "records": [{"name": name, "values": {"label": name, "owner_id": ANN}} for name in ASSETS],
    },
    "demo/flows.json": {"flows": FLOWS},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stock")
    for file, body in DOCUMENTS.items():
        (folder / file).parent.mkdir(exist_ok=True)
        (folder / file).write_text(json.dumps(body))
    return folder


@pytest.fixture(scope="module")
def engine(postgres_url: str) -> Iterator[Engine]:
    database = Database(postgres_url, pool_size=4)
    prepare_database(database)
    yield make_engine(database)
    database.dispose()


@pytest.fixture(scope="module")
def tenant(engine: Engine, folder: Path) -> Iterator[Tenant]:
    made = create_tenant_from(engine, NAME, [folder], demo=True).tenant
    yield made
    delete_tenant(engine, NAME)


def known(engine: Engine, tenant: Tenant) -> dict[tuple[str, str], UUID]:
    return engine.read(engine.system_context(tenant), seeded_records)


def trail(engine: Engine, tenant: Tenant, asset: str) -> dict[str, Any]:
    which = known(engine, tenant)["asset", asset]
    (run,) = engine.read(engine.system_context(tenant), lambda tx: approvals.runs_of(tx, "asset", which))
    return run


def tasks(run: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(task["holder"]["name"], task["state"]) for step in run["steps"] for task in step["tasks"]]


def test_each_act_is_that_of_its_person_at_its_time(engine: Engine, tenant: Tenant) -> None:
    press = trail(engine, tenant, "press")
    two_days = datetime.now(UTC) - timedelta(days=2)
    assert (press["state"], tasks(press)) == ("returned", [("Ben", "returned")])
    assert abs(press["submitted_at"] - two_days) < timedelta(hours=1)
    which = known(engine, tenant)["asset", "press"]
    stored = engine.read(engine.system_context(tenant), lambda tx: records.read(tx, "asset", which))
    assert stored["day"] == two_days.date(), "what a submission sets is of that day"
    assert tasks(trail(engine, tenant, "mill"))[-1] == ("Cora", "open")
    assert trail(engine, tenant, "saw")["state"] == "approved"


def test_a_value_that_needs_approval_is_asked_for(engine: Engine, tenant: Tenant) -> None:
    which = known(engine, tenant)["asset", "lathe"]
    stored = engine.read(engine.system_context(tenant), lambda tx: records.read(tx, "asset", which))
    assert stored["cap"] is None
    assert stored["_pending"]["cap"]["value"] == 7


def test_flows_are_played_once(engine: Engine, tenant: Tenant) -> None:
    assert load_demo(engine, tenant) == 0
    assert trail(engine, tenant, "press")["state"] == "returned"


def test_an_act_that_is_refused_leaves_no_tenant_behind(engine: Engine, folder: Path, tmp_path: Path) -> None:
    for file, body in DOCUMENTS.items():
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text(json.dumps(body))
    wrong = {"flows": [act("early", "ben", "approve", "press")]}
    (tmp_path / "demo" / "flows.json").write_text(json.dumps(wrong))
    with pytest.raises(BadSeed, match=r"demo/flows\.json flows/early: Nobody is asked"):
        create_tenant_from(engine, "refused-demo", [tmp_path], demo=True)
    with engine.database.connection() as connection:
        assert find_tenant(connection, "refused-demo") is None


def test_an_engine_without_approvals_loads_the_records_alone(engine: Engine, folder: Path) -> None:
    plain = Engine(engine.database)
    made = create_tenant_from(plain, "plain-demo", [folder], demo=True).tenant
    try:
        which = known(plain, made)["asset", "press"]
        assert plain.read(plain.system_context(made), lambda tx: approvals.runs_of(tx, "asset", which)) == []
    finally:
        delete_tenant(plain, "plain-demo")


def test_demo_data_is_taken_away_with_what_runs_about_it(engine: Engine, tenant: Tenant) -> None:
    before = len(known(engine, tenant))
    assert remove_demo(engine, engine.system_context(tenant)) == (before, 0)
    assert known(engine, tenant) == {}
    assert load_demo(engine, tenant) == before, "and comes back whole"
    assert tasks(trail(engine, tenant, "mill"))[-1] == ("Cora", "open")
