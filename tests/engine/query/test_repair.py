"""A rule published over records that break it: they are listed, stay editable elsewhere, and are repaired by touching."""

from collections.abc import Iterator
from typing import Any

import pytest
from record_world import Json, RecordWorld, package, record_world, together

from fieldstone.engine.publish import Edit, plan_edits, publish_edits
from fieldstone.engine.records import Operation, batch, create
from fieldstone.engine.records.batch import BatchFailed
from fieldstone.engine.records.errors import InvalidContent

DOCUMENTS: dict[str, Any] = {
    "entities/asset": {
        "type": "object",
        "required": ["label"],
        "properties": {
            "label": {"type": "string"},
            "size": {"type": "integer"},
            "serial": {"type": "string"},
            "code": {"type": "string", "unique": True},
        },
    }
}


@pytest.fixture
def stock(postgres_url: str) -> Iterator[RecordWorld]:
    with record_world(postgres_url, "repair", [package("repair", DOCUMENTS)]) as built:
        built.add_user("boss", "administrator")
        yield built


def publish(stock: RecordWorld, patch: Json) -> None:
    context = stock.context("boss")
    edits = [Edit("entities", "asset", lambda body: {**body, **patch})]
    plan = stock.engine.read(context, lambda tx: plan_edits(tx, edits))
    publish_edits(stock.engine, context, edits, plan.base, plan.hash, [change.id for change in plan.changes])


RULE = {
    "rules": [
        {"name": "serial", "when": "size > 5 && isEmpty(serial)", "field": "serial", "message": "Serial!"}
    ]
}


def test_a_rule_over_records_that_break_it(stock: RecordWorld) -> None:
    good = stock.create("asset", {"label": "good", "size": 3})
    bad = stock.create("asset", {"label": "bad", "size": 9})
    publish(stock, RULE)
    assert [each["id"] for each in stock.rows("asset", to_repair=True)] == [bad["id"]]
    assert stock.page("asset", to_repair=True, count="exact").count == 1
    assert stock.update("asset", bad["id"], {"label": "still bad"})["label"] == "still bad"
    for patch in ({"size": 8}, {"serial": ""}, {"size": 7, "label": "x"}):
        with pytest.raises(InvalidContent):
            stock.update("asset", bad["id"], patch)
    with pytest.raises(BatchFailed):
        stock.write(lambda tx: batch(tx, "asset", [Operation("update", bad["id"], {"size": 8})]))
    assert stock.update("asset", bad["id"], {"serial": "S"})["serial"] == "S"
    assert stock.rows("asset", to_repair=True) == []
    assert stock.read("asset", good["id"]) == good


def test_a_write_that_began_at_the_revision_before_is_done_at_the_new_one(stock: RecordWorld) -> None:
    """The context was made before a publish; the verb is run again, with the new definitions."""
    old = stock.context("boss")
    tried: list[int] = []
    publish(stock, RULE)

    def work(tx: Any) -> Json:
        tried.append(tx.context.revision)
        return create(tx, "asset", {"label": "late", "size": 2})

    made = stock.engine.write(old, work)
    assert tried == [old.revision, old.revision + 1]
    assert stock.read("asset", made["id"])["label"] == "late"
    with pytest.raises(InvalidContent):
        stock.engine.write(old, lambda tx: create(tx, "asset", {"label": "x", "size": 6}))
    assert [each["label"] for each in stock.rows("asset")] == ["late"]


def test_one_of_two_that_take_a_value_at_once_gets_a_conflict(stock: RecordWorld) -> None:
    for number in range(5):
        results = together([lambda n=number: stock.create("asset", {"label": "x", "code": f"c{n}"})] * 2)
        assert sorted(type(each).__name__ for each in results) == ["Conflict", "dict"]
    assert stock.page("asset", count="exact").count == 5


def test_a_batch_is_done_wholly_or_not_at_all(stock: RecordWorld) -> None:
    one = stock.create("asset", {"label": "one", "code": "1"})
    done = stock.write(
        lambda tx: batch(
            tx,
            "asset",
            [
                Operation("create", body={"label": "two", "code": "2"}),
                Operation("update", one["id"], {"label": "uno"}, if_match=1),
                Operation("delete", one["id"], if_match=2),
            ],
        )
    )
    assert [outcome.op for outcome in done] == ["create", "update", "delete"]
    assert done[1].record is not None and done[1].record["label"] == "uno" and done[2].record is None
    two, good = done[0].record, Operation("create", body={"label": "three"})
    assert two is not None
    for operations, kind, path in (
        ([good, Operation("create", body={"code": "4"})], "invalid", "/operations/1/label"),
        ([good, Operation("create", body={"label": "x", "code": "2"})], "conflict", "/operations/1/code"),
        ([good, Operation("delete", one["id"])], "not_found", "/operations/1"),
        ([Operation("update", two["id"], {"label": "t"}, if_match=9)], "stale", "/operations/0"),
    ):
        with pytest.raises(BatchFailed) as caught:
            stock.write(lambda tx, ops=operations: batch(tx, "asset", ops))
        assert (caught.value.kind, caught.value.problems[0].path) == (kind, path)
        assert [each["label"] for each in stock.rows("asset")] == ["two"]
