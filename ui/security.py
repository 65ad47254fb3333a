"""What keeps a browser from being used against its owner: headers, the CSRF check, cookies.

The content security policy allows own files only: no inline script or style, no plug-ins, no frames. A
request that changes something must carry the session's token (header `X-CSRF-Token`, or the form field
`csrf_token`); where there is no session yet (signing in), it must come from a page of this site, by what the
browser says of it.
"""

from datetime import datetime
from typing import Final

from flask import Request
from werkzeug.wrappers import Response

from fieldstone.engine.identity import csrf_matches
from fieldstone.problems import FieldstoneError

SESSION_COOKIE: Final = "fieldstone_session"
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})

POLICY: Final = "; ".join((
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data: blob:",
    "font-src 'self'", "connect-src 'self'", "form-action 'self'", "frame-ancestors 'none'",
    "base-uri 'none'",
))  # fmt: skip

HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(self)",
}


class CrossSite(FieldstoneError):
    """A changing request that was not made by a page of this session."""

    code = "csrf"
    kind = "denied"


def secure(response: Response, request: Request) -> Response:
    """Put the security headers on an answer."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response


def check_token(request: Request, expected: str) -> None:
    """Raise CrossSite unless a changing request carries the session's token."""
    if request.method in SAFE_METHODS:
        return
    if not csrf_matches(expected, request.headers.get("X-CSRF-Token") or request.form.get("csrf_token")):
        raise CrossSite("This page is out of date: load it again and repeat what you did.")


def check_origin(request: Request) -> None:
    """Raise CrossSite when the browser says that another site makes a changing request."""
    if request.method in SAFE_METHODS:
        return
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site not in (None, "same-origin", "none") or (
        site is None and origin not in (None, request.host_url.rstrip("/"))
    ):
        raise CrossSite("This request came from another site.")


def set_session_cookie(
    response: Response, request: Request, path: str, value: str, expires: datetime
) -> None:
    response.set_cookie(
        SESSION_COOKIE,
        value,
        expires=expires,
        path=path,
        secure=request.is_secure,
        httponly=True,
        samesite="Lax",
    )


def drop_session_cookie(response: Response, request: Request, path: str) -> None:
    response.delete_cookie(SESSION_COOKIE, path=path, secure=request.is_secure, httponly=True, samesite="Lax")
