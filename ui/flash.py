"""A message for the next page: what was just done, and how to undo it.

It travels in a cookie of this tenant's pages for one minute. The cookie is the visitor's own and is not
trusted: its text is escaped like any other, and an undo leads nowhere but to this tenant.
"""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any, Final

from flask import Request
from werkzeug.wrappers import Response

from fieldstone.ui.urls import Urls

COOKIE: Final = "fs_flash"
SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Flash:
    """`undo` is an address and the form fields to post to it."""

    text: str
    tone: str = "done"
    undo: dict[str, Any] | None = None


def put(response: Response, urls: Urls, text: str, undo: dict[str, Any] | None = None) -> Response:
    """Let the page that the visitor is sent to say this."""
    packed = base64.urlsafe_b64encode(json.dumps({"text": text, "undo": undo}, default=str).encode()).decode()
    response.set_cookie(COOKIE, packed, max_age=SECONDS, path=urls.base, httponly=True, samesite="Lax")
    return response


def read(request: Request, urls: Urls) -> Flash | None:
    """The message that waits for this page."""
    cookie = request.cookies.get(COOKIE)
    if not cookie:
        return None
    try:
        said = json.loads(base64.urlsafe_b64decode(cookie))
        undo = said.get("undo")
        text = str(said["text"])
        if undo is not None:
            safe = str(undo["url"]).startswith(urls.base + "/")
            undo = (
                {"url": str(undo["url"]), "fields": [(str(n), str(v)) for n, v in undo["fields"]]}
                if safe
                else None
            )
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
        return None
    return Flash(text, undo=undo)


def drop(response: Response, urls: Urls) -> None:
    response.delete_cookie(COOKIE, path=urls.base, httponly=True, samesite="Lax")
