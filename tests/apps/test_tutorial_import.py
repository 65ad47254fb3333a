"""The main job on the tutorial's data: four spreadsheets to users, teams, products, customers and
opportunities.
"""

import csv
import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from fieldstone.engine.imports import ImportOptions, ImportResult, run_import
from fieldstone.engine.query.aggregate import aggregate
from fieldstone.engine.query.listing import list_records
from fieldstone.engine.query.request import AggregateRequest, GroupKey, ListRequest, Measure
from fieldstone.engine.service import Engine
from fieldstone.engine.storage.connection import Database
from fieldstone.engine.tenants.create import create_tenant, delete_tenant, prepare_database
from fieldstone.metadata.documents import read_package

ROOT = Path(__file__).parents[2]
DATA = ROOT / "docs" / "tutorial"
STEPS = [
    ("team", "sales_teams.csv", "offices.json", 2),
    ("user", "sales_teams.csv", "managers.json", 2),
    ("team", "sales_teams.csv", "teams.json", 2),
    ("user", "sales_teams.csv", "leads.json", 0),
    ("user", "sales_teams.csv", "agents.json", 6),
    ("product", "products.csv", "products.json", 4),
    ("customer", "accounts.csv", "accounts.json", 9),
    ("opportunity", "pipeline.csv", "pipeline.json", 60),
]


class Trial:
    def __init__(self, engine: Engine, tenant: Any) -> None:
        self.engine, self.tenant = engine, tenant

    def load(self, entity: str, file: str, mapping: str, **changes: Any) -> ImportResult:
        data = json.loads((DATA / mapping).read_text("utf-8")) | changes
        context = self.engine.system_context(self.tenant)
        content = (DATA / file).read_bytes()
        return run_import(
            self.engine, context, entity, content, "csv", ImportOptions.from_json(data), name=file
        )

    def ask(self, work: Callable[[Any], Any]) -> Any:
        return self.engine.read(self.engine.system_context(self.tenant), work)

    def records(self, entity: str, **request: Any) -> list[dict[str, Any]]:
        return self.ask(lambda tx: list_records(tx, entity, ListRequest(limit=200, **request))).data  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def trial(postgres_url: str) -> Iterator[Trial]:
    database = Database(postgres_url, pool_size=4)
    prepare_database(database)
    engine = Engine(database)
    made = create_tenant(engine, "tutorial-import", [read_package(ROOT / "apps" / "default_crm")])
    built = Trial(engine, made.tenant)
    for entity, file, mapping, created in STEPS:
        if entity == "customer":
            unsettled = built.load(entity, file, mapping, values={}, dry_run=True)
            found = {(each.field, each.value): each.suggestion for each in unsettled.links}
            assert found == {("industry", "machinry"): "Machinery", ("country", "Itly"): "Italy"}
        if entity == "opportunity":
            unsettled = built.load(entity, file, mapping, values={}, dry_run=True)
            assert [(each.value, each.suggestion) for each in unsettled.links] == [("Drive250", "Drive 250")]
            assert unsettled.links[0].count == unsettled.failed > 0
        result = built.load(entity, file, mapping)
        assert (result.state, result.created, result.failed) == ("done", created, 0), (
            file,
            result.errors[:3],
        )
    yield built
    delete_tenant(engine, "tutorial-import")
    database.dispose()


def rows() -> list[dict[str, str]]:
    with (DATA / "pipeline.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def expected(key: Callable[[dict[str, str]], str]) -> dict[str, tuple[int, Decimal]]:
    found: dict[str, tuple[int, Decimal]] = {}
    for row in rows():
        count, total = found.get(key(row), (0, Decimal(0)))
        found[key(row)] = count + 1, total + Decimal(row["close_value"] or 0)
    return found


def figures(trial: Trial, group: GroupKey, name: Callable[[Any], str]) -> dict[str, tuple[int, Decimal]]:
    request = AggregateRequest(
        group=(group,), measures=(Measure("count", None, "n"), Measure("sum", "amount", "total"))
    )
    groups = trial.ask(lambda tx: aggregate(tx, "opportunity", request))
    return {name(each[group.name]): (each["n"], each["total"] or Decimal(0)) for each in groups}


def test_counts_and_sums_per_stage_agent_and_month_are_those_of_the_file(trial: Trial) -> None:
    agents = {user["id"]: user["name"] for user in trial.records("user")}
    assert figures(trial, GroupKey("stage"), str) == expected(lambda row: row["deal_stage"].lower())
    assert figures(trial, GroupKey("owner_id"), agents.__getitem__) == expected(
        lambda row: row["sales_agent"]
    )
    by_month = figures(trial, GroupKey("close_date", "month"), lambda day: str(day or "")[:7])
    assert by_month == expected(lambda row: row["close_date"][:7])


def test_the_organisation_stands(trial: Trial) -> None:
    teams = {team["name"]: team for team in trial.records("team")}
    users = {user["username"]: user for user in trial.records("user")}
    assert teams["Paul Adeyemi"]["parent"] == teams["North"]["id"]
    assert teams["Paul Adeyemi"]["manager"] == users["paul.adeyemi"]["id"]
    assert users["wei.zhang"]["team"] == teams["Lucia Romano"]["id"]
    assert users["wei.zhang"]["manager"] == users["lucia.romano"]["id"]
    assert users["paul.adeyemi"]["team"] == teams["Paul Adeyemi"]["id"]


def test_customers_have_parents_values_and_totals(trial: Trial) -> None:
    customers = {each["name"]: each for each in trial.records("customer")}
    alder, elm = customers["Alder Works"], customers["Elm Holding"]
    assert (str(alder["founded"]), alder["annual_revenue"], alder["industry"]) == (
        "1988-01-01",
        12_500_000,
        "machinery",
    )
    assert customers["Dogwood Labs"]["parent_customer"] == elm["id"]
    for name, customer in customers.items():
        won = [Decimal(r["close_value"]) for r in rows() if r["account"] == name and r["deal_stage"] == "Won"]
        assert customer["won_amount"] == sum(won)


@pytest.mark.parametrize("q", ["松木", "台湾", "臺灣松木"])
def test_search_finds_what_was_imported(trial: Trial, q: str) -> None:
    assert [each["name"] for each in trial.records("customer", q=q)] == ["臺灣松木股份有限公司"]


@pytest.mark.parametrize(
    ("entity", "file", "mapping"), [step[:3] for step in STEPS], ids=[step[2] for step in STEPS]
)
def test_importing_again_changes_nothing(trial: Trial, entity: str, file: str, mapping: str) -> None:
    before = {record["id"]: record["version"] for record in trial.records(entity)}
    again = trial.load(entity, file, mapping)
    assert (again.state, again.created, again.failed) == ("done", 0, 0)
    assert {record["id"]: record["version"] for record in trial.records(entity)} == before
