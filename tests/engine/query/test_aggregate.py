import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from record_world import Json, RecordWorld, package, record_world

from fieldstone.engine.query.errors import BadRequest

ZONE = ZoneInfo("Asia/Taipei")
DOCUMENTS: dict[str, Any] = {
    "entities/place": {
        "type": "object",
        "properties": {"name": {"type": "string"}, "country": {"type": "string"}},
    },
    "entities/asset": {
        "type": "object",
        "rateDate": "bought",
        "properties": {
            "label": {"type": "string", "search": True},
            "pieces": {"type": "integer"},
            "price": {"field": "money"},
            "open": {"type": "boolean"},
            "status": {"oneOf": [{"const": "new", "title": "New"}, {"const": "old", "title": "Old"}]},
            "bought": {"type": "string", "format": "date"},
            "seen": {"type": "string", "format": "date-time"},
            "place": {"field": "link", "target": "place"},
            "topics": {"field": "tags"},
            "data": {"field": "json"},
            "parts": {"field": "lines", "properties": {"name": {"type": "string"}}},
        },
    },
}


@pytest.fixture(scope="module")
def stock(postgres_url: str) -> Iterator[RecordWorld]:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    chance = random.Random(seed)
    company = {"time_zone": "Asia/Taipei", "currency": "EUR"}
    with record_world(postgres_url, "figures", [package("figures", DOCUMENTS)], company=company) as built:
        built.create("exchange_rate", {"currency": "USD", "date": "2020-01-01", "rate": "0.5"})
        places = [
            built.create("place", {"name": n, "country": c})["id"]
            for n, c in (("a", "DE"), ("b", "FR"), ("c", "DE"))
        ]
        for number in range(50):
            seen = datetime(2025, 12, 28, tzinfo=UTC) + timedelta(hours=chance.randrange(24 * 8))
            body = {
                "label": f"asset {number}",
                "pieces": chance.choice([None, 0, 1, 2, 10**9]),
                "price": chance.choice([None, "0.10", "3.33", "100000000000.01"]),
                "price_currency": chance.choice(["EUR", "USD"]),
                "open": chance.choice([None, True, False]),
                "status": chance.choice([None, "new", "old"]),
                "bought": chance.choice(
                    [None, f"202{chance.randrange(4, 7)}-{chance.randrange(1, 13):02}-15"]
                ),
                "seen": chance.choice([None, seen.isoformat().replace("+00:00", "Z")]),
                "place": chance.choice([None, *map(str, places)]),
            }
            if body["price"] is None:
                del body["price_currency"]
            built.create("asset", {k: v for k, v in body.items() if v is not None})
        yield built


def mean(values: list[Any]) -> Decimal | None:
    if not values:
        return None
    return (Decimal(sum(values)) / len(values)).quantize(Decimal(10) ** -10, ROUND_HALF_UP)


FIGURES: dict[str, Callable[[list[Any]], Any]] = {
    "sum": sum, "avg": mean, "min": lambda v: min(v, default=None), "max": lambda v: max(v, default=None),
    "count": len, "distinct": lambda v: len(set(v)),
}  # fmt: skip
GROUPS: dict[Any, Callable[[Json], Any]] = {
    "status": lambda row: row["status"],
    "open": lambda row: row["open"],
    "place": lambda row: row["place"],
    ("bought", "year"): lambda row: row["bought"] and row["bought"].year,
    ("bought", "quarter"): lambda row: (
        row["bought"] and date(row["bought"].year, (row["bought"].month - 1) // 3 * 3 + 1, 1)
    ),
    ("bought", "month"): lambda row: row["bought"] and row["bought"].replace(day=1),
    ("seen", "day"): lambda row: row["seen"] and row["seen"].astimezone(ZONE).date(),
    ("seen", "week"): lambda row: row["seen"] and _monday(row["seen"].astimezone(ZONE).date()),
    ("seen", "year"): lambda row: row["seen"] and row["seen"].astimezone(ZONE).year,
}


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


@pytest.mark.parametrize("group", GROUPS, ids=str)
def test_figures_are_those_that_python_computes(stock: RecordWorld, group: Any) -> None:
    name = "_".join(group) if isinstance(group, tuple) else group
    measured = [(fn, field) for field in ("pieces", "price", "price_base") for fn in FIGURES]
    rows = stock.aggregate("asset", group=[group], measures=[("count",), *measured])
    expected: dict[Any, list[Json]] = {}
    for row in stock.rows("asset"):
        expected.setdefault(GROUPS[group](row), []).append(row)
    assert {row[name]: row["count"] for row in rows} == {key: len(found) for key, found in expected.items()}
    for row in rows:
        for fn, field in measured:
            values = [each[field] for each in expected[row[name]] if each[field] is not None]
            assert row[f"{fn}_{field}"] == FIGURES[fn](values), (row[name], fn, field)


def test_groups_behind_a_link_filter_sort_and_limit(stock: RecordWorld) -> None:
    rows = stock.aggregate(
        "asset",
        group=["place.country"],
        measures=[("sum", "pieces * 2", "total")],
        filter="pieces > 0",
        sort=("-total",),
        limit=2,
    )
    counted: dict[Any, int] = {}
    countries = {place["id"]: place["country"] for place in stock.rows("place")}
    for row in stock.rows("asset", filter="pieces > 0"):
        key = countries.get(row["place"])
        counted[key] = counted.get(key, 0) + row["pieces"] * 2
    assert [row["total"] for row in rows] == sorted(counted.values(), reverse=True)[:2]
    assert {row["place_country"]: row["total"] for row in rows}.items() <= counted.items()


def test_nothing_gives_the_figures_of_nothing(stock: RecordWorld) -> None:
    measures = [("count",), ("sum", "pieces"), ("avg", "pieces"), ("max", "price")]
    assert stock.aggregate("asset", measures=measures, filter="false") == [
        {"count": 0, "sum_pieces": 0, "avg_pieces": None, "max_price": None}
    ]
    assert stock.aggregate("asset", group=["status"], filter="false") == []


@pytest.mark.parametrize(
    "ask",
    [
        {}, {"group": ["nothing"]}, {"group": ["parts"]}, {"group": ["data"]}, {"group": [("label", "year")]},
        {"group": [("bought", "decade")]}, {"group": ["status", "status"]}, {"measures": [("median", "pieces")]},
        {"measures": [("sum",)]}, {"measures": [("sum", "label")]}, {"measures": [("sum", "pieces +")]},
        {"measures": [("max", "place")]}, {"measures": [("min", "open")]}, {"measures": [("max", "pieces > 1")]},
        {"measures": [("min", "topics")]}, {"measures": [("max", "id")]}, {"measures": [("sum", "bought")]},
        {"measures": [("count",)], "sort": ("nothing",)}, {"measures": [("count",)], "limit": 0},
        {"measures": [("sum", "parts")]},
        {"measures": [("count",)], "filter": "nothing"}, {"group": ["label.x"]}, {"group": [""]},
        {"group": ["place.nothing"]},
    ],
    ids=str,
)  # fmt: skip
def test_bad_requests(stock: RecordWorld, ask: Json) -> None:
    with pytest.raises(BadRequest):
        stock.aggregate("asset", **ask)
