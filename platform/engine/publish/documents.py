"""One document as Studio and the API show it: effective, the tenant's own part, published or drafted."""

from collections.abc import Mapping
from typing import Any

from fieldstone.engine.permissions import require_manage
from fieldstone.engine.publish.drafts import delete_draft, draft_documents, drafted_patches, put_draft
from fieldstone.engine.publish.errors import UnknownDocument
from fieldstone.engine.publish.plan import target_of
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Model
from fieldstone.metadata.meta_schemas import FOLDERS, NAME
from fieldstone.problems import did_you_mean


def list_documents(tx: Transaction, folder: str, *, draft: bool = False) -> list[tuple[str, str]]:
    """(name, title) of every document of a folder, in name order."""
    require_manage(tx, "metadata")
    check_folder(folder)
    model = _drafted(tx) if draft else tx.model
    documents = model.folder(folder) if model is not None else {}
    return [(name, str(document.body.get("title") or name)) for name, document in documents.items()]


def check_folder(folder: str) -> None:
    """Raise UnknownDocument for what is no folder of documents."""
    if folder not in FOLDERS:
        raise UnknownDocument(
            f'There is no folder "{folder}"{did_you_mean(folder, FOLDERS) or "."}', folder=folder
        )


def remove_tenant_part(tx: Transaction, folder: str, name: str, *, if_match: int | None = None) -> int:
    """Draft that the tenant says nothing of a document; the draft's version, 0 when only a draft was there to forget.

    Raises UnknownDocument when the tenant says nothing of it anyway, DraftStale.
    """
    require_manage(tx, "metadata")
    check_folder(folder)
    _, published = tx.engine.models.layers(tx.connection.connection, tx.context.tenant, tx.context.revision)
    if f"{folder}/{name}" not in published:
        delete_draft(tx, folder, name, if_match=if_match)
        return 0
    return put_draft(tx, folder, name, None, if_match=if_match)


def _drafted(tx: Transaction) -> Model | None:
    packages, published = tx.engine.models.layers(
        tx.connection.connection, tx.context.tenant, tx.context.revision
    )
    drafts = draft_documents(tx)
    return target_of(tx, packages, drafted_patches(published, drafts)).model if drafts else tx.model


def get_document(
    tx: Transaction, folder: str, name: str, *, layer: str | None = None, draft: bool = False
) -> tuple[Any, int]:
    """A document and the version of its draft (0 without one).

    By default the effective document; with `layer="tenant"` the tenant's own part; with `draft` as it would be after
    publishing.
    """
    require_manage(tx, "metadata")
    check_folder(folder)
    if not NAME.fullmatch(name):
        raise UnknownDocument(f'There is no document "{folder}/{name}".', folder=folder, name=name)
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
