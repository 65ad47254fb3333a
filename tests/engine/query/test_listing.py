import base64
import json
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from record_world import Json, RecordWorld, package, record_world

from fieldstone.engine.query import cursor as cursors
from fieldstone.engine.query.aggregate import aggregate
from fieldstone.engine.query.errors import BadRequest
from fieldstone.engine.query.request import AggregateRequest, Measure
from fieldstone.engine.records import update
from fieldstone.engine.records.errors import UnknownRecord

DOCUMENTS: dict[str, Any] = {
    "entities/place": {
        "type": "object",
        "required": ["name"],
        "properties": {"name": {"type": "string", "search": True}, "country": {"type": "string"}},
    },
    "entities/asset": {
        "type": "object",
        "titleField": "label",
        "properties": {
            "label": {"type": "string", "search": True},
            "code": {"type": "string"},
            "pieces": {"type": "integer"},
            "weight": {"field": "decimal"},
            "ratio": {"type": "number"},
            "open": {"type": "boolean"},
            "bought": {"type": "string", "format": "date"},
            "seen": {"type": "string", "format": "date-time"},
            "status": {"oneOf": [{"const": "new", "title": "New"}, {"const": "old", "title": "Old"}]},
            "place": {"field": "link", "target": "place"},
            "country": {"field": "related", "related": "place.country"},
            "double": {"field": "formula", "formula": "pieces * 2"},
            "overdue": {"field": "formula", "formula": "bought < today()"},
            "price": {"field": "money"},
            "parts": {
                "field": "lines",
                "properties": {"name": {"type": "string"}, "qty": {"type": "integer"}},
            },
            "data": {"field": "json"},
        },
    },
    "entities/firm": {
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"type": "string", "search": True},
            "until": {"type": "string", "format": "date"},
            "over": {"field": "formula", "formula": "until < today()"},
        },
    },
    "entities/ruled": {
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"type": "string"},
            "size": {"type": "integer"},
            "firm": {"field": "link", "target": "firm"},
        },
    },
    "roles/late": {
        "entities": [
            {
                "name": "asset",
                "verbs": {"read": "all", "update": "all"},
                "recordRules": [{"name": "late", "when": "overdue"}],
            }
        ]
    },
}
SORTABLE = (
    "label", "code", "pieces", "weight", "ratio", "open", "bought", "seen", "status", "place", "country", "double",
    "overdue", "price", "place.name", "created_at", "version",
)  # fmt: skip
SEED = random.randrange(10**6)


@pytest.fixture(scope="module")
def stock(postgres_url: str) -> Iterator[RecordWorld]:
    with record_world(postgres_url, "lists", [package("lists", DOCUMENTS)]) as built:
        built.add_user("dunner", "late")
        chance = random.Random(SEED)
        print(f"seed {SEED}")
        places = [
            built.create("place", {"name": name, "country": country})["id"]
            for name, country in (("Hall", "DE"), ("Élan", "FR"), ("attic", None))
        ]

        def maybe(value: Any) -> Any:
            return None if chance.random() < 0.3 else value

        for _ in range(60):
            body = {
                "label": maybe(chance.choice(["a", "B", "é", "王", "ab", "AB", ""])),
                "code": maybe(chance.choice("xyz")),
                "pieces": maybe(chance.randrange(4)),
                "weight": maybe(str(Decimal(chance.randrange(-3, 3)) / 2)),
                "ratio": maybe(chance.choice([0.1, 0.2, -1.5])),
                "open": maybe(chance.choice([True, False])),
                "bought": maybe(f"2026-01-0{chance.randrange(1, 5)}"),
                "seen": maybe(f"2026-01-01T00:00:0{chance.randrange(4)}Z"),
                "status": maybe(chance.choice(["new", "old"])),
                "place": maybe(str(chance.choice(places))),
                "price": maybe(str(chance.randrange(3))),
            }
            built.create("asset", {k: v for k, v in body.items() if v is not None})
        yield built


def every_page(stock: RecordWorld, **request: Any) -> list[Json]:
    found: list[Json] = []
    cursor = None
    for _ in range(100):
        page = stock.page("asset", cursor=cursor, **request)
        found += page.data
        cursor = page.next
        if cursor is None:
            return found
    raise AssertionError("pages without end")


@pytest.mark.parametrize("number", range(30))
def test_pages_hold_every_row_once_and_in_order(stock: RecordWorld, number: int) -> None:
    chance = random.Random(SEED * 100 + number)
    sort = tuple(chance.choice(("", "-")) + name for name in chance.sample(SORTABLE, chance.randrange(4)))
    limit = chance.choice([1, 3, 7, 20])
    print(f"seed {SEED}, sort {sort}, limit {limit}")
    pages = [each["id"] for each in every_page(stock, sort=sort, limit=limit)]
    whole = [each["id"] for each in stock.rows("asset", sort=sort)]
    assert len(whole) == 60 and len(set(whole)) == 60
    assert pages == whole


@pytest.mark.parametrize("name", ["pieces", "weight", "ratio", "open", "bought", "seen", "double", "price"])
@pytest.mark.parametrize("descending", [False, True])
def test_order_is_that_of_the_values_with_nulls_last(stock: RecordWorld, name: str, descending: bool) -> None:
    values = [each[name] for each in stock.rows("asset", sort=(("-" if descending else "") + name,))]
    known = [value for value in values if value is not None]
    assert values == sorted(known, reverse=descending) + [None] * (len(values) - len(known))


def test_filter_is_what_python_would_choose(stock: RecordWorld) -> None:
    chosen = stock.rows("asset", filter="pieces > 1 && place.country == 'DE' || isEmpty(code)")
    expected = [
        each["id"] for each in stock.rows("asset")
        if ((each["pieces"] or 0) > 1 and each["country"] == "DE") or not each["code"]
    ]  # fmt: skip
    assert sorted(each["id"] for each in chosen) == sorted(expected) != []


def test_count(stock: RecordWorld) -> None:
    assert stock.page("asset", limit=1).count is None
    assert stock.page("asset", limit=1, count="exact").count == 60
    capped = stock.page("asset", limit=1, count="capped")
    assert (capped.count, capped.count_is_exact) == (60, True)


def test_a_capped_count_stops(stock: RecordWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fieldstone.engine.query.listing.COUNT_CAP", 10)
    capped = stock.page("asset", limit=1, count="capped")
    assert (capped.count, capped.count_is_exact) == (10, False)
    assert stock.page("asset", limit=1, count="exact").count == 60


@pytest.mark.parametrize(
    "request_",
    [
        {"limit": 0}, {"limit": 201}, {"sort": ("nothing",)}, {"sort": ("parts",)}, {"sort": ("data",)}, {"sort": ("",)},
        {"sort": ("code.x",)}, {"sort": ("place.nothing",)}, {"fields": ("nothing",)}, {"expand": ("nothing",)},
        {"expand": ("code",)}, {"filter": "nothing == 1"}, {"filter": "pieces =="}, {"filter": "pieces"},
        {"filter": "status == 'nothing'"}, {"filter": "true", "expand": ("place", "nothing"), "fields": ("label",)},
        {"expand": ("nothing",), "filter": "false"}, {"cursor": "x"}, {"cursor": "é"}, {"cursor": "W10"}, {"cursor": ""},
    ],
    ids=str,
)  # fmt: skip
def test_bad_requests(stock: RecordWorld, request_: Json) -> None:
    if request_ == {"cursor": ""}:
        assert stock.page("asset", **request_).data
        return
    with pytest.raises(BadRequest):
        stock.page("asset", **request_)


@pytest.mark.parametrize(
    "other",
    [
        {"sort": ("-pieces",)}, {"sort": ("pieces", "code")}, {"sort": ("pieces",), "filter": "true"},
        {"sort": ("pieces",), "q": "a"}, {"sort": ("pieces",), "deleted": True}, {"sort": ("pieces",), "to_repair": True},
    ],
    ids=str,
)  # fmt: skip
def test_a_cursor_belongs_to_its_list(stock: RecordWorld, other: Json) -> None:
    cursor = stock.page("asset", sort=("pieces",), limit=1).next
    assert stock.page("asset", sort=("pieces",), limit=1, cursor=cursor).data
    with pytest.raises(BadRequest):
        stock.page("asset", cursor=cursor, limit=1, **other)


FORGED: list[Any] = [
    [], {}, None, 3, "x", [1], ["x", []], [["i", "1"]], [["i", "x"], ["u", "y"]], [["i", "9" * 30]], [["s", "\0"]],
    [["s", "\ud800"]], [["n", "NaN"]], [["n", "1e999999"]], [["f", "nan"]],
    [["t", "0001-01-01T00:00:00+23:59"]], [["d", "x"]],
    [["x", "1"]], [[[], 1]], [["b", 3]], [["u", 3]], [None],
]  # fmt: skip


@pytest.mark.parametrize("name", ["pieces", "label", "weight", "ratio", "seen", "bought", "open"])
@pytest.mark.parametrize("packed", FORGED, ids=lambda value: ascii(value)[:40])
def test_forged_cursors_are_bad_requests(stock: RecordWorld, name: str, packed: Any) -> None:
    """Bound to the right list, and of the right length where that can be: only the values are made up."""
    real = stock.page("asset", sort=(name,), limit=1).next
    assert real is not None
    bound, values = json.loads(base64.urlsafe_b64decode(real + "=="))
    whole = [*packed, values[-1]] if isinstance(packed, list) and len(packed) == 1 else packed
    forged = base64.urlsafe_b64encode(json.dumps([bound, whole]).encode()).decode().rstrip("=")
    try:
        stock.page("asset", sort=(name,), limit=1, cursor=forged)
    except BadRequest:
        return
    assert whole[0] in (None, ["i", "1"])  # what a real cursor may hold


@pytest.mark.parametrize(
    "values",
    [
        [
            "x",
            3,
            None,
            True,
            0.1,
            Decimal("1.50"),
            date(2026, 1, 1),
            UUID(int=3),
            datetime(2026, 1, 1, tzinfo=UTC),
        ]
    ],
)
def test_cursors_keep_their_values(values: list[Any]) -> None:
    kinds = [type(value) for value in values]
    kinds[2] = str
    assert cursors.decode(cursors.encode("b", values), "b", kinds) == values


def test_fields_are_those_asked_for_with_id_and_version(stock: RecordWorld) -> None:
    assert set(stock.rows("asset", fields=("label",))[0]) == {"id", "version", "label"}
    assert set(stock.rows("asset", fields=("price",))[0]) == {
        "id",
        "version",
        "price",
        "price_currency",
        "price_base",
    }


def test_expand_puts_records_in_place_of_ids(stock: RecordWorld) -> None:
    place = stock.create("place", {"name": "Gone"})
    made = stock.create(
        "asset", {"label": "e", "place": str(place["id"]), "parts": [{"name": "p", "qty": 1}]}
    )
    found = stock.rows("asset", filter=f"id == '{made['id']}'", expand=("place", "parts", "owner_id"))[0]
    assert found["place"] == place and found["parts"] == made["parts"] and found["owner_id"] is None
    only = stock.rows("asset", filter=f"id == '{made['id']}'", expand=("parts",), fields=("label",))[0]
    assert only == {"id": made["id"], "version": 1, "label": "e", "parts": made["parts"]}
    stock.delete("asset", made["id"])


def test_what_reads_the_clock_is_computed_anew(stock: RecordWorld) -> None:
    def overdue(day: datetime, **request: Any) -> list[Any]:
        rows = stock.rows("asset", at={"now": day}, **request)
        return [each["overdue"] for each in rows if each["bought"] is not None]

    before, after = datetime(2025, 6, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
    for request in ({}, {"filter": "overdue == true || overdue == false"}, {"sort": ("overdue",)}):
        assert not any(overdue(before, **request))
        assert all(overdue(after, **request))
    assert stock.rows("asset", at={"now": before}, filter="overdue") == []
    assert stock.rows("asset", at={"now": after}, filter="overdue") != []
    assert stock.rows("asset", at={"now": before + timedelta(1)}, filter="bought < today()") == []


def test_what_reads_the_clock_behind_a_link_is_computed_anew(stock: RecordWorld) -> None:
    firm = stock.create("firm", {"name": "Dock", "until": "2026-01-01"})["id"]
    made = stock.create("ruled", {"name": "of a firm", "firm": str(firm)})["id"]
    before, after = {"now": datetime(2025, 6, 1, tzinfo=UTC)}, {"now": datetime(2026, 6, 1, tzinfo=UTC)}

    def names(at: dict[str, Any]) -> list[Any]:
        return [each["name"] for each in stock.rows("ruled", at=at, filter="firm.over")]

    def groups(at: dict[str, Any]) -> list[Any]:
        request = AggregateRequest(measures=(Measure("count"),), filter="firm.over")
        return [each["count"] for each in stock.look(lambda tx: aggregate(tx, "ruled", request), **at)]

    try:
        assert (names(before), groups(before)) == ([], [0])
        assert (names(after), groups(after)) == (["of a firm"], [1])
    finally:
        stock.delete("ruled", made)
        stock.delete("firm", firm)


def test_a_record_rule_over_what_reads_the_clock_holds_on_the_day(stock: RecordWorld) -> None:
    made = stock.create("asset", {"label": "owed", "bought": "2026-01-01"})["id"]

    def write(year: int) -> Any:
        now = datetime(year, 6, 1, tzinfo=UTC)
        return stock.write(lambda tx: update(tx, "asset", made, {"pieces": year}), "dunner", now=now)[
            "pieces"
        ]

    with pytest.raises(UnknownRecord):
        write(2025)
    assert write(2027) == 2027
    with pytest.raises(UnknownRecord):
        write(2025)
    stock.delete("asset", made)


@pytest.mark.parametrize(
    ("q", "found"),
    [("台積", "臺積電股份有限公司"), ("台积", "臺積電股份有限公司"), ("王", "王小明"), ("小明", "王小明"),
     ("cafe", "Café Zoë"), ("zo", "Café Zoë")],
)  # fmt: skip
def test_search_finds(stock: RecordWorld, q: str, found: str) -> None:
    known = {each["name"] for each in stock.rows("firm")}
    for name in {"臺積電股份有限公司", "王小明", "Café Zoë", "鴻海"} - known:
        stock.create("firm", {"name": name})
    assert [each["name"] for each in stock.rows("firm", q=q)] == [found]


def test_a_list_is_in_the_order_of_its_readers_language(stock: RecordWorld) -> None:
    names = ["丁", "王", "安", "白", "一"]
    made = [stock.create("place", {"name": name, "country": "zh"})["id"] for name in names]

    def order(locale: str) -> str:
        return "".join(
            each["name"]
            for each in stock.rows("place", at={"locale": locale}, filter="country == 'zh'", sort=("name",))
        )

    assert order("zh-Hans") == "安白丁王一"
    assert order("zh-Hant") == "一丁王白安"
    for each in made:
        stock.delete("place", each)


def test_deleted_records_are_listed_when_asked_for(stock: RecordWorld) -> None:
    made = stock.create("firm", {"name": "Gone"})
    stock.delete("firm", made["id"])
    assert made["id"] not in [each["id"] for each in stock.rows("firm")]
    assert made["id"] in [each["id"] for each in stock.rows("firm", deleted=True)]
