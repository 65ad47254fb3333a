"""Passwords: changing one's own, and choosing one by a link (an invitation, or after forgetting it)."""

from flask import redirect
from werkzeug.wrappers import Response

from fieldstone.engine.identity import InvalidLink, WeakPassword, change_password, read_link, redeem_link
from fieldstone.problems import FieldstoneError
from fieldstone.ui import sign_in
from fieldstone.ui.visit import PageMissing, Visit


def ask(visit: Visit) -> Response:
    """The page for a new password; the only one that opens while the old one must be changed."""
    return _page(visit)


def change(visit: Visit) -> Response:
    """Take the new password; every other session of the user ends."""
    form, request = visit.request.form, visit.request
    if form.get("new", "") != form.get("again", ""):
        return _page(visit, visit.texts("password.differ"))
    actor = visit.actor
    assert actor.id is not None
    try:
        opened = change_password(
            visit.services.engine.database,
            visit.context.tenant,
            actor.id,
            form.get("old", ""),
            form.get("new", ""),
            request.remote_addr or "",
            request.user_agent.string[:200],
        )
    except FieldstoneError as error:
        return _page(visit, _said(visit, error))
    return sign_in.begin(visit, redirect(visit.urls.home, 303), opened)


def ask_by_link(visit: Visit, secret: str) -> Response:
    """The page that an invitation or a reset link opens."""
    if visit.tenant is None:
        raise PageMissing("There is no such link.")
    with visit.services.engine.database.connection() as connection:
        try:
            link = read_link(connection, visit.tenant, secret)
        except InvalidLink:
            return visit.page("sign_in/link_over.html", status=404)
    return visit.page("sign_in/link.html", person=link.person, problem=None)


def redeem(visit: Visit, secret: str) -> Response:
    """Set the password of the link's user, who then signs in with it."""
    form = visit.request.form
    if visit.tenant is None:
        raise PageMissing("There is no such link.")
    database = visit.services.engine.database
    try:
        with database.connection() as connection:
            link = read_link(connection, visit.tenant, secret)
        if form.get("new", "") != form.get("again", ""):
            return visit.page(
                "sign_in/link.html", status=422, person=link.person, problem=visit.texts("password.differ")
            )
        redeem_link(database, visit.tenant, secret, form.get("new", ""), visit.request.remote_addr or "")
    except InvalidLink:
        return visit.page("sign_in/link_over.html", status=404)
    except WeakPassword as error:
        return visit.page("sign_in/link.html", status=422, person=link.person, problem=_said(visit, error))
    return redirect(visit.urls.sign_in, 303)


def _page(visit: Visit, problem: str | None = None) -> Response:
    must = visit.signed_in is not None and visit.signed_in.must_change
    return visit.page("sign_in/password.html", status=422 if problem else 200, problem=problem, must=must)


def _said(visit: Visit, error: FieldstoneError) -> str:
    if error.kind == "unauthenticated":
        return visit.texts("password.wrong")
    if error.kind == "limited":
        return visit.texts("sign_in.limited")
    if error.problems:
        key = error.problems[0].code
        return visit.texts(key, **error.problems[0].data) if visit.texts.has(key) else error.message
    raise error
