"""The screens of a tenant with approvals, and somebody who administers them."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from approval_world import ApprovalWorld, approval_world
from flask import Flask
from flask.testing import FlaskClient
from ui_world import LIBRARY, Services, token_of

from fieldstone.engine.identity import set_password
from fieldstone.engine.tenants.registry import TenantRegistry
from fieldstone.ui import register

PASSWORD = "copper kettle 41"


@dataclass
class Office:
    """A company with approvals, its screens, and the people in it."""

    company: ApprovalWorld
    app: Flask

    @property
    def base(self) -> str:
        return f"/t/{self.company.tenant.name}"

    def client(self) -> FlaskClient:
        """A browser in which nobody has signed in."""
        client = self.app.test_client()
        client.set_cookie("fs_locale", "en")
        return client

    def signed_in(self, who: str) -> "Visitor":
        with self.company.engine.database.connection() as connection:
            set_password(connection, self.company.tenant, self.company.users[who], PASSWORD)
        return Visitor(self, who)


class Visitor:
    """A signed-in client that sends the session's token with what it posts."""

    def __init__(self, office: Office, who: str) -> None:
        self.client, self.base = office.client(), office.base
        answer = self.client.post(f"{self.base}/sign-in", data={"username": who, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        self.token = token_of(self.client.get(f"{self.base}/account").text)

    def get(self, path: str, **query: str):  # type: ignore[no-untyped-def]
        return self.client.get(f"{self.base}/{path}", query_string=query)

    def post(self, path: str, **fields: object):  # type: ignore[no-untyped-def]
        return self.client.post(f"{self.base}/{path}", data={"csrf_token": self.token, **fields})


@pytest.fixture(scope="package")
def office(postgres_url: str) -> Iterator[Office]:
    with approval_world(postgres_url, "ui-approvals") as company:
        app = Flask(__name__, root_path=str(LIBRARY.parent), static_folder=None, template_folder=None)
        register(app, Services(company.engine, TenantRegistry()))
        yield Office(company, app)


@pytest.fixture(scope="package")
def ada(office: Office) -> Visitor:
    return office.signed_in("ada")
