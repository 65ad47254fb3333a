"""The refusals of right requests that the sample of Schemathesis lets pass: each happens, and says why."""

from collections.abc import Iterator
from typing import Any

import pytest
from api_exceptions import ALLOWED
from api_world import ApiWorld, api_world, problem

NOBODY = "01900000-0000-7000-8000-000000000000"


@pytest.fixture(scope="module")
def world(postgres_url: str) -> Iterator[ApiWorld]:
    with api_world(postgres_url, "refusals") as built:
        yield built


def asset(**values: Any) -> tuple[str, str, dict[str, Any]]:
    return "POST", "/asset", {"json": {"label": "x", **values}}


REQUESTS: dict[str, list[tuple[str, str, dict[str, Any]]]] = {
    "filter": [("GET", "/asset?filter=pieces >", {}), ("GET", "/asset?filter=nosuch == 1", {})],
    "cursor": [("GET", "/asset?cursor=abc", {}), ("GET", "/asset/{id}/history?cursor=abc", {})],
    "sort over links": [("GET", "/asset?sort=place.nosuch", {})],
    "figures": [("POST", "/asset/aggregate", {"json": {"measures": [{"fn": "sum", "field": "label"}]}})],
    "file of rows": [("POST", "/asset/import", {"data": "", "content_type": "text/csv"})],
    "stale": [("PATCH", "/asset/{id}", {"json": {"pieces": 1}, "headers": {"If-Match": '"99"'}})],
    "nothing to publish": [("POST", "/metadata/publish", {})],
    "names of documents": [("GET", "/metadata/entities/nosuch", {})],
    "last administrator": [("DELETE", "/role_grant/{grant}", {})],
    "server-checked": [asset(place=NOBODY), asset(status="used"), asset(price="-1")],
    "records and files that are named": [
        asset(paper=NOBODY),
        ("POST", "/asset/{id}/merge", {"json": {"others": [NOBODY]}}),
    ],
    "conversions": [
        ("POST", "/asset/{id}/convert", {"json": {"conversion": "settle", "values": {"nosuch": {}}}})
    ],
    "spreadsheets": [
        ("PATCH", "/metadata/from-spreadsheet/{sheet}", {"json": {"sheets": [{"sheet": "nosuch"}]}})
    ],
    "bulk runs": [
        ("POST", "/asset/bulk", {"json": {"op": "delete", "filter": "label == 'nothing of that name'"}})
    ],
    "who is told": [
        ("POST", "/webhooks", {"json": {"name": "x", "entity": "nosuch", "url": "https://example.org/"}}),
        ("POST", "/chat-channels", {"json": {"name": "x", "format": "smoke", "url": "https://example.org/"}}),
        ("PATCH", "/notifications/preferences", {"json": {"quiet": {"from": "07:00", "to": "07:00"}}}),
    ],
    "what a record goes through": [
        ("POST", "/asset/{id}/transition", {"json": {"action": "nosuch"}}),
        ("POST", "/asset/{id}/submit", {"json": {"workflow": "nosuch"}}),
        ("POST", "/asset/{id}/press", {"json": {"automation": "nosuch"}}),
    ],
    "a key twice": [("POST", "/place", {"json": {"name": "b"}, "headers": {"Idempotency-Key": "again"}})],
}


def test_each_exception_is_shown() -> None:
    assert set(REQUESTS) == {each.name for each in ALLOWED}
    assert all(each.reason for each in ALLOWED)


@pytest.mark.parametrize("allowed", ALLOWED, ids=lambda each: each.name)
def test_it_is_refused_for_the_reason_that_is_given(world: ApiWorld, allowed: Any) -> None:
    record = world.make()["id"]
    grant = world.get("/role_grant?filter=role == 'administrator'").get_json()["data"][0]["id"]
    world.post("/place", {"name": "a"}, headers={"Idempotency-Key": "again"})
    started = world.ask("POST", "/metadata/from-spreadsheet", data="label\na\n", content_type="text/csv")
    sheet = started.get_json()["id"]
    plan = world.post("/metadata/plan", {}).get_json()
    for method, path, sent in REQUESTS[allowed.name]:
        if path == "/metadata/publish":
            sent = {"json": {"base": plan["base"], "plan": plan["plan"]}}
        answer = world.ask(method, path.format(id=record, grant=grant, sheet=sheet), **sent)
        body = problem(answer)
        assert answer.status_code in (400, 404, 409, 412, 422)
        codes = [each["code"] for each in body["errors"]] or [body["code"]]
        assert all(code.startswith(allowed.codes) for code in codes), codes
