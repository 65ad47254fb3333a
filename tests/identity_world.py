"""A tenant with teams, people and roles of every reach, for the tests of permissions and identity.

Teams: `north` with `harbour` below it, and `south`. Everybody's password is PASSWORD.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from fieldstone.engine.context import Context, Tenant
from fieldstone.engine.identity import IdentityGuard, context_for_user, find_person, set_password
from fieldstone.engine.records import create
from fieldstone.engine.service import Engine
from fieldstone.engine.storage.base_tables import ROLE_GRANT
from fieldstone.engine.storage.connection import Database
from fieldstone.engine.tenants.create import create_tenant, delete_tenant, prepare_database
from fieldstone.metadata.documents import Package, SourceDocument

PASSWORD = "copper kettle 41"

OWN = dict.fromkeys(("create", "read", "update", "delete"), "own")
ALL = dict.fromkeys(("create", "read", "update", "delete", "assign"), "all")

DOCUMENTS: dict[str, dict[str, Any]] = {
    "entities/asset.json": {
        "title": "Asset",
        "type": "object",
        "required": ["label"],
        "properties": {
            "label": {"type": "string", "maxLength": 80},
            "status": {
                "oneOf": [{"const": "new", "title": "New"}, {"const": "old", "title": "Old"}],
                "default": "new",
            },
            "cost": {"field": "decimal"},
            "pieces": {"type": "integer"},
            "worth": {"field": "formula", "formula": "cost * pieces"},
            "place": {"field": "link", "target": "place"},
            "country": {"field": "related", "related": "place.country"},
            "parts": {
                "field": "lines",
                "properties": {"name": {"type": "string"}, "price": {"field": "decimal"}},
            },
            "total": {"field": "rollup", "rollup": {"of": "parts", "fn": "sum", "value": "price"}},
        },
        "titleField": "label",
    },
    "entities/place.json": {
        "title": "Place",
        "type": "object",
        "required": ["name"],
        "properties": {"name": {"type": "string"}, "country": {"type": "string"}},
    },
    "entities/secret_plan.json": {
        "title": "Plan",
        "type": "object",
        "properties": {"name": {"type": "string"}},
    },
    "roles/clerk.json": {
        "entities": [
            {"name": "asset", "verbs": OWN, "hidden": ["cost"], "locked": ["status", "owner_id"]},
            {"name": "place", "verbs": {"read": "all"}},
        ]
    },
    "roles/chief.json": {
        "entities": [{"name": "asset", "verbs": {"read": "team", "update": "team", "assign": "team"}}]
    },
    "roles/head.json": {"entities": [{"name": "asset", "verbs": {"read": "team_and_below"}}]},
    "roles/auditor.json": {"entities": [{"name": "*", "verbs": {"read": "all"}}]},
    "roles/archivist.json": {
        "entities": [
            {
                "name": "asset",
                "verbs": {"read": "all", "update": "all", "delete": "all"},
                "recordRules": [
                    {"name": "old_only", "when": "status == 'old'", "verbs": ["update", "delete"]}
                ],
            }
        ]
    },
    "roles/keeper.json": {
        "entities": [
            {
                "name": "asset",
                "verbs": {"read": "all", "create": "all", "update": "all", "assign": "all"},
                "recordRules": [
                    {"name": "inland", "when": "place.country == 'de'", "verbs": ["create", "assign"]},
                    {"name": "cheap", "when": "worth < 100", "verbs": ["create"]},
                    {"name": "abroad", "when": "place.country != 'de'", "verbs": ["read"]},
                    {"name": "mine", "when": "owner_id == user.id", "verbs": ["update"]},
                ],
            },
            {"name": "place", "verbs": {"read": "all"}},
        ]
    },
    "roles/writer.json": {"entities": [{"name": "*", "verbs": ALL}]},
    "roles/people_manager.json": {"manages": ["users"], "entities": [{"name": "*", "verbs": ALL}]},
}


def package() -> Package:
    documents = {}
    for path, body in DOCUMENTS.items():
        folder, name = path.removesuffix(".json").split("/")
        whole = {"$schema": SCHEMAS[folder], "name": name, **body}
        documents[folder, name] = SourceDocument(folder, name, whole, path)
    return Package("stock", "1.0.0", "Stock", {}, documents)


SCHEMAS = {
    "entities": "https://fieldstone.dev/schemas/entity-1.json",
    "roles": "https://fieldstone.dev/schemas/role-1.json",
}


@dataclass
class World:
    """A tenant and its people; ids by name."""

    engine: Engine
    tenant: Tenant
    admin_password: str
    users: dict[str, UUID] = field(default_factory=dict)
    teams: dict[str, UUID] = field(default_factory=dict)

    @property
    def database(self) -> Database:
        return self.engine.database

    def system(self) -> Context:
        return self.engine.system_context(self.tenant)

    def as_user(self, name: str) -> Context:
        with self.database.connection() as connection:
            return context_for_user(connection, self.tenant, self.users[name])

    def add_team(self, name: str, **values: Any) -> UUID:
        made = self.engine.write(self.system(), lambda tx: create(tx, "team", {"name": name, **values}))
        self.teams[name] = made["id"]
        return made["id"]  # type: ignore[no-any-return]

    def add_user(
        self,
        name: str,
        roles: Iterable[str] = (),
        team: str | None = None,
        *,
        password: str | None = PASSWORD,
    ) -> UUID:
        def work(tx: Any) -> UUID:
            body = {"username": name, "name": name.title(), "email": f"{name}@example.org"}
            if team:
                body["team"] = str(self.teams[team])
            user = create(tx, "user", body)
            for role in roles:
                create(tx, "role_grant", {"user": str(user["id"]), "role": role})
            return user["id"]  # type: ignore[no-any-return]

        self.users[name] = self.engine.write(self.system(), work)
        if password:
            with self.database.connection() as connection:
                set_password(connection, self.tenant, self.users[name], password)
        return self.users[name]

    def grant_of(self, user: str, role: str = "administrator") -> UUID:
        """The id of a role grant."""
        statement = (
            sa.select(ROLE_GRANT.c.id)
            .where(ROLE_GRANT.c.user == self.users[user], ROLE_GRANT.c.role == role)
            .where(ROLE_GRANT.c.deleted_at.is_(None))
        )
        return self.engine.read(self.system(), lambda tx: tx.select(statement)[0][0])  # type: ignore[no-any-return]

    def add_asset(self, label: str, owner: str, **values: Any) -> UUID:
        body = {"label": label, "owner_id": str(self.users[owner]), **values}
        return self.engine.write(self.system(), lambda tx: create(tx, "asset", body)["id"])  # type: ignore[no-any-return]


@contextmanager
def world(url: str, name: str) -> Iterator[World]:
    """A new tenant with its people, deleted afterwards."""
    database = Database(url, pool_size=4)
    prepare_database(database)
    engine = Engine(database, guards=[IdentityGuard()])
    made = create_tenant(engine, name, [package()])
    try:
        built = World(engine, made.tenant, made.password)
        with database.connection() as connection:
            admin = find_person(connection, made.tenant, "admin")
        assert admin is not None
        built.users["admin"] = admin.id
        built.add_team("north")
        built.add_team("harbour", parent=str(built.teams["north"]))
        built.add_team("south")
        yield built
    finally:
        delete_tenant(engine, name)
        database.dispose()
