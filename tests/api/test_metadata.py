"""Documents, drafts, plans, publishing and going back, over HTTP."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from api_world import ApiWorld, api_world, pointers, problem


@pytest.fixture(scope="module")
def world(postgres_url: str) -> Iterator[ApiWorld]:
    with api_world(postgres_url, "stock-metadata") as built:
        yield built


@pytest.fixture
def stock(world: ApiWorld) -> Iterator[ApiWorld]:
    """A tenant without drafts, before and after."""
    clear(world)
    yield world
    clear(world)


def clear(api: ApiWorld) -> None:
    for folder in ("entities", "forms", "views", "roles"):
        for each in api.get(f"/metadata/{folder}?draft=1").get_json()["data"]:
            api.delete(f"/metadata/{folder}/{each['name']}?draft=1")
    api.delete("/metadata/entities/asset?draft=1")


def put(api: ApiWorld, path: str, patch: Any, **more: Any) -> Any:
    answer = api.ask("PUT", f"/metadata/{path}", patch, **more)
    assert answer.status_code == 200, answer.text
    return answer


def plan(api: ApiWorld, **body: Any) -> dict[str, Any]:
    answer = api.post("/metadata/plan", body)
    assert answer.status_code == 200, answer.text
    return answer.get_json()  # type: ignore[no-any-return]


def publish(api: ApiWorld, made: dict[str, Any], consent: Any = ()) -> Any:
    return api.post(
        "/metadata/publish", {"base": made["base"], "plan": made["plan"], "consent": list(consent)}
    )


def go_live(api: ApiWorld, path: str, patch: Any) -> int:
    """Publish this as the tenant's part, whatever was there before."""
    put(api, path, patch)
    made = plan(api)
    answer = publish(api, made, [each["id"] for each in made["changes"] if each["class"] == "destructive"])
    assert answer.status_code == 200, answer.text
    return int(answer.get_json()["revision"])


def field(name: str, **schema: Any) -> dict[str, Any]:
    return {"properties": {name: schema or {"type": "string"}}}


def test_a_folder_lists_names_and_titles(stock: ApiWorld) -> None:
    data = stock.get("/metadata/entities").get_json()["data"]
    assert {"name": "asset", "title": "Asset"} in data
    assert [each["name"] for each in data] == sorted(each["name"] for each in data)


@pytest.mark.parametrize(
    "path", ["/metadata/entitys", "/metadata/entitys/asset", "/metadata/entities/nosuch"]
)
def test_what_is_not_there_is_not_found(stock: ApiWorld, path: str) -> None:
    assert problem(stock.get(path), 404)["code"] == "document.unknown"


def test_a_document_has_its_draft_version_as_etag(stock: ApiWorld) -> None:
    whole = stock.get("/metadata/entities/asset")
    assert whole.get_json()["title"] == "Asset"
    assert whole.headers["ETag"] == '"0"'
    assert stock.get("/metadata/entities/asset?layer=tenant&draft=1").get_json() == {}
    answer = put(stock, "entities/asset", field("colour"))
    assert answer.headers["ETag"] == '"1"'
    assert "colour" not in stock.get("/metadata/entities/asset").get_json()["properties"]
    drafted = stock.get("/metadata/entities/asset?draft=1")
    assert drafted.get_json()["properties"]["colour"]["type"] == "string"
    assert drafted.headers["ETag"] == '"1"'


def test_fields_keep_the_order_in_which_they_were_added(stock: ApiWorld) -> None:
    names = ["zebra", "ant", "mole"]
    body = json.dumps({"properties": {name: {"type": "string"} for name in names}})
    stock.ask("PUT", "/metadata/entities/asset", data=body, content_type="application/json")
    properties = stock.get("/metadata/entities/asset?layer=tenant&draft=1").get_json()["properties"]
    assert sorted(properties, key=lambda name: properties[name]["order"]) == names


def test_an_old_version_of_a_draft_is_stale(stock: ApiWorld) -> None:
    put(stock, "entities/asset", field("one"), headers={"If-Match": '"0"'})
    stale = stock.ask("PUT", "/metadata/entities/asset", field("two"), headers={"If-Match": '"0"'})
    assert problem(stale, 412)["code"] == "draft.stale"
    assert problem(stock.delete("/metadata/entities/asset?draft=1", headers={"If-Match": '"7"'}), 412)
    assert stock.delete("/metadata/entities/asset?draft=1", headers={"If-Match": '"1"'}).status_code == 204
    assert problem(stock.delete("/metadata/entities/asset?draft=1"), 404)


@pytest.mark.parametrize("body", [[], "x", None, 3], ids=["list", "text", "null", "number"])
def test_a_document_is_an_object(stock: ApiWorld, body: Any) -> None:
    answer = stock.ask(
        "PUT", "/metadata/entities/asset", data=json.dumps(body), content_type="application/json"
    )
    assert pointers(answer) == [("", "type")]


@pytest.mark.parametrize("name", ["Bad", "9lives", "a-b", "x" * 41, "名"])
def test_a_document_has_a_name_that_files_can_have(stock: ApiWorld, name: str) -> None:
    assert (
        problem(stock.ask("PUT", f"/metadata/entities/{name}", {"properties": {}}), 422)["code"]
        == "document.name"
    )


def test_a_published_field_is_in_the_api_at_once(stock: ApiWorld) -> None:
    put(stock, "entities/asset", field("尺寸", title="尺寸", type="string"))
    made = plan(stock)
    assert made["problems"] == []
    (change,) = [each for each in made["changes"] if each["op"] == "add_field"]
    assert (change["id"], change["class"]) == ("add_field:asset.尺寸", "safe")
    answer = publish(stock, made)
    assert answer.get_json()["revision"] == made["base"] + 1
    kept = stock.make(尺寸="42")
    assert stock.get(f"/asset/{kept['id']}").get_json()["尺寸"] == "42"
    assert stock.get("/asset?filter=`尺寸` == '42'").get_json()["data"][0]["id"] == kept["id"]
    newest = stock.get("/metadata/revisions").get_json()["data"][0]
    assert (newest["number"], newest["kind"]) == (made["base"] + 1, "publish")
    assert stock.get("/metadata/entities/asset?draft=1").headers["ETag"] == '"0"'


def test_a_misspelt_keyword_is_told_with_its_place(stock: ApiWorld) -> None:
    schema = "https://fieldstone.dev/schemas/entity-1.json"
    put(stock, "entities/asset", {"$schema": schema, **field("code", type="string", maxLenght=3)})
    made = plan(stock)
    (wrong,) = made["problems"]
    assert wrong["pointer"] == "/properties/code/maxLenght"
    assert (wrong["code"], wrong["document"]) == ("keyword.unknown", "entities/asset.json")
    assert 'did you mean "maxLength"' in wrong["message"]
    answer = publish(stock, made)
    assert pointers(answer, 422) == [("/properties/code/maxLenght", "keyword.unknown")]
    assert answer.get_json()["code"] == "draft.invalid"
    assert stock.get("/me").get_json()["revision"] == made["base"]


def test_a_plan_of_another_base_is_stale(stock: ApiWorld) -> None:
    put(stock, "entities/asset", field("weight"))
    made = plan(stock)
    assert problem(publish(stock, {**made, "base": made["base"] - 1}), 412)["code"] == "plan.stale"
    put(stock, "entities/asset", field("height"))
    assert problem(publish(stock, made), 412)["code"] == "plan.stale"


def test_nothing_is_nothing_to_publish(stock: ApiWorld) -> None:
    made = plan(stock)
    assert made["changes"] == []
    assert problem(publish(stock, made), 422)["code"] == "plan.empty"
    assert stock.get("/me").get_json()["revision"] == made["base"]


def test_loss_needs_consent_and_comes_back_with_a_rollback(stock: ApiWorld) -> None:
    before = go_live(stock, "entities/asset", field("grade"))
    kept = stock.make(grade="first")
    put(stock, "entities/asset", {})
    made = plan(stock)
    (change,) = [each for each in made["changes"] if each["op"] == "drop_field" and each["field"] == "grade"]
    assert (change["class"], change["facts"]["lost"]) == ("destructive", 1)
    needed = [each["id"] for each in made["changes"] if each["class"] == "destructive"]
    refused = publish(stock, made)
    assert problem(refused, 422)["code"] == "plan.consent"
    assert len(pointers(refused)) == len(needed)
    answer = publish(stock, made, consent=needed)
    assert answer.status_code == 200, answer.text
    assert "grade" not in stock.get(f"/asset/{kept['id']}").get_json()
    later = stock.make(label="Later")
    back = plan(stock, to=before)
    assert "add_field:asset.grade" in [each["id"] for each in back["changes"]]
    answer = stock.post("/metadata/rollback", {"to": before, "plan": back["plan"]})
    assert answer.status_code == 200, answer.text
    assert stock.get(f"/asset/{kept['id']}").get_json()["grade"] == "first"
    assert stock.get(f"/asset/{later['id']}").get_json()["grade"] is None


def test_a_rollback_to_nowhere_is_not_found(stock: ApiWorld) -> None:
    assert problem(stock.post("/metadata/plan", {"to": 9999}), 404)["code"] == "revision.unknown"


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({}, "/base"),
        ({"base": "1", "plan": "x"}, "/base"),
        ({"base": 1, "plan": 3}, "/plan"),
        ({"base": 1, "plan": "x", "consent": "y"}, "/consent"),
        ({"base": 1, "plan": "x", "force": True}, "/force"),
    ],
)
def test_an_envelope_says_what_is_wrong_with_it(stock: ApiWorld, body: Any, place: str) -> None:
    assert place in [pointer for pointer, _ in pointers(stock.post("/metadata/publish", body))]


def test_deleting_the_tenants_part_goes_back_to_the_package(stock: ApiWorld) -> None:
    go_live(stock, "entities/asset", {"title": "Thing"})
    assert stock.get("/metadata/entities/asset").get_json()["title"] == "Thing"
    assert stock.delete("/metadata/entities/asset").status_code == 204
    made = plan(stock)
    consent = [each["id"] for each in made["changes"] if each["class"] == "destructive"]
    assert publish(stock, made, consent).status_code == 200
    assert stock.get("/metadata/entities/asset").get_json()["title"] == "Asset"
    assert problem(stock.delete("/metadata/entities/asset"), 404)


def test_publishing_under_a_key_happens_once(stock: ApiWorld) -> None:
    put(stock, "entities/asset", field("keyed"))
    made = plan(stock)
    body = {"base": made["base"], "plan": made["plan"], "consent": [each["id"] for each in made["changes"]]}
    headers = {"Idempotency-Key": "publish-once"}
    first, second = (stock.post("/metadata/publish", body, headers=headers) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 200), second.text
    assert first.get_json() == second.get_json()
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert stock.get("/me").get_json()["revision"] == made["base"] + 1
    other = stock.post("/metadata/publish", {**body, "consent": ["other"]}, headers=headers)
    assert problem(other, 422)["code"] == "idempotency.reused"
    assert problem(stock.post("/metadata/publish", body), 412)["code"] == "plan.stale"
    assert problem(stock.post("/metadata/publish", body, headers={"Idempotency-Key": ""}), 400)


def test_going_back_under_a_key_happens_once(stock: ApiWorld) -> None:
    before = go_live(stock, "entities/asset", field("fleeting"))
    go_live(stock, "entities/asset", field("lasting"))
    made = plan(stock, to=before)
    consent = [each["id"] for each in made["changes"] if each["class"] == "destructive"]
    body = {"to": before, "plan": made["plan"], "consent": consent}
    headers = {"Idempotency-Key": "back-once"}
    first, second = (stock.post("/metadata/rollback", body, headers=headers) for _ in range(2))
    assert first.status_code == 200, first.text
    assert first.get_json() == second.get_json()
    assert stock.get("/me").get_json()["revision"] == made["base"] + 1


def test_a_refused_publish_frees_its_key(stock: ApiWorld) -> None:
    put(stock, "entities/asset", field("freed"))
    made = plan(stock)
    headers = {"Idempotency-Key": "freed"}
    wrong = stock.post("/metadata/publish", {"base": made["base"], "plan": "x"}, headers=headers)
    assert problem(wrong, 412)["code"] == "plan.stale"
    consent = [each["id"] for each in made["changes"]]
    body = {"base": made["base"], "plan": made["plan"], "consent": consent}
    right = stock.post("/metadata/publish", body, headers=headers)
    assert right.status_code == 200, right.text


ASK = {"name": "ask", "type": "approve", "assign": [{"name": "a", "type": "role", "value": "administrator"}]}
FLOWS = {
    "workflows/buying": {"entity": "asset", "when": "isNow", "steps": [ASK]},
    "tables/signers": {
        "entity": "asset",
        "inputs": [{"name": "label"}],
        "outputs": [{"name": "who", "type": "role"}],
        "rows": [{"name": "all", "then": {"who": "administrator"}}],
    },
    "automations/mark": {
        "entity": "asset",
        "trigger": {"on": "create"},
        "actions": [{"name": "s", "type": "stop"}],
    },
    "templates/hello": {"subject": {"en": "Hello"}, "text": {"en": "Hello {{ receiver }}"}},
}


def test_what_moves_by_itself_is_written_like_everything_else(stock: ApiWorld) -> None:
    for path, body in FLOWS.items():
        put(stock, path, body)
    (wrong,) = plan(stock)["problems"]
    assert (wrong["document"], wrong["pointer"]) == ("workflows/buying.json", "/when")
    put(stock, "workflows/buying", {**FLOWS["workflows/buying"], "when": "!isEmpty(label)"})
    made = plan(stock)
    assert made["problems"] == []
    assert {change["class"] for change in made["changes"]} == {"safe"}
    assert {change["id"] for change in made["changes"]} == {f"document:{path}" for path in FLOWS}
    assert publish(stock, made).status_code == 200
    for path in FLOWS:
        folder, name = path.split("/")
        assert name in [each["name"] for each in stock.get(f"/metadata/{folder}").get_json()["data"]]
        assert stock.get(f"/metadata/{path}").status_code == 200
    for path in FLOWS:
        assert stock.delete(f"/metadata/{path}").status_code == 204
    assert publish(stock, plan(stock)).status_code == 200
