"""What screens offer at a record is what its verbs would let through."""

import pytest
from identity_world import World

from fieldstone.engine.query.gate import may_on
from fieldstone.engine.records import update
from fieldstone.problems import FieldstoneError

PEOPLE = ("admin", "ann", "bob", "chief", "auditor", "archivist")


@pytest.mark.parametrize("who", PEOPLE)
def test_a_change_is_offered_exactly_where_it_is_allowed(stock: World, who: str) -> None:
    old = stock.add_asset(f"old, for {who}", "bob", status="old")
    own = stock.add_asset(f"own, for {who}", "ann")
    context = stock.as_user(who)
    for record in (old, own):
        offered = stock.engine.read(
            context, lambda tx, r=record: may_on(tx, tx.model.entities["asset"], r, "update")
        )
        try:
            stock.engine.write(context, lambda tx, r=record: update(tx, "asset", r, {"pieces": 3}))
            allowed = True
        except FieldstoneError as error:
            allowed = error.kind not in ("denied", "not_found")
        assert offered is allowed


def test_both_answers_happen(stock: World) -> None:
    record = stock.add_asset("of ann, once more", "ann")

    def asked(who: str, verb: str) -> bool:
        return stock.engine.read(
            stock.as_user(who), lambda tx: may_on(tx, tx.model.entities["asset"], record, verb)
        )

    assert asked("ann", "update") and asked("ann", "delete")
    assert not asked("auditor", "update")
    assert not asked("archivist", "update")
    assert not asked("bob", "delete")
