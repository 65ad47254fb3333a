"""One document as Studio and the API show it: effective, the tenant's own part, published or drafted."""

from collections.abc import Mapping
from typing import Any

from fieldstone.engine.permissions import require_manage
from fieldstone.engine.publish.drafts import draft_documents, drafted_patches
from fieldstone.engine.publish.errors import UnknownDocument
from fieldstone.engine.publish.plan import target_of
from fieldstone.engine.transaction import Transaction


def get_document(
    tx: Transaction, folder: str, name: str, *, layer: str | None = None, draft: bool = False
) -> tuple[Any, int]:
    """A document and the version of its draft (0 without one).

    By default the effective document; with `layer="tenant"` the tenant's own part; with `draft` as it would be after
    publishing.
    """
    require_manage(tx, "metadata")
    drafts = draft_documents(tx)
    version = next((d.version for d in drafts if (d.folder, d.name) == (folder, name)), 0)
    packages, published = tx.engine.models.layers(
        tx.connection.connection, tx.context.tenant, tx.context.revision
    )
    if layer == "tenant":
        patches: Mapping[str, Any] = drafted_patches(published, drafts) if draft else published
        found = patches.get(f"{folder}/{name}")
        return ({} if found is None else found), version
    model = (
        target_of(tx, packages, drafted_patches(published, drafts)).model if draft and drafts else tx.model
    )
    document = model.documents.get((folder, name)) if model is not None else None
    if document is None:
        raise UnknownDocument(f'There is no document "{folder}/{name}".', folder=folder, name=name)
    return document.body, version
