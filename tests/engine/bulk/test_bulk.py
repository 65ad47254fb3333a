"""Bulk runs: every record by its own rights and rules, refused ones listed, stopped, gone on with, taken back."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from record_world import RecordWorld, package, record_world

from fieldstone.engine.bulk import (
    BadBulk,
    BulkRequest,
    BulkResult,
    UnknownBulk,
    add_bulk,
    continue_bulk,
    read_bulk,
    stop_bulk,
    undo_bulk,
)
from fieldstone.engine.bulk import run as running
from fieldstone.engine.permissions import NotFound
from fieldstone.engine.query.errors import BadRequest

DOCUMENTS = {
    "entities/place": {
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"type": "string"},
            "secret": {"type": "string"},
            "floor": {"type": "integer"},
        },
        "rules": [{"name": "low", "when": "floor > 9", "field": "floor", "message": "There are nine floors"}],
    },
    "entities/thing": {
        "type": "object",
        "required": ["label"],
        "properties": {
            "label": {"type": "string", "search": True},
            "size": {"type": "integer"},
            "place": {"field": "link", "target": "place", "onDelete": "cascade"},
        },
        "rules": [
            {
                "name": "odd",
                "when": "size == 5 && label == 'thing 03'",
                "field": "size",
                "message": "Not this one",
            }
        ],
    },
    "roles/clerk": {
        "entities": [
            {"name": "thing", "verbs": {"create": "all", "read": "all", "update": "own", "delete": "own"}},
            {"name": "place", "verbs": {"read": "all", "update": "all"}, "hidden": ["secret"]},
        ]
    },
}


@pytest.fixture
def yard(postgres_url: str) -> Iterator[RecordWorld]:
    with record_world(postgres_url, "bulk-yard", [package("yard", DOCUMENTS)]) as built:
        built.add_user("ann", "clerk")
        built.add_user("nobody")
        place = built.create("place", {"name": "Hall"})["id"]
        for number in range(12):
            body = {"label": f"thing {number:02}", "size": 1, "place": str(place)}
            built.create("thing", body, "ann" if number < 4 else None)
        yield built


def run(world: RecordWorld, entity: str, request: BulkRequest, who: str | None = None) -> BulkResult:
    context = world.context(who)
    run_id, _ = world.engine.write(context, lambda tx: add_bulk(tx, entity, request))
    return continue_bulk(world.engine, context, run_id)


def sizes(world: RecordWorld) -> list[int]:
    return [row["size"] for row in world.rows("thing", sort=("label",))]


def test_all_that_match_are_changed_and_what_a_rule_forbids_is_listed(yard: RecordWorld) -> None:
    result = run(yard, "thing", BulkRequest("update", filter="size == 1", values={"size": 5}))
    assert (result.state, result.rows, result.done, result.failed) == ("done", 12, 11, 1)
    assert [each["message"] for each in result.errors] == ["Not this one"]
    assert sizes(yard) == [5, 5, 5, 1, *[5] * 8]


def test_a_record_that_one_may_not_change_is_refused_by_itself(yard: RecordWorld) -> None:
    result = run(yard, "thing", BulkRequest("update", filter="true", values={"size": 2}), "ann")
    assert (result.done, result.failed) == (4, 8)
    assert sizes(yard) == [2] * 4 + [1] * 8
    assert all(each["code"] for each in result.errors)


def test_an_undo_brings_back_all_but_what_was_edited_since(yard: RecordWorld) -> None:
    result = run(yard, "thing", BulkRequest("update", filter="true", values={"size": 7}))
    edited = yard.rows("thing", sort=("label",))[5]
    yard.update("thing", edited["id"], {"label": "mine now"})
    undone = undo_bulk(yard.engine, yard.context(), result.id)
    assert (undone.state, undone.reverted) == ("reverted", 11)
    assert [(each["id"], each["code"]) for each in undone.kept] == [(str(edited["id"]), "edited")]
    assert sorted(sizes(yard)) == [1] * 11 + [7]


def test_an_undone_delete_brings_back_what_went_with_it(yard: RecordWorld) -> None:
    place = yard.rows("place")[0]["id"]
    result = run(yard, "place", BulkRequest("delete", ids=(place,)))
    assert yard.rows("thing") == []
    undone = undo_bulk(yard.engine, yard.context(), result.id)
    assert undone.kept == ()
    assert len(yard.rows("thing")) == 12
    assert yard.rows("thing")[0]["place"] == place


def test_a_run_that_was_undone_does_not_stand_in_the_way_of_undoing_an_earlier_one(yard: RecordWorld) -> None:
    first = run(yard, "thing", BulkRequest("update", filter="true", values={"size": 7}))
    second = run(yard, "thing", BulkRequest("update", filter="true", values={"size": 8}))
    undo_bulk(yard.engine, yard.context(), second.id)
    assert sizes(yard) == [7] * 12
    undone = undo_bulk(yard.engine, yard.context(), first.id)
    assert (undone.reverted, undone.kept) == (12, ())
    assert sizes(yard) == [1] * 12


def test_a_run_that_was_killed_goes_on_and_writes_nothing_twice(
    yard: RecordWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "BATCH", 5)
    context = yard.context()
    request = BulkRequest("update", filter="true", values={"size": 3})
    run_id, _ = yard.engine.write(context, lambda tx: add_bulk(tx, "thing", request))

    def killed(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        continue_bulk(yard.engine, context, run_id, progress=killed)
    assert read_bulk(yard.engine, context, run_id).position == 5
    assert continue_bulk(yard.engine, context, run_id).done == 12
    assert {row["version"] for row in yard.rows("thing")} == {2}


def test_a_stopped_run_keeps_what_it_did(yard: RecordWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "BATCH", 5)
    context = yard.context()
    request = BulkRequest("update", filter="true", values={"size": 3})
    run_id, _ = yard.engine.write(context, lambda tx: add_bulk(tx, "thing", request))
    stopped = continue_bulk(
        yard.engine, context, run_id, progress=lambda done, total: stop_bulk(yard.engine, context, run_id)
    )
    assert (stopped.state, stopped.done) == ("stopped", 5)
    assert undo_bulk(yard.engine, context, run_id).reverted == 5
    assert sizes(yard) == [1] * 12


@pytest.mark.parametrize(
    ("entity", "request_", "who", "error"),
    [
        ("thing", BulkRequest("update", filter="true"), None, BadBulk),
        ("thing", BulkRequest("update", filter="size == 99", values={"size": 1}), None, BadBulk),
        ("thing", BulkRequest("update", filter="sizee == 1", values={"size": 1}), None, BadRequest),
        ("thing", BulkRequest("update", filter="true", values={"sice": 1}), None, BadBulk),
        ("place", BulkRequest("update", filter="true", values={"secret": "x"}), "ann", BadBulk),
        ("place", BulkRequest("update", filter="secret == 'x'", values={"floor": 1}), "ann", BadRequest),
        ("thing", BulkRequest("delete", filter="true"), "nobody", NotFound),
    ],
    ids=[
        "no values",
        "no records",
        "bad filter",
        "no such field",
        "hidden field",
        "hidden filter",
        "no right",
    ],
)
def test_what_cannot_be_asked_is_refused_as_a_whole(
    yard: RecordWorld, entity: str, request_: BulkRequest, who: str | None, error: type[Exception]
) -> None:
    with pytest.raises(error):
        run(yard, entity, request_, who)
    assert sizes(yard) == [1] * 12


def test_a_run_is_its_requesters(yard: RecordWorld) -> None:
    result = run(yard, "thing", BulkRequest("update", filter="true", values={"size": 2}))
    with pytest.raises(UnknownBulk):
        read_bulk(yard.engine, yard.context("ann"), result.id)
    with pytest.raises(UnknownBulk):
        read_bulk(yard.engine, yard.context(), UUID(int=1))
