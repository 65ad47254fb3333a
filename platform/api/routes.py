"""The table of addresses: method, path, handler, and what a caller needs. A test lists every row."""

from typing import Final

from fieldstone.api.handlers import about, lists, records
from fieldstone.api.router import Route

ROUTES: Final[tuple[Route, ...]] = (
    Route("GET", "/me", about.me, "signed in", "Who I am"),
    Route("GET", "/{entity}", lists.list_page, "read", "A page of a list"),
    Route("POST", "/{entity}", records.create, "create", "Create a record"),
    Route("POST", "/{entity}/batch", lists.batch, "any", "Several writes, all or nothing"),
    Route("POST", "/{entity}/aggregate", lists.figures, "read", "Groups and figures"),
    Route("GET", "/{entity}/schema.json", about.schema, "any", "The JSON Schema of records"),
    Route("GET", "/{entity}/{id}", records.read, "read", "Read a record"),
    Route("PATCH", "/{entity}/{id}", records.update, "update", "Change a record (merge patch)"),
    Route(
        "DELETE", "/{entity}/{id}", records.delete, "delete", "Delete a record, so that it can be restored"
    ),
    Route("POST", "/{entity}/{id}/restore", records.restore, "delete", "Bring a deleted record back"),
    Route("GET", "/{entity}/{id}/history", records.history, "read", "The changes of a record, newest first"),
)
