"""A tenant of its own for the tests of administration, since they change settings and people, and a mail server."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from mail_server import MailServer, mail_server
from ui_world import LIBRARY, World, make_world, token_of

from fieldstone.engine.egress import Egress
from fieldstone.ui import register


@pytest.fixture(scope="session")
def postbox() -> Iterator[MailServer]:
    with mail_server(password="right one") as running:
        yield running


@pytest.fixture(scope="session")
def office(postgres_url: str, postbox: MailServer) -> Iterator[World]:
    """A library that may reach the mail server of the tests, and has demo data."""
    made = make_world(postgres_url, "ui-office", demo=True)
    services = replace(made.services, egress=Egress(frozenset({("localhost", postbox.port)})))
    app = Flask(__name__, root_path=str(LIBRARY.parent), static_folder=None, template_folder=None)
    register(app, services)
    yield replace(made, services=services, app=app)
    made.close()


class Visitor:
    """A signed-in client that sends the session's token with what it posts."""

    def __init__(self, world: World, username: str, password: str) -> None:
        self.client: FlaskClient = world.app.test_client()
        self.base = world.base
        self.client.set_cookie("fs_locale", "en")
        answer = self.client.post(f"{self.base}/sign-in", data={"username": username, "password": password})
        assert answer.status_code == 303, answer.text
        self.token = token_of(self.client.get(f"{self.base}/account").text)

    def get(self, path: str, **query: str):  # type: ignore[no-untyped-def]
        return self.client.get(f"{self.base}/{path}", query_string=query)

    def post(self, path: str, **fields: object):  # type: ignore[no-untyped-def]
        data = {"csrf_token": self.token, **fields}
        return self.client.post(f"{self.base}/{path}", data=data)


@pytest.fixture
def boss(office: World) -> Visitor:
    return Visitor(office, "admin", office.password)
