"""Every address and who may ask for it."""

import re

import pytest
from flask.testing import FlaskClient
from ui_world import World, token_of

from fieldstone.ui.routes import ROUTES, Route

OPEN = {
    ("GET", "/"), ("POST", "/"),
    ("GET", "/t/<tenant>/sign-in"), ("POST", "/t/<tenant>/sign-in"),
    ("GET", "/t/<tenant>/link/<secret>"), ("POST", "/t/<tenant>/link/<secret>"),
    ("GET", "/t/<tenant>/forgot"), ("POST", "/t/<tenant>/forgot"),
    ("GET", "/t/<tenant>/unsubscribe/<token>"), ("POST", "/t/<tenant>/unsubscribe/<token>"),
    ("GET", "/t/<tenant>/decide/<token>"), ("POST", "/t/<tenant>/decide/<token>"),
    ("GET", "/t/<tenant>/notifications/count"),
}  # fmt: skip
NOBODY = "00000000-0000-7000-8000-000000000000"
VALUES = {
    "<int:number>": "1", "<entity>": "book", "<field>": "title", "<secret>": "none", "<path:rest>": "nowhere",
    "<token>": "none",
    "<uuid:task_id>": "00000000-0000-7000-8000-000000000001", "<action>": "approve",
    "<role>": "reader", "<name>": "nosuch", "<uuid:trial_id>": "00000000-0000-7000-8000-000000000001",
    **{
        f"<uuid:{name}_id>": NOBODY
        for name in (
            "record", "run", "user", "team", "job", "key", "session", "channel", "hook", "event", "notification",
        )
    },
}  # fmt: skip
CLOSED = [route for route in ROUTES if (route.method, route.path) not in OPEN]


def address(world: World, route: Route) -> str:
    path = route.path.replace("/t/<tenant>", world.base)
    for variable, value in VALUES.items():
        path = path.replace(variable, value)
    return path


def test_the_open_pages_are_these() -> None:
    assert {(route.method, route.path) for route in ROUTES if route.access == "open"} == OPEN


@pytest.mark.parametrize("route", CLOSED, ids=lambda route: f"{route.method} {route.path}")
def test_without_a_session_one_is_asked_to_sign_in(world: World, route: Route) -> None:
    client = world.app.test_client()
    answer = client.open(address(world, route), method=route.method)
    assert answer.status_code == 303
    assert answer.location.startswith(f"{world.base}/sign-in")
    partial = client.open(address(world, route), method=route.method, headers={"HX-Request": "true"})
    assert partial.status_code == 401
    assert partial.headers["HX-Reswap"] == "none"


@pytest.mark.parametrize(
    "route", [route for route in CLOSED if route.method == "POST"], ids=lambda route: route.path
)
def test_a_change_without_the_sessions_token_is_refused(
    world: World, admin: FlaskClient, route: Route
) -> None:
    for headers in ({}, {"X-CSRF-Token": "forged"}):
        assert admin.post(address(world, route), headers=headers).status_code == 403


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_every_answer_carries_the_security_headers(world: World, admin: FlaskClient, route: Route) -> None:
    answer = admin.open(address(world, route), method=route.method)
    policy = answer.headers["Content-Security-Policy"]
    assert "'unsafe" not in policy
    assert "script-src 'self'" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_signing_in_from_another_site_is_refused(world: World, site: str) -> None:
    data = {"username": "admin", "password": world.password}
    answer = world.app.test_client().post(
        f"{world.base}/sign-in", data=data, headers={"Sec-Fetch-Site": site}
    )
    assert answer.status_code == 403


def test_pages_hold_no_inline_script_or_style(world: World, admin: FlaskClient) -> None:
    for path in ("/", "/e/book", "/e/author", "/nowhere", "/password"):
        html = admin.get(world.base + path).text
        assert not re.search(r"<[^>]+\sstyle=", html), path
        assert not re.search(r"<[^>]+\son[a-z]+=", html), path
        assert not re.search(r"<script(?![^>]*\ssrc=)", html), path
        assert "<style" not in html


def test_the_token_is_the_sessions_own(world: World, admin: FlaskClient, reader: FlaskClient) -> None:
    mine, theirs = (token_of(client.get(f"{world.base}/").text) for client in (admin, reader))
    assert mine != theirs
    answer = admin.post(f"{world.base}/sign-out", headers={"X-CSRF-Token": theirs})
    assert answer.status_code == 403
