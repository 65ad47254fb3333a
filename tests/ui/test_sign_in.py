"""Signing in: whoever knows the password gets in, and nobody learns what exists."""

import pytest
from ui_world import World, token_of

from fieldstone.engine.tenants.hosts import map_host


def visible(html: str) -> str:
    """A page without what the visitor typed."""
    return (
        html.replace("nobody", "-").replace("admin", "-").replace("ui-library", "-").replace("no-such", "-")
    )


def test_a_wrong_password_and_an_unknown_user_look_the_same(world: World) -> None:
    client = world.app.test_client()
    answers = [
        client.post(f"{base}/sign-in", data={"username": name, "password": "wrong"})
        for base, name in [(world.base, "admin"), (world.base, "nobody"), ("/t/no-such", "admin")]
    ]
    assert [answer.status_code for answer in answers] == [401, 401, 401]
    assert visible(answers[0].text) == visible(answers[1].text)
    assert "The user name or the password is wrong." in answers[2].text


def test_an_unknown_workspace_asks_to_sign_in_like_any_other(world: World) -> None:
    client = world.app.test_client()
    assert client.get("/t/no-such/").status_code == client.get(f"{world.base}/").status_code == 303
    known, unknown = client.get(f"{world.base}/sign-in").text, client.get("/t/no-such/sign-in").text
    assert len(known.split("\n")) == len(unknown.split("\n"))


def test_one_arrives_where_one_wanted_to_go(world: World) -> None:
    client = world.app.test_client()
    asked = client.get(f"{world.base}/e/book?sort=title")
    page = client.get(asked.location).text
    assert f'value="{world.base}/e/book?sort=title"' in page
    data = {"username": "admin", "password": world.password, "next": f"{world.base}/e/book?sort=title"}
    assert client.post(f"{world.base}/sign-in", data=data).location == f"{world.base}/e/book?sort=title"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/t/other/", "/t/ui-library\\@evil", ""]
)
def test_signing_in_never_leads_to_another_site(world: World, target: str) -> None:
    data = {"username": "admin", "password": world.password, "next": target}
    assert world.app.test_client().post(f"{world.base}/sign-in", data=data).location == f"{world.base}/"


def test_the_session_cookie_is_kept_from_scripts_and_other_tenants(world: World) -> None:
    data = {"username": "admin", "password": world.password}
    cookie = world.app.test_client().post(f"{world.base}/sign-in", data=data).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert f"Path={world.base}" in cookie


def test_signing_out_ends_the_session(world: World) -> None:
    client = world.app.test_client()
    client.post(f"{world.base}/sign-in", data={"username": "admin", "password": world.password})
    token = token_of(client.get(f"{world.base}/").text)
    assert client.post(f"{world.base}/sign-out", data={"csrf_token": token}).status_code == 303
    assert client.get(f"{world.base}/").status_code == 303


def test_the_first_page_leads_to_a_workspace_by_its_name(world: World) -> None:
    client = world.app.test_client()
    assert client.get("/").status_code == 200
    assert client.post("/", data={"workspace": " UI-Library "}).location == f"{world.base}/"
    assert client.post("/", data={"workspace": "no-such"}).location == "/t/no-such/"
    assert client.post("/", data={"workspace": "../etc"}).status_code == 422


def test_a_link_that_was_never_issued_says_so(world: World) -> None:
    answer = world.app.test_client().get(f"{world.base}/link/guess")
    assert answer.status_code == 404
    assert "not valid any more" in answer.text


def test_at_a_host_of_its_own_the_front_page_is_the_workspace(world: World) -> None:
    with world.services.engine.database.connection() as connection:
        map_host(connection, world.tenant.name, "library.example.org")
        try:
            client = world.app.test_client()
            answer = client.get("/", base_url="http://library.example.org")
            assert (answer.status_code, answer.headers["Location"]) == (303, f"{world.base}/")
            assert (
                client.get(f"{world.base}/sign-in", base_url="http://library.example.org").status_code == 200
            )
            assert client.get("/", base_url="http://other.example.org").status_code == 200
        finally:
            map_host(connection, world.tenant.name, None)
