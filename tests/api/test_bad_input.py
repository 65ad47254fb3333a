"""Malformed input: always a refusal that says where, never our fault, and nothing half-written."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from api_world import ApiWorld, problem

BODIES: dict[str, bytes] = {
    "nothing": b"",
    "half an object": b'{"label": "x"',
    "deep": b'{"label": ' + b"[" * 5000 + b"]" * 5000 + b"}",
    "deep objects": b'{"a":' * 3000 + b"1" + b"}" * 3000,
    "a key twice": b'{"label": "x", "label": "y"}',
    "NaN": b'{"label": "x", "pieces": NaN}',
    "Infinity": b'{"label": "x", "cost": -Infinity}',
    "half a surrogate": b'{"label": "\\ud83d"}',
    "the other half in a key": b'{"\\ude00": 1, "label": "x"}',
    "latin-1": b'{"label": "\xe9"}',
    "UTF-16": '{"label": "x"}'.encode("utf-16"),
    "a number without end": b'{"label": "x", "pieces": ' + b"9" * 5000 + b"}",
    "a fraction without end": b'{"label": "x", "cost": 0.' + b"9" * 5000 + b"}",
    "comments": b'{"label": "x" /* y */}',
    "a trailing comma": b'{"label": "x",}',
}


@pytest.mark.parametrize("raw", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("path", ["/asset", "/asset/batch", "/asset/aggregate"])
def test_text_that_is_no_json(api: ApiWorld, path: str, raw: bytes) -> None:
    before = api.count()
    answer = api.ask("POST", path, data=raw, content_type="application/json")
    assert problem(answer, 400)["code"] == "json.malformed"
    assert "line" in answer.get_json()["detail"]
    assert api.count() == before


VALUES: dict[str, tuple[Any, str]] = {
    "no object": (["x"], ""),
    "text": ("x", ""),
    "null": (None, ""),
    "U+0000": ({"label": "a\0b"}, "/label"),
    "U+0000 in a key": ({"label": "x", "a\0b": 1}, "/a\0b"),
    "too long": ({"label": "x" * 81}, "/label"),
    "10^40 whole": ({"label": "x", "pieces": 10**40}, "/pieces"),
    "10^40 decimal": ({"label": "x", "cost": "1" + "0" * 40}, "/cost"),
    "10^40 money": ({"label": "x", "price": 10**40}, "/price"),
    "no number": ({"label": "x", "cost": "12,50"}, "/cost"),
    "number words": ({"label": "x", "cost": "Infinity"}, "/cost"),
    "36 as text": ({"label": "x", "pieces": "36"}, "/pieces"),
    "true as number": ({"label": "x", "pieces": True}, "/pieces"),
    "a date that is none": ({"label": "x", "bought": "2024-02-30"}, "/bought"),
    "year 0": ({"label": "x", "bought": "0000-01-01"}, "/bought"),
    "no option": ({"label": "x", "status": "lost"}, "/status"),
    "unknown field": ({"label": "x", "labl": "y"}, "/labl"),
    "reserved words": ({"label": "x", "select": 1}, "/select"),
    "python's own": ({"label": "x", "__class__": 1}, "/__class__"),
    "read-only": ({"label": "x", "number": "A-9"}, "/number"),
    "computed": ({"label": "x", "worth": "9"}, "/worth"),
    "an id of ours": ({"label": "x", "id": "01900000-0000-7000-8000-000000000000"}, "/id"),
    "no link": ({"label": "x", "place": "abc"}, "/place"),
    "a link to nothing": ({"label": "x", "place": "01900000-0000-7000-8000-000000000000"}, "/place"),
    "a file of nobody": ({"label": "x", "paper": "01900000-0000-7000-8000-000000000000"}, "/paper"),
    "lines that are none": ({"label": "x", "parts": {"name": "y"}}, "/parts"),
    "a line that is none": ({"label": "x", "parts": [5]}, "/parts/0"),
    "a line's unknown field": ({"label": "x", "parts": [{"nme": "y"}]}, "/parts/0/nme"),
    "a line's id on create": ({"label": "x", "parts": [{"id": "abc"}]}, "/parts/0/id"),
}


@pytest.mark.parametrize(("body", "pointer"), VALUES.values(), ids=VALUES)
def test_json_that_is_no_record(api: ApiWorld, body: Any, pointer: str) -> None:
    before = api.count()
    raw = json.dumps(body).encode()
    answer = api.ask("POST", "/asset", data=raw, content_type="application/json")
    found = problem(answer, 422)
    assert pointer in [each["pointer"] for each in found["errors"]], found
    assert api.count() == before


@pytest.mark.parametrize(("body", "pointer"), VALUES.values(), ids=VALUES)
def test_the_same_in_a_patch_changes_nothing(api: ApiWorld, body: Any, pointer: str) -> None:
    made = api.make()
    raw = json.dumps(body).encode()
    answer = api.ask("PATCH", f"/asset/{made['id']}", data=raw, content_type="application/json")
    problem(answer, 422)
    assert api.get(f"/asset/{made['id']}").get_json() == made


@pytest.mark.parametrize(("body", "pointer"), VALUES.values(), ids=VALUES)
def test_the_same_in_a_batch_writes_nothing(api: ApiWorld, body: Any, pointer: str) -> None:
    before = api.count()
    good = {"op": "create", "record": {"label": "good"}}
    raw = json.dumps({"operations": [good, {"op": "create", "record": body}]}).encode()
    answer = api.ask("POST", "/asset/batch", data=raw, content_type="application/json")
    found = problem(answer, 422)
    assert f"/operations/1/record{pointer}" in [each["pointer"] for each in found["errors"]], found
    assert api.count() == before


PARAMETERS = {
    "filter: nothing": "filter=(",
    "filter: unknown field": "filter=nosuch == 1",
    "filter: no truth": "filter=label",
    "filter: types": "filter=label > 5",
    "filter: unknown option": 'filter=status == "lost"',
    "filter: unknown function": "filter=system('ls')",
    "filter: SQL": "filter='; DROP TABLE asset; --",
    "filter: U+0000": "filter=label == 'a\0'",
    "filter: escaped U+0000": "filter=label == '\\u0000'",
    "filter: half surrogate": "filter=label == '\\ud800'",
    "filter: too long": "filter=" + "label == 'x' || " * 400 + "true",
    "filter: too deep": "filter=" + "(" * 100 + "true" + ")" * 100,
    "filter: too much": "filter=" + " || ".join(["sum(parts, qty) > 1"] * 100),
    "filter: number": "filter=pieces == " + "9" * 500,
    "sort: unknown": "sort=nosuch",
    "sort: empty name": "sort=label,,pieces",
    "sort: twice": "sort=label,label",
    "sort: U+0000": "sort=a\0",
    "sort: lines": "sort=parts",
    "sort: through no link": "sort=label.name",
    "fields: unknown": "fields=label,nosuch",
    "expand: unknown": "expand=nosuch",
    "expand: no link": "expand=label",
    "limit: nothing": "limit=",
    "limit: 0": "limit=0",
    "limit: 201": "limit=201",
    "limit: text": "limit=ten",
    "limit: negative": "limit=-1",
    "limit: digits of elsewhere": "limit=٣",
    "limit: huge": "limit=" + "9" * 30,
    "count: maybe": "count=maybe",
    "deleted: yes": "deleted=yes",
    "cursor: words": "cursor=hello",
    "cursor: forged": "cursor=WyJhYmMiLCBbXV0",
    "cursor: U+0000": "cursor=\0",
    "q: U+0000": "q=a\0b",
    "twice": "limit=1&limit=2",
    "unknown": "page=2",
}


@pytest.mark.parametrize("query", PARAMETERS.values(), ids=PARAMETERS)
def test_parameters_that_cannot_be_read(api: ApiWorld, query: str) -> None:
    name, _, value = query.partition("=")
    sent = query if query.count("limit") == 2 else f"{name}={quote(value)}"
    problem(api.get(f"/asset?{sent}"), 400)


@pytest.mark.parametrize(
    "query",
    [
        "filter=label == '%27'",
        "q=%25",
        "q='; DROP TABLE asset",
        "q=\\",
        "q=!!!",
        "filter=label == '\\\\'",
        "filter=",
        "q=",
    ],
)
def test_odd_but_readable_parameters_are_answered(api: ApiWorld, query: str) -> None:
    name, _, value = query.partition("=")
    assert api.get(f"/asset?{name}={quote(value)}").status_code == 200


def test_a_cursor_belongs_to_its_list(api: ApiWorld) -> None:
    for _ in range(3):
        api.make()
    cursor = api.get("/asset?limit=1&sort=label").get_json()["next"]
    assert api.get(f"/asset?limit=1&sort=label&cursor={cursor}").status_code == 200
    for other in (
        "sort=-label",
        "sort=label&filter=pieces > 1",
        "sort=label&q=lamp",
        "sort=label&deleted=true",
    ):
        assert problem(api.get(f"/asset?limit=1&{other}&cursor={cursor}"), 400)["code"].startswith("cursor.")
    problem(api.get(f"/place?limit=1&sort=label&cursor={cursor}"), 400)


AGGREGATES: dict[str, Any] = {
    "nothing": {},
    "no object": [],
    "unknown key": {"groups": ["status"]},
    "unknown field": {"group": ["nosuch"]},
    "group of lines": {"group": ["parts"]},
    "year of text": {"group": [{"field": "label", "by": "year"}]},
    "unknown bucket": {"group": [{"field": "bought", "by": "decade"}]},
    "group twice": {"group": ["status", "status"]},
    "group of numbers": {"group": [5]},
    "group with more": {"group": [{"field": "status", "buy": "year"}]},
    "unknown function": {"measures": [{"fn": "median", "field": "pieces"}]},
    "sum of text": {"measures": [{"fn": "sum", "field": "label"}]},
    "sum of nothing": {"measures": [{"fn": "sum"}]},
    "figure of nothing": {"measures": [{"field": "pieces"}]},
    "sort by nothing": {"group": ["status"], "sort": ["nosuch"]},
    "limit": {"group": ["status"], "limit": 0},
    "limit as text": {"group": ["status"], "limit": "5"},
    "limit as truth": {"group": ["status"], "limit": True},
    "filter": {"group": ["status"], "filter": "nosuch > 1"},
    "filter no text": {"group": ["status"], "filter": 5},
    "U+0000": {"group": ["status"], "filter": "label == 'a\0'"},
    "name U+0000": {"measures": [{"fn": "count", "as": "a\0"}]},
    "q U+0000": {"group": ["status"], "q": "\0"},
}


@pytest.mark.parametrize("body", AGGREGATES.values(), ids=AGGREGATES)
def test_aggregates_that_cannot_be_read(api: ApiWorld, body: Any) -> None:
    answer = api.post("/asset/aggregate", body)
    assert answer.status_code in (400, 422)
    problem(answer)


BATCHES: dict[str, tuple[Any, str]] = {
    "nothing": ({}, "/operations"),
    "no list": ({"operations": {}}, "/operations"),
    "unknown key": ({"operation": []}, "/operation"),
    "no operation": ({"operations": [5]}, "/operations/0"),
    "unknown op": ({"operations": [{"op": "destroy"}]}, "/operations/0/op"),
    "no op": ({"operations": [{"record": {}}]}, "/operations/0/op"),
    "create without record": ({"operations": [{"op": "create"}]}, "/operations/0/record"),
    "create with id": (
        {"operations": [{"op": "create", "record": {}, "id": "01900000-0000-7000-8000-000000000000"}]},
        "/operations/0/id",
    ),
    "update without id": ({"operations": [{"op": "update", "record": {}}]}, "/operations/0/id"),
    "delete of no id": ({"operations": [{"op": "delete", "id": "x"}]}, "/operations/0/id"),
    "misspelt": ({"operations": [{"op": "create", "recrod": {}}]}, "/operations/0/recrod"),
    "version as text": (
        {"operations": [{"op": "delete", "id": "01900000-0000-7000-8000-000000000000", "if_match": "1"}]},
        "/operations/0/if_match",
    ),
}


@pytest.mark.parametrize(("body", "pointer"), BATCHES.values(), ids=BATCHES)
def test_batches_that_cannot_be_read(api: ApiWorld, body: Any, pointer: str) -> None:
    found = problem(api.post("/asset/batch", body), 422)
    assert pointer in [each["pointer"] for each in found["errors"]], found


def test_a_batch_has_a_size(api: ApiWorld) -> None:
    before = api.count("part")
    many = {"operations": [{"op": "create", "record": {"name": "x"}}] * 1001}
    problem(api.post("/part/batch", many), 422)
    assert api.count("part") == before


@pytest.mark.parametrize(
    "path",
    [
        "/asset/%00",
        "/%00",
        "/asset/..%2F..",
        "/asset/%FF%FE",
        "/asset%20",
        "/ASSET",
        "/user;",
        "/asset__parts",
        "/_state",
        "/" + "a" * 3000,
    ],
)
def test_odd_addresses_are_not_found(api: ApiWorld, path: str) -> None:
    problem(api.get(path), 404)


def test_a_body_longer_than_it_says_or_without_length_is_bounded(api: ApiWorld) -> None:
    from io import BytesIO

    endless = {
        "input_stream": BytesIO(b" " * 6_000_000),
        "content_type": "application/json",
        "content_length": None,
    }
    answer = api.ask("POST", "/asset", environ_overrides={"wsgi.input_terminated": True}, **endless)
    problem(answer, 413)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("part", []), ("part", "x"), ("part", {"title": "a\0b"}), ("part", {"a\0b": 1}), ("part", {"title": 10**40}),
        ("Part", {}), ("a" * 41, {}), ("%00", {}), ("part.json", {}),
    ],
)  # fmt: skip
def test_drafts_that_cannot_be_kept(api: ApiWorld, name: str, body: Any) -> None:
    raw = json.dumps(body).encode()
    problem(api.ask("PUT", f"/metadata/entities/{name}", data=raw, content_type="application/json"), 422)


@pytest.mark.parametrize(
    "body",
    [{"title": 5}, {"propertys": {}}, {"properties": {"select": {"type": "strin"}}}, {"properties": 5}],
)
def test_nonsense_in_a_draft_is_the_plans_to_tell(api: ApiWorld, body: Any) -> None:
    path = "/metadata/entities/place"
    assert api.ask("PUT", path, body).status_code in (200, 422)
    plan = api.post("/metadata/plan", {})
    assert plan.status_code == 422 or plan.get_json()["problems"], plan.text
    assert api.get(f"{path}?draft=1").status_code in (200, 404)
    api.delete(path)
