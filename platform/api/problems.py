"""Errors as problem documents (RFC 9457): every answer with a status of 400 or more has this one form.

What a caller is told is the error's own code, message and places. Of an error that is our fault nothing is told but
the request id, under which the log has the rest.
"""

import logging
from collections.abc import Mapping
from typing import Any, Final

from werkzeug.exceptions import HTTPException

from fieldstone.api.answers import PROBLEM, Answer, json_bytes
from fieldstone.api.statuses import STATUS, TITLES
from fieldstone.problems import FieldstoneError

TYPES: Final = "https://fieldstone.dev/problems/"
REALM: Final = 'Bearer realm="fieldstone"'

DATA: Final[Mapping[str, tuple[str, ...]]] = {"transition.refused": ("from", "to", "allowed", "why")}
"""Problems whose data a program needs to go on, and what of it is told."""

MORE: Final[Mapping[str, tuple[str, ...]]] = {
    "task.decided": ("decided_by", "decided_at", "state"),
    "task.not_yours": ("reason",),
    "task.not_open": ("state",),
    "task.stale": ("version",),
    "run.over": ("state", "ended_at"),
    "return.unknown": ("targets",),
    "pending.exists": ("field", "value", "requested_by", "requested_at", "run"),
}
"""Errors that say more than where something is wrong: who decided a task, and when; who asked for a value first."""

log = logging.getLogger("fieldstone.api")


class HttpError(FieldstoneError):
    """Something only HTTP knows of: a method, a media type, a size. It brings its own status."""

    def __init__(self, status: int, code: str, message: str, **headers: str) -> None:
        super().__init__(message, code=code, kind="malformed")
        self.status = status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def problem_answer(error: Exception, request_id: str) -> Answer:
    """The problem document of an error."""
    if isinstance(error, FieldstoneError) and error.kind != "internal":
        return _told(error, request_id)
    if isinstance(error, HTTPException) and error.code is not None and 400 <= error.code < 500:
        return _told(_from_werkzeug(error), request_id)
    log.error("request %s failed", request_id, exc_info=error)
    message = f"Something went wrong here. It is logged under the request id {request_id}."
    return document(500, "internal", message, request_id)


def _told(error: FieldstoneError, request_id: str) -> Answer:
    status = error.status if isinstance(error, HttpError) else STATUS[error.kind]
    headers = dict(error.headers) if isinstance(error, HttpError) else {}
    if status == 401:
        headers["WWW-Authenticate"] = REALM
    if status in (429, 503):
        headers["Retry-After"] = str(int(error.data.get("retry_after", 1)) or 1)
    places = [
        {"pointer": p.path, "code": p.code, "message": p.message}
        | ({"data": {name: p.data.get(name) for name in DATA[p.code]}} if p.code in DATA else {})
        for p in error.problems
    ]
    found = error.data.get("duplicates")
    more: dict[str, Any] = {"duplicates": found} if isinstance(found, list) else {}
    if error.code in MORE:
        more["data"] = {name: error.data.get(name) for name in MORE[error.code]}
    return document(status, error.code, error.message, request_id, errors=places, headers=headers, **more)


def _from_werkzeug(error: HTTPException) -> HttpError:
    status = error.code or 400
    headers = {}
    if status == 405:
        headers["Allow"] = ", ".join(sorted(getattr(error, "valid_methods", None) or ()))
    codes = {404: "address.unknown", 405: "method.unknown", 413: "body.size", 415: "body.type"}
    return HttpError(
        status, codes.get(status, "request.malformed"), TITLES.get(status, error.name) + ".", **headers
    )


def document(
    status: int,
    code: str,
    detail: str,
    request_id: str,
    *,
    errors: list[dict[str, Any]] | None = None,
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> Answer:
    """`more` are members beyond those that every problem has: `duplicates`, of what is likely there already; `data`."""
    body = {
        "type": TYPES + code,
        "title": TITLES.get(status, "Error"),
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": request_id,
        "errors": errors or [],
        **more,
    }
    return Answer(status, json_bytes(body), {"Cache-Control": "no-store", **(headers or {})}, PROBLEM)
