"""Buttons: who may press, what each action does, waiting, and giving work to people."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from automation_world import Works

from fieldstone.engine.records.errors import InvalidContent, NotAllowed, Stale, UnknownRecord
from fieldstone.workflows.automations import Pressed, buttons, go_on, press
from fieldstone.workflows.automations.buttons import NotNow


def push(works: Works, entity: str, record: Any, name: str, who: str | None = "anna", **more: Any) -> Pressed:
    which = UUID(str(record["id"] if isinstance(record, dict) else record))
    at = more.pop("at", {})
    return works.write(lambda tx: press(tx, entity, which, name, **more), who, **at)


def offered(works: Works, entity: str, record: dict[str, Any], who: str) -> list[str]:
    found = works.look(lambda tx: buttons(tx, entity, UUID(str(record["id"]))), who)
    return [each.name for each in found]


def asset(works: Works, **values: Any) -> dict[str, Any]:
    barn = works.create("place", {"name": "Barn", "town": "Ulm"})["id"]
    return works.create("asset", {"label": "Saw", "place": str(barn), **values}, "anna")


def test_a_press_does_all_actions_in_order(works: Works) -> None:
    record = asset(works, parts=[{"name": "blade", "qty": 2}, {"name": "grip", "qty": 1}], count=3)
    mine = works.create("visit", {"title": "open one", "asset": str(record["id"])})
    done = push(works, "asset", record, "tidy")
    assert done.state == "done", done.error
    after = works.read("asset", record["id"])
    assert [(part["name"], part["done"]) for part in after["parts"]] == [("Saw: blade", True), ("grip", None)]
    assert after["status"] == "used"
    assert done.record is not None
    assert done.record["version"] == after["version"]
    visits = {row["title"]: row for row in works.rows("visit", filter=f'asset == "{record["id"]}"')}
    assert set(visits) == {"open one", "Saw"}
    assert (visits["open one"]["open"], visits["open one"]["number"]) == (False, 3)
    (made,) = works.rows("visit", filter='startsWith(title, "Saw: blade")')
    assert made["number"] == -2
    assert works.read("place", record["place"])["town"] == "Saw"
    assert works.read("visit", mine["id"])["updated_by"] is None
    (run,) = works.trace("tidy", record=UUID(str(record["id"])))
    told = [(step["action"], step["state"]) for step in run.steps]
    assert told == [
        ("lines", "done"), ("done", "done"), ("made", "done"), ("all", "done"), ("enough", "skipped"), ("use", "done"),
        ("visit", "done"), ("town", "done"),
    ]  # fmt: skip


def test_stop_leaves_the_rest_out(works: Works) -> None:
    record = asset(works, count=6)
    done = push(works, "asset", record, "tidy")
    assert (done.state, works.read("asset", record["id"])["status"]) == ("stopped", "new")


def test_who_may_press_is_said_by_roles_or_by_the_right_to_change(works: Works) -> None:
    record = asset(works, note="nowhere")
    assert offered(works, "asset", record, "anna") == ["slow", "tidy"]
    assert offered(works, "asset", record, "hal") == ["copy_places"]
    with pytest.raises(NotAllowed):
        push(works, "asset", record, "tidy", "hal")
    with pytest.raises(NotAllowed):
        push(works, "asset", record, "copy_places", "anna")
    assert push(works, "asset", record, "copy_places", "hal").state == "done", (
        "who only reads may press what names them"
    )
    with pytest.raises(InvalidContent, match='did you mean "tidy"'):
        push(works, "asset", record, "tidi")
    with pytest.raises(UnknownRecord):
        push(works, "asset", UUID(int=1), "tidy")
    with pytest.raises(Stale):
        push(works, "asset", record, "tidy", if_match=7)
    works.update("asset", record["id"], {"status": "used"})
    with pytest.raises(NotNow):
        push(works, "asset", record, "tidy")


def test_a_query_with_too_many_records_does_nothing(works: Works) -> None:
    record = asset(works, note="Kiel")
    for name in ("A", "B"):
        works.create("place", {"name": name, "town": "Kiel", "open": True})
    assert push(works, "asset", record, "copy_places", "hal").state == "done"
    titles = [row["title"] for row in works.rows("visit", filter=f'asset == "{record["id"]}"')]
    assert sorted(titles) == ["A/Saw", "B/Saw"]
    works.create("place", {"name": "C", "town": "Kiel", "open": True})
    again = push(works, "asset", record, "copy_places", "hal")
    assert again.state == "failed"
    assert again.error is not None
    assert "More than 2 records" in again.error["message"]
    assert len(works.rows("visit", filter=f'asset == "{record["id"]}"')) == 2


def test_after_a_wait_the_rest_is_done_as_it_is_then(works: Works) -> None:
    record = asset(works)
    begun = push(works, "asset", record, "slow")
    assert (begun.state, works.read("asset", record["id"])["note"]) == ("waiting", "first")
    works.update("asset", record["id"], {"note": "changed"})
    later = works.context(now=works.context().now + timedelta(days=3))
    for _ in range(2):  # a job may be run twice
        go_on(works.engine, later, begun.run)
    after = works.read("asset", record["id"])
    assert (after["note"], after["keeper"]) == ("changed second", works.users["anna"]), (
        "on behalf of who pressed"
    )
    (run,) = works.trace("slow", record=UUID(str(record["id"])))
    assert (run.state, [step["state"] for step in run.steps]) == ("done", ["done", "waiting", "done"])


def test_a_run_whose_record_is_gone_is_dropped(works: Works) -> None:
    record = asset(works)
    begun = push(works, "asset", record, "slow")
    works.delete("asset", record["id"])
    go_on(works.engine, works.context(), begun.run)
    assert works.trace("slow", record=UUID(str(record["id"])))[0].state == "dropped"


def test_work_goes_round_and_to_who_has_least(works: Works) -> None:
    anna, ben = works.users["anna"], works.users["ben"]
    visits = [works.create("visit", {"title": f"turn {n}"}) for n in range(4)]
    got = [push(works, "visit", each, "turn").record["keeper"] for each in visits]  # type: ignore[index]
    assert got in ([anna, ben] * 2, [ben, anna] * 2)
    for each in works.rows("visit", filter=f'keeper == "{ben}"'):
        works.update("visit", each["id"], {"open": False})
    idle = [works.create("visit", {"title": f"idle {n}"}) for n in range(2)]
    assert [push(works, "visit", each, "idle").record["keeper"] for each in idle] == [ben, ben]  # type: ignore[index]
