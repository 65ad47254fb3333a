"""A tenant with approvals: purchases of a company with teams, managers and roles; definitions made by hand.

The definitions are put into the compiled model, so that these tests are about runs and not about how documents are read.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from record_world import RecordWorld, package

from fieldstone.engine.service import Engine
from fieldstone.engine.storage.connection import Database
from fieldstone.engine.tenants.create import create_tenant, delete_tenant, prepare_database
from fieldstone.engine.tenants.registry import need_tenant
from fieldstone.engine.vault import Vault
from fieldstone.expressions import RULE, Checked, Integer, Link, RecordType, check
from fieldstone.metadata.approval_flows import (
    Assignee,
    FieldAccess,
    Step,
    Timer,
    Way,
    Workflow,
)
from fieldstone.metadata.definitions import Entity, Model
from fieldstone.metadata.expression_types import record_types
from fieldstone.workflows import approvals
from fieldstone.workflows.approvals.bound import AutomaticRuns, BoundFields
from fieldstone.workflows.approvals.guard import ApprovalGuard

ALL = dict.fromkeys(("create", "read", "update", "delete", "import", "assign"), "all")
DOCUMENTS: dict[str, Any] = {
    "entities/place": {
        "type": "object",
        "titleField": "name",
        "properties": {"name": {"type": "string"}, "keeper": {"field": "user"}, "cap": {"field": "money"}},
    },
    "entities/asset": {
        "type": "object",
        "plural": "Assets",
        "required": ["label"],
        "titleField": "label",
        "properties": {
            "label": {"type": "string"},
            "price": {"field": "money"},
            "pieces": {"type": "integer"},
            "limit": {"field": "decimal", "scale": 2},
            "double": {"field": "formula", "formula": "limit * 2"},
            "status": {
                "oneOf": [{"const": "draft"}, {"const": "asked"}, {"const": "yes"}, {"const": "no"}],
                "default": "draft",
            },
            "secretive": {"type": "string"},
            "place": {"field": "link", "target": "place"},
            "parts": {
                "field": "lines",
                "properties": {"name": {"type": "string"}, "qty": {"type": "integer"}},
            },
        },
    },
    "roles/clerk": {
        "entities": [{"name": "asset", "verbs": ALL}, {"name": "place", "verbs": {"read": "all"}}]
    },
    "roles/checker": {"entities": [{"name": "asset", "verbs": {"read": "all"}, "hidden": ["secretive"]}]},
    "roles/boss": {"entities": [{"name": "asset", "verbs": {"read": "all"}}]},
    "roles/stranger": {"entities": [{"name": "place", "verbs": {"read": "all"}}]},
}
CHECKERS = ("cora", "cyril", "cleo")


def expression(model: Model, text: str, **more: Any) -> Checked:
    """An expression over an asset, with the names that approvals add."""
    types = record_types(model)
    own = types.of("asset")
    names = {name: own.fields[name] for name in own.fields}
    user = Link(lambda: types.of("user"))
    names |= {"pending": own.fields["limit"], "candidate": user, "level": Integer()}
    return check(text, RecordType("asset", names).allowing(RULE), **more)


def role(name: str, **more: Any) -> Assignee:
    return Assignee(name, "role", name, **more)


def workflows(model: Model) -> dict[str, Workflow]:
    """The definitions that the tests use, by name."""

    def e(text: str) -> Checked:
        return expression(model, text)

    def approve(name: str, *assign: Assignee, **more: Any) -> Step:
        return Step(name, "approve", name.title(), assign=assign, **more)

    every = frozenset(
        ("approve", "reject", "return", "transfer", "delegate", "add_before", "add_after", "add_parallel")
    ) | frozenset(("remove", "cc", "urge", "comment"))
    on = {
        "submitted": {"status": e("'asked'")},
        "approved": {"status": e("'yes'")},
        "rejected": {"status": e("'no'")},
        "returned": {"status": e("'draft'")},
        "withdrawn": {"status": e("'draft'")},
    }
    found = [
        Workflow(
            "buying", "asset", "Buying", when=e("pieces > 0"), on=on, material=frozenset({"price", "pieces"}),
            figures=("place.cap", "worth"),
            steps=(
                approve(
                    "check", role("checker"), mode="any", operations=every, figures=("place.name",),
                    fields=(FieldAccess("price", "read"), FieldAccess("secretive", "read")),
                    comment_required=frozenset({"reject"}),
                ),
                Step(
                    "size", "branch", "Size",
                    ways=(
                        Way("large", "Large", (approve("head", Assignee("boss", "manager", levels=1)),), e("price > 1000")),
                        Way("small", "Small", ()),
                    ),
                ),
            ),
        ),
        Workflow("all_sign", "asset", "All", steps=(approve("all", role("checker"), mode="all"),)),
        Workflow("any_sign", "asset", "Any", steps=(approve("any", role("checker"), mode="any"),)),
        Workflow("quorum", "asset", "Two", steps=(approve("two", role("checker"), mode="count", count=2),)),
        Workflow(
            "limits", "asset", "Limit", field="limit",
            steps=(approve("boss", role("boss"), mode="any", timers=(Timer("late", "remind", 3600, working=False),)),),
        ),
        Workflow("keeper", "asset", "Keeper", steps=(approve("keep", Assignee("keeper", "field", "place.keeper")),)),
        Workflow(
            "voiding", "asset", "Voiding", material=frozenset({"price"}), on_material_change="void",
            steps=(approve("both", role("checker"), mode="all"),),
        ),
        Workflow(
            "calling", "asset", "Calling",
            steps=(
                Step("first", "call", "First", workflow="any_sign"),
                approve("last", role("boss"), mode="any"),
            ),
        ),
        Workflow(
            "calling_in_vain", "asset", "Calling in vain",
            steps=(Step("first", "call", "First", workflow="unstorable"), approve("last", role("boss"), mode="any")),
        ),
        Workflow(
            "unstorable", "asset", "Unstorable", on={"submitted": {"status": e("label")}},
            steps=(approve("any", role("checker"), mode="any"),),
        ),
        Workflow(
            "guarded", "asset", "Guarded",
            steps=(
                approve(
                    "sign", role("boss"), password=True,
                    fields=(
                        FieldAccess("label", "required"), FieldAccess("secretive", "required"),
                        FieldAccess("pieces", "hidden"), FieldAccess("limit", "write"),
                    ),
                ),
            ),
        ),
        Workflow(
            "calling", "asset", "Calling", on={"approved": {"status": e("'yes'")}},
            steps=(
                Step("note", "do", "Note", set={"status": e("'asked'"), "pieces": e("pieces + 1")}),
                Step("other", "call", "Other", workflow="any_sign"),
                approve("boss", role("boss"), mode="any"),
            ),
        ),
        Workflow(
            "failing", "asset", "Failing",
            steps=(Step("note", "do", "Note", set={"label": e("secretive")}), approve("boss", role("boss"), mode="any")),
        ),
    ]  # fmt: skip
    return {each.name: each for each in found}


def with_workflows(model: Model) -> Model:
    """The model with the definitions, and with `limit` bound to its own."""
    asset = model.entities["asset"]
    fields = {**asset.fields, "limit": replace(asset.fields["limit"], approval="limits")}
    bound: Entity = replace(asset, fields=fields, hash=f"{asset.hash}-bound")
    return replace(
        model,
        hash=f"{model.hash}-approvals",
        entities={**model.entities, "asset": bound},
        workflows=workflows(model),
    )


@dataclass
class ApprovalWorld(RecordWorld):
    """Short names for the verbs of approvals, by whoever acts."""

    passwords: dict[str, str] = field(default_factory=dict)

    def asset(self, who: str = "ann", **values: Any) -> UUID:
        body = {"label": "Press", "pieces": 1, "price": "500", "price_currency": "EUR", **values}
        return UUID(str(self.create("asset", body, who)["id"]))

    def submit(self, record: UUID, workflow: str, who: str = "ann", **more: Any) -> Mapping[str, Any]:
        return self.write(lambda tx: approvals.submit(tx, "asset", record, workflow, **more), who)

    def act(self, task: Any, action: str, who: str, body: Any = None, **more: Any) -> Mapping[str, Any]:
        return self.write(lambda tx: approvals.act(tx, UUID(str(task)), action, body, **more), who)

    def waiting(self, who: str) -> list[dict[str, Any]]:
        return self.look(lambda tx: approvals.tasks(tx, "waiting", 200), who).data

    def box(self, who: str, box: Any) -> list[dict[str, Any]]:
        return self.look(lambda tx: approvals.tasks(tx, box, 200), who).data

    def task_of(self, who: str, record: UUID) -> UUID:
        """The open task that somebody has about a record."""
        found = [task["id"] for task in self.waiting(who) if task["record"] == record]
        assert len(found) == 1, (who, found)
        return UUID(str(found[0]))

    def trail(self, record: UUID, who: str = "ann") -> list[dict[str, Any]]:
        return self.look(lambda tx: approvals.runs_of(tx, "asset", record), who)


def engine_for(url: str, tenant: str | None = None) -> Engine:
    """An engine as the application makes it, with the definitions in the tenant's first revision."""
    database = Database(url, pool_size=6)
    prepare_database(database)
    engine = Engine(
        database,
        guards=[ApprovalGuard()],
        followers=[AutomaticRuns()],
        approvals=BoundFields(),
        submit=approvals.submit,
        vault=Vault(b"k" * 32),
    )
    if tenant is not None:
        with database.connection() as connection:
            found = need_tenant(connection, tenant)
            engine.models.put(found, 1, with_workflows(engine.models.model(connection, found, 1)))
    return engine


@contextmanager
def approval_world(url: str, name: str) -> Iterator[ApprovalWorld]:
    """A new tenant, deleted afterwards. ann (clerk) reports to ben (boss), he to bea; three checkers."""
    engine = engine_for(url)
    made = create_tenant(engine, name, [package("stock", DOCUMENTS)], company={"currency": "EUR"})
    with engine.database.connection() as connection:
        engine.models.put(made.tenant, 1, with_workflows(engine.models.model(connection, made.tenant, 1)))
    world = ApprovalWorld(engine, made.tenant)
    try:
        for who in CHECKERS:
            world.add_user(who, "checker")
        world.add_user("bea", "boss")
        world.add_user("ben", "boss")
        world.add_user("ann", "clerk")
        world.add_user("abe", "clerk")
        world.add_user("sid", "stranger")
        world.add_user("ada", "administrator")
        world.update("user", world.users["ann"], {"manager": str(world.users["ben"])})
        world.update("user", world.users["ben"], {"manager": str(world.users["bea"])})
        yield world
    finally:
        delete_tenant(engine, name)
        engine.database.dispose()


__all__ = ["CHECKERS", "ApprovalWorld", "approval_world", "engine_for", "workflows"]
