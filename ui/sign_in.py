"""Signing in and out, and the page that asks which workspace one wants to enter.

Nothing here tells whether a workspace or a user exists: every name leads to the same page, every failure to
the same words. A session that ended while someone was working is renewed in a dialog on the page itself.
"""

import json
import re

from flask import redirect
from werkzeug.wrappers import Response

from fieldstone.engine.identity import SignIn, Unauthenticated, sign_in, sign_out
from fieldstone.engine.identity.passwords import verify
from fieldstone.engine.tenants.hosts import HOST
from fieldstone.problems import FieldstoneError
from fieldstone.ui import security
from fieldstone.ui.urls import safe_next, urls_of
from fieldstone.ui.visit import Visit

WORKSPACE = re.compile(r"[a-z][a-z0-9-]{0,39}")


def choose(visit: Visit) -> Response:
    """Ask for the workspace, unless the host is one's own."""
    host = visit.request.host.partition(":")[0].lower()
    with visit.services.engine.database.connection() as connection:
        own = visit.services.tenants.find_host(connection, host) if HOST.fullmatch(host) else None
    if own is not None:
        return redirect(urls_of(own.name).home, 303)
    return visit.page("sign_in/choose.html", workspace="", problem=None)


def chosen(visit: Visit) -> Response:
    """Go to the workspace that was named, whether it exists or not."""
    name = visit.request.form.get("workspace", "").strip().casefold()
    if not WORKSPACE.fullmatch(name):
        return visit.page(
            "sign_in/choose.html", status=422, workspace=name, problem=visit.texts("workspace.malformed")
        )
    return redirect(urls_of(name).home, 303)


def ask(visit: Visit) -> Response:
    """The sign-in page; whoever is signed in already goes on."""
    target = safe_next(visit.request.args.get("next"), visit.urls)
    if visit.signed_in is not None:
        return redirect(target, 303)
    return visit.page("sign_in/page.html", next=target, problem=None, username="")


def enter(visit: Visit) -> Response:
    """Check user name and password, and begin a session."""
    form = visit.request.form
    username = form.get("username", "").strip()
    target = safe_next(form.get("next"), visit.urls)
    try:
        opened = _open(visit, username, form.get("password", ""))
    except FieldstoneError as error:
        if error.kind not in ("unauthenticated", "limited"):
            raise
        return _again(visit, username, target, error)
    if visit.is_partial:
        response = Response(status=200)
        response.headers["HX-Reswap"] = "none"
        response.headers["HX-Trigger"] = json.dumps({"fs:session": opened.csrf, "fs:close-dialog": True})
    else:
        response = redirect(target, 303)
    return begin(visit, response, opened)


def begin(visit: Visit, response: Response, opened: SignIn) -> Response:
    """Give the browser its session."""
    security.set_session_cookie(response, visit.request, visit.urls.base, opened.token, opened.expires_at)
    return response


def _open(visit: Visit, username: str, password: str) -> SignIn:
    request = visit.request
    if visit.tenant is None:
        verify(None, password)  # as long as a wrong password takes
        raise Unauthenticated("The user name or the password is wrong.")
    return sign_in(
        visit.services.engine.database,
        visit.tenant,
        username,
        password,
        request.remote_addr or "",
        request.user_agent.string[:200],
        replaces=request.cookies.get(security.SESSION_COOKIE),
    )


def _again(visit: Visit, username: str, target: str, error: FieldstoneError) -> Response:
    limited = error.kind == "limited"
    problem = visit.texts("sign_in.limited" if limited else "sign_in.failed")
    template = "sign_in/fields.html" if visit.is_partial else "sign_in/page.html"
    response = visit.page(
        template, status=429 if limited else 401, next=target, problem=problem, username=username
    )
    if visit.is_partial:
        response.headers["HX-Reswap"] = "innerHTML"
    if limited and "retry_after" in error.data:
        response.headers["Retry-After"] = str(error.data["retry_after"])
    return response


def leave(visit: Visit) -> Response:
    """End the session."""
    cookie = visit.request.cookies.get(security.SESSION_COOKIE, "")
    with visit.services.engine.database.connection() as connection:
        sign_out(connection, visit.context.tenant, cookie)
    response = redirect(visit.urls.sign_in, 303)
    security.drop_session_cookie(response, visit.request, visit.urls.base)
    return response
