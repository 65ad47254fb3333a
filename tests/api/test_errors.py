"""The error contract, in one file: one form, one table of statuses, nothing told that is not the caller's."""

import typing
from typing import Any

import pytest
from api_world import ApiWorld, pointers, problem

from fieldstone.api import authentication
from fieldstone.api.handlers import about
from fieldstone.api.statuses import STATUS, TITLES
from fieldstone.problems import Kind
from fieldstone.ui import security

MISSING = "01900000-0000-7000-8000-000000000000"


def test_every_kind_has_a_status_and_every_status_a_title() -> None:
    assert set(STATUS) == set(typing.get_args(Kind))
    assert set(STATUS.values()) <= set(TITLES)


CASES: list[tuple[str, str, str, dict[str, Any], int, str]] = [
    ("json that is none", "POST", "/asset", {"data": b"{", "content_type": "application/json"}, 400, "json.malformed"),
    ("filter that does not parse", "GET", "/asset?filter=label ==", {}, 400, "filter.malformed"),
    ("sort by nothing", "GET", "/asset?sort=nosuch", {}, 400, "sort.unknown"),
    ("forged cursor", "GET", "/asset?cursor=abc", {}, 400, "cursor.malformed"),
    ("unknown parameter", "GET", "/asset?filtre=1", {}, 400, "parameter"),
    ("no credential", "GET", "/asset", {"who": None}, 401, "unauthenticated"),
    ("not allowed", "POST", "/asset", {"json": {"label": "x"}, "who": "reader"}, 403, "denied"),
    ("unknown address", "GET", "/a/b/c/d/e", {}, 404, "address.unknown"),
    ("nothing at all", "GET", "/", {}, 404, "address.unknown"),
    ("unknown entity", "GET", "/nosuch", {}, 404, "entity.unknown"),
    ("unknown record", "GET", f"/asset/{MISSING}", {}, 404, "record.unknown"),
    ("id that is none", "GET", "/asset/abc", {}, 404, "record.unknown"),
    ("unknown file", "GET", f"/files/{MISSING}", {}, 404, "file.unknown"),
    ("unknown import", "GET", f"/imports/{MISSING}", {}, 404, "import.unknown"),
    ("wrong method", "PUT", "/asset", {"json": {}}, 405, "method.unknown"),
    ("method nobody knows", "FROB", "/asset", {}, 405, "method.unknown"),
    ("options", "OPTIONS", "/asset", {}, 405, "method.unknown"),
    ("body too large", "POST", "/asset", {"data": b" " * 5_000_001, "content_type": "application/json"}, 413, "body.size"),
    ("a form", "POST", "/asset", {"data": {"label": "x"}}, 415, "body.type"),
    ("no type", "POST", "/asset", {"data": b"{}"}, 415, "body.type"),
    ("packed", "POST", "/asset", {"json": {"label": "x"}, "headers": {"Content-Encoding": "gzip"}}, 415, "body.encoding"),
    ("rule broken", "POST", "/asset", {"json": {"label": "x", "status": "used"}}, 422, "invalid"),
    ("no object", "POST", "/asset", {"json": [1]}, 422, "invalid"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("method", "path", "more", "status", "code"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_every_error_is_a_problem_document(
    api: ApiWorld, method: str, path: str, more: dict[str, Any], status: int, code: str
) -> None:
    assert problem(api.ask(method, path, **more), status)["code"] == code


def test_problems_point_to_their_properties(api: ApiWorld) -> None:
    sent = {"pieces": "x", "price": -1, "colour": "red", "parts": [{"name": 5}]}
    found = dict(pointers(api.post("/asset", sent)))
    assert found["/label"] == "required"
    assert found["/pieces"] == "type"
    assert found["/colour"] == "additionalProperties"
    assert found["/parts/0/name"] == "type"
    assert "/price" in found


def test_a_broken_rule_points_to_its_field(api: ApiWorld) -> None:
    assert pointers(api.post("/asset", {"label": "x", "status": "used"})) == [("/serial", "rule")]


def test_a_taken_value_is_a_conflict_that_says_no_more(api: ApiWorld) -> None:
    api.make(serial="unique-1")
    answer = api.post("/asset", {"label": "Other", "serial": "unique-1"})
    assert pointers(answer, 409) == [("/serial", "unique")]
    assert "Lamp" not in answer.text


def test_401_says_how_to_sign_in(api: ApiWorld) -> None:
    for headers in (
        {},
        {"Authorization": "Basic YTpi"},
        {"Authorization": "Bearer fs_wrong"},
        {"Authorization": "Bearer"},
    ):
        answer = api.get("/asset", who=None, headers=headers)
        problem(answer, 401)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_an_unknown_tenant_looks_like_a_wrong_key(api: ApiWorld) -> None:
    known = problem(api.get("/me", who=None, headers={"Authorization": "Bearer fs_wrong"}), 401)
    unknown = problem(api.get("/t/nosuch/api/v1/me"), 401)
    odd = problem(api.get("/t/No%00Such/api/v1/me"), 401)
    assert {known["detail"], unknown["detail"], odd["detail"]} == {known["detail"]}


def test_a_host_without_a_tenant_has_no_api(api: ApiWorld) -> None:
    for who in ("admin", None):
        headers = {"Authorization": f"Bearer {api.keys[who]}"} if who else {}
        answer = api.app.test_client().get("/api/v1/me", headers=headers)
        assert problem(answer, 404)["code"] == "address.unknown"


def test_405_names_what_is_possible(api: ApiWorld) -> None:
    assert api.ask("PUT", "/asset").headers["Allow"] == "GET, HEAD, POST"
    assert api.ask("POST", f"/asset/{MISSING}").headers["Allow"] == "DELETE, GET, HEAD, PATCH"


def test_the_request_id_is_the_callers_where_it_is_harmless(api: ApiWorld) -> None:
    assert problem(api.get("/nosuch", headers={"X-Request-Id": "trace-7"}))["request_id"] == "trace-7"
    assert problem(api.get("/nosuch", headers={"X-Request-Id": "a b<c>"}))["request_id"] != "a b<c>"


def test_our_own_faults_tell_nothing(api: ApiWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(about, "json_answer", broken)
    answer = api.get("/me")
    assert answer.status_code == 500
    assert answer.mimetype == "application/problem+json"
    assert "secret" not in answer.text
    assert answer.get_json()["request_id"] in answer.get_json()["detail"]


def test_the_cookie_is_the_screens_cookie() -> None:
    assert authentication.SESSION_COOKIE == security.SESSION_COOKIE


@pytest.mark.parametrize(
    "path", ["/imports/a%0Ab", "/a%0D%0Ab", "/%0A", "/asset/%0A/history", "/a%E2%80%A8b"]
)
def test_line_breaks_in_an_address_are_answered_like_anything_else(api: ApiWorld, path: str) -> None:
    assert problem(api.get(path), 404)
