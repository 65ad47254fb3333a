"""Who is asking: a key in `Authorization: Bearer`, or the session cookie of the screens.

A cookie is sent by browsers on their own, so a changing request that comes with one must also carry the session's
token in `X-CSRF-Token`; a key is not, so it needs none. An unknown tenant is answered like a wrong key: which tenants
there are is nobody's business.
"""

from typing import Final

from flask import Request

from fieldstone.api.problems import HttpError
from fieldstone.engine.context import SYSTEM, Context, Tenant
from fieldstone.engine.identity import Unauthenticated, context_for_key, context_for_session, csrf_matches
from fieldstone.engine.service import Engine
from fieldstone.engine.storage.connection import Connection
from fieldstone.engine.tenants.create import NAME
from fieldstone.engine.tenants.hosts import HOST
from fieldstone.engine.tenants.registry import TenantRegistry
from fieldstone.problems import FieldstoneError

SESSION_COOKIE: Final = "fieldstone_session"
"""The same cookie as the screens' (`ui/security.py`); a test compares the two names."""

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
LONGEST_SECRET: Final = 200


class MissingToken(FieldstoneError):
    """A changing request of a session without the session's token."""

    code = "csrf"
    kind = "denied"


class MustChangePassword(FieldstoneError):
    """The session is good for one thing only."""

    code = "password.must_change"
    kind = "denied"


def credential(request: Request) -> tuple[str, str]:
    """("key" or "session", the secret). Raises Unauthenticated when the request has none."""
    header = request.headers.get("Authorization")
    if header is not None:
        scheme, _, secret = header.partition(" ")
        secret = secret.strip()
        if scheme.lower() != "bearer" or not secret or len(secret) > LONGEST_SECRET or not secret.isascii():
            raise nobody()
        return "key", secret
    cookie = request.cookies.get(SESSION_COOKIE, "")
    if not cookie or len(cookie) > LONGEST_SECRET or not cookie.isascii():
        raise nobody()
    return "session", cookie


def tenant_of(connection: Connection, tenants: TenantRegistry, request: Request, name: str | None) -> Tenant:
    """The tenant in the address, or the one that the host is mapped to (HttpError 404 when it is to none)."""
    if name is None:
        host = request.host.partition(":")[0].lower()
        found = tenants.find_host(connection, host) if HOST.fullmatch(host) else None
        if found is None:
            raise HttpError(404, "address.unknown", "There is nothing at this address.")
        return found
    found = tenants.find(connection, name) if NAME.fullmatch(name) else None
    if found is None:
        raise nobody()
    return found


def platform_context(engine: Engine, connection: Connection, tenant: Tenant, request_id: str) -> Context:
    """The context of a request that nobody is signed in for: its handler judges a signature first of all."""
    number, company = engine.models.current(connection, tenant)
    return Context(tenant=tenant, actor=SYSTEM, revision=number, company=company, request_id=request_id)


def authenticate(
    connection: Connection, tenant: Tenant, request: Request, kind: str, secret: str, request_id: str
) -> Context:
    """The context of the request. One round trip."""
    if kind == "key":
        return context_for_key(connection, tenant, secret, request_id=request_id)
    signed_in = context_for_session(connection, tenant, secret, request_id=request_id)
    if request.method not in SAFE and not csrf_matches(signed_in.csrf, request.headers.get("X-CSRF-Token")):
        raise MissingToken("A changing request of a session needs its token in the header X-CSRF-Token.")
    if signed_in.must_change:
        raise MustChangePassword("Choose a new password first.")
    return signed_in.context


def nobody() -> Unauthenticated:
    return Unauthenticated("Sign in, or send a key that is valid here.")
