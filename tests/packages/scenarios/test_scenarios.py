"""Package scenarios: they pass for what holds, fail with a sentence for what does not, and leave nothing behind."""

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from fieldstone.engine.publish import make_plan, publish, put_draft
from fieldstone.engine.query.listing import list_records
from fieldstone.engine.query.request import ListRequest
from fieldstone.engine.service import Engine
from fieldstone.engine.storage.connection import Database
from fieldstone.engine.tenants.create import delete_tenant, prepare_database
from fieldstone.engine.tenants.registry import list_tenants
from fieldstone.metadata.compile import compile_model
from fieldstone.metadata.documents import read_package
from fieldstone.packages import check_package, create_tenant_from, run_scenarios, scenarios_hold
from fieldstone.packages.scenarios import Outcome, ScenariosFailed, scenarios_of
from fieldstone.packages.seeding import plain_value

LIBRARY = Path(__file__).parents[1] / "library"
BOOK = {"title": "T", "author": {"$ref": "author/a"}}
AUTHOR = {"name": "a", "entity": "author", "owner": "nobody", "values": {"name": "A"}}
MINE = {"name": "b", "entity": "book", "values": BOOK}


@pytest.fixture(scope="module")
def engine(postgres_url: str) -> Iterator[Engine]:
    database = Database(postgres_url, pool_size=4)
    prepare_database(database)
    yield Engine(database)
    database.dispose()


@pytest.fixture(scope="module")
def library(engine: Engine) -> Iterator[str]:
    name = "scenarios-library"
    create_tenant_from(engine, name, [LIBRARY])
    yield name
    delete_tenant(engine, name)


def tenants(engine: Engine) -> dict[str, Any]:
    with engine.database.connection() as connection:
        return {tenant.name: tenant for tenant in list_tenants(connection)}


def package_with(folder: Path, *scenarios: Mapping[str, Any], **more: Any) -> Path:
    """The library with other scenarios."""
    path = folder / "library"
    shutil.copytree(LIBRARY, path)
    shutil.rmtree(path / "tests")
    (path / "tests").mkdir()
    (path / "tests" / "some.json").write_text(json.dumps({"given": [AUTHOR], "scenarios": scenarios, **more}))
    return path


def outcomes_of(
    engine: Engine, library: str, step: Mapping[str, Any], actor: str | None = None, given: Any = ()
) -> list[Outcome]:
    """What one step gives, in a scenario that is added to the model of a tenant that is there already."""
    scenario: dict[str, Any] = {"name": "one", "given": list(given), "steps": [{"name": "s", **step}]}
    if actor:
        scenario["as"] = actor
    patch = {"tests/one": {"given": [AUTHOR], "scenarios": [scenario]}}
    model = compile_model([read_package(LIBRARY)], patch).model
    assert model is not None
    context = engine.system_context(tenants(engine)[library])
    return engine.write(context, lambda tx: run_scenarios(tx, scenarios_of(model, ["tenant"])))


def test_scenarios_that_hold_pass_and_the_scratch_tenant_is_gone(engine: Engine) -> None:
    before = set(tenants(engine))
    outcomes = check_package(engine, LIBRARY)
    assert [(each.scenario, each.problems) for each in outcomes if not each.passed] == []
    assert [each.scenario for each in outcomes][:2] == [
        "a_used_book_needs_its_number",
        "copies_are_counted_and_priced",
    ]
    assert set(tenants(engine)) == before


def test_only_some_scenarios_can_be_run(engine: Engine) -> None:
    assert len(check_package(engine, LIBRARY, only=["a_used_book_needs_its_number"])) == 1
    assert check_package(engine, LIBRARY, only=["nothing_of_that_name"]) == []


CREATE = {"do": "create", "entity": "book", "values": BOOK}
READ = {"do": "read", "record": "book/b"}
FAILING: dict[str, tuple[Mapping[str, Any], str | None, str]] = {
    "is not refused": ({**CREATE, "then": {"rule": "isbn_when_used"}}, None, "but it was done"),
    "is refused": ({**CREATE, "values": {**BOOK, "status": "used"}}, None, "rule isbn_when_used at isbn"),
    "another rule": (
        {**CREATE, "values": {**BOOK, "status": "lost"}, "then": {"rule": "isbn_when_used"}},
        None,
        "required at found_by",
    ),
    "another field": (
        {**CREATE, "values": {**BOOK, "status": "used"}, "then": {"error": "rule", "field": "title"}},
        None,
        "expected error 'rule', field 'title'",
    ),
    "another value": ({**READ, "then": {"values": {"title": "U"}}}, None, "\"title\" should be 'U', but is 'T'"),
    "another number": ({**READ, "then": {"values": {"version": 2}}}, None, '"version" should be 2, but is 1'),
    "is not hidden": ({**READ, "then": {"hidden": ["price"]}}, "librarian", '"price" should be hidden'),
    "is not shown": ({**READ, "then": {"shown": ["price"]}}, "reader", '"price" should be shown'),
    "hidden value": ({**READ, "then": {"values": {"price": None}}}, "reader", '"price" should be None, but is hidden'),
    "is found": ({"do": "list", "entity": "book", "then": {"found": []}}, None, "found, but should not be: book/b"),
    "is not found": (
        {"do": "list", "entity": "book", "filter": "status == 'lost'", "then": {"found": ["book/b"]}},
        None,
        "not found: book/b",
    ),
    "count": (
        {"do": "list", "entity": "book", "filter": "title == 'T'", "then": {"count": 2}},
        None,
        "expected 2 records, found 1",
    ),
    "form shows": (
        {"do": "form", "record": "book/b", "then": {"shown": ["found_by"]}},
        "librarian",
        '"found_by" should be shown, but is not on the form',
    ),
    "form locks": (
        {"do": "form", "record": "book/b", "then": {"locked": ["title"]}},
        "librarian",
        '"title" should be locked, but is shown, open, required',
    ),
    "form asks": (
        {"do": "form", "record": "book/b", "then": {"optional": ["title"]}},
        "librarian",
        '"title" should be optional',
    ),
}  # fmt: skip


@pytest.mark.parametrize(("step", "actor", "said"), FAILING.values(), ids=FAILING)
def test_a_difference_fails_and_is_said(
    engine: Engine, library: str, step: Mapping[str, Any], actor: str | None, said: str
) -> None:
    (outcome,) = outcomes_of(engine, library, step, actor, [MINE])
    assert not outcome.passed
    assert said in outcome.problems[0]


def test_scenarios_leave_nothing_behind(engine: Engine, library: str) -> None:
    context = engine.system_context(tenants(engine)[library])
    before = engine.read(context, lambda tx: list_records(tx, "book", ListRequest(count="exact")).count)
    assert outcomes_of(engine, library, CREATE)[0].passed
    after = engine.read(context, lambda tx: list_records(tx, "book", ListRequest(count="exact")).count)
    assert after == before


def test_a_unique_value_is_checked_as_a_commit_would(engine: Engine, library: str) -> None:
    taken = {"name": "b", "entity": "book", "values": {**BOOK, "isbn": "1"}}
    step = {**CREATE, "values": {**BOOK, "isbn": "1"}, "then": {"error": "unique", "field": "isbn"}}
    assert outcomes_of(engine, library, step, None, [taken])[0].problems == ()


def test_what_cannot_be_given_is_said(engine: Engine, library: str) -> None:
    bad = {"name": "b", "entity": "book", "values": {**BOOK, "status": "used"}}
    (outcome,) = outcomes_of(engine, library, READ, None, [bad])
    assert outcome.problems[0].startswith("what is given cannot be")


WRONG: dict[str, tuple[Mapping[str, Any], str]] = {
    "entity": ({"do": "create", "entity": "boook"}, 'did you mean "book"'),
    "field": ({**CREATE, "values": {"titel": "T"}}, 'did you mean "title"'),
    "expected field": ({**READ, "then": {"hidden": ["pric"]}}, 'did you mean "price"'),
    "rule": ({**CREATE, "then": {"rule": "isbn_when"}}, "is no rule"),
    "record": ({"do": "read", "record": "book/c"}, 'did you mean "book/b"'),
    "reference": ({**CREATE, "values": {"author": {"$ref": "author/b"}}}, 'did you mean "author/a"'),
    "actor": ({**READ, "as": "reeder"}, 'did you mean "reader"'),
    "no entity": ({"do": "create"}, "needs entity"),
    "no record": ({"do": "read", "entity": "book"}, "needs record"),
    "conversion": ({"do": "convert", "record": "book/b", "conversion": "lend"}, "is no conversion"),
    "useless filter": ({**READ, "filter": "true"}, '"read" has no filter'),
    "useless expectation": ({**READ, "then": {"count": 1}}, '"read" shows no count'),
    "expectation of nothing": ({**READ, "then": {"error": "denied", "shown": ["title"]}}, "refused shows no shown"),
}  # fmt: skip


@pytest.mark.parametrize(("step", "said"), WRONG.values(), ids=WRONG)
def test_a_scenario_that_names_what_is_not_there_is_noted_and_fails(
    engine: Engine, library: str, step: Mapping[str, Any], said: str
) -> None:
    scenario = {"name": "one", "given": [MINE], "steps": [{"name": "s", **step}]}
    compiled = compile_model(
        [read_package(LIBRARY)], {"tests/one": {"given": [AUTHOR], "scenarios": [scenario]}}
    )
    assert compiled.problems == (), "a tenant may have removed what a package's scenario speaks of"
    assert any(
        said in note.message and note.path.startswith("/scenarios/0/steps/0") for note in compiled.notes
    )
    (outcome,) = outcomes_of(engine, library, step, None, [MINE])
    assert any(said in problem for problem in outcome.problems)


def test_a_failing_package_names_its_scenario_and_step(engine: Engine, tmp_path: Path) -> None:
    wrong = {"name": "wrong", "steps": [{"name": "first", **CREATE, "then": {"values": {"title": "U"}}}]}
    right = {"name": "right", "steps": [{"name": "first", **CREATE, "then": {"values": {"title": "T"}}}]}
    outcomes = check_package(engine, package_with(tmp_path, wrong, right))
    assert [(each.scenario, each.passed) for each in outcomes] == [("wrong", False), ("right", True)]
    assert outcomes[0].problems == ("step first: \"title\" should be 'U', but is 'T'",)


def test_a_publish_that_breaks_a_scenario_is_refused(engine: Engine, tmp_path: Path) -> None:
    """As an upgrade will do: the scenarios judge the tenant's own result before it is live."""
    name = "scenarios-publish"
    tenant = create_tenant_from(engine, name, [LIBRARY]).tenant
    try:
        for patch, holds in (
            ({"required": ["title", "author", "summary"]}, False),
            ({"title": "Tome"}, True),
        ):
            context = engine.system_context(tenant)
            engine.write(context, partial(put_draft, folder="entities", name="book", patch=patch))
            plan = engine.read(context, make_plan)
            check = scenarios_hold(engine, context, ["library"])
            if holds:
                publish(engine, context, plan.base, plan.hash, before_commit=check)
            else:
                with pytest.raises(ScenariosFailed, match="do not hold") as error:
                    publish(engine, context, plan.base, plan.hash, before_commit=check)
                assert any("summary" in problem.message for problem in error.value.problems)
            assert engine.system_context(tenant).revision == plan.base + holds
    finally:
        delete_tenant(engine, name)


def test_relative_days_and_times_are_by_the_companys_clock(engine: Engine, library: str) -> None:
    system = engine.system_context(tenants(engine)[library])
    company = replace(system.company, time_zone="Asia/Taipei")
    now = datetime(2026, 1, 31, 20, tzinfo=UTC)  # already February in Taipei
    context = replace(system, company=company, now=now)
    marks = {"day": {"$days": 1}, "moment": {"$days": 1, "$time": "09:30"}, "hours": {"$hours": -2}}
    assert engine.read(context, lambda tx: plain_value(tx, marks, {})) == {
        "day": "2026-02-02", "moment": "2026-02-02T01:30:00Z", "hours": "2026-01-31T18:00:00Z",
    }  # fmt: skip
