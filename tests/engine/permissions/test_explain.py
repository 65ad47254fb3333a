"""`explain` names the rule that decides, its role and its layer, and tells nothing about what is hidden."""

import pytest
from identity_world import World

from fieldstone.engine.permissions import NotFound, explain
from fieldstone.engine.query.gate import bindings


def codes(
    stock: World, user: str, entity: str, verb: str, **more: object
) -> list[tuple[bool, str, str | None]]:
    def work(tx):  # type: ignore[no-untyped-def]
        return explain(tx, entity, verb, bindings=bindings(tx), **more)

    return [(each.allowed, each.code, each.role) for each in stock.engine.read(stock.as_user(user), work)]


def test_reach_on_a_record(stock: World) -> None:
    own = {"owner_id": stock.users["ann"], "status": "new"}
    foreign = {"owner_id": stock.users["cid"], "status": "new"}
    assert codes(stock, "ann", "asset", "read", record=own) == [
        (True, "role.allows", "clerk"),
        (True, "reach.holds", "clerk"),
    ]
    assert codes(stock, "ann", "asset", "read", record=foreign)[1] == (False, "reach.refuses", "clerk")


def test_a_record_rule_is_named(stock: World) -> None:
    record = {"owner_id": stock.users["ann"], "status": "new"}
    answer = stock.engine.read(stock.as_user("archivist"), lambda tx: explain(tx, "asset", "update", record))
    assert [(each.allowed, each.code) for each in answer] == [
        (True, "role.allows"), (True, "reach.holds"), (False, "rule.refuses"),
    ]  # fmt: skip
    assert (answer[-1].rule, answer[-1].role, answer[-1].layer) == ("old_only", "archivist", "stock")
    assert "status == 'old'" in answer[-1].message


def test_what_no_role_names_is_said_so(stock: World) -> None:
    assert codes(stock, "auditor", "asset", "update") == [(False, "role.none", None)]


def test_locked_field(stock: World) -> None:
    assert codes(stock, "ann", "asset", "update", field="status")[-1] == (False, "field.locked", "clerk")
    assert codes(stock, "ann", "asset", "update", field="label")[-1] == (True, "field.shown", "clerk")


@pytest.mark.parametrize("field", ["cost", "worth", "cosd"])
def test_hidden_fields_are_explained_like_absent_ones(stock: World, field: str) -> None:
    with pytest.raises(NotFound) as raised:
        codes(stock, "ann", "asset", "read", field=field)
    assert raised.value.message == f'asset has no field "{field}".'


def test_hidden_entities_too(stock: World) -> None:
    with pytest.raises(NotFound):
        codes(stock, "ann", "secret_plan", "read")


def test_the_platform_itself(stock: World) -> None:
    answer = stock.engine.read(stock.system(), lambda tx: explain(tx, "asset", "delete"))
    assert [each.code for each in answer] == ["system"]
