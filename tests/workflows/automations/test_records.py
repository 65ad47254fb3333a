"""What changes of records start: conditions, actions, order, errors, loops, and what the trace says."""

from typing import Any
from uuid import UUID

import pytest
from automation_world import Works

from fieldstone.engine.records.many import Write, write_many


def place(works: Works, **values: Any) -> str:
    return str(works.create("place", {"name": "Barn", "town": "Bonn", **values})["id"])


def test_an_answer_is_the_record_as_the_automations_left_it(works: Works) -> None:
    made = works.create("asset", {"label": "Saw", "place": place(works), "price": "250"}, "anna")
    assert (made["note"], made["version"]) == ("in Barn", 2)
    assert works.read("asset", made["id"]) == made
    (visit,) = works.rows("visit", filter=f'asset == "{made["id"]}"')
    assert (visit["title"], visit["owner_id"], visit["created_by"]) == (
        "Visit Saw",
        works.users["anna"],
        None,
    )
    update, create = works.history("asset", made["id"])
    assert (create["actor"], update["actor"], update["on_behalf_of"]) == (
        works.users["anna"],
        None,
        works.users["anna"],
    )


def test_the_trace_has_every_action_with_old_and_new_values(works: Works) -> None:
    made = works.create("asset", {"label": "Axe", "place": place(works), "price": "5"}, "anna")
    (run,) = works.trace("price_note", record=UUID(str(made["id"])))
    assert (run.state, run.trigger, run.actor, run.depth, run.error) == (
        "done",
        "create",
        works.users["anna"],
        0,
        None,
    )
    note, visit = run.steps
    assert (note["state"], note["changes"]) == ("done", {"note": {"old": None, "new": "in Barn"}})
    assert (visit["state"], visit["kind"]) == ("skipped", "create")


@pytest.mark.parametrize("values", [{"label": "quiet"}, {"place": None}], ids=["no", "null"])
def test_what_the_condition_does_not_hold_for_costs_no_run(works: Works, values: dict[str, Any]) -> None:
    made = works.create("asset", {"label": "Awl", "place": place(works), **values})
    assert made["version"] == 1
    assert works.trace(record=UUID(str(made["id"]))) == []


def test_conditions_see_what_was_before(works: Works) -> None:
    made = works.create("asset", {"label": "Old"})
    after = works.update("asset", made["id"], {"label": "Renewed"}, "ben")
    assert (after["note"], after["count"], after["version"]) == ("renamed", 1, 3)
    assert works.update("asset", made["id"], {"price": "3"}, "ben")["count"] == 1
    assert works.update("asset", made["id"], {"label": "Renewed again"}, "ben")["count"] == 1


def test_stages_start_by_state_or_by_transition(works: Works) -> None:
    made = works.create("asset", {"label": "Hoe", "count": 1})
    works.update("asset", made["id"], {"status": "used"}, "anna")
    (run,) = works.trace("in_use", record=UUID(str(made["id"])))
    assert set(run.steps[0]["info"]["receivers"]) == {str(works.users["anna"]), str(works.users["ben"])}
    after = works.update("asset", made["id"], {"status": "gone"}, "anna")
    assert after["note"] == "scrapped"


def test_a_deleted_record_can_still_be_told_of(works: Works) -> None:
    made = works.create("asset", {"label": "Dear"})
    works.delete("asset", made["id"])
    assert len(works.rows("visit", filter='title == "Farewell, Dear"')) == 1


def test_many_records_are_judged_together(works: Works) -> None:
    """Conditions of a thousand records that none fits cost a few statements, not thousands."""
    barn, other = place(works), place(works, town="Ulm")

    def trips(writes: list[Write]) -> int:
        def work(tx: Any) -> int:
            assert all(each.error is None for each in write_many(tx, "asset", writes))
            tx.settle()
            return int(tx.connection.connection.round_trips)

        return works.write(work)

    few = trips([Write({"label": f"Nail {n}", "place": other}) for n in range(30)])
    many = trips([Write({"label": f"Nail {n}", "place": other}) for n in range(400)])
    assert many - few <= 3, (few, many)
    trips([Write({"label": f"Pin {n}", "place": barn if n % 10 == 0 else other}) for n in range(30)])
    assert len(works.rows("asset", filter='startsWith(label, "Pin") && note == "in Barn"')) == 3


def test_an_entity_without_automations_pays_nothing(works: Works) -> None:
    def trips() -> int:
        def work(tx: Any) -> int:
            write_many(tx, "user", [])
            before = tx.connection.connection.round_trips
            assert all(
                each.error is None
                for each in write_many(
                    tx, "team", [Write({"name": f"T{n}", "kind": "team"}) for n in range(5)]
                )
            )
            tx.settle()
            return int(tx.connection.connection.round_trips - before)

        return works.write(work)

    with_follower = trips()
    followers, works.engine.followers = works.engine.followers, ()
    try:
        assert trips() == with_follower
    finally:
        works.engine.followers = followers


def test_an_error_takes_back_what_the_run_did_and_nothing_else(works: Works) -> None:
    works.create("asset", {"label": "Other", "code": "taken"})
    made = works.create("asset", {"label": "Twin", "place": place(works)}, "anna")
    assert (made["code"], made["note"]) == (None, "in Barn")
    (run,) = works.trace("broken_code", record=UUID(str(made["id"])))
    assert (run.state, run.error["code"]) == ("failed", "unique")
    assert [step["state"] for step in run.steps] == ["done", "failed", "taken_back"]
    assert works.rows("visit", filter='title == "never"') == []


def test_automations_that_start_each_other_end_at_their_depth(works: Works) -> None:
    works.create("visit", {"title": "chain", "number": 1})
    assert len(works.rows("visit", filter='title == "chain"')) == 5
    guarded = works.trace("spawn", state="guarded")[0]
    assert (guarded.error["code"], guarded.depth) == ("automation.depth", 4)
    depths = {run.depth: run for run in works.trace("spawn", state="done")}
    assert depths[2].parent == depths[1].id


def test_a_circle_is_ended_and_the_write_stands(works: Works) -> None:
    made = works.create("place", {"name": "quiet"})
    after = works.update("place", made["id"], {"name": "loop"}, "anna")
    assert (after["name"], after["town"]) == ("loopy", "x")
    (guarded,) = works.trace("ping", state="guarded", record=UUID(str(made["id"])))
    assert guarded.error["code"] == "automation.loop"
