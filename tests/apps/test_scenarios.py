"""The scenarios of the default CRM hold."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fieldstone.app.services import make_engine
from fieldstone.engine.service import Engine
from fieldstone.engine.storage.connection import Database
from fieldstone.engine.tenants.create import prepare_database
from fieldstone.packages import check_package

ROOT = Path(__file__).parents[2] / "apps" / "default_crm"


@pytest.fixture
def engine(postgres_url: str) -> Iterator[Engine]:
    database = Database(postgres_url, pool_size=2)
    prepare_database(database)
    yield make_engine(database)
    database.dispose()


def test_every_scenario_holds(engine: Engine) -> None:
    outcomes = check_package(engine, ROOT)
    assert len(outcomes) >= 70
    failed = {f"{each.document}: {each.scenario}": each.problems for each in outcomes if not each.passed}
    assert failed == {}
