"""The OpenAPI document: valid, concrete, and no more than the caller may use."""

from typing import Any

import pytest
from api_world import ApiWorld
from openapi_spec_validator import OpenAPIV31SpecValidator

from fieldstone.api.routes import ROUTES


def document(api: ApiWorld, who: str) -> dict[str, Any]:
    answer = api.get("/openapi.json", who=who)
    assert answer.status_code == 200, answer.text
    return answer.get_json()  # type: ignore[no-any-return]


@pytest.mark.parametrize("who", ["admin", "clerk", "reader", "nobody"])
def test_the_document_is_valid_for_every_caller(api: ApiWorld, who: str) -> None:
    found = document(api, who)
    assert found["openapi"] == "3.1.0"
    OpenAPIV31SpecValidator(found).validate()
    references = {part for part in str(found).split("'") if part.startswith("#/components/")}
    for reference in references:
        _, _, kind, name = reference.split("/")
        assert name in found["components"][kind], reference


def test_it_has_concrete_paths_of_what_the_caller_may_use(api: ApiWorld) -> None:
    admin, clerk, reader = (document(api, who)["paths"] for who in ("admin", "clerk", "reader"))
    assert set(admin["/asset/{id}"]) == {"get", "patch", "delete"}
    assert set(admin["/asset"]) == {"get", "post"}
    assert "/vault" in admin
    assert "/vault" not in clerk
    assert set(clerk["/place"]) == {"get"}
    assert set(reader["/asset/{id}"]) == {"get"}
    assert "/asset/batch" not in reader
    assert "/place" not in reader


def test_hidden_fields_are_in_no_schema(api: ApiWorld) -> None:
    schemas = document(api, "clerk")["components"]["schemas"]
    assert "cost" not in schemas["asset"]["properties"]
    assert "cost" not in schemas["asset_create"]["properties"]
    assert "note" in schemas["asset"]["properties"]
    assert "note" not in schemas["asset_patch"]["properties"]


def test_every_route_is_described(api: ApiWorld) -> None:
    paths = document(api, "admin")["paths"]
    for route in ROUTES:
        described = [paths.get(route.path.replace("{entity}", each), {}) for each in ("asset", "part")]
        assert any(route.method.lower() in each for each in described), route


def test_states_buttons_and_approvals_are_described_where_there_are_any(api: ApiWorld) -> None:
    paths = document(api, "admin")["paths"]
    verbs = ("transitions", "transition", "stages", "buttons", "press", "submit", "approvals")
    found = {
        each: {verb for verb in verbs if f"/{each}/{{id}}/{verb}" in paths} for each in ("asset", "part")
    }
    assert found == {"asset": {"submit", "approvals"}, "part": {*verbs} - {"submit", "approvals"}}


def test_who_may_use_little_is_shown_little(api: ApiWorld) -> None:
    nobody = document(api, "nobody")
    common = {"openapi.json", "me", "search", "files", "imports", "tasks", "approvals"}
    common |= {"notifications", "chat-channels"}
    assert {path.split("/")[1] for path in nobody["paths"]} <= {*common, "user", "team", "delegation"}, (
        "everybody sees colleagues, and has delegations of their own"
    )
    for who in ("nobody", "clerk", "reader"):
        found = document(api, who)
        assert not [path for path in found["paths"] if path.startswith("/metadata")], who
        assert "Plan" not in found["components"]["schemas"]
    assert "/metadata/publish" in document(api, "admin")["paths"]


def test_it_is_the_same_when_asked_again(api: ApiWorld) -> None:
    assert api.get("/openapi.json").data == api.get("/openapi.json").data
