"""Lists, aggregates, search, files, imports, who I am."""

from io import BytesIO
from typing import Any

import pytest
from api_world import ApiWorld, problem


@pytest.fixture(scope="module")
def stock(api: ApiWorld) -> list[dict[str, Any]]:
    place = api.make("place", name="Quay", country="NL")
    return [
        api.make(label=f"Reading {letter}", pieces=pieces, price=price, bought=bought, place=place["id"], note="reading")
        for letter, pieces, price, bought in [
            ("a", 3, "10.00", "2017-02-03"), ("B", None, "2.50", "2017-05-06"),
            ("c", 7, None, "2018-01-01"), ("D", 3, "1.00", None),
        ]
    ]  # fmt: skip


ONLY = "filter=note == 'reading'"


def labels(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [each["label"].removeprefix("Reading ") for each in answer.get_json()["data"]]


def test_lists_filter_and_sort_with_nulls_last(api: ApiWorld, stock: Any) -> None:
    assert labels(api.get(f"/asset?{ONLY}&sort=label")) == ["a", "B", "c", "D"]
    assert labels(api.get(f"/asset?{ONLY}&sort=-pieces,label")) == ["c", "a", "D", "B"]
    assert labels(api.get(f"/asset?{ONLY} %26%26 place.country == 'NL' %26%26 pieces > 3")) == ["c"]


def test_pages_join_without_loss_or_repeat(api: ApiWorld, stock: Any) -> None:
    found, cursor = [], ""
    while cursor is not None:
        answer = api.get(
            f"/asset?{ONLY}&sort=-pieces&limit=1&count=true" + (f"&cursor={cursor}" if cursor else "")
        )
        body = answer.get_json()
        assert "next" in body
        assert (body["count"], body["count_is_exact"]) == (4, True)
        found += labels(answer)
        cursor = body["next"]
    assert sorted(found) == ["B", "D", "a", "c"]


def test_fields_always_add_id_and_version(api: ApiWorld, stock: Any) -> None:
    body = api.get(f"/asset?{ONLY}&fields=label&limit=1").get_json()
    assert set(body["data"][0]) == {"id", "version", "label"}
    assert "count" not in body


def test_expand_puts_the_linked_record(api: ApiWorld, stock: Any) -> None:
    body = api.get(f"/asset?{ONLY}&fields=label&expand=place&limit=1").get_json()
    assert body["data"][0]["place"]["name"] == "Quay"


def test_q_finds_by_words(api: ApiWorld, stock: Any) -> None:
    assert set(labels(api.get("/asset?q=reading"))) == {"a", "B", "c", "D"}


def test_aggregates_group_and_measure(api: ApiWorld, stock: Any) -> None:
    answer = api.post(
        "/asset/aggregate",
        {
            "filter": "note == 'reading'",
            "group": [{"field": "bought", "by": "year"}],
            "measures": [{"fn": "count"}, {"fn": "sum", "field": "price", "as": "total"}],
            "sort": "bought_year",
        },
    )
    assert answer.get_json()["data"] == [
        {"bought_year": 2017, "count": 2, "total": "12.50"},
        {"bought_year": 2018, "count": 1, "total": "0"},
        {"bought_year": None, "count": 1, "total": "1.00"},
    ]


def test_search_finds_in_every_entity(api: ApiWorld, stock: Any) -> None:
    found = api.get("/search?q=quay").get_json()["data"]
    assert [(each["entity"], each["title"]) for each in found] == [("place", "Quay")]
    assert problem(api.get("/search"), 400)["errors"][0]["pointer"] == "/q"


def test_me_says_who_i_am(api: ApiWorld) -> None:
    body = api.get("/me", who="clerk").get_json()
    assert (body["id"], body["roles"], body["tenant"]) == (str(api.users["clerk"]), ["clerk"], "stock-api")


def test_schema_is_that_of_the_purpose(api: ApiWorld) -> None:
    create, patch, read = (
        api.get(f"/asset/schema.json?for={p}").get_json() for p in ("create", "patch", "read")
    )
    assert create["required"] == ["label"]
    assert "required" not in patch
    assert "worth" in read["properties"]
    assert "worth" not in create["properties"]
    problem(api.get("/asset/schema.json?for=delete"), 400)


def test_files_go_in_raw_or_as_a_form_and_come_back_as_attachments(api: ApiWorld) -> None:
    raw = api.ask(
        "POST", "/files?name=../../etc/r%C3%A9sum%C3%A9.html", data=b"<b>hi</b>", content_type="text/html"
    )
    assert raw.status_code == 201
    described = raw.get_json()
    assert {**described, "id": ""} == {"id": "", "name": "résumé.html", "size": 9, "type": "text/html"}
    form = api.ask("POST", "/files", data={"file": (BytesIO(b"%PDF"), "paper.pdf", "application/pdf")})
    assert form.get_json()["name"] == "paper.pdf"
    back = api.get(raw.headers["Location"])
    assert back.data == b"<b>hi</b>"
    assert back.mimetype == "application/octet-stream", "a browser runs nothing of it"
    assert back.headers["Content-Disposition"].startswith('attachment; filename="file-')
    assert back.headers["X-Content-Type-Options"] == "nosniff"
    made = api.make(paper=described["id"])
    assert made["paper"] == described
    assert api.get(f"/asset/{made['id']}").get_json()["paper"] == described


def test_a_file_is_seen_by_who_may_read_a_record_with_it(api: ApiWorld) -> None:
    file = api.ask("POST", "/files?name=a.txt", data=b"abc", content_type="text/plain").get_json()
    path = f"/files/{file['id']}"
    problem(api.get(path, who="reader"), 404)
    api.make(paper=file["id"])
    assert api.get(path, who="reader").data == b"abc"
    problem(api.get(path, who="clerk"), 404)
    problem(api.get(path, who="nobody"), 404)


def test_somebody_elses_file_cannot_be_taken_by_its_id(api: ApiWorld) -> None:
    file = api.ask("POST", "/files?name=a.txt", data=b"abc", content_type="text/plain").get_json()
    answer = api.post("/asset", {"label": "x", "paper": file["id"]}, who="clerk")
    assert problem(answer, 422)["errors"][0]["pointer"] == "/paper"


def test_uploads_have_a_size_and_a_shape(api: ApiWorld) -> None:
    problem(api.ask("POST", "/files", data=b"", content_type="text/plain"), 422)
    problem(api.ask("POST", "/files", data=b"x", content_type="multipart/form-data"), 400)
    problem(api.ask("POST", "/files", data={"name": "x"}), 415)
    big = b"x" * 25_000_001
    assert api.ask("POST", "/files", data=big, content_type="text/plain").status_code in (413, 422)


def test_rows_of_a_file_become_records(api: ApiWorld) -> None:
    raw = b"name,qty\nImported a,1\nImported b,2\n"
    more = {"data": raw, "content_type": "text/csv"}
    dry = api.ask("POST", "/part/import?dry_run=true", **more).get_json()
    assert (dry["id"], dry["created"], dry["failed"]) == (None, 2, 0)
    assert api.get("/part?filter=name == 'Imported a'").get_json()["data"] == []
    headers = {"Idempotency-Key": "import-1"}
    done = [api.ask("POST", "/part/import", headers=headers, **more).get_json() for _ in range(2)]
    assert done[0] == done[1]
    assert (done[0]["state"], done[0]["created"]) == ("done", 2)
    assert api.get("/part?filter=startsWith(name, 'Imported')&count=exact").get_json()["count"] == 2
    assert api.get(f"/imports/{done[0]['id']}").get_json()["created"] == 2
    problem(api.get(f"/imports/{done[0]['id']}", who="clerk"), 404)
    bad = api.ask("POST", "/part/import", data=b"name,qty\nx,many\n", content_type="text/csv").get_json()
    assert (bad["state"], bad["errors"][0]["row"], bad["errors"][0]["column"]) == ("failed", 2, "qty")
    problem(api.ask("POST", "/part/import", data=raw, content_type="application/json"), 415)
    problem(api.ask("POST", "/part/import", data=raw, content_type="text/csv", who="clerk"), 404)
    problem(api.ask("POST", "/asset/import", data=raw, content_type="text/csv", who="reader"), 403)
