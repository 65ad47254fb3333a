"""Types whose values are kept in another form than they travel: duration, ranges, points, secrets, positions."""

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from record_world import RecordWorld, package, record_world

from fieldstone.engine.records.sealing import place_of
from fieldstone.engine.storage.tables import table_for
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import FieldstoneError

TASK = {
    "name": "task",
    "properties": {
        "label": {"type": "string"},
        "effort": {"field": "duration"},
        "hours": {"field": "formula", "formula": "effort / 3600"},
        "opens": {"field": "time"},
        "stay": {"field": "date_range"},
        "days": {"field": "formula", "formula": "daysBetween(stay.start, stay.end)"},
        "spot": {"field": "geo_point"},
        "stars": {"field": "rating"},
        "token": {"field": "secret"},
        "rank": {"field": "position"},
        "text": {"field": "rich_text", "search": True},
        "parts": {
            "field": "lines",
            "properties": {"took": {"field": "duration"}, "stay": {"field": "date_range"}},
        },
        "took": {"field": "rollup", "rollup": {"of": "parts", "fn": "sum", "value": "took"}},
    },
    "rules": [{"name": "short", "when": "stay.start < date('2000-01-01')", "message": "too long ago"}],
}
STEP = {
    "name": "step",
    "properties": {
        "task": {"field": "link", "target": "task"},
        "begin": {"field": "formula", "formula": "task.stay.start"},
        "token": {"field": "related", "related": "task.token"},
    },
}
FULL: dict[str, Any] = {
    "effort": "PT90M", "opens": "09:30:00", "stay": {"start": "2026-01-01", "end": "2026-01-31"},
    "spot": {"lat": 25.033, "lon": 121}, "stars": 4, "token": "s3cret", "text": "<p onclick='x'>Hello <b>you</b></p>",
}  # fmt: skip


@pytest.fixture(scope="module")
def world(postgres_url: str) -> Iterator[RecordWorld]:
    documents = {"entities/task": TASK, "entities/step": STEP}
    with record_world(postgres_url, "kinds-of-fields", [package("kinds", documents)]) as made:
        yield made


@pytest.fixture(scope="module")
def task(world: RecordWorld) -> dict[str, Any]:
    return world.create("task", {"label": "full", **FULL, "parts": [{"took": "PT1H"}, {"took": "PT30M"}]})


def labels(world: RecordWorld, filter: str, sort: tuple[str, ...] = ("label",)) -> list[Any]:
    return [row["label"] for row in world.page("task", filter=filter, sort=sort).data]


def test_values_are_answered_in_their_wire_form(world: RecordWorld, task: dict[str, Any]) -> None:
    for record in (
        task,
        world.read("task", task["id"]),
        world.page("task", filter='label == "full"').data[0],
    ):
        assert record["effort"] == "PT1H30M"
        assert record["hours"] == 1.5
        assert record["opens"] == "09:30"
        assert record["stay"] == {"start": "2026-01-01", "end": "2026-01-31"}
        assert record["days"] == 30
        assert record["spot"] == {"lat": 25.033, "lon": 121.0}
        assert all(type(part) is float for part in record["spot"].values())
        assert msgspec.json.encode(record["token"]) == b'{"set":true}'
        assert record["text"] == "<p>Hello <b>you</b></p>"
        assert record["took"] == 5400
        assert [line["took"] for line in record["parts"]] == ["PT1H", "PT30M"]


@pytest.mark.parametrize("filter", [
    "effort == 5400", "effort > 3600 && effort < 7200", "opens >= \"09:30\" && opens < \"10:00\"",
    "stay.start <= date(\"2026-01-15\") && stay.end >= date(\"2026-01-15\")", "spot.lat > 25 && spot.lon < 122",
    "stars >= 4", "!isEmpty(token)", "!isEmpty(stay) && !isEmpty(spot)", "hours == 1.5",
    "any(parts, took == 1800)",
])  # fmt: skip
def test_filters_compare_them(world: RecordWorld, task: dict[str, Any], filter: str) -> None:
    assert labels(world, f'({filter}) && label == "full"') == ["full"]


@pytest.mark.parametrize(
    "filter", ['token == "s3cret"', 'contains(token, "s")', "stay.begin == today()", "stay == 5"]
)
def test_filters_that_say_nothing_are_refused(world: RecordWorld, filter: str) -> None:
    with pytest.raises(FieldstoneError):
        labels(world, filter)


def test_they_sort_by_what_they_mean(world: RecordWorld) -> None:
    for label, effort, start in (
        ("s1", "PT9M", "2030-03-01"),
        ("s2", "PT1H", "2030-01-01"),
        ("s3", "PT10M", "2030-02-01"),
    ):
        world.create("task", {"label": label, "effort": effort, "stay": {"start": start}})
    some = 'startsWith(label, "s")'
    assert labels(world, some, ("effort",)) == ["s1", "s3", "s2"]
    assert labels(world, some, ("-effort",)) == ["s2", "s3", "s1"]
    assert labels(world, some, ("stay",)) == ["s2", "s3", "s1"]
    assert labels(world, some, ("rank",)) == ["s1", "s2", "s3"]
    page = world.page("task", filter=some, sort=("stay",), limit=1)
    assert page.next is not None
    for unsorted in ("spot", "token"):
        with pytest.raises(FieldstoneError):
            labels(world, some, (unsorted,))


def test_rules_and_formulas_behind_links_read_parts(world: RecordWorld, task: dict[str, Any]) -> None:
    with pytest.raises(FieldstoneError, match="too long ago"):
        world.create("task", {"stay": {"start": "1999-12-31"}})
    step = world.create("step", {"task": str(task["id"])})
    assert str(step["begin"]) == "2026-01-01"
    assert step["token"] == {"set": True}
    assert world.read("step", step["id"])["token"] == {"set": True}


def test_a_patch_merges_a_range(world: RecordWorld) -> None:
    made = world.create("task", {"label": "m", "stay": {"start": "2026-01-01", "end": "2026-01-31"}})
    changed = world.update("task", made["id"], {"stay": {"end": None}})
    assert changed["stay"] == {"start": "2026-01-01", "end": None}
    assert labels(world, 'label == "m" && stay.end == null') == ["m"]
    assert world.update("task", made["id"], {"stay": None})["stay"] is None
    assert labels(world, 'label == "m" && isEmpty(stay) && stay.start == null') == ["m"]


def test_a_secret_is_stored_encrypted_and_told_by_nobody(world: RecordWorld) -> None:
    made = world.create("task", {"label": "secret", "token": "first-s3cret"})
    world.update("task", made["id"], {"token": {"set": True}, "label": "secret 2"})
    world.update("task", made["id"], {"token": "second-s3cret"})
    entries = world.history("task", made["id"])
    assert [set(entry["changes"]) for entry in entries][:2] == [{"token"}, {"label"}]
    assert "s3cret" not in json.dumps(entries, default=str)

    def stored(tx: Transaction) -> tuple[str, str]:
        entity = tx.model.entities["task"]
        column = table_for(entity).table.c["token"]
        sealed = tx.select(sa.select(column).where(table_for(entity).table.c.id == made["id"]), {})[0][0]
        assert tx.engine.vault is not None
        return sealed, tx.engine.vault.open(
            sealed, place_of(tx.context.tenant, entity, entity.fields["token"])
        )

    sealed, opened = world.look(stored)
    assert "s3cret" not in sealed
    assert opened == "second-s3cret"
    assert world.update("task", made["id"], {"token": None})["token"] is None
    assert world.update("task", made["id"], {"token": {"set": True}})["token"] is None


def test_moving_one_record_writes_one_row(world: RecordWorld) -> None:
    made = [world.create("task", {"label": f"p{n}"}) for n in range(4)]
    ids = [record["id"] for record in made]
    order = lambda: labels(world, 'startsWith(label, "p")', ("rank",))  # noqa: E731
    assert order() == ["p0", "p1", "p2", "p3"]
    world.update("task", ids[3], {"rank": {"before": str(ids[0])}})
    assert order() == ["p3", "p0", "p1", "p2"]
    world.update("task", ids[0], {"rank": {"after": str(ids[1])}})
    assert order() == ["p3", "p1", "p0", "p2"]
    for _ in range(40):  # there is always room
        world.update("task", ids[0], {"rank": {"after": str(ids[3])}})
        world.update("task", ids[1], {"rank": {"after": str(ids[3])}})
    assert order() == ["p3", "p1", "p0", "p2"]
    assert world.read("task", ids[2])["version"] == 1
    world.create("task", {"label": "p4", "rank": {"after": str(ids[3])}})
    assert order() == ["p3", "p4", "p1", "p0", "p2"]
    for beside in (ids[0], "0190c6a0-8f5e-7cc3-98c5-1d2f3a4b5c6d"):
        with pytest.raises(FieldstoneError):
            world.update("task", ids[0], {"rank": {"after": str(beside)}})
