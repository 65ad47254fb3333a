"""The addresses for those who manage definitions: documents, drafts, plans, publishing, going back."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fieldstone.api.bodies import MERGE_PATCH
from fieldstone.api.openapi.operations import (
    ETAG,
    Operations,
    answer,
    body_of,
    json_of,
    reading,
    ref,
    tagged,
    writing,
)
from fieldstone.api.openapi.shared import COUNT, MAYBE_TEXT, MAYBE_UUID, NUMBER, TEXT, TIME, many, whole
from fieldstone.api.openapi.spreadsheets import SCHEMAS as SPREADSHEET_SCHEMAS
from fieldstone.api.openapi.spreadsheets import spreadsheet_paths
from fieldstone.metadata.meta_schemas import FOLDERS, NAME

FOLDER: Final = {
    "name": "folder",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "enum": sorted(FOLDERS)},
}
DOCUMENT: Final = {
    "name": "name",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "pattern": f"^{NAME.pattern}$"},
}
CHANGE: Final = whole(
    id=TEXT,
    op=TEXT,
    **{"class": {"type": "string", "enum": ["safe", "backfill", "rewrite", "destructive"]}},
    entity=MAYBE_TEXT,
    field=MAYBE_TEXT,
    title=TEXT,
    facts={"type": "object"},
)
WRONG: Final = whole(pointer=TEXT, code=TEXT, message=TEXT, document=MAYBE_TEXT, layer=MAYBE_TEXT)
SCHEMAS: Final[dict[str, dict[str, Any]]] = {
    "Document": {"type": "object", "description": "A document, or the tenant's part of one."},
    "PlannedChange": CHANGE,
    "Plan": whole(base=COUNT, plan=TEXT, changes=many(ref("PlannedChange")), problems=many(WRONG)),
    "Published": whole(revision=NUMBER, builds=COUNT),
    "Revision": whole(
        number=NUMBER, at=TIME, actor=MAYBE_UUID, kind=TEXT, changes=many({"type": "object"}), note=TEXT
    ),
    **SPREADSHEET_SCHEMAS,
}


def metadata_paths(parameters: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Operations]:
    """Paths and their operations; `parameters` are those of `draft`, `part`, `revisions` and `spreadsheet`."""
    document = json_of(ref("Document"))
    both = ["If-Match", "Idempotency-Key"]
    published = {"200": answer("Live", json_of(ref("Published")))}
    listed = json_of(whole(data=many(whole(name=TEXT, title=TEXT))))
    found: dict[str, Operations] = {
        "/metadata/plan": {
            "post": writing(
                "plan", "What publishing the drafts would do", {"200": answer("The plan", json_of(ref("Plan")))}, (404,),
                requestBody=body_of(ref("PlanRequest")),
            )
        },
        "/metadata/publish": {
            "post": writing(
                "publish", "Publish the drafts as planned", published, (412,),
                parameters=["Idempotency-Key"], requestBody=body_of(ref("PublishRequest")),
            )
        },
        "/metadata/rollback": {
            "post": writing(
                "rollback", "Go back to an earlier revision", published, (404, 412),
                parameters=["Idempotency-Key"], requestBody=body_of(ref("RollbackRequest")),
            )
        },
        "/metadata/revisions": {
            "get": reading(
                "revisions", "What was live when", {"200": answer("Newest first", json_of(whole(data=many(ref("Revision")))))},
                parameters=list(parameters["revisions"]),
            )
        },
        **spreadsheet_paths(parameters["spreadsheet"]),
        "/metadata/{folder}": {
            "get": reading(
                "list_documents", "The documents of a folder", {"200": answer("Names and titles", listed)}, (404,),
                parameters=[FOLDER, *parameters["draft"]],
            )
        },
        "/metadata/{folder}/{name}": {
            "get": reading(
                "read_document", "A document", {"200": answer("The document", document, ETAG)}, (404,),
                parameters=[FOLDER, DOCUMENT, *parameters["part"]],
            ),
            "put": writing(
                "draft_document", "Draft the tenant's part of a document: a merge patch over the layers below, or a new document",
                {"200": answer("The tenant's part as drafted", document, ETAG)}, (404, 412),
                parameters=[FOLDER, DOCUMENT, *both], requestBody=body_of(ref("Document"), MERGE_PATCH),
            ),
            "delete": writing(
                "draft_removal", "Draft that the tenant says nothing of it; with draft=1 only forget the draft",
                {"204": answer("Drafted", headers=ETAG)}, (404, 412), parameters=[FOLDER, DOCUMENT, *parameters["draft"], *both],
            ),
        },
    }  # fmt: skip
    return tagged(found, "metadata")
