"""Reach, record rules and field rights: what SQL lets through is what Python permits."""

from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import pytest
import sqlalchemy as sa
from identity_world import World

from fieldstone.engine.permissions import Denied, NotFound, access, actor_values, need, owner_of, owner_team
from fieldstone.engine.permissions.access import build, visible_entities
from fieldstone.engine.permissions.owners import reach_condition, within
from fieldstone.engine.query.columns import EntityColumns
from fieldstone.engine.query.gate import bindings
from fieldstone.engine.query.listing import list_records
from fieldstone.engine.query.request import ListRequest
from fieldstone.engine.records import create, delete, read, update
from fieldstone.engine.records.errors import NotAllowed
from fieldstone.engine.storage.connection import compile_plan
from fieldstone.engine.storage.tables import table_for
from fieldstone.engine.transaction import Transaction

EVERY = {"of ann", "of bob", "of cid", "of keeper"}


def condition(tx: Transaction, verb: str, entity: str = "asset") -> tuple[Any, EntityColumns]:
    found = access(tx, entity)
    columns = EntityColumns(tx.model, tx.model.entities[entity], bindings=bindings(tx))
    predicate = found.predicate(
        verb, table_for(tx.model.entities[entity]), tx.context.actor, columns, bindings(tx)
    )
    return predicate, columns


def reached(tx: Transaction, verb: str, entity: str = "asset", show: str = "label") -> set[str]:
    predicate, columns = condition(tx, verb, entity)
    statement = sa.select(columns.own(show)).select_from(columns.source)
    if predicate is not None:
        statement = statement.where(predicate)
    return {row[0] for row in tx.fetch(compile_plan(statement), actor_values(tx.context.actor))}


@pytest.mark.parametrize(
    ("user", "verb", "expected"),
    [
        pytest.param("ann", "read", {"of ann"}, id="own"),
        pytest.param("chief", "read", {"of ann"}, id="team is the team's users, not those below"),
        pytest.param("head", "read", {"of ann", "of bob"}, id="team_and_below"),
        pytest.param("auditor", "read", EVERY, id="all by star"),
        pytest.param("auditor", "update", set(), id="a verb that is left out is none"),
        pytest.param("archivist", "read", EVERY, id="a record rule for other verbs does not narrow read"),
        pytest.param("archivist", "update", set(), id="a record rule narrows the verb"),
        pytest.param("keeper", "update", {"of keeper"}, id="a record rule that reads the user"),
        pytest.param("keeper", "read", EVERY, id="a record rule over a link"),
        pytest.param("admin", "delete", EVERY, id="administrator"),
        pytest.param("head", "restore", set(), id="restore needs delete"),
        pytest.param("ann", "restore", {"of ann"}, id="restore has the reach of delete"),
    ],
)
def test_sql_and_python_agree_on_what_a_verb_reaches(
    stock: World, user: str, verb: str, expected: set[str]
) -> None:
    def look(tx: Transaction) -> tuple[set[str], set[str]]:
        found = access(tx, "asset")
        permitted = set()
        for label, owner in [(f"of {name}", stock.users[name]) for name in ("ann", "bob", "cid", "keeper")]:
            record = {"label": label, "status": "new", "owner_id": owner}
            team = None
            if found.needs_owner_team(verb, record, tx.context.actor):
                team = owner_team(tx, owner_of("asset", record))
            if found.permits(verb, record, tx.context.actor, team, bindings(tx)):
                permitted.add(label)
        return reached(tx, verb), permitted

    in_sql, in_python = stock.engine.read(stock.as_user(user), look)
    assert in_sql == expected
    assert in_python == expected


def test_system_reaches_everything(stock: World) -> None:
    assert stock.engine.read(stock.system(), lambda tx: reached(tx, "delete")) == EVERY


def test_a_statement_holds_nothing_of_the_actor_and_serves_all_with_equal_rights(stock: World) -> None:
    def compiled(tx: Transaction) -> tuple[str, dict[str, Any], str, bool]:
        predicate, columns = condition(tx, "read")
        plan = compile_plan(sa.select(columns.own("id")).where(predicate))
        found = access(tx, "asset")
        return plan.sql, dict(plan.literals), found.key, found.shareable("read")

    ann = stock.engine.read(stock.as_user("ann"), compiled)
    bob = stock.engine.read(stock.as_user("bob"), compiled)
    assert ann == bob
    assert set(ann[1].values()) == {None, "asset"}
    chief = stock.engine.read(stock.as_user("chief"), compiled)
    assert chief[2] != ann[2]


def test_a_rule_that_reads_the_user_makes_the_statement_personal(stock: World) -> None:
    found = stock.engine.read(stock.as_user("keeper"), lambda tx: access(tx, "asset"))
    assert found.shareable("read")
    assert not found.shareable("update")


@pytest.mark.parametrize("user", ["nobody", "ann", "chief"])
def test_an_entity_without_any_right_is_answered_like_one_that_does_not_exist(
    stock: World, user: str
) -> None:
    def ask(name: str) -> NotFound:
        with pytest.raises(NotFound) as raised:
            stock.engine.read(stock.as_user(user), lambda tx: access(tx, name))
        return raised.value

    hidden, absent = ask("secret_plan"), ask("secret_plam")
    assert (hidden.code, hidden.kind) == (absent.code, absent.kind) == ("entity.unknown", "not_found")
    assert hidden.message.replace("secret_plan", "X") == absent.message.replace("secret_plam", "X")
    assert set(hidden.data) == set(absent.data)


def test_a_suggestion_names_only_what_the_actor_can_see(stock: World) -> None:
    with pytest.raises(NotFound, match="did you mean") as raised:
        stock.engine.read(stock.as_user("auditor"), lambda tx: access(tx, "secret_plam"))
    assert "secret_plan" in raised.value.message


def test_need_says_denied_where_the_thing_is_known_and_not_found_where_it_is_not(stock: World) -> None:
    with pytest.raises(Denied):
        stock.engine.read(stock.as_user("auditor"), lambda tx: need(tx, "asset", "update"))
    with pytest.raises(NotFound):
        stock.engine.read(stock.as_user("ann"), lambda tx: need(tx, "secret_plan", "update"))
    assert stock.engine.read(stock.as_user("ann"), lambda tx: need(tx, "asset", "update")).allows("update")


def test_hidden_and_locked_fields(stock: World) -> None:
    found = stock.engine.read(stock.as_user("ann"), lambda tx: access(tx, "asset"))
    assert "cost" not in found.readable | found.writable
    assert "status" in found.readable
    assert not {"status", "owner_id"} & found.writable
    assert {"id", "version", "owner_id", "deleted_at"} <= found.readable


def test_what_is_computed_from_a_hidden_field_is_hidden_too(stock: World) -> None:
    ann = stock.engine.read(stock.as_user("ann"), lambda tx: access(tx, "asset"))
    assert "worth" not in ann.readable
    assert {"total", "country"} <= ann.readable
    chief = stock.engine.read(stock.as_user("chief"), lambda tx: access(tx, "asset"))
    assert "worth" in chief.readable
    assert "country" not in chief.readable, "the chief has no right to places"


def test_roles_add_up(stock: World) -> None:
    def combined(tx: Transaction) -> Any:
        return build(tx.model, frozenset({"clerk", "head"}), "asset")

    found = stock.engine.read(stock.system(), combined)
    assert found.reach("read") == "team_and_below"
    assert found.reach("update") == "own"
    assert {"cost", "worth"} <= found.readable, "head shows what clerk hides"
    assert "cost" not in found.writable, "head may not write at all"
    assert found.reach("export") == "none"


def test_lines_have_the_access_of_the_record_that_owns_them(stock: World) -> None:
    found = stock.engine.read(stock.as_user("ann"), lambda tx: access(tx, "asset__parts"))
    assert found.governing.name == "asset"
    assert found.reach("update") == "own"
    assert found.readable == {"id", "name", "price"}
    with pytest.raises(NotFound):
        stock.engine.read(stock.as_user("nobody"), lambda tx: access(tx, "asset__parts"))


def test_hidden_sub_fields_and_hidden_lines(stock: World) -> None:
    def with_hidden(tx: Transaction, *hidden: str) -> Any:
        role = tx.model.roles["auditor"]
        grant = replace(role.grants["*"], entity="asset", hidden=frozenset(hidden))
        role = replace(role, grants=MappingProxyType({"asset": grant}))
        model = replace(tx.model, hash=f"{tx.model.hash}{hidden}", roles=MappingProxyType({"auditor": role}))
        roles = frozenset({"auditor"})
        return build(model, roles, "asset"), build(model, roles, "asset__parts")

    asset, parts = stock.engine.read(stock.system(), lambda tx: with_hidden(tx, "parts.price"))
    assert parts.readable == {"id", "name"}
    assert "parts" in asset.readable
    assert "total" not in asset.readable, "a rollup over a hidden sub-field"
    asset, parts = stock.engine.read(stock.system(), lambda tx: with_hidden(tx, "parts"))
    assert parts is None
    assert not {"parts", "total"} & asset.readable


def test_everybody_knows_the_names_of_colleagues_and_no_more(stock: World) -> None:
    found = stock.engine.read(stock.as_user("nobody"), lambda tx: access(tx, "user"))
    assert found.reach("read") == "all"
    assert "name" in found.readable
    assert not {"email", "username", "phone"} & found.readable
    assert not found.writable
    seen = stock.engine.read(stock.as_user("nobody"), lambda tx: visible_entities(tx.model, tx.context.actor))
    assert set(seen) == {"team", "user", "delegation"}


@pytest.mark.parametrize(
    ("user", "entity", "reach"),
    [
        ("writer", "asset", "all"),
        ("writer", "user", "none"),
        ("hr", "user", "all"),
        ("hr", "role_grant", "all"),
        ("writer", "temporary_access", "none"),
        ("hr", "temporary_access", "all"),
    ],
)
def test_a_star_gives_no_rights_over_people_unless_the_role_manages_them(
    stock: World, user: str, entity: str, reach: str
) -> None:
    assert stock.engine.read(stock.as_user(user), lambda tx: access(tx, entity)).reach("update") == reach


def test_a_star_does_not_even_show_role_grants(stock: World) -> None:
    with pytest.raises(NotFound):
        stock.engine.read(stock.as_user("writer"), lambda tx: access(tx, "role_grant"))


@pytest.mark.parametrize(
    ("entity", "reach", "show", "expected"),
    [
        ("user", "own", "username", {"ann"}),
        ("user", "team", "username", {"ann", "chief", "head"}),
        ("user", "team_and_below", "username", {"ann", "bob", "chief", "head"}),
        ("team", "own", "name", {"north"}),
        ("team", "team_and_below", "name", {"north", "harbour"}),
        ("role_grant", "own", "role", {"clerk"}),
    ],
)
def test_reach_over_people_is_about_the_people_themselves(
    stock: World, entity: str, reach: Any, show: str, expected: set[str]
) -> None:
    def look(tx: Transaction) -> tuple[set[str], set[str]]:
        columns = EntityColumns(tx.model, tx.model.entities[entity], bindings=bindings(tx))
        every = [
            columns.own(name)
            for name in {"user": ("id", "team"), "team": ("id", "parent")}.get(entity, ("user",))
        ]
        values = actor_values(tx.context.actor)
        found = sa.select(columns.own(show)).where(reach_condition(entity, reach, columns))
        whole = tx.fetch(compile_plan(sa.select(columns.own(show), *every)), values)
        names = {"user": ("id", "team"), "team": ("id",)}.get(entity, ("user",))
        permitted = {
            row[0]
            for row in whole
            if within(entity, reach, dict(zip(names, row[1:], strict=False)), tx.context.actor, None)
        }
        return {row[0] for row in tx.fetch(compile_plan(found), values)}, permitted

    in_sql, in_python = stock.engine.read(stock.as_user("ann"), look)
    assert in_sql == expected
    assert in_python == expected


@pytest.mark.parametrize("name", ["secret_plan", "asset__parts", "secret_plam", "asset__partz"])
def test_lists_and_verbs_give_the_same_answer_as_well(stock: World, name: str) -> None:
    said = set()
    for ask in (
        lambda tx: list_records(tx, name, ListRequest()),
        lambda tx: create(tx, name, {}),
        lambda tx: read(tx, name, stock.users["ann"]),
    ):
        with pytest.raises(NotFound) as raised:
            stock.engine.read(stock.as_user("ann"), ask)
        said.add((raised.value.message.partition(";")[0].rstrip("."), raised.value.code))
    assert said == {(f'There is no entity "{name}"', "entity.unknown")}


@pytest.mark.parametrize(
    ("place", "pieces", "allowed"),
    [
        pytest.param("de", 1, True, id="as the rules say"),
        pytest.param("fr", 1, False, id="the linked record breaks a rule"),
        pytest.param("de", 100, False, id="a computed value breaks a rule"),
        pytest.param(None, 1, False, id="no linked record: the rule gives null, which is not true"),
    ],
)
def test_record_rules_read_linked_records_and_computed_values_of_a_record_being_written(
    stock: World, place: str | None, pieces: int, allowed: bool
) -> None:
    where = place and stock.engine.write(
        stock.system(), lambda tx: create(tx, "place", {"name": place, "country": place})
    )
    body = {"label": "of rules", "cost": 10, "pieces": pieces, "place": str(where["id"]) if where else None}
    body = {name: value for name, value in body.items() if value is not None}
    keeper = stock.as_user("keeper")
    if not allowed:
        with pytest.raises(NotAllowed):
            stock.engine.write(keeper, lambda tx: create(tx, "asset", body))
        return
    made = stock.engine.write(keeper, lambda tx: create(tx, "asset", body))
    handed = stock.engine.write(
        keeper, lambda tx: update(tx, "asset", made["id"], {"owner_id": str(stock.users["ann"])})
    )
    assert handed["owner_id"] == stock.users["ann"]
    stock.engine.write(stock.system(), lambda tx: delete(tx, "asset", made["id"]))


def test_a_record_given_for_a_time_is_reached_until_then_and_changed_only_if_it_says_so(stock: World) -> None:
    def run(who: str, work: Any) -> Any:
        return stock.engine.write(stock.as_user(who), work)

    def ids(tx: Transaction) -> dict[str, Any]:
        return {each["label"]: each["id"] for each in list_records(tx, "asset", ListRequest(limit=50)).data}

    asset = run("admin", ids)["of bob"]
    given = {"user": str(stock.users["ann"]), "entity": "asset", "record": str(asset)}
    now = run("admin", lambda tx: tx.context.now)

    def give(**values: Any) -> Any:
        return run("admin", lambda tx: create(tx, "temporary_access", {**given, **values}))["id"]

    past, future = (now - timedelta(minutes=1)).isoformat(), (now + timedelta(hours=1)).isoformat()
    over = give(until=past)
    assert run("ann", lambda tx: reached(tx, "read")) & EVERY == {"of ann"}
    reading = give(until=future)
    assert run("ann", lambda tx: reached(tx, "read")) & EVERY == {"of ann", "of bob"}
    assert run("ann", lambda tx: reached(tx, "update")) & EVERY == {"of ann"}
    with pytest.raises(NotAllowed):
        run("ann", lambda tx: update(tx, "asset", asset, {"label": "of bob"}))
    writing = give(until=future, can_update=True)
    assert run("ann", lambda tx: reached(tx, "update")) & EVERY == {"of ann", "of bob"}
    for each in (over, reading, writing):
        run("admin", lambda tx, each=each: delete(tx, "temporary_access", each))
    assert run("ann", lambda tx: reached(tx, "read")) & EVERY == {"of ann"}
