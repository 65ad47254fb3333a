"""Plans: what a publish would do, with facts about the stored records, sealed by a hash of both sides."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from fieldstone.engine.permissions import check_model, require_manage
from fieldstone.engine.publish.changes import Change, changes_between
from fieldstone.engine.publish.drafts import draft_documents, drafted_patches
from fieldstone.engine.publish.facts import with_facts
from fieldstone.engine.publish.running import left_behind
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.compile import Compiled, compile_model
from fieldstone.metadata.definitions import Model
from fieldstone.metadata.documents import Package
from fieldstone.problems import FieldstoneError, Problem


@dataclass(frozen=True, slots=True)
class PublishPlan:
    """From revision `base` to what `packages` and `patches` define.

    `hash` seals base and target: a publish with it does exactly this or nothing. With `problems` nothing can be
    published. `model` is the target, None when it does not compile.
    """

    base: int
    hash: str
    changes: tuple[Change, ...]
    problems: tuple[Problem, ...]
    model: Model | None = None
    packages: tuple[Package, ...] = ()
    patches: Mapping[str, Any] = field(default_factory=dict)

    @property
    def needing_consent(self) -> list[Change]:
        return [change for change in self.changes if change.cls == "destructive"]


def target_of(tx: Transaction, packages: Sequence[Package], patches: Mapping[str, Any]) -> Compiled:
    """The compiled target, sharing what is unchanged."""
    return compile_model(packages, patches, tx.engine.models.cache)


def make_plan(tx: Transaction) -> PublishPlan:
    """The plan of publishing the tenant's drafts."""
    require_manage(tx, "metadata")
    packages, published = tx.engine.models.layers(
        tx.connection.connection, tx.context.tenant, tx.context.revision
    )
    return plan_for(tx, packages, drafted_patches(published, draft_documents(tx)))


def plan_for(tx: Transaction, packages: Sequence[Package], patches: Mapping[str, Any]) -> PublishPlan:
    """The plan of making these packages and tenant parts live."""
    base = tx.context.revision
    compiled = target_of(tx, packages, patches)
    sealed = seal(base, packages, patches)
    if compiled.model is None:
        return PublishPlan(base, sealed, (), tuple(compiled.problems), None, tuple(packages), patches)
    problems: list[Problem] = []
    try:
        check_model(compiled.model)
    except FieldstoneError as error:
        problems += error.problems or [Problem("", error.code, error.message)]
    changes = tuple(
        with_facts(tx, compiled.model, change) for change in changes_between(tx.model, compiled.model)
    )
    changes += tuple(left_behind(tx, compiled.model))
    problems += [_duplicates(change) for change in changes if change.facts.get("duplicates")]
    return PublishPlan(base, sealed, changes, tuple(problems), compiled.model, tuple(packages), patches)


def seal(base: int, packages: Sequence[Package], patches: Mapping[str, Any]) -> str:
    """The hash of both sides of a plan."""
    sides = [base, [package.to_json() for package in packages], dict(patches)]
    return sha256(json.dumps(sides, sort_keys=True, separators=(",", ":"), default=str).encode()).hexdigest()


def _duplicates(change: Change) -> Problem:
    count, samples = change.facts["duplicates"], ", ".join(change.facts["samples"])
    message = (
        f"{change.title}, but {count} values are used more than once: {samples}. Change these records first."
    )
    return Problem(f"/properties/{change.field}/unique", "unique.duplicates", message, dict(change.facts))
