"""Edits in place: changes to a few documents, planned and published by themselves while other drafts wait.

An edit is a function from a document's effective body to what it should be; the tenant's part is what differs from the
layers below. Where the document has a draft, the same edit is made to the draft, or publishing that would take the edit
back.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fieldstone.engine.context import Context
from fieldstone.engine.permissions import require_manage
from fieldstone.engine.publish.apply import PublishResult, apply_plan, check_plan
from fieldstone.engine.publish.drafts import DraftDocument, Patches, draft_documents, drafted_patches
from fieldstone.engine.publish.plan import PublishPlan, plan_for
from fieldstone.engine.service import Engine
from fieldstone.engine.storage.connection import Connection
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.compile import below_tenant
from fieldstone.metadata.definitions import Model
from fieldstone.metadata.layers import ABSENT, diff, merge_patch, with_order


@dataclass(frozen=True, slots=True)
class Edit:
    """What is to become of one document. `change` may alter the body that it is given and returns the new one."""

    folder: str
    name: str
    change: Callable[[dict[str, Any]], dict[str, Any]]

    @property
    def key(self) -> str:
        return f"{self.folder}/{self.name}"


def plan_edits(tx: Transaction, edits: Sequence[Edit]) -> PublishPlan:
    """The plan of publishing these edits and nothing else."""
    require_manage(tx, "metadata")
    packages, published = tx.engine.models.layers(
        tx.connection.connection, tx.context.tenant, tx.context.revision
    )
    return plan_for(tx, packages, _edited(tx, packages, dict(published), edits))


def publish_edits(
    engine: Engine,
    context: Context,
    edits: Sequence[Edit],
    base: int,
    sealed: str,
    consent: Collection[str] = (),
    *,
    before_commit: Callable[[Connection, Model], None] | None = None,
) -> PublishResult:
    """Publish edits as they were planned. Raises what `publish` raises."""

    def prepare(tx: Transaction) -> tuple[PublishPlan, Any, dict[tuple[str, str], Any]]:
        plan = plan_edits(tx, edits)
        check_plan(plan, base, sealed, consent)
        return plan, tx.model, _rebased(tx, edits)

    plan, model, drafts = engine.read(context, prepare)
    return apply_plan(
        engine, context, model, plan, kind="publish", drafts=drafts, before_commit=before_commit
    )


def _edited(tx: Transaction, packages: Sequence[Any], patches: Patches, edits: Sequence[Edit]) -> Patches:
    for edit in edits:
        below = below_tenant(packages, patches, edit.folder, edit.name, tx.engine.models.cache)
        patch = patches.get(edit.key)
        body = {} if below is ABSENT else below
        if patch:
            body = merge_patch(edit.folder, below, patch)
        whole = edit.change(json.loads(json.dumps(body)))
        made: Mapping[str, Any] = with_order(edit.folder, below, diff(edit.folder, below, whole))
        if made:
            patches[edit.key] = made
        else:
            patches.pop(edit.key, None)
    return patches


def _rebased(tx: Transaction, edits: Sequence[Edit]) -> dict[tuple[str, str], Any]:
    """The drafts of the edited documents with the edits in them."""
    drafts: list[DraftDocument] = draft_documents(tx)
    touched = {(edit.folder, edit.name) for edit in edits}
    if not any((draft.folder, draft.name) in touched and draft.patch is not None for draft in drafts):
        return {}
    packages, published = tx.engine.models.layers(
        tx.connection.connection, tx.context.tenant, tx.context.revision
    )
    patches = _edited(tx, packages, drafted_patches(published, drafts), edits)
    return {
        (draft.folder, draft.name): patches.get(draft.key, {})
        for draft in drafts
        if (draft.folder, draft.name) in touched and draft.patch is not None
    }
