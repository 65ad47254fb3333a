"""Every endpoint with its access rule, and: what is hidden answers exactly like what is not there."""

import re
from typing import Any

import pytest
from api_world import ApiWorld, problem

from fieldstone.api.fields import Data  # noqa: F401  (the module must load without the screens)
from fieldstone.api.routes import ROUTES
from fieldstone.engine.identity import set_password, sign_in

MISSING = "01900000-0000-7000-8000-000000000000"

RULES: dict[str, str] = {
    "GET /openapi.json": "signed in",
    "GET /me": "signed in",
    "GET /search": "signed in",
    "POST /files": "signed in",
    "GET /files/{id}": "signed in",
    "GET /files/{id}/thumbnail": "signed in",
    "GET /imports/{id}": "signed in",
    "POST /imports/{id}/stop": "signed in",
    "POST /imports/{id}/revert": "signed in",
    "GET /jobs": "area",
    "POST /jobs/replay": "area",
    "GET /jobs/{id}": "area",
    "POST /jobs/{id}/replay": "area",
    "POST /jobs/{id}/stop": "area",
    "POST /metadata/plan": "area",
    "POST /metadata/publish": "area",
    "POST /metadata/rollback": "area",
    "GET /metadata/revisions": "area",
    "POST /metadata/from-spreadsheet": "area",
    "GET /metadata/from-spreadsheet/{id}": "area",
    "PATCH /metadata/from-spreadsheet/{id}": "area",
    "DELETE /metadata/from-spreadsheet/{id}": "area",
    "POST /metadata/from-spreadsheet/{id}/apply": "area",
    "GET /metadata/{folder}": "area",
    "GET /metadata/{folder}/{name}": "area",
    "PUT /metadata/{folder}/{name}": "area",
    "DELETE /metadata/{folder}/{name}": "area",
    "GET /automations": "area",
    "GET /automations/{name}/runs": "area",
    "PUT /automations/{name}/secret": "area",
    "GET /automation-runs/{id}": "area",
    "POST /automation-runs/{id}/retry": "area",
    "POST /hooks/{automation}": "signed",
    "GET /tasks": "signed in",
    "POST /tasks/decide": "signed in",
    "GET /tasks/{id}": "signed in",
    "POST /tasks/{id}/{action}": "signed in",
    "GET /approvals": "area",
    "POST /approvals/move": "area",
    "POST /approvals/simulate": "area",
    "POST /approvals/leave": "area",
    "GET /approvals/{id}": "signed in",
    "POST /approvals/{id}/withdraw": "signed in",
    "POST /approvals/{id}/urge": "signed in",
    "POST /approvals/{id}/comment": "signed in",
    "POST /approvals/{id}/cc": "signed in",
    "POST /approvals/{id}/intervene": "area",
    "GET /notifications": "signed in",
    "POST /notifications/read": "signed in",
    "POST /notifications/unread": "signed in",
    "GET /notifications/preferences": "signed in",
    "PATCH /notifications/preferences": "signed in",
    "GET /notifications/defaults": "signed in",
    "PATCH /notifications/defaults": "area",
    "GET /chat-channels": "signed in",
    "POST /chat-channels": "area",
    "PATCH /chat-channels/{id}": "area",
    "DELETE /chat-channels/{id}": "area",
    "GET /webhooks": "area",
    "POST /webhooks": "area",
    "GET /webhooks/{id}": "area",
    "PATCH /webhooks/{id}": "area",
    "DELETE /webhooks/{id}": "area",
    "GET /webhooks/{id}/events": "area",
    "POST /webhooks/{id}/events/{event}/replay": "area",
    "GET /{entity}": "read",
    "POST /{entity}": "create",
    "POST /{entity}/batch": "any",
    "POST /{entity}/bulk": "any",
    "GET /{entity}/bulk/{id}": "signed in",
    "POST /{entity}/bulk/{id}/stop": "signed in",
    "POST /{entity}/bulk/{id}/undo": "signed in",
    "POST /{entity}/aggregate": "read",
    "POST /{entity}/import": "import",
    "GET /{entity}/import/mappings": "import",
    "PUT /{entity}/import/mappings/{name}": "import",
    "DELETE /{entity}/import/mappings/{name}": "import",
    "GET /{entity}/duplicates": "read",
    "POST /{entity}/duplicates": "read",
    "GET /{entity}/schema.json": "any",
    "GET /{entity}/{id}": "read",
    "PATCH /{entity}/{id}": "update",
    "DELETE /{entity}/{id}": "delete",
    "POST /{entity}/{id}/restore": "delete",
    "POST /{entity}/{id}/convert": "update",
    "POST /{entity}/{id}/merge": "delete",
    "POST /{entity}/{id}/unmerge": "delete",
    "GET /{entity}/{id}/transitions": "read",
    "POST /{entity}/{id}/transition": "update",
    "GET /{entity}/{id}/stages": "read",
    "GET /{entity}/{id}/buttons": "read",
    "POST /{entity}/{id}/press": "any",
    "POST /{entity}/approval-path": "read",
    "POST /{entity}/{id}/submit": "any",
    "GET /{entity}/{id}/approvals": "read",
    "GET /{entity}/{id}/history": "read",
}


def test_every_route_stands_in_the_table_with_its_rule() -> None:
    assert {f"{route.method} {route.path}": route.access for route in ROUTES} == RULES


def call(api: ApiWorld, rule: str, entity: str, record: str, who: str | None) -> Any:
    """Ask a route in a way that is right but for the caller's rights."""
    method, path = rule.split(" ")
    url = path.replace("{entity}", entity).replace("{id}", record)
    url = url.replace("{action}", "approve").replace("{folder}", "entities").replace("{name}", entity)
    if path == "/search":
        url += "?q=x"
    more: dict[str, Any] = {}
    if path.endswith("/import"):
        more = {"data": b"label\nx\n", "content_type": "text/csv", "query_string": {"dry_run": "true"}}
    elif "/import/mappings" in path:
        more = {"json": {"mapping": {"label": "label"}}} if method == "PUT" else {}
    elif path == "/files":
        more = {"data": b"x", "content_type": "text/plain"}
    elif path.endswith("/batch"):
        more = {"json": {"operations": [{"op": "create", "record": {"label": "x"}}]}}
    elif path.endswith("/bulk"):
        more = {"json": {"op": "update", "filter": "true", "values": {"label": "x"}}}
    elif path.endswith("/aggregate"):
        more = {"json": {"measures": [{"fn": "count"}]}}
    elif path.endswith("/duplicates"):
        more = {"json": {"values": {"label": "x"}}} if method == "POST" else {}
    elif path.endswith("/approval-path"):
        more = {"json": {"values": {}}}
    elif path.endswith("/submit"):
        more = {"json": {}}
    elif path == "/tasks/decide":
        more = {"json": {"tasks": [MISSING], "action": "approve"}}
    elif path.startswith("/approvals") and method == "POST":
        bodies = {
            "intervene": {"action": "end"},
            "cc": {"users": [MISSING]},
            "move": {"workflow": "x"},
            "simulate": {"workflow": "x"},
            "leave": {"user": MISSING, "dry_run": True},
        }
        more = {"json": bodies.get(path.rpartition("/")[2], {})}
    elif path.endswith("/transition"):
        more = {"json": {"action": "use"}}
    elif path.endswith("/press"):
        more = {"json": {"automation": "polish"}}
    elif path.startswith("/hooks") or path == "/jobs/replay":
        more = {"json": {}}
    elif path.endswith("/convert"):
        more = {"json": {"conversion": "copy"}}
    elif path.endswith("/merge"):
        more = {"json": {"others": [MISSING]}}
    elif path.endswith("/unmerge"):
        more = {"json": {"merge": MISSING}}
    elif path == "/{entity}":
        more = {"json": {"label": "x"}} if method == "POST" else {}
    elif method == "PATCH":
        more = {"json": {"label": "y"}}
    elif path.startswith("/metadata") and method in ("POST", "PUT"):
        bodies = {"publish": {"base": 1, "plan": "x"}, "rollback": {"to": 1, "plan": "x"}}
        more = {"json": bodies.get(path.rpartition("/")[2], {})}
    return api.ask(method, url, who=who, **more)


@pytest.mark.parametrize("rule", RULES)
def test_nothing_is_open(api: ApiWorld, rule: str) -> None:
    problem(call(api, rule, "asset", MISSING, None), 401)


@pytest.mark.parametrize(
    "rule", [rule for rule, access in RULES.items() if access not in ("signed in", "area", "signed")]
)
def test_without_any_right_an_entity_is_not_there(api: ApiWorld, rule: str) -> None:
    made = api.make()
    hidden = call(api, rule, "asset", made["id"], "nobody")
    absent = call(api, rule, "nosuch", made["id"], "nobody")
    same(hidden, absent, "asset", "nosuch")
    problem(hidden, 404)


@pytest.mark.parametrize(
    "rule", [rule for rule, access in RULES.items() if access not in ("signed in", "area", "signed")]
)
def test_the_right_decides(api: ApiWorld, rule: str) -> None:
    """A reader may read, and is told that the rest is not allowed."""
    made = api.make()
    answer = call(api, rule, "asset", made["id"], "reader")
    if RULES[rule] == "read":
        assert answer.status_code == 200
    elif rule.endswith("schema.json"):
        problem(answer, 404)
        assert api.get("/asset/schema.json?for=read", who="reader").status_code == 200
    elif rule.endswith("press"):
        problem(answer, 422)
    else:
        problem(answer, 403)
    assert api.get(f"/asset/{made['id']}").get_json() == made


@pytest.mark.parametrize("rule", [rule for rule, access in RULES.items() if access == "area"])
def test_an_area_is_for_those_who_manage_it(api: ApiWorld, rule: str) -> None:
    """The same answer whether the document is there or not."""
    there, absent = call(api, rule, "asset", MISSING, "reader"), call(api, rule, "nosuch", MISSING, "reader")
    same(there, absent, "asset", "nosuch")
    assert problem(there, 403)["code"] == "manage.denied"


@pytest.mark.parametrize("rule", [rule for rule in RULES if "{entity}" in rule])
def test_line_entities_have_no_address(api: ApiWorld, rule: str) -> None:
    lines = call(api, rule, "asset__parts", MISSING, "admin")
    absent = call(api, rule, "asset__nosuch", MISSING, "admin")
    same(lines, absent, "asset__parts", "asset__nosuch")


def same(one: Any, other: Any, name: str, absent: str) -> None:
    """Two refusals that differ in nothing but the name that was asked for."""
    first, second = problem(one), problem(other)
    for each in (first, second):
        each.pop("request_id")
    assert re.sub(rf"\b{name}\b", absent, str(first)) == str(second)


@pytest.fixture(scope="module")
def foreign(api: ApiWorld) -> dict[str, Any]:
    """A record of the administrator's, which the clerk cannot see."""
    return api.make(label="Foreign", cost="99.50", place=api.make("place", name="Secret")["id"])


@pytest.mark.parametrize(
    ("method", "path", "json"),
    [
        ("GET", "/asset/{id}", None),
        ("GET", "/asset/{id}?expand=place", None),
        ("GET", "/asset/{id}/history", None),
        ("PATCH", "/asset/{id}", {"label": "x"}),
        ("DELETE", "/asset/{id}", None),
        ("POST", "/asset/{id}/restore", None),
        ("POST", "/asset/batch", {"operations": [{"op": "update", "id": "{id}", "record": {"label": "x"}}]}),
        ("POST", "/asset/batch", {"operations": [{"op": "delete", "id": "{id}"}]}),
    ],
)
def test_a_hidden_record_is_an_absent_one(
    api: ApiWorld, foreign: dict[str, Any], method: str, path: str, json: Any
) -> None:
    def ask(record: str) -> Any:
        body = (
            None
            if json is None
            else {"operations": [{**o, "id": record} for o in json["operations"]]}
            if "operations" in json
            else json
        )
        return api.ask(method, path.replace("{id}", record), body, who="clerk")

    same(ask(foreign["id"]), ask(MISSING), foreign["id"], MISSING)
    assert api.get(f"/asset/{foreign['id']}").get_json() == foreign


def test_hidden_records_are_in_no_list_count_figure_or_search(api: ApiWorld, foreign: dict[str, Any]) -> None:
    own = api.make(label="Own", who="clerk")
    body = api.get("/asset?count=exact&limit=200", who="clerk").get_json()
    assert foreign["id"] not in [each["id"] for each in body["data"]]
    assert own["id"] in [each["id"] for each in body["data"]]
    counted = api.post("/asset/aggregate", {"measures": [{"fn": "count"}]}, who="clerk").get_json()["data"]
    assert counted == [{"count": body["count"]}]
    assert api.get("/search?q=foreign", who="clerk").get_json()["data"] == []
    assert api.get("/asset?filter=label == 'Foreign'", who="clerk").get_json()["data"] == []


HIDDEN = {
    "filter": ("GET", "/asset?filter={} > 1", None),
    "filter in a function": ("GET", "/asset?filter=isEmpty({})", None),
    "sort": ("GET", "/asset?sort={}", None),
    "fields": ("GET", "/asset?fields={}", None),
    "fields of one": ("GET", "/asset/{id}?fields={}", None),
    "expand": ("GET", "/asset?expand={}", None),
    "expand of one": ("GET", "/asset/{id}?expand={}", None),
    "group": ("POST", "/asset/aggregate", {"group": ["{}"]}),
    "group by year": ("POST", "/asset/aggregate", {"group": [{"field": "{}", "by": "year"}]}),
    "measure": ("POST", "/asset/aggregate", {"measures": [{"fn": "sum", "field": "{}"}]}),
    "measure of an expression": ("POST", "/asset/aggregate", {"measures": [{"fn": "sum", "field": "{} * 2", "as": "n"}]}),
    "sort of groups": ("POST", "/asset/aggregate", {"group": ["status"], "sort": ["{}"]}),
    "create": ("POST", "/asset", {"label": "x", "{}": "1"}),
    "create with nothing in it": ("POST", "/asset", {"label": "x", "{}": None}),
    "change": ("PATCH", "/asset/{id}", {"{}": "1"}),
    "change in a batch": ("POST", "/asset/batch", {"operations": [{"op": "create", "record": {"label": "x", "{}": 1}}]}),
}  # fmt: skip


@pytest.mark.parametrize(("method", "path", "json"), HIDDEN.values(), ids=HIDDEN)
def test_a_hidden_field_is_an_absent_one(api: ApiWorld, method: str, path: str, json: Any) -> None:
    own = api.make(who="clerk")

    def named(value: Any, name: str) -> Any:
        if isinstance(value, dict):
            return {named(key, name): named(each, name) for key, each in value.items()}
        if isinstance(value, list):
            return [named(each, name) for each in value]
        return value.replace("{}", name).replace("{id}", own["id"]) if isinstance(value, str) else value

    hidden, absent = (
        api.ask(method, named(path, name), named(json, name), who="clerk") for name in ("cost", "gost")
    )
    same(hidden, absent, "cost", "gost")


def test_hidden_fields_are_in_no_answer(api: ApiWorld) -> None:
    own = api.make(who="clerk")
    assert "cost" not in own
    api.patch(f"/asset/{own['id']}", {"cost": "5.00"})
    assert "cost" not in api.get(f"/asset/{own['id']}", who="clerk").text
    assert "cost" not in api.patch(f"/asset/{own['id']}", {"pieces": 1}, who="clerk").text
    changes = api.get(f"/asset/{own['id']}/history", who="clerk").get_json()["data"]
    assert [entry["verb"] for entry in changes] == ["update", "create"], (
        "the change of a hidden field is not listed"
    )
    assert "cost" not in str(changes)
    assert "cost" not in api.get("/asset/schema.json?for=read", who="clerk").text
    assert "cost" not in api.get("/openapi.json", who="clerk").text


def test_hidden_fields_of_lines_are_in_no_answer_and_stay(api: ApiWorld) -> None:
    own = api.make(who="clerk", parts=[{"name": "bulb"}])
    path = f"/asset/{own['id']}"
    line = {"id": own["parts"][0]["id"], "purchase": "7.00"}
    assert api.patch(path, {"parts": [line]}).get_json()["parts"][0]["purchase"] == "7.00"
    hidden, absent = (
        api.patch(path, {"parts": [{"name": "x", n: 1}]}, who="clerk") for n in ("purchase", "turchase")
    )
    same(hidden, absent, "purchase", "turchase")
    changed = api.patch(path, {"parts": [{"id": line["id"], "qty": 3}]}, who="clerk")
    assert changed.get_json()["parts"] == [{"id": line["id"], "name": "bulb", "qty": 3}]
    assert api.get(path).get_json()["parts"][0]["purchase"] == "7.00"
    for address in (
        path,
        "/asset?limit=200",
        f"{path}/history",
        "/asset/schema.json?for=create",
        "/openapi.json",
    ):
        assert "purchase" not in api.get(address, who="clerk").text, address
    for source in ("any(parts, purchase > 1)", "any(parts, turchase > 1)"):
        problem(api.get(f"/asset?filter={source}", who="clerk"), 400)


def test_what_a_hidden_field_lacks_is_refused_without_its_name(api: ApiWorld) -> None:
    answer = api.post("/deed", {"name": "x", "pages": [{"text": "a"}, {"text": "b"}]}, who="clerk")
    assert [(e["pointer"], e["code"]) for e in problem(answer, 422)["errors"]] == [("", "concealed")]
    assert "sum" not in answer.text
    assert "seal" not in answer.text
    shown = problem(api.post("/deed", {"name": 1}, who="clerk"), 422)["errors"]
    assert {e["pointer"] for e in shown} == {"/name", ""}
    assert {e["pointer"] for e in problem(api.post("/deed", {"name": "x"}), 422)["errors"]} == {"/sum"}


def test_locked_fields_are_refused_and_say_so(api: ApiWorld) -> None:
    own = api.make(who="clerk")
    answer = api.patch(f"/asset/{own['id']}", {"note": "x"}, who="clerk")
    assert [(e["pointer"], e["code"]) for e in problem(answer, 422)["errors"]] == [("/note", "readOnly")]


def test_a_session_works_with_its_token_only(api: ApiWorld) -> None:
    database, tenant = api.services.engine.database, api.made.tenant
    with database.connection() as connection:
        set_password(connection, tenant, api.users["clerk"], "copper kettle 41")
    session = sign_in(database, tenant, "clerk", "copper kettle 41")
    client = api.app.test_client()
    client.set_cookie("fieldstone_session", session.token, path=f"/t/{tenant.name}")
    assert client.get(f"{api.base}/me").get_json()["roles"] == ["clerk"]
    refused = client.post(f"{api.base}/asset", json={"label": "x"})
    assert problem(refused, 403)["code"] == "csrf"
    assert (
        problem(client.post(f"{api.base}/asset", json={"label": "x"}, headers={"X-CSRF-Token": "x"}), 403)[
            "code"
        ]
        == "csrf"
    )
    made = client.post(f"{api.base}/asset", json={"label": "x"}, headers={"X-CSRF-Token": session.csrf})
    assert made.status_code == 201
    wrong = client.get(f"{api.base}/me", headers={"Authorization": "Bearer fs_wrong"})
    problem(wrong, 401)


def test_a_key_of_one_tenant_opens_no_other(api: ApiWorld, postgres_url: str) -> None:
    from api_world import api_world

    with api_world(postgres_url, "stock-other") as other:
        headers = {"Authorization": f"Bearer {api.keys['admin']}"}
        problem(other.get("/me", who=None, headers=headers), 401)
        record = api.make()
        problem(other.get(f"/asset/{record['id']}"), 404)
