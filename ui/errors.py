"""Errors as pages and toasts: one table from kinds to statuses, and what the visitor is told.

Whole pages get a helpful error page, htmx requests a toast (the page they came from stays as it is). What a
person reads comes from the catalogue by kind; the error's own message is shown where it says more.
"""

import logging
from collections.abc import Mapping
from typing import Final

from flask import abort
from werkzeug.wrappers import Response

from fieldstone.problems import FieldstoneError, Kind
from fieldstone.ui.visit import PageMissing, Visit

STATUS: Final[Mapping[Kind, int]] = {
    "malformed": 400, "unauthenticated": 401, "denied": 403, "not_found": 404, "conflict": 409, "stale": 412,
    "invalid": 422, "refused": 422, "limited": 429, "external": 502, "unavailable": 503, "internal": 500,
}  # fmt: skip

SPEAKING: Final = frozenset({"malformed", "conflict", "invalid", "refused", "limited", "external", "stale"})
"""Kinds whose own message helps the visitor; for others it could say what is not theirs to know."""

log = logging.getLogger("fieldstone.ui")


def answer(visit: Visit, error: Exception) -> Response:
    """The page or the toast for an error."""
    kind: Kind = error.kind if isinstance(error, FieldstoneError) else "internal"
    if kind == "internal":
        log.error("request %s failed", visit.request_id, exc_info=error)
    if kind == "unauthenticated" and visit.is_partial:
        return _keep_page(visit.partial("sign_in/dialog.html", status=401, next=visit.request.path))
    detail = error.message if isinstance(error, FieldstoneError) and kind in SPEAKING else None
    if visit.is_partial:
        text = detail or visit.texts(f"error.{kind}.text")
        return _keep_page(
            visit.partial("parts/toast_oob.html", status=STATUS[kind], text=text, tone="error", undo=None)
        )
    return visit.page("error.html", status=STATUS[kind], kind=kind, detail=detail)


def missing(visit: Visit, rest: str) -> Response:
    """Whatever address of a tenant is nobody's; those below `api/` are answered by the API's own rules."""
    if rest.startswith("api/"):
        abort(404)
    raise PageMissing(f"There is no page {rest}.")


def _keep_page(response: Response) -> Response:
    response.headers["HX-Reswap"] = "none"
    return response
