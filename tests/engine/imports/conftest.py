"""A library tenant: authors, books, shelves (a tree), with a librarian and a reader."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest

from fieldstone.engine.context import Context
from fieldstone.engine.identity import context_for_user
from fieldstone.engine.imports import ImportOptions, ImportResult, run_import
from fieldstone.engine.query.listing import list_records
from fieldstone.engine.query.request import ListRequest
from fieldstone.engine.records import create
from fieldstone.engine.service import Engine
from fieldstone.engine.storage.connection import Database
from fieldstone.engine.tenants.create import create_tenant, delete_tenant, prepare_database
from fieldstone.metadata.documents import Package, SourceDocument

ALL = dict.fromkeys(("create", "read", "update", "delete", "import", "export"), "all")
OWN = dict.fromkeys(("create", "read", "update", "import", "export"), "own")

DOCUMENTS: dict[str, Any] = {
    "entities/author.json": {
        "title": "Author",
        "plural": "Authors",
        "type": "object",
        "required": ["name"],
        "titleField": "name",
        "properties": {
            "name": {"type": "string", "maxLength": 80, "search": True},
            "code": {"type": "string", "maxLength": 20, "unique": True},
            "born": {"type": "string", "format": "date"},
            "book_count": {"field": "rollup", "rollup": {"of": "book.author", "fn": "count"}},
        },
    },
    "entities/shelf.json": {
        "title": "Shelf",
        "plural": "Shelves",
        "type": "object",
        "required": ["label"],
        "titleField": "label",
        "properties": {
            "label": {"type": "string", "maxLength": 80},
            "within": {"field": "parent"},
            "keeper": {"field": "user"},
        },
    },
    "entities/book.json": {
        "title": "Book",
        "plural": "Books",
        "type": "object",
        "required": ["label"],
        "titleField": "label",
        "properties": {
            "label": {"type": "string", "maxLength": 80, "title": "Title", "search": True},
            "isbn": {"type": "string", "maxLength": 20, "unique": True, "title": "ISBN"},
            "number": {"field": "sequence", "sequence": "B-{n:04}"},
            "author": {"field": "link", "target": "author"},
            "genre": {
                "oneOf": [
                    {"const": "novel", "title": "Novel"},
                    {"const": "poems", "title": "Poetry"},
                    {"const": "essay", "title": "Essays"},
                ],
                "default": "novel",
            },
            "published": {"type": "string", "format": "date"},
            "pages": {"type": "integer", "minimum": 1},
            "price": {"field": "money", "minimum": 0},
            "share": {"field": "percent"},
            "lent": {"type": "boolean", "default": False},
            "keywords": {"field": "tags"},
            "found_at": {"field": "address"},
            "note": {"type": "string", "maxLength": 200},
            "secret": {"type": "string", "maxLength": 20, "unique": True},
            "value": {"field": "formula", "formula": "price * pages"},
        },
        "rules": [
            {
                "name": "poems_are_short",
                "when": "genre == 'poems' && pages > 500",
                "field": "pages",
                "message": "Nobody prints so many poems",
            }
        ],
    },
    "entities/exhibition.json": {
        "title": "Exhibition",
        "plural": "Exhibitions",
        "type": "object",
        "required": ["label"],
        "titleField": "label",
        "properties": {
            "label": {"type": "string", "maxLength": 80},
            "authors": {"field": "multi_link", "target": "author"},
            "pieces": {
                "field": "lines",
                "properties": {
                    "work": {"field": "link", "target": "book"},
                    "pages": {"field": "formula", "formula": "work.pages"},
                },
            },
        },
    },
    "roles/librarian.json": {
        "entities": [{"name": name, "verbs": ALL} for name in ("book", "shelf", "exhibition")]
        + [{"name": "author", "verbs": ALL}, {"name": "user", "verbs": {"read": "all"}}]
    },
    "roles/reader.json": {
        "entities": [
            {"name": "book", "verbs": OWN, "hidden": ["secret"]},
            {"name": "author", "verbs": {"read": "own"}},
        ]
    },
    "roles/visitor.json": {"entities": [{"name": "book", "verbs": {"read": "all"}}]},
    "translations/zh_hant.json": {
        "locale": "zh-Hant",
        "texts": {
            "field.book.label": "書名",
            "field.book.pages": "頁數",
            "field.book.genre": "類別",
            "option.book.genre.poems": "詩集",
            "option.book.genre.novel": "小說",
        },
    },
}
FOLDERS = {"entities": "entity", "roles": "role", "translations": "translation"}


def package() -> Package:
    documents = {}
    for path, body in DOCUMENTS.items():
        folder, name = path.removesuffix(".json").split("/")
        schema = f"https://fieldstone.dev/schemas/{FOLDERS[folder]}-1.json"
        documents[folder, name] = SourceDocument(
            folder, name, {"$schema": schema, "name": name, **body}, path
        )
    return Package("library_import", "1.0.0", "Library", {}, documents)


@dataclass
class Library:
    """The tenant, and short ways to import and look."""

    engine: Engine
    tenant: Any
    users: dict[str, UUID] = field(default_factory=dict)

    def system(self) -> Context:
        return self.engine.system_context(self.tenant)

    def as_user(self, name: str) -> Context:
        with self.engine.database.connection() as connection:
            return context_for_user(connection, self.tenant, self.users[name])

    def add(self, entity: str, context: Context | None = None, **body: Any) -> dict[str, Any]:
        return self.engine.write(context or self.system(), lambda tx: create(tx, entity, body))

    def load(
        self,
        entity: str,
        content: str | bytes,
        options: Mapping[str, Any] | None = None,
        *,
        kind: Any = "csv",
        context: Context | None = None,
    ) -> ImportResult:
        data = content.encode() if isinstance(content, str) else content
        chosen = ImportOptions.from_json(options or {})
        return run_import(
            self.engine, context or self.as_user("lib"), entity, data, kind, chosen, name="file.csv"
        )

    def records(self, entity: str, **request: Any) -> list[dict[str, Any]]:
        asked = ListRequest(limit=200, sort=("id",), **request)
        return self.engine.read(self.system(), lambda tx: list_records(tx, entity, asked)).data


@pytest.fixture(scope="module")
def engine(postgres_url: str) -> Iterator[Engine]:
    database = Database(postgres_url, pool_size=4)
    prepare_database(database)
    yield Engine(database)
    database.dispose()


@pytest.fixture(scope="module")
def built(engine: Engine, request: pytest.FixtureRequest) -> Iterator[Library]:
    name = f"lib{abs(hash(request.node.nodeid)) % 10**10}"
    made = create_tenant(engine, name, [package()])
    built = Library(engine, made.tenant)
    for user, role in (("lib", "librarian"), ("ann", "reader"), ("vic", "visitor")):
        record = built.add("user", username=user, name=user.title(), email=f"{user}@example.org")
        built.users[user] = record["id"]
        built.add("role_grant", user=str(record["id"]), role=role)
    yield built
    delete_tenant(engine, name)


@pytest.fixture
def library(built: Library) -> Library:
    """The tenant without records: emptied, since making one takes half a second."""
    tables = ", ".join(f'"{built.tenant.schema}"."{name}"' for name in EMPTIED)
    with built.engine.database.connection() as connection:
        connection.execute(f"TRUNCATE {tables}")
    return built


EMPTIED = (
    "book", "author", "shelf", "exhibition", "exhibition__pieces", "exhibition__authors", "_history", "_import",
    "_import_mapping", "_file", "_counter",
)  # fmt: skip
