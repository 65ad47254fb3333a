"""The API of one tenant, asked through Flask's test client: with keys of people who have different rights."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from flask import Flask
from werkzeug.test import TestResponse

from fieldstone.api import register
from fieldstone.engine.identity import IdentityGuard, create_key, find_person
from fieldstone.engine.records import create
from fieldstone.engine.service import Engine
from fieldstone.engine.storage.connection import Connection, Database
from fieldstone.engine.tenants.create import Created, create_tenant, delete_tenant, prepare_database
from fieldstone.engine.tenants.registry import TenantRegistry
from fieldstone.engine.vault import Vault
from fieldstone.metadata.documents import Package, SourceDocument
from fieldstone.workflows.webhooks import WebhookFollower

SCHEMAS = {
    "entities": "https://fieldstone.dev/schemas/entity-1.json",
    "roles": "https://fieldstone.dev/schemas/role-1.json",
    "workflows": "https://fieldstone.dev/schemas/workflow-1.json",
    "automations": "https://fieldstone.dev/schemas/automation-1.json",
}

ALL = dict.fromkeys(("create", "read", "update", "delete"), "all")


def sealing(entity: str) -> dict[str, Any]:
    """An approval of an entity's records by an administrator."""
    who = [{"name": "administrators", "type": "role", "value": "administrator"}]
    step = {"name": "seal", "type": "approve", "title": "Seal", "mode": "any", "order": 10, "assign": who} | {
        "operations": ["approve", "reject", "return", "transfer", "delegate", "cc", "urge", "comment"]
    }
    return {"entity": entity, "title": "Sealing", "steps": [step]}


def phases() -> dict[str, Any]:
    """A field with states: new things can be opened, open ones shut."""
    return {
        "oneOf": [{"const": each, "title": each.title()} for each in ("new", "open", "shut")],
        "initial": "new",
        "transitions": [
            {"name": "open", "from": ["new"], "to": "open"},
            {"name": "shut", "from": ["open"], "to": "shut"},
        ],
    }


def button(entity: str, field: str) -> dict[str, Any]:
    """An automation that sets a text when somebody presses it."""
    action = {"name": "set", "type": "set", "values": {field: '"pressed"'}}
    return {"entity": entity, "title": "Tidy up", "trigger": {"on": "button"}, "actions": [action]}


DOCUMENTS: dict[str, dict[str, Any]] = {
    "entities/asset.json": {
        "title": "Asset",
        "type": "object",
        "required": ["label"],
        "properties": {
            "label": {"type": "string", "maxLength": 80, "search": True},
            "serial": {"type": "string", "unique": True},
            "number": {"field": "sequence", "sequence": "A-{n:05}"},
            "status": {
                "oneOf": [{"const": "new", "title": "New"}, {"const": "used", "title": "Used"}],
                "default": "new",
            },
            "price": {"field": "money", "minimum": 0},
            "pieces": {"type": "integer", "minimum": 0},
            "bought": {"type": "string", "format": "date"},
            "worth": {"field": "formula", "formula": "price * pieces"},
            "place": {"field": "link", "target": "place", "onDelete": "restrict"},
            "parts": {
                "field": "lines",
                "properties": {
                    "name": {"type": "string"},
                    "qty": {"type": "integer"},
                    "purchase": {"field": "decimal", "scale": 2},
                },
            },
            "part_count": {"field": "rollup", "rollup": {"of": "parts", "fn": "sum", "value": "qty"}},
            "note": {"field": "multiline"},
            "paper": {"field": "file"},
            "cost": {"field": "decimal", "scale": 2},
        },
        "titleField": "label",
        "duplicates": [{"name": "same_label", "fields": [{"name": "label"}]}],
        "conversions": [
            {
                "name": "settle",
                "once": True,
                "creates": [
                    {
                        "name": "place",
                        "entity": "place",
                        "existing": {"from": "place", "offer": True},
                        "values": {"name": "label"},
                    }
                ],
                "set": {"place": {"created": "place"}},
            }
        ],
        "rules": [
            {
                "name": "serial_when_used",
                "when": "status == 'used' && isEmpty(serial)",
                "field": "serial",
                "message": "A used asset needs its serial number",
            }
        ],
    },
    "entities/place.json": {
        "title": "Place",
        "type": "object",
        "required": ["name"],
        "properties": {"name": {"type": "string", "search": True}, "country": {"type": "string"}},
    },
    "entities/part.json": {
        "title": "Part",
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"type": "string"},
            "qty": {"type": "integer"},
            "home": {"field": "link", "target": "place"},
            "phase": phases(),
        },
    },
    "entities/deed.json": {
        "title": "Deed",
        "type": "object",
        "required": ["name", "sum"],
        "properties": {
            "name": {"type": "string"},
            "sum": {"type": "integer"},
            "pages": {
                "field": "lines",
                "required": ["seal"],
                "properties": {"text": {"type": "string"}, "seal": {"type": "string"}},
            },
        },
    },
    "entities/vault.json": {
        "title": "Vault",
        "type": "object",
        "properties": {"name": {"type": "string", "search": True}},
    },
    "workflows/sealing.json": sealing("asset"),
    "automations/tidy.json": button("part", "name"),
    "roles/clerk.json": {
        "entities": [
            {
                "name": "asset",
                "verbs": dict.fromkeys(("create", "read", "update", "delete"), "own"),
                "hidden": ["cost", "parts.purchase"],
                "locked": ["note"],
            },
            {"name": "place", "verbs": {"read": "all"}},
            {"name": "deed", "verbs": {"read": "all", "create": "all"}, "hidden": ["sum", "pages.seal"]},
        ]
    },
    "roles/reader.json": {"entities": [{"name": "asset", "verbs": {"read": "all"}}]},
}


def package(content: Mapping[str, Any]) -> Package:
    documents = {}
    for path, body in sorted(content.items()):
        folder, name = path.removesuffix(".json").split("/")
        whole = {"$schema": SCHEMAS[folder], "name": name, **body}
        documents[folder, name] = SourceDocument(folder, name, whole, path)
    return Package("stock", "1.0.0", "Stock", {}, documents)


@dataclass
class Services:
    engine: Engine
    tenants: TenantRegistry


@dataclass
class ApiWorld:
    """One tenant's API. People: admin, clerk (own assets, no cost), reader (assets), nobody (no role)."""

    services: Services
    made: Created
    app: Flask
    keys: dict[str, str] = field(default_factory=dict)
    users: dict[str, Any] = field(default_factory=dict)

    @property
    def base(self) -> str:
        return f"/t/{self.made.tenant.name}/api/v1"

    def ask(
        self, method: str, path: str, json: Any = None, *, who: str | None = "admin", **more: Any
    ) -> TestResponse:
        """An answer; `path` is below the base."""
        headers: dict[str, str] = dict(more.pop("headers", {}))
        if who is not None:
            headers["Authorization"] = f"Bearer {self.keys[who]}"
        if json is not None:
            more["json"] = json
        url = path if path.startswith("/t/") else f"{self.base}{path}"
        return self.app.test_client().open(url, method=method, headers=headers, **more)

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.ask("GET", path, **more)

    def post(self, path: str, json: Any = None, **more: Any) -> TestResponse:
        return self.ask("POST", path, json, **more)

    def patch(self, path: str, json: Any = None, **more: Any) -> TestResponse:
        return self.ask("PATCH", path, json, **more)

    def delete(self, path: str, **more: Any) -> TestResponse:
        return self.ask("DELETE", path, **more)

    def make(self, entity: str = "asset", /, *, who: str = "admin", **values: Any) -> dict[str, Any]:
        """A stored record."""
        if entity == "asset":
            values.setdefault("label", "Lamp")
        answer = self.post(f"/{entity}", values, who=who)
        assert answer.status_code == 201, answer.text
        return answer.get_json()  # type: ignore[no-any-return]

    def count(self, entity: str = "asset") -> int:
        found = self.get(f"/{entity}?count=exact&limit=1").get_json()["count"]
        assert isinstance(found, int)
        return found

    def add_person(self, name: str, roles: tuple[str, ...]) -> None:
        tenant, engine = self.made.tenant, self.services.engine

        def work(tx: Any) -> Any:
            user = create(tx, "user", {"username": name, "name": name.title()})
            for role in roles:
                create(tx, "role_grant", {"user": str(user["id"]), "role": role})
            return user["id"]

        self.users[name] = engine.write(engine.system_context(tenant), work)
        self.add_key(name)

    def add_key(self, name: str) -> None:
        with self.services.engine.database.connection() as connection:
            self.keys[name] = create_key(connection, self.made.tenant, self.users[name])[1]


PROBLEM_KEYS = {"type", "title", "status", "detail", "code", "request_id", "errors"}


def problem(answer: TestResponse, status: int | None = None) -> dict[str, Any]:
    """The problem document of an answer, checked against the error contract."""
    assert answer.status_code >= 400, answer.text
    assert status is None or answer.status_code == status, f"{answer.status_code}: {answer.text}"
    assert answer.status_code != 500, answer.text
    assert answer.mimetype == "application/problem+json", answer.headers
    body = answer.get_json()
    assert set(body) - {"duplicates", "data"} == PROBLEM_KEYS
    assert ("duplicates" in body) == body["code"].startswith("duplicate.")
    assert body["status"] == answer.status_code
    assert body["type"].endswith(body["code"])
    assert body["request_id"] == answer.headers["X-Request-Id"]
    for each in body["errors"]:
        assert set(each) == {"pointer", "code", "message"}
        assert each["pointer"] == "" or each["pointer"].startswith("/")
    return body  # type: ignore[no-any-return]


def pointers(answer: TestResponse, status: int = 422) -> list[tuple[str, str]]:
    return [(each["pointer"], each["code"]) for each in problem(answer, status)["errors"]]


@contextmanager
def counted() -> Iterator[list[int]]:
    """Counts round trips to the database inside the block."""
    trips = [0]
    run = Connection.run

    def counting(self: Connection, steps: Any) -> list["psycopg.Cursor[Any]"]:
        trips[0] += 1
        return run(self, steps)

    Connection.run = counting  # type: ignore[method-assign]
    try:
        yield trips
    finally:
        Connection.run = run  # type: ignore[method-assign]


@contextmanager
def api_world(url: str, name: str, documents: Mapping[str, Any] = DOCUMENTS) -> Iterator[ApiWorld]:
    """A new tenant with its people, deleted afterwards. The documents have the roles clerk and reader."""
    database = Database(url, pool_size=4)
    prepare_database(database)
    engine = Engine(database, guards=[IdentityGuard()], followers=[WebhookFollower()], vault=Vault(b"k" * 32))
    made = create_tenant(engine, name, [package(documents)])
    try:
        app = Flask("probe", static_folder=None, template_folder=None)
        services = Services(engine, TenantRegistry())
        register(app, services)
        built = ApiWorld(services, made, app)
        with database.connection() as connection:
            admin = find_person(connection, made.tenant, "admin")
        assert admin is not None
        built.users["admin"] = admin.id
        built.add_key("admin")
        for person, roles in {
            "clerk": ("clerk",),
            "other_clerk": ("clerk",),
            "reader": ("reader",),
            "nobody": (),
        }.items():
            built.add_person(person, roles)
        yield built
    finally:
        delete_tenant(engine, name)
        database.dispose()
