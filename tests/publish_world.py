"""A tenant whose definitions are changed while records are in it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fieldstone.engine import publish, records
from fieldstone.engine.context import Context, Tenant
from fieldstone.engine.publish import PublishPlan, PublishResult
from fieldstone.engine.query.listing import list_records
from fieldstone.engine.query.request import ListRequest
from fieldstone.engine.service import Engine
from fieldstone.engine.storage.connection import Database
from fieldstone.engine.tenants.create import create_tenant, delete_tenant, prepare_database
from fieldstone.metadata.documents import Package, SourceDocument

ENTITY = "https://fieldstone.dev/schemas/entity-1.json"
DOCUMENTS: dict[str, Any] = {
    "part": {
        "title": "Part",
        "type": "object",
        "required": ["label"],
        "titleField": "label",
        "properties": {
            "label": {"type": "string", "maxLength": 80, "search": True},
            "code": {"type": "string"},
            "count": {"type": "integer"},
            "weight": {"field": "decimal", "scale": 3},
            "made": {"type": "string", "format": "date"},
            "state": {"enum": ["new", "used", "lost"]},
            "place": {"field": "link", "target": "place"},
            "spare": {"field": "link", "target": "part"},
            "words": {"field": "multiline"},
        },
    },
    "place": {
        "title": "Place",
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"type": "string", "search": True},
            "part_count": {"field": "rollup", "rollup": {"of": "part.place", "fn": "count"}},
        },
    },
}

PARTS: list[dict[str, Any]] = [
    {
        "label": "One",
        "code": "7",
        "count": 1,
        "weight": "1.5",
        "state": "new",
        "made": "2020-02-03",
        "words": "a b",
    },
    {"label": "Two", "code": "7", "count": 2, "weight": "2", "state": "used", "words": "c"},
    {"label": "Three", "code": "x", "count": 3, "state": "lost"},
    {"label": "Four"},
]


def package() -> Package:
    documents = {
        ("entities", name): SourceDocument(
            "entities", name, {"$schema": ENTITY, "name": name, **body}, f"entities/{name}.json"
        )
        for name, body in DOCUMENTS.items()
    }
    return Package("parts", "1.0.0", "Parts", {}, documents)


@dataclass
class Workshop:
    """One tenant, with four parts in it."""

    engine: Engine
    tenant: Tenant
    ids: list[UUID]

    @property
    def context(self) -> Context:
        return self.engine.system_context(self.tenant)

    @property
    def revision(self) -> int:
        return self.context.revision

    def draft(self, **patches: Any) -> None:
        """Replace the drafts: entity name -> the tenant's part of its document."""

        def work(tx: Any) -> None:
            publish.discard_drafts(tx)
            for name, patch in patches.items():
                publish.put_draft(tx, "entities", name, patch)

        self.engine.write(self.context, work)

    def plan(self, **patches: Any) -> PublishPlan:
        self.draft(**patches)
        return self.engine.read(self.context, publish.make_plan)

    def publish(self, plan: PublishPlan, consent: Any = ()) -> PublishResult:
        return publish.publish(self.engine, self.context, plan.base, plan.hash, list(consent))

    def go(self, **patches: Any) -> int:
        """Publish, agreeing to everything; the new revision."""
        plan = self.plan(**patches)
        assert not plan.problems, plan.problems
        return self.publish(plan, [change.id for change in plan.needing_consent]).revision

    def back(self, to: int) -> int:
        """Roll back, agreeing to everything; the new revision."""
        plan = self.engine.read(self.context, lambda tx: publish.rollback_plan(tx, to))
        consent = [change.id for change in plan.needing_consent]
        return publish.rollback(self.engine, self.context, to, plan.hash, consent).revision

    def make(self, entity: str = "part", **values: Any) -> UUID:
        return self.engine.write(self.context, lambda tx: records.create(tx, entity, values))["id"]  # type: ignore[no-any-return]

    def change(self, record_id: UUID, **values: Any) -> dict[str, Any]:
        return self.engine.write(self.context, lambda tx: records.update(tx, "part", record_id, values))

    def record(self, record_id: UUID, entity: str = "part") -> Mapping[str, Any]:
        return self.engine.read(self.context, lambda tx: records.read(tx, entity, record_id))

    def listed(self, filter: str | None = None, **more: Any) -> list[dict[str, Any]]:
        request = ListRequest(filter, limit=200, **more)
        return self.engine.read(self.context, lambda tx: list_records(tx, "part", request)).data


@contextmanager
def workshop(url: str, name: str, *, pool: int = 8) -> Iterator[Workshop]:
    database = Database(url, pool_size=pool)
    prepare_database(database)
    engine = Engine(database)
    made = create_tenant(engine, name, [package()])
    try:
        found = Workshop(engine, made.tenant, [])
        found.ids = [found.make(**part) for part in PARTS]
        yield found
    finally:
        delete_tenant(engine, name)
        database.dispose()
