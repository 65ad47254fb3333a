"""The table of addresses: method, path, handler, and what a caller needs. A test lists every row."""

from typing import Final

from fieldstone.api.handlers import (
    about,
    bulk,
    conversions,
    duplicates,
    files,
    imports,
    lists,
    metadata,
    openapi,
    records,
    spreadsheets,
)
from fieldstone.api.router import Route

ROUTES: Final[tuple[Route, ...]] = (
    Route("GET", "/openapi.json", openapi.document, "signed in", "This API, as far as I may use it"),
    Route("GET", "/me", about.me, "signed in", "Who I am"),
    Route("GET", "/search", lists.find, "signed in", "Records of any entity that hold all the words"),
    Route("POST", "/files", files.upload, "signed in", "Store a file", files.UPLOAD_LIMIT),
    Route("GET", "/files/{id}", files.download, "signed in", "The content of a file"),
    Route("GET", "/files/{id}/thumbnail", files.thumbnail, "signed in", "A picture, made small"),
    Route("GET", "/imports/{id}", imports.show, "signed in", "An import as it stands"),
    Route("POST", "/imports/{id}/stop", imports.stop, "signed in", "Stop an import"),
    Route("POST", "/imports/{id}/revert", imports.revert, "signed in", "Take an import back"),
    Route("POST", "/metadata/plan", metadata.plan, "area", "What publishing the drafts would do"),
    Route("POST", "/metadata/publish", metadata.publish_drafts, "area", "Publish the drafts as planned"),
    Route("POST", "/metadata/rollback", metadata.rollback, "area", "Go back to an earlier revision"),
    Route("GET", "/metadata/revisions", metadata.revisions, "area", "What was live when"),
    Route(
        "POST",
        "/metadata/from-spreadsheet",
        spreadsheets.start,
        "area",
        "Propose entities from a file",
        imports.IMPORT_LIMIT,
    ),
    Route("GET", "/metadata/from-spreadsheet/{id}", spreadsheets.show, "area", "A proposal and its plan"),
    Route("PATCH", "/metadata/from-spreadsheet/{id}", spreadsheets.change, "area", "Change a proposal"),
    Route("DELETE", "/metadata/from-spreadsheet/{id}", spreadsheets.drop, "area", "Forget a proposal"),
    Route(
        "POST",
        "/metadata/from-spreadsheet/{id}/apply",
        spreadsheets.apply,
        "area",
        "Make the entities and import",
    ),
    Route("GET", "/metadata/{folder}", metadata.list_folder, "area", "The documents of a folder"),
    Route("GET", "/metadata/{folder}/{name}", metadata.read, "area", "A document"),
    Route("PUT", "/metadata/{folder}/{name}", metadata.put, "area", "Draft the tenant's part of a document"),
    Route("DELETE", "/metadata/{folder}/{name}", metadata.delete, "area", "Draft its removal"),
    Route("GET", "/{entity}", lists.list_page, "read", "A page of a list"),
    Route("POST", "/{entity}", records.create, "create", "Create a record"),
    Route("POST", "/{entity}/batch", lists.batch, "any", "Several writes, all or nothing"),
    Route("POST", "/{entity}/bulk", bulk.start, "any", "One change to many records"),
    Route("GET", "/{entity}/bulk/{id}", bulk.show, "signed in", "A bulk run as it stands"),
    Route("POST", "/{entity}/bulk/{id}/stop", bulk.stop, "signed in", "Stop a bulk run"),
    Route("POST", "/{entity}/bulk/{id}/undo", bulk.undo, "signed in", "Take a bulk run back"),
    Route("POST", "/{entity}/aggregate", lists.figures, "read", "Groups and figures"),
    Route(
        "POST", "/{entity}/import", imports.start, "import", "Rows of a file to records", imports.IMPORT_LIMIT
    ),
    Route("GET", "/{entity}/import/mappings", imports.list_mappings, "import", "Saved mappings"),
    Route("PUT", "/{entity}/import/mappings/{name}", imports.put_mapping, "import", "Save a mapping"),
    Route("DELETE", "/{entity}/import/mappings/{name}", imports.drop_mapping, "import", "Forget a mapping"),
    Route("GET", "/{entity}/duplicates", duplicates.report, "read", "Groups of likely duplicates"),
    Route("POST", "/{entity}/duplicates", duplicates.check, "read", "What a record being entered is likely"),
    Route("GET", "/{entity}/schema.json", about.schema, "any", "The JSON Schema of records"),
    Route("GET", "/{entity}/{id}", records.read, "read", "Read a record"),
    Route("PATCH", "/{entity}/{id}", records.update, "update", "Change a record (merge patch)"),
    Route(
        "DELETE", "/{entity}/{id}", records.delete, "delete", "Delete a record, so that it can be restored"
    ),
    Route("POST", "/{entity}/{id}/restore", records.restore, "delete", "Bring a deleted record back"),
    Route("POST", "/{entity}/{id}/convert", conversions.convert_record, "update", "Make others of a record"),
    Route("POST", "/{entity}/{id}/merge", duplicates.merge_records, "delete", "Merge others into a record"),
    Route("POST", "/{entity}/{id}/unmerge", duplicates.unmerge_records, "delete", "Undo a merge"),
    Route("GET", "/{entity}/{id}/history", records.history, "read", "The changes of a record, newest first"),
)
