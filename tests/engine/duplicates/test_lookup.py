"""Likely duplicates: found by every path that writes, told only to whom they may be known."""

from typing import Any
from uuid import UUID

import pytest
from record_world import RecordWorld, together

from fieldstone.engine import duplicates
from fieldstone.engine.duplicates import Duplicate, LikelyDuplicate
from fieldstone.engine.records import batch
from fieldstone.engine.records.batch import BatchFailed, Operation


def found(
    world: RecordWorld, who: str | None = None, record_id: UUID | None = None, **values: Any
) -> dict[str, Any]:
    """Rule -> titles (or owners) of what was found."""

    def look(tx: Any) -> Any:
        entered = duplicates.entered(tx, "place", values)
        return duplicates.find(tx, "place", entered, record_id=record_id)

    return {
        match.rule: [each.title or each.owner for each in match.records] for match in world.look(look, who)
    }


def test_a_record_is_found_by_each_rule(places: RecordWorld) -> None:
    places.create("place", {"name": "Harbour Ltd", "phone": "+886 2 1111 2222"})
    assert found(places, name="HARBOUR, Limited") == {"same_name": ["Harbour Ltd"]}
    assert found(places, name="Other", mobile="02-1111-2222") == {"same_phone": ["Harbour Ltd"]}
    assert found(places, name="Nothing") == {}


def test_a_change_moves_the_keys(places: RecordWorld) -> None:
    record = places.create("place", {"name": "Before"})
    places.update("place", record["id"], {"name": "After"})
    assert found(places, name="before") == {}
    assert found(places, name="after") == {"same_name": ["After"]}


def test_a_change_of_another_field_leaves_them(places: RecordWorld) -> None:
    record = places.create("place", {"name": "Steady"})
    places.update("place", record["id"], {"country": "de"})
    assert found(places, name="STEADY") == {"same_name": ["Steady"]}


def test_a_deleted_record_is_none_until_it_is_restored(places: RecordWorld) -> None:
    record = places.create("place", {"name": "Comes and goes"})
    places.delete("place", record["id"])
    assert found(places, name="Comes and goes") == {}
    places.restore("place", record["id"])
    assert found(places, name="Comes and goes") == {"same_name": ["Comes and goes"]}


def test_a_record_is_no_duplicate_of_itself(places: RecordWorld) -> None:
    record = places.create("place", {"name": "Alone"})
    assert found(places, record_id=record["id"], name="Alone") == {}


def test_who_may_not_see_the_record_is_told_the_owner_only_where_the_rule_says(places: RecordWorld) -> None:
    places.create("place", {"name": "Bobs", "phone": "02 3333 4444"}, "bob")
    assert found(places, "ann", name="Bobs", phone="0233334444") == {
        "same_name": ["Bobs"],
        "same_phone": ["Bobs"],
    }
    assert found(places, "cay", name="Bobs", phone="0233334444") == {"same_phone": ["Bob"]}

    def hint(tx: Any) -> Any:
        return duplicates.find(tx, "place", {"phone": "0233334444"})[0].records[0]

    assert places.look(hint, "cay").id is None


def test_a_rule_over_a_hidden_field_tells_nothing(places: RecordWorld) -> None:
    places.create("place", {"name": "Keeper", "secret": "hush hush"})
    assert found(places, secret="Hush-hush") == {"same_secret": ["Keeper"]}
    assert found(places, "ann", secret="Hush-hush") == {}


def test_a_rule_that_blocks_refuses_the_second_record(places: RecordWorld) -> None:
    places.create("place", {"name": "First", "number": "12-345", "country": "de"})
    with pytest.raises(Duplicate) as refused:
        places.create("place", {"name": "Second", "number": "12345", "country": "de"})
    assert refused.value.kind == "conflict"
    (problem,) = refused.value.problems
    assert (problem.path, problem.code) == ("/number", "duplicate.blocked")
    assert '"First"' in problem.message
    places.create("place", {"name": "Third", "number": "12345", "country": "jp"})
    places.create("place", {"name": "Fourth", "number": "12345", "country": "de", "closed": True})


def test_what_blocks_is_not_named_to_who_may_not_see_it(places: RecordWorld) -> None:
    places.create("place", {"name": "Hidden one", "number": "77", "country": "de"}, "bob")
    with pytest.raises(Duplicate) as refused:
        places.create("place", {"name": "Mine", "number": "77", "country": "de"}, "cay")
    assert "Hidden" not in str(refused.value) and "Bob" not in str(refused.value)
    assert refused.value.data["duplicates"] == []


def test_a_change_and_a_restore_are_refused_too(places: RecordWorld) -> None:
    places.create("place", {"name": "Holder", "number": "88", "country": "de"})
    other = places.create("place", {"name": "Other", "number": "89", "country": "de"})
    with pytest.raises(Duplicate):
        places.update("place", other["id"], {"number": "8-8"})
    closed = places.create("place", {"name": "Closed", "number": "88", "country": "de", "closed": True})
    with pytest.raises(Duplicate):
        places.update("place", closed["id"], {"closed": False})
    gone = places.create("place", {"name": "Gone", "number": "90", "country": "de"})
    places.delete("place", gone["id"])
    places.create("place", {"name": "Successor", "number": "90", "country": "de"})
    with pytest.raises(Duplicate):
        places.restore("place", gone["id"])


def test_a_batch_refuses_duplicates_within_itself(places: RecordWorld) -> None:
    operations = [
        Operation("create", body={"name": name, "number": "55", "country": "de"}) for name in ("One", "Two")
    ]
    with pytest.raises(BatchFailed, match="Same number"):
        places.write(lambda tx: batch(tx, "place", operations))


def test_two_writers_at_the_same_moment_cannot_both_win(places: RecordWorld) -> None:
    body = {"name": "Racer", "number": "4711", "country": "jp"}
    outcomes = together([lambda: places.create("place", body)] * 6)
    assert sum(isinstance(each, dict) for each in outcomes) == 1
    assert all(isinstance(each, dict | Duplicate) for each in outcomes)


def test_asking_first_refuses_to_store(places: RecordWorld) -> None:
    places.create("place", {"name": "Asked for"})

    def ask(tx: Any) -> None:
        duplicates.ask_about_duplicates(tx, "place", {"name": "asked FOR"})

    with pytest.raises(LikelyDuplicate) as refused:
        places.look(ask)
    assert refused.value.problems[0].path == "/name"


def test_many_rows_are_judged_in_one_go_and_among_each_other(places: RecordWorld) -> None:
    places.create("place", {"name": "Stored"})
    rows = [{"name": "Stored"}, {"name": "Fresh"}, {"name": "FRESH Inc"}, {"name": "Unlike"}]
    answers = places.look(lambda tx: duplicates.find_many(tx, "place", rows, among=True))
    assert [[(m.rule, len(m.records), m.rows) for m in each] for each in answers] == [
        [("same_name", 1, ())], [], [("same_name", 0, (1,))], [],
    ]  # fmt: skip


def test_rows_that_block_each_other_are_found(places: RecordWorld) -> None:
    rows = [{"name": "R", "number": number, "country": "tw"} for number in ("1", "2", "1")]
    answers = places.write(lambda tx: duplicates.blocked(tx, tx.model.entities["place"], rows))
    assert [each is None for each in answers] == [True, True, False]


def test_the_report_groups_what_is_alike_page_by_page(places: RecordWorld) -> None:
    for name in ("Zebra", "Zebra Ltd", "zebra gmbh", "Yak", "YAK", "Xerus"):
        places.create("place", {"name": name})
    seen: dict[str, int] = {}
    cursor = None
    while True:
        report = places.look(
            lambda tx, cursor=cursor: duplicates.duplicate_groups(
                tx, "place", rule="same_name", cursor=cursor, limit=1
            )
        )
        for group in report.groups:
            seen[group.records[0]["title"]] = group.count
        cursor = report.next
        if cursor is None:
            break
    assert seen["Zebra"] == 3 and seen["Yak"] == 2 and "Xerus" not in seen


def test_the_report_tells_nobody_of_what_is_hidden(places: RecordWorld) -> None:
    for who in ("bob", "bob", "cay"):
        places.create("place", {"name": "Walrus"}, who)
    report = places.look(lambda tx: duplicates.duplicate_groups(tx, "place", limit=100), "bob")
    assert [g.count for g in report.groups if g.records[0]["title"] == "Walrus"] == [2]
    report = places.look(lambda tx: duplicates.duplicate_groups(tx, "place", limit=100), "cay")
    assert not [g for g in report.groups if g.records[0]["title"] == "Walrus"]
