"""Drafts: documents edited but not published, as the tenant layer's part of each document.

A draft replaces the tenant's part (a merge patch over the layers below, or a whole new document), or removes it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from psycopg.types.json import Jsonb
from sqlalchemy.dialects.postgresql import insert

from fieldstone.engine.permissions import require_manage
from fieldstone.engine.publish.errors import DocumentName, DraftStale, UnknownDocument
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import compile_plan
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.compile import below_tenant
from fieldstone.metadata.layers import with_order
from fieldstone.metadata.meta_schemas import FOLDERS, NAME
from fieldstone.problems import did_you_mean

Patches = dict[str, Mapping[str, Any] | None]

_TABLE = control.draft
_ALL = compile_plan(
    sa.select(
        _TABLE.c.folder,
        _TABLE.c.name,
        _TABLE.c.patch,
        _TABLE.c.deleted,
        _TABLE.c.version,
        _TABLE.c.updated_at,
        _TABLE.c.updated_by,
    ).order_by(_TABLE.c.folder, _TABLE.c.name)
)
_FOLDER, _NAME = sa.bindparam("folder", type_=sa.Text()), sa.bindparam("name", type_=sa.Text())
_ONE = compile_plan(
    sa.select(_TABLE.c.version).where(_TABLE.c.folder == _FOLDER, _TABLE.c.name == _NAME).with_for_update()
)
_CLEAR = compile_plan(sa.delete(_TABLE))
_REMOVE = compile_plan(sa.delete(_TABLE).where(_TABLE.c.folder == _FOLDER, _TABLE.c.name == _NAME))
_PUT = compile_plan(
    insert(_TABLE)
    .values({c.name: sa.bindparam(c.name, type_=c.type) for c in _TABLE.columns})
    .on_conflict_do_update(
        index_elements=[_TABLE.c.folder, _TABLE.c.name],
        set_={
            "patch": sa.literal_column("excluded.patch"), "deleted": sa.literal_column("excluded.deleted"),
            "version": sa.literal_column("excluded.version"), "updated_at": sa.literal_column("excluded.updated_at"),
            "updated_by": sa.literal_column("excluded.updated_by"),
        },
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DraftDocument:
    """One drafted document: the tenant's part as it would be (None: removed)."""

    folder: str
    name: str
    patch: Mapping[str, Any] | None
    version: int
    updated_at: Any
    updated_by: Any

    @property
    def key(self) -> str:
        return f"{self.folder}/{self.name}"


def draft_documents(tx: Transaction) -> list[DraftDocument]:
    """All drafts of the tenant."""
    require_manage(tx, "metadata")
    return [
        DraftDocument(folder, name, None if deleted else patch, version, at, by)
        for folder, name, patch, deleted, version, at, by in tx.fetch(_ALL)
    ]


def put_draft(
    tx: Transaction, folder: str, name: str, patch: Mapping[str, Any] | None, *, if_match: int | None = None
) -> int:
    """Replace the tenant's part of a document in the draft (None removes it); the draft's new version.

    `if_match` is the draft version that the caller has seen, 0 for none. The content is checked by the plan.
    """
    require_manage(tx, "metadata")
    if folder not in FOLDERS:
        raise UnknownDocument(
            f'There is no folder "{folder}"{did_you_mean(folder, FOLDERS) or "."}', folder=folder
        )
    if not NAME.fullmatch(name):
        raise DocumentName(
            f'"{name}" is no name of a document: a small letter first, then small letters, digits or _, at most 40.'
        )
    rows = tx.fetch(_ONE, {"folder": folder, "name": name})
    version = int(rows[0][0]) if rows else 0
    if if_match is not None and if_match != version:
        raise DraftStale("Somebody changed this draft meanwhile.", version=version)
    if patch is not None:
        patch = with_order(folder, below_of(tx, folder, name), patch)
    values = {
        "folder": folder, "name": name, "patch": None if patch is None else Jsonb(patch), "deleted": patch is None,
        "version": version + 1, "updated_at": tx.context.now, "updated_by": tx.context.actor.id,
    }  # fmt: skip
    tx.fetch(_PUT, values)
    return version + 1


def below_of(tx: Transaction, folder: str, name: str) -> Any:
    """What lies below the tenant's part of a document, with the other drafts in it; ABSENT when nothing does."""
    packages, published = tx.engine.models.layers(
        tx.connection.connection, tx.context.tenant, tx.context.revision
    )
    patches = drafted_patches(published, draft_documents(tx))
    return below_tenant(packages, patches, folder, name, tx.engine.models.cache)


def delete_draft(tx: Transaction, folder: str, name: str, *, if_match: int | None = None) -> None:
    """Forget the draft of one document; what is published stays. UnknownDocument when there is no draft."""
    require_manage(tx, "metadata")
    rows = tx.fetch(_ONE, {"folder": folder, "name": name})
    if not rows:
        raise UnknownDocument(f'There is no draft of "{folder}/{name}".', folder=folder, name=name)
    if if_match is not None and if_match != rows[0][0]:
        raise DraftStale("Somebody changed this draft meanwhile.", version=int(rows[0][0]))
    tx.fetch(_REMOVE, {"folder": folder, "name": name})


def discard_drafts(tx: Transaction) -> None:
    """Forget all drafts."""
    require_manage(tx, "metadata")
    tx.fetch(_CLEAR)


def drafted_patches(published: Mapping[str, Any], drafts: list[DraftDocument]) -> Patches:
    """The tenant's parts as they would be with the drafts."""
    patches: Patches = dict(published)
    for draft in drafts:
        if draft.patch is None:
            patches.pop(draft.key, None)
        else:
            patches[draft.key] = draft.patch
    return patches
