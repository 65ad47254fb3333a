"""Screens of notifications: the bell, the list, preferences, the company's page, web hooks, ending mails by a link."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from ui_world import LIBRARY, World, token_of
from web_sink import Sink, web_sink

from fieldstone.engine.identity import find_person
from fieldstone.ui import register
from fieldstone.workflows.notifications import Notice, notify
from fieldstone.workflows.notifications.unsubscribing import unsubscribe_path


def person(world: World, name: str) -> UUID:
    with world.services.engine.database.connection() as connection:
        found = find_person(connection, world.tenant, name)
    assert found is not None
    return found.id


def tell(world: World, name: str, **named: Any) -> None:
    given = {
        "kind": "automation",
        "template": "automation",
        "data": {"title": "Ink is low", "message": "Buy <ink>"},
    }
    notice = Notice(receivers=(person(world, name),), **{**given, **named})
    world.services.engine.write(world.system(), lambda tx: notify(tx, notice))


def post(client: FlaskClient, world: World, path: str, **fields: Any) -> Any:
    token = token_of(client.get(f"{world.base}/account").text)
    return client.post(f"{world.base}/{path}", data={"csrf_token": token, **fields})


def test_the_bell_counts_and_nothing_new_is_304(world: World, reader: FlaskClient) -> None:
    address = f"{world.base}/notifications/count"
    post(reader, world, "notifications/read")
    assert reader.get(address).text.strip() == ""
    tell(world, "rita")
    first = reader.get(address, headers={"HX-Request": "true"})
    assert ">1<" in first.text and "1 unread notification" in first.text
    again = reader.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    tell(world, "rita")
    assert reader.get(address, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200
    assert f'hx-get="{address}"' in reader.get(f"{world.base}/").text


def test_without_a_session_the_bell_is_quiet_and_stops_asking(world: World) -> None:
    answer = world.app.test_client().get(f"{world.base}/notifications/count", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.data) == (286, b"")


def test_the_list_shows_opens_and_marks(world: World, reader: FlaskClient, admin: FlaskClient) -> None:
    post(reader, world, "notifications/read")
    tell(world, "rita", link="e/book")
    page = reader.get(f"{world.base}/notifications").text
    assert "Ink is low" in page and "Buy &lt;ink&gt;" in page and "is-unread" in page
    open_one = re.search(r'href="([^"]+/open)"', page)[1]  # type: ignore[index]
    assert admin.get(open_one).status_code == 404, "somebody else's"
    answer = reader.get(open_one)
    assert (answer.status_code, answer.location) == (303, f"{world.base}/e/book")
    assert "Ink is low" not in reader.get(f"{world.base}/notifications?show=unread").text
    for number in range(35):
        tell(world, "rita", data={"title": f"Number {number}", "message": "x"})
    page = reader.get(f"{world.base}/notifications").text
    assert "Number 34" in page and "Number 0<" not in page
    older = re.search(r'href="([^"]+before=[^"]+)"', page)[1].replace("&amp;", "&")  # type: ignore[index]
    assert "Number 0<" in reader.get(older).text
    assert post(reader, world, "notifications/read").status_code == 303
    assert "Nothing is unread" in reader.get(f"{world.base}/notifications?show=unread").text


def test_preferences_are_chosen_and_given_back(world: World, reader: FlaskClient) -> None:
    path = "account/notifications"
    page = reader.get(f"{world.base}/{path}").text
    assert page.count('name="reminder:mail"') == 1 and "Asia/Taipei" in page
    chosen = {"reminder:mail": "digest", "reminder:app": "on", "mention:mail": "off", "quiet": "on",
              "quiet_from": "21:30", "quiet_to": "06:30", "digest": "07:15", "chat": ""}  # fmt: skip
    assert post(reader, world, path, **chosen).status_code == 303
    page = reader.get(f"{world.base}/{path}").text
    assert 'value="21:30"' in page and 'value="07:15"' in page
    row = page[page.index('name="reminder:mail"') :]
    assert '<option value="digest" selected>' in row[:400]
    bad = post(reader, world, path, **{**chosen, "quiet_to": "21:30"})
    assert bad.status_code == 422 and 'role="alert"' in bad.text
    assert post(reader, world, path, back="1").status_code == 303
    assert 'value="21:30"' not in reader.get(f"{world.base}/{path}").text


def test_a_mails_link_shows_first_and_ends_such_mails_without_signing_in(world: World) -> None:
    path = unsubscribe_path(world.services.engine, world.tenant, person(world, "rita"), "reminder")
    anybody = world.app.test_client()
    asked = anybody.get(f"{world.base}/{path}", headers={"Accept-Language": "en"})
    assert asked.status_code == 200 and "Send Rita Reader no more" in asked.text
    assert "Send Rita Reader no more" in anybody.get(f"{world.base}/{path}").text, "showing ends nothing"
    one_click = anybody.post(f"{world.base}/{path}", data={"List-Unsubscribe": "One-Click"})
    assert one_click.status_code == 200 and "gets no more e-mails" in one_click.text
    assert "gets no more e-mails" in anybody.get(f"{world.base}/{path}").text
    assert anybody.get(f"{world.base}/unsubscribe/forged").status_code == 404
    other_site = {"Sec-Fetch-Site": "cross-site"}
    assert anybody.post(f"{world.base}/{path}", headers=other_site).status_code == 403


@pytest.fixture
def reaching(world: World) -> Iterator[tuple[World, FlaskClient, Sink]]:
    """The screens of the same tenant, with a way out to a server of the tests."""
    with web_sink() as sink:
        services = replace(world.services, egress=sink.egress)
        app = Flask(__name__, root_path=str(LIBRARY.parent), static_folder=None, template_folder=None)
        register(app, services)
        made = replace(world, services=services, app=app)
        client = app.test_client()
        client.post(f"{world.base}/sign-in", data={"username": "admin", "password": world.password})
        yield made, client, sink


def test_an_administrator_adds_tests_and_removes_a_web_hook(
    reaching: tuple[World, FlaskClient, Sink],
) -> None:
    from fieldstone.engine import records

    world, boss, sink = reaching
    body = {"name": "Shelf robot", "entity": "author", "url": f"{sink.url}/hook", "verbs": ["create"]}
    assert "80" in post(boss, world, "admin/webhooks", **{**body, "name": ""}).text
    made = post(boss, world, "admin/webhooks", **body)
    assert made.status_code == 200 and "whsec_" in made.text
    listed = boss.get(f"{world.base}/admin/webhooks").text
    path = re.search(r"/(admin/webhooks/[0-9a-f-]{36})", listed)[1]  # type: ignore[index]
    assert "whsec_" not in boss.get(f"{world.base}/{path}").text
    assert "answered 200" in post(boss, world, f"{path}/test").text and len(sink.posts) == 1
    world.services.engine.write(world.system(), lambda tx: records.create(tx, "author", {"name": "Hooked"}))
    page = boss.get(f"{world.base}/{path}").text
    assert "Waiting" in page
    changed = post(boss, world, path, **{**body, "name": "Renamed"})
    assert changed.status_code == 303
    off = boss.get(f"{world.base}/{path}").text
    assert "Renamed" in off and not re.search(r'name="active" checked', off)
    event = UUID(int=0)
    assert post(boss, world, f"{path}/events/{event}/replay").status_code in (303, 404)
    assert post(boss, world, f"{path}/remove").status_code == 303
    assert boss.get(f"{world.base}/{path}").status_code == 404


def test_an_administrator_adds_tests_and_removes_a_chat_room(
    reaching: tuple[World, FlaskClient, Sink],
) -> None:
    world, boss, sink = reaching
    body = {"name": "Desk", "format": "slack", "url": f"{sink.url}/room-key", "active": "on"}
    assert post(boss, world, "admin/notifications/rooms", **body).status_code == 303
    page = boss.get(f"{world.base}/admin/notifications").text
    assert "Desk" in page and "room-key" not in page
    path = re.search(r"/(admin/notifications/rooms/[0-9a-f-]{36})", page)[1]  # type: ignore[index]
    assert "room-key" not in boss.get(f"{world.base}/{path}").text
    assert "took the message" in post(boss, world, f"{path}/test").text
    assert b"City Library" in sink.posts[0].body
    sink.answer = lambda posted: (404, {}, b"no such room")
    assert "no such room" in post(boss, world, f"{path}/test").text
    assert (
        post(boss, world, "admin/notifications", **{"mention:mail": "off", "digest": "08:00"}).status_code
        == 303
    )
    assert post(boss, world, "admin/notifications", back="1").status_code == 303
    assert post(boss, world, f"{path}/remove").status_code == 303
    assert "Desk" not in boss.get(f"{world.base}/admin/notifications").text


def test_only_who_manages_the_company_sees_these_pages(world: World, reader: FlaskClient) -> None:
    for path in (
        "admin/notifications",
        "admin/webhooks",
        "admin/webhooks/new",
        "admin/notifications/rooms/new",
    ):
        assert reader.get(f"{world.base}/{path}").status_code == 403
