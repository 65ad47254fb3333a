"""One tenant for the tests of records and queries: any documents, people with any roles, and short names for the verbs."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar
from uuid import UUID

from fieldstone.engine import records
from fieldstone.engine.context import Context, Tenant
from fieldstone.engine.identity import context_for_user
from fieldstone.engine.query.aggregate import aggregate
from fieldstone.engine.query.listing import list_records
from fieldstone.engine.query.request import AggregateRequest, GroupKey, ListRequest, Measure, Page
from fieldstone.engine.service import Engine
from fieldstone.engine.storage.connection import Database
from fieldstone.engine.tenants.create import create_tenant, delete_tenant, prepare_database
from fieldstone.engine.transaction import Transaction
from fieldstone.engine.vault import Vault
from fieldstone.metadata.documents import Package, SourceDocument

T = TypeVar("T")
Json = dict[str, Any]
KINDS = {
    "entities": "entity", "roles": "role", "sequences": "sequence", "automations": "automation",
    "templates": "template", "workflows": "workflow", "tables": "table", "views": "view",
}  # fmt: skip


@dataclass
class RecordWorld:
    """A tenant and its people. Every verb takes `who`; without, the platform itself acts."""

    engine: Engine
    tenant: Tenant
    users: dict[str, UUID] = field(default_factory=dict)

    def context(self, who: str | None = None, **changes: Any) -> Context:
        if who is None:
            return replace(self.engine.system_context(self.tenant), **changes)
        with self.engine.database.connection() as connection:
            return replace(context_for_user(connection, self.tenant, self.users[who]), **changes)

    def write(self, work: Callable[[Transaction], T], who: str | None = None, **changes: Any) -> T:
        return self.engine.write(self.context(who, **changes), work)

    def look(self, work: Callable[[Transaction], T], who: str | None = None, **changes: Any) -> T:
        return self.engine.read(self.context(who, **changes), work)

    def create(self, entity: str, body: Mapping[str, Any], who: str | None = None, **changes: Any) -> Json:
        return self.write(lambda tx: records.create(tx, entity, body), who, **changes)

    def update(
        self, entity: str, id_: Any, patch: Mapping[str, Any], who: str | None = None, **options: Any
    ) -> Json:
        return self.write(lambda tx: records.update(tx, entity, UUID(str(id_)), patch, **options), who)

    def delete(self, entity: str, id_: Any, who: str | None = None, **options: Any) -> int:
        return self.write(lambda tx: records.delete(tx, entity, UUID(str(id_)), **options), who)

    def restore(self, entity: str, id_: Any, who: str | None = None) -> Json:
        return self.write(lambda tx: records.restore(tx, entity, UUID(str(id_))), who)

    def read(self, entity: str, id_: Any, who: str | None = None, **options: Any) -> Json:
        return self.look(lambda tx: records.read(tx, entity, UUID(str(id_)), **options), who)

    def history(self, entity: str, id_: Any, who: str | None = None, **options: Any) -> list[Json]:
        return self.look(lambda tx: records.history(tx, entity, UUID(str(id_)), **options), who)[0]

    def page(self, entity: str, who: str | None = None, *, at: Json | None = None, **request: Any) -> Page:
        return self.look(lambda tx: list_records(tx, entity, ListRequest(**request)), who, **(at or {}))

    def rows(
        self, entity: str, who: str | None = None, *, at: Json | None = None, **request: Any
    ) -> list[Json]:
        return self.page(entity, who, at=at, **{"limit": 200, **request}).data

    def aggregate(
        self,
        entity: str,
        who: str | None = None,
        *,
        group: Iterable[Any] = (),
        measures: Iterable[Any] = (),
        **more: Any,
    ) -> list[Json]:
        """Groups are names or (name, bucket); measures (function, field)."""
        keys = tuple(GroupKey(*each) if isinstance(each, tuple) else GroupKey(each) for each in group)
        request = AggregateRequest(group=keys, measures=tuple(Measure(*each) for each in measures), **more)
        return self.look(lambda tx: aggregate(tx, entity, request), who)

    def add_user(self, name: str, *roles: str) -> UUID:
        user = self.create("user", {"username": name, "name": name.title(), "email": f"{name}@example.org"})
        for role in roles:
            self.create("role_grant", {"user": str(user["id"]), "role": role})
        self.users[name] = user["id"]
        return self.users[name]


def package(name: str, documents: Mapping[str, Any]) -> Package:
    """A package of documents by path: `{"entities/asset": {...}}`."""
    made = {}
    for path, body in documents.items():
        folder, stem = path.split("/")
        kind = KINDS[folder]
        whole = {"$schema": f"https://fieldstone.dev/schemas/{kind}-1.json", "name": stem, **body}
        made[folder, stem] = SourceDocument(folder, stem, whole, f"{path}.json")
    return Package(name, "1.0.0", name.title(), {}, made)


@contextmanager
def record_world(
    url: str, name: str, packages: Iterable[Package], *, company: Mapping[str, Any] | None = None
) -> Iterator[RecordWorld]:
    """A new tenant, deleted afterwards."""
    database = Database(url, pool_size=6)
    prepare_database(database)
    engine = Engine(database, vault=Vault(b"k" * 32))
    made = create_tenant(engine, name, list(packages), company=company)
    try:
        yield RecordWorld(engine, made.tenant)
    finally:
        delete_tenant(engine, name)
        database.dispose()


def together(work: Iterable[Callable[[], T]], threads: int = 4) -> list[T | Exception]:
    """What each call gave or raised, all run by some threads at the same time."""

    def run(call: Callable[[], T]) -> T | Exception:
        try:
            return call()
        except Exception as error:
            return error

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, work))
