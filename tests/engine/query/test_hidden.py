"""Hidden means absent: what an actor may not see gives the very answer of what does not exist."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from record_world import Json, RecordWorld, package, record_world

from fieldstone.engine.imports import ImportOptions, run_import
from fieldstone.engine.query.everything import search
from fieldstone.engine.records.errors import UnknownRecord
from fieldstone.problems import FieldstoneError

ALL = dict.fromkeys(("create", "read", "update", "delete", "assign", "import", "export"), "all")

DOCUMENTS: dict[str, Any] = {
    "entities/vault": {
        "type": "object",
        "titleField": "name",
        "properties": {"name": {"type": "string", "search": True}},
    },
    "entities/place": {
        "type": "object",
        "titleField": "name",
        "properties": {
            "name": {"type": "string", "search": True},
            "country": {"type": "string"},
        },
    },
    "entities/asset": {
        "type": "object",
        "titleField": "label",
        "properties": {
            "label": {"type": "string", "search": True},
            "kind": {"type": "string", "search": True},
            "zecret": {"type": "string", "search": True, "unique": True},
            "cost": {"field": "money"},
            "twice": {"field": "formula", "formula": "cost * 2"},
            "coin": {"field": "formula", "formula": "cost_currency", "stored": True},
            "place": {"field": "link", "target": "place"},
            "vault": {"field": "link", "target": "vault"},
            "hidden_place": {"field": "link", "target": "place"},
            "far": {"field": "related", "related": "place.country"},
            "parts": {
                "field": "lines",
                "properties": {"name": {"type": "string"}, "price": {"field": "decimal"}},
            },
            "zhelves": {"field": "lines", "properties": {"name": {"type": "string"}}},
        },
    },
    "roles/clerk": {
        "entities": [
            {
                "name": "asset",
                "verbs": ALL,
                "hidden": ["zecret", "cost", "hidden_place", "zhelves", "parts.price"],
                "recordRules": [
                    {"name": "no_x", "when": "kind != 'X'", "verbs": ["read", "update", "delete"]}
                ],
            },
            {
                "name": "place",
                "verbs": {"read": "all"},
                "hidden": ["name"],
                "recordRules": [{"name": "near", "when": "country != 'FAR'", "verbs": ["read"]}],
            },
        ]
    },
}


@pytest.fixture(scope="module")
def stock(postgres_url: str) -> Iterator[RecordWorld]:
    with record_world(postgres_url, "hidden", [package("hidden", DOCUMENTS)]) as built:
        built.add_user("clerk", "clerk")
        near = built.create("place", {"name": "zz", "country": "DE"})["id"]
        far = built.create("place", {"name": "aa", "country": "FAR"})["id"]
        middle = built.create("place", {"name": "mm", "country": "DE"})["id"]
        vault = built.create("vault", {"name": "deep"})["id"]
        rows: list[Json] = [
            {
                "label": "lamp",
                "kind": "tall 臺積電",
                "zecret": "gold",
                "cost": "5",
                "place": near,
                "hidden_place": near,
            },
            {"label": "desk", "kind": "low", "zecret": "lamp", "cost": "7", "place": far, "vault": vault},
            {"label": "bed gold", "kind": "low", "zecret": "台積", "cost": "1", "place": middle},
            {"label": "lamp of nobody", "kind": "X", "place": near},
        ]
        for row in rows:
            body = {k: str(v) for k, v in row.items()} | {
                "parts": [{"name": "p", "price": "3"}],
                "zhelves": [{"name": "q"}],
            }
            built.users[row["label"]] = built.create("asset", body)["id"]
        yield built


def answer(call: Callable[[], Any]) -> Any:
    """What a caller gets, or learns from a refusal."""
    try:
        return call()
    except FieldstoneError as error:
        problems = [(p.path, p.code, p.message) for p in error.problems]
        return (error.kind, error.code, error.message, problems)


def same(found: Any, hidden: str, absent: str) -> bool:
    """Equal but for the name that was asked for, and what is near to it among the names that the actor knows."""
    left, right = (re.sub('; did you mean "[a-z_]+"[?]', "", repr(each)) for each in found)
    return left.replace(hidden, absent) == right


PLACES: dict[str, Callable[[str], Json]] = {
    "filter": lambda name: {"filter": f"isEmpty({name})"},
    "filter over lines": lambda name: {"filter": f"any({name}, name == 'q')"},
    "sort": lambda name: {"sort": (f"-{name}",)},
    "fields": lambda name: {"fields": ("label", name)},
    "expand": lambda name: {"expand": (name,)},
    "filter behind": lambda name: {"filter": f"{name}.name == 'x'"},
    "sort behind": lambda name: {"sort": (f"{name}.name",)},
}


@pytest.mark.parametrize(
    "hidden", ["zecret", "cost", "cost_currency", "twice", "coin", "hidden_place", "zhelves"]
)
@pytest.mark.parametrize("where", PLACES)
def test_a_hidden_field_in_a_list(stock: RecordWorld, hidden: str, where: str) -> None:
    absent = "q" * len(hidden)
    found = [answer(lambda n=n: stock.rows("asset", "clerk", **PLACES[where](n))) for n in (hidden, absent)]
    assert found[1][0] == "malformed"
    assert same(found, hidden, absent), found


@pytest.mark.parametrize("hidden", ["zecret", "cost", "twice", "hidden_place", "zhelves", "cost_base"])
@pytest.mark.parametrize(
    "ask",
    [
        lambda name: {"group": [name]}, lambda name: {"measures": [("count", name)]},
        lambda name: {"measures": [("sum", name)]},
        lambda name: {"group": [f"{name}.country"]}, lambda name: {"measures": [("max", f"{name} + 1")]},
        lambda name: {"group": ["kind"], "sort": (name,)}, lambda name: {"group": ["kind"], "filter": f"isEmpty({name})"},
    ],
    ids=["group", "count", "sum", "group behind", "expression", "sort", "filter"],
)  # fmt: skip
def test_a_hidden_field_in_an_aggregate(stock: RecordWorld, hidden: str, ask: Callable[[str], Json]) -> None:
    absent = "q" * len(hidden)
    found = [answer(lambda n=n: stock.aggregate("asset", "clerk", **ask(n))) for n in (hidden, absent)]
    assert found[1][0] == "malformed"
    assert same(found, hidden, absent), found


@pytest.mark.parametrize("hidden", ["place.name", "vault.name", "parts.price"])
def test_a_hidden_field_behind_a_link(stock: RecordWorld, hidden: str) -> None:
    link, name = hidden.split(".")
    absent = f"{link}.{'q' * len(name)}"
    asks: list[Callable[[str], Any]] = [
        lambda n: stock.rows("asset", "clerk", sort=(n,)),
        lambda n: stock.rows("asset", "clerk", filter=f"{n} == 'x'"),
        lambda n: stock.aggregate("asset", "clerk", group=[n]),
        lambda n: stock.aggregate("asset", "clerk", measures=[("max", n)]),
        lambda n: stock.rows("asset", "clerk", filter=f"any({link}, {n.split('.')[1]} == 'x')"),
    ]
    for ask in asks:
        found = [answer(lambda n=n, ask=ask: ask(n)) for n in (hidden, absent)]
        assert found[1][0] == "malformed"
        assert same(found, name, "q" * len(name)), found


def test_a_hidden_entity(stock: RecordWorld) -> None:
    asks: list[Callable[[str], Any]] = [
        lambda name: stock.rows(name, "clerk"),
        lambda name: stock.read(name, uuid4(), "clerk"),
        lambda name: stock.create(name, {}, "clerk"),
        lambda name: stock.update(name, uuid4(), {}, "clerk"),
        lambda name: stock.delete(name, uuid4(), "clerk"),
        lambda name: stock.restore(name, uuid4(), "clerk"),
        lambda name: stock.history(name, uuid4(), "clerk"),
        lambda name: stock.aggregate(name, "clerk", measures=[("count",)]),
    ]
    for ask in asks:
        found = [answer(lambda n=n, ask=ask: ask(n)) for n in ("vault", "qqqqq")]
        assert found[0][0] == "not_found"
        assert same(found, "vault", "qqqqq"), found


def test_a_hidden_record(stock: RecordWorld) -> None:
    hidden, absent = stock.users["lamp of nobody"], uuid4()
    for ask in (
        lambda i: stock.read("asset", i, "clerk"),
        lambda i: stock.update("asset", i, {"label": "x"}, "clerk"),
        lambda i: stock.delete("asset", i, "clerk"),
        lambda i: stock.restore("asset", i, "clerk"),
        lambda i: stock.history("asset", i, "clerk"),
        lambda i: stock.rows("asset", "clerk", filter=f"id == '{i}'"),
    ):
        assert answer(lambda ask=ask: ask(hidden)) == answer(lambda ask=ask: ask(absent))
    assert stock.page("asset", "clerk", count="exact").count == 3
    assert stock.aggregate("asset", "clerk", measures=[("count",)]) == [{"count": 3}]
    assert [row["kind"] for row in stock.aggregate("asset", "clerk", group=["kind"])] == [
        "low",
        "tall 臺積電",
    ]


def test_answers_hold_nothing_hidden(stock: RecordWorld) -> None:
    lamp = stock.users["lamp"]
    for record in (
        stock.read("asset", lamp, "clerk"),
        stock.rows("asset", "clerk", filter="label == 'lamp'")[0],
    ):
        assert not {"zecret", "cost", "cost_base", "cost_currency", "twice", "hidden_place", "zhelves"} & set(
            record
        )
        assert set(record["parts"][0]) == {"id", "name"}
    text = repr(stock.history("asset", lamp, "clerk"))
    assert not any(word in text for word in ("gold", "zecret", "cost", "price", "zhelves", "hidden_place"))


def test_a_hidden_linked_record_stays_an_id_and_has_no_values(stock: RecordWorld) -> None:
    desk = stock.read("asset", stock.users["desk"], "clerk", expand=("place", "vault"))
    assert desk["far"] is None and not isinstance(desk["place"], dict) and not isinstance(desk["vault"], dict)
    lamp = stock.read("asset", stock.users["lamp"], "clerk", expand=("place",))
    assert set(lamp["place"]) >= {"id", "country"} and "name" not in lamp["place"]
    assert stock.rows("asset", "clerk", filter="place.country == 'FAR'") == []
    groups = stock.aggregate("asset", "clerk", group=["place.country"], measures=[("count",)])
    assert groups == [{"place_country": "DE", "count": 2}, {"place_country": None, "count": 1}]


def test_a_link_is_not_sorted_by_a_hidden_title(stock: RecordWorld) -> None:
    rows = stock.rows("asset", "clerk", sort=("place",))
    seen = [str(row["place"]) for row in rows]
    assert seen == sorted(seen)
    vaults = [row["vault"] is None for row in stock.rows("asset", "clerk", sort=("vault", "label"))]
    assert vaults.count(False) == 1


@pytest.mark.parametrize(
    ("q", "labels"),
    [
        ("lamp", ["lamp"]), ("gold", ["bed gold"]), ("go", ["bed gold"]), ("old", []), ("台積", ["lamp"]),
        ("臺積", ["lamp"]),
        ("low gold", ["bed gold"]), ("low lamp", []), ("LOW", ["bed gold", "desk"]), ("nobody", []),
    ],
)  # fmt: skip
def test_search_matches_readable_fields_only(stock: RecordWorld, q: str, labels: list[str]) -> None:
    assert sorted(row["label"] for row in stock.rows("asset", "clerk", q=q)) == labels
    counted = stock.aggregate("asset", "clerk", measures=[("count",)], q=q)
    assert counted == [{"count": len(labels)}]
    hits = stock.look(lambda tx: search(tx, q), "clerk")
    assert sorted(hit.title or "" for hit in hits) == labels
    assert stock.page("asset", "clerk", q=q, count="exact").count == len(labels)


def test_search_of_those_who_may_read_all(stock: RecordWorld) -> None:
    assert sorted(row["label"] for row in stock.rows("asset", q="lamp")) == ["desk", "lamp", "lamp of nobody"]
    assert [row["label"] for row in stock.rows("asset", q="台積", sort=("label",))] == ["bed gold", "lamp"]


def test_search_finds_nothing_in_hidden_entities(stock: RecordWorld) -> None:
    assert stock.look(lambda tx: search(tx, "deep"), "clerk") == []
    assert [hit.title for hit in stock.look(lambda tx: search(tx, "deep"))] == ["deep"]


def test_search_by_a_hidden_title_of_another_entity(stock: RecordWorld) -> None:
    assert stock.rows("place", "clerk", q="zz") == []


@pytest.mark.parametrize(
    "body", [{"zecret": "x"}, {"cost": "3"}, {"cost_currency": "EUR"}, {"twice": 1}, {"zhelves": []}]
)
def test_writing_a_hidden_field_is_writing_an_unknown_one(stock: RecordWorld, body: Json) -> None:
    hidden = next(iter(body))
    absent = "q" * len(hidden)
    for write in (
        lambda b: stock.create("asset", {"label": "x", **b}, "clerk"),
        lambda b: stock.update("asset", stock.users["lamp"], b, "clerk"),
    ):
        found = [answer(lambda b=b, write=write: write(b)) for b in (body, {absent: body[hidden]})]
        assert same(found, hidden, absent), found


def test_an_import_key_that_is_hidden_is_no_key(stock: RecordWorld) -> None:
    def ask(name: str) -> Any:
        options = ImportOptions(mode="upsert", key=(name,))
        content = f"{name},label\ngold,changed\n".encode()
        return answer(
            lambda: run_import(stock.engine, stock.context("clerk"), "asset", content, "csv", options)
        )

    found = [ask("zecret"), ask("qqqqqq")]
    assert "created=1" not in repr(found)
    assert same(found, "zecret", "qqqqqq"), found
    with pytest.raises(UnknownRecord):
        stock.read("asset", uuid4())
    assert stock.read("asset", stock.users["lamp"])["label"] == "lamp"
