"""Publishing: from edited documents to a live revision, by way of a plan that tells what will happen.

draft (edited documents) -> `make_plan` (what changes, with facts, sealed) -> `publish` (applied as one transaction under
the tenant's lock, a new numbered revision). Package installs, upgrades and rollbacks are the same plan with another
target. Long work (backfills, big indexes) is noted as a build and done afterwards, in small transactions.

Public names below. May import records, query, permissions, storage.
"""

from fieldstone.engine.publish.apply import PublishResult, apply_plan, publish
from fieldstone.engine.publish.builds import pending_builds, run_builds
from fieldstone.engine.publish.changes import Change
from fieldstone.engine.publish.documents import get_document, list_documents, remove_tenant_part
from fieldstone.engine.publish.drafts import (
    DraftDocument,
    below_of,
    delete_draft,
    discard_drafts,
    draft_documents,
    put_draft,
)
from fieldstone.engine.publish.edits import Edit, plan_edits, publish_edits
from fieldstone.engine.publish.plan import PublishPlan, make_plan, plan_for
from fieldstone.engine.publish.revisions import Revision, revisions, rollback, rollback_plan

__all__ = [
    "Change", "DraftDocument", "Edit", "PublishPlan", "PublishResult", "Revision", "apply_plan", "below_of",
    "delete_draft", "discard_drafts", "draft_documents", "get_document", "list_documents", "make_plan", "pending_builds",
    "plan_edits", "plan_for", "publish", "publish_edits", "put_draft", "remove_tenant_part", "revisions", "rollback",
    "rollback_plan", "run_builds",
]  # fmt: skip
