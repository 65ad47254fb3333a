"""Rollups and stored formulas agree with what they are computed from, whoever writes at the same time."""

import random
from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

import pytest
from record_world import Json, RecordWorld, package, record_world, together

from fieldstone.engine.records.errors import UnknownRecord

FUNCTIONS = ("count", "sum", "avg", "min", "max", "any", "all")


def _rollup(fn: str, value: str | None) -> Json:
    rollup = {"of": "box.place", "fn": fn}
    return {"field": "rollup", "rollup": rollup | ({"value": value} if value else {})}


DOCUMENTS: dict[str, Any] = {
    "entities/region": {
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"type": "string"},
            "heft": {"field": "rollup", "rollup": {"of": "place.region", "fn": "sum", "value": "heavy"}},
        },
    },
    "entities/place": {
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"type": "string"},
            "region": {"field": "link", "target": "region", "onDelete": "clear"},
            "count": _rollup("count", None),
            "sum": _rollup("sum", "weight"),
            "avg": _rollup("avg", "weight"),
            "min": _rollup("min", "weight"),
            "max": _rollup("max", "weight"),
            "any": _rollup("any", "open"),
            "all": _rollup("all", "open"),
            "open_sum": {"field": "rollup", "rollup": {"of": "box.place", "fn": "sum", "value": "weight", "where": "open"}},
            "double": {"field": "formula", "formula": "sum * 2"},
            "heavy": {"field": "formula", "formula": "double + 1", "stored": True},
        },
    },
    "entities/box": {
        "type": "object",
        "properties": {
            "label": {"type": "string"},
            "weight": {"field": "decimal"},
            "open": {"type": "boolean"},
            "place": {"field": "link", "target": "place", "onDelete": "clear"},
        },
    },
    "entities/tag": {
        "type": "object",
        "properties": {
            "box": {"field": "link", "target": "box", "onDelete": "clear"},
            "text": {"field": "formula", "formula": "concat(box.label, '!')"},
            "share": {"field": "formula", "formula": "box.place.heavy"},
        },
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def stock(postgres_url: str) -> Iterator[RecordWorld]:
    with record_world(postgres_url, "rollups", [package("rollups", DOCUMENTS)]) as built:
        yield built


@pytest.fixture
def places(stock: RecordWorld) -> list[Json]:
    region = stock.create("region", {"name": "R"})
    return [stock.create("place", {"name": name, "region": str(region["id"])}) for name in "ab"]


def expected(boxes: list[Json]) -> Json:
    weights = [box["weight"] for box in boxes if box["weight"] is not None]
    opens = [box["open"] for box in boxes if box["open"] is not None]
    average = None
    if weights:
        with localcontext(prec=60):
            average = (sum(weights, Decimal(0)) / len(weights)).quantize(Decimal(10) ** -10, ROUND_HALF_UP)
    return {
        "count": len(boxes), "sum": sum(weights), "avg": average, "min": min(weights, default=None),
        "max": max(weights, default=None), "any": any(opens), "all": all(opens),
        "open_sum": sum(b["weight"] for b in boxes if b["open"] and b["weight"] is not None),
    }  # fmt: skip


def check(stock: RecordWorld, place: Json) -> Json:
    """What is stored of a place is what its boxes give; the place."""
    boxes = [box for box in stock.rows("box") if box["place"] == place["id"]]
    now = stock.read("place", place["id"])
    want = expected(boxes)
    assert {name: now[name] for name in want} == want
    assert now["double"] == now["sum"] * 2 and now["heavy"] == now["double"] + 1
    return now


def test_a_new_parent_has_the_rollups_of_nothing(stock: RecordWorld, places: list[Json]) -> None:
    assert {name: places[0][name] for name in FUNCTIONS} == {
        "count": 0, "sum": 0, "avg": None, "min": None, "max": None, "any": False, "all": True,
    }  # fmt: skip
    assert places[0] == stock.read("place", places[0]["id"])
    assert places[0]["heavy"] == 1


def test_moving_deleting_and_restoring_a_child(stock: RecordWorld, places: list[Json]) -> None:
    a, b = places
    heavy = stock.create("box", {"weight": "7.5", "open": True, "place": str(a["id"])})
    stock.create("box", {"weight": "1", "place": str(a["id"])})
    assert check(stock, a)["sum"] == Decimal("8.5")
    stock.update("box", heavy["id"], {"place": str(b["id"])})
    assert (check(stock, a)["sum"], check(stock, b)["sum"]) == (1, Decimal("7.5"))
    stock.delete("box", heavy["id"])
    assert check(stock, b)["count"] == 0
    stock.restore("box", heavy["id"])
    assert check(stock, b)["count"] == 1
    stock.update("box", heavy["id"], {"place": None})
    assert check(stock, b)["count"] == 0
    region = stock.read("region", a["region"])
    assert region["heft"] == 3 + 1


@pytest.mark.parametrize("weights", [["1", "1", "0"], ["20000000000000000001", "0", "0"], ["-1", "0", "-1"]])
def test_an_average_is_the_languages_division(
    stock: RecordWorld, places: list[Json], weights: list[str]
) -> None:
    for weight in weights:
        stock.create("box", {"weight": weight, "place": str(places[0]["id"])})
    check(stock, places[0])


def test_a_formula_over_a_link_follows_its_target(stock: RecordWorld, places: list[Json]) -> None:
    box = stock.create("box", {"label": "x", "weight": 2, "place": str(places[0]["id"])})
    tag = stock.create("tag", {"box": str(box["id"])})
    assert (tag["text"], tag["share"]) == ("x!", 5)
    stock.update("box", box["id"], {"label": "y"})
    assert stock.read("tag", tag["id"])["text"] == "y!"
    stock.delete("tag", tag["id"])
    stock.update("box", box["id"], {"label": "z"})
    assert stock.restore("tag", tag["id"])["text"] == "z!"
    assert stock.read("tag", tag["id"])["text"] == "z!"
    other = stock.create("box", {"label": "o"})
    assert stock.update("tag", tag["id"], {"box": str(other["id"])})["text"] == "o!"


def test_a_formula_two_links_away_follows(stock: RecordWorld, places: list[Json]) -> None:
    box = stock.create("box", {"label": "x", "weight": 2, "place": str(places[0]["id"])})
    tag = stock.create("tag", {"box": str(box["id"])})
    stock.create("box", {"weight": 10, "place": str(places[0]["id"])})
    assert stock.read("tag", tag["id"])["share"] == 25
    stock.update("box", box["id"], {"place": str(places[1]["id"])})
    assert stock.read("tag", tag["id"])["share"] == 5


def test_many_writers_of_the_same_parents(stock: RecordWorld, places: list[Json]) -> None:
    """All rollup functions, and the sums above them, after threads have created, changed, moved and deleted children."""
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    ids = [str(place["id"]) for place in places]

    def worker(number: int) -> Callable[[], None]:
        chance = random.Random(seed + number)

        def body() -> Json:
            return {
                "weight": chance.choice([None, chance.randrange(-50, 50)]),
                "open": chance.choice([None, True, False]),
                "place": chance.choice([*ids, *ids, None]),
            }

        def run() -> None:
            mine: list[Any] = []
            for _ in range(14):
                what = chance.random()
                if what < 0.5 or not mine:
                    mine.append(stock.create("box", body())["id"])
                elif what < 0.8:
                    stock.update("box", chance.choice(mine), body())
                else:
                    try:
                        stock.delete("box", mine.pop(chance.randrange(len(mine))))
                    except UnknownRecord:
                        raise AssertionError("deleted by nobody else") from None

        return run

    results = together([worker(number) for number in range(4)])
    assert results == [None] * 4
    now = [check(stock, place) for place in places]
    assert stock.read("region", places[0]["region"])["heft"] == sum(place["heavy"] for place in now)


def test_sums_of_sums_under_writers_of_different_parents(stock: RecordWorld, places: list[Json]) -> None:
    def add(place: Json) -> Callable[[], Json]:
        return lambda: stock.create("box", {"weight": 1, "place": str(place["id"])})

    results = together([add(place) for place in places * 12])
    assert [each for each in results if isinstance(each, Exception)] == []
    now = [check(stock, place) for place in places]
    assert stock.read("region", places[0]["region"])["heft"] == sum(place["heavy"] for place in now) == 50


def test_formulas_over_a_target_that_changes_meanwhile(stock: RecordWorld) -> None:
    box = stock.create("box", {"label": "0"})

    def rename(n: int) -> Callable[[], Json]:
        return lambda: stock.update("box", box["id"], {"label": str(n)})

    def add() -> Json:
        return stock.create("tag", {"box": str(box["id"])})

    results = together([rename(n // 2) if n % 2 else add for n in range(1, 41)])
    assert [each for each in results if isinstance(each, Exception)] == []
    label = stock.read("box", box["id"])["label"]
    tags = [tag for tag in stock.rows("tag") if tag["box"] == box["id"]]
    assert {tag["text"] for tag in tags} == {f"{label}!"} and len(tags) == 20
