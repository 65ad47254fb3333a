"""One's own account: language and time zone, sessions, API keys. Needs no right but being signed in."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from flask import redirect
from werkzeug.wrappers import Response

from fieldstone.engine.identity import create_key, list_keys, list_sessions, revoke_key, revoke_session
from fieldstone.engine.identity.keys import UnknownKey
from fieldstone.engine.identity.preferences import own_account, set_preferences
from fieldstone.engine.tenants.settings import time_zones
from fieldstone.ui import flash
from fieldstone.ui.admin.company import zone_choices
from fieldstone.ui.admin.saying import attempt_write
from fieldstone.ui.messages import LOCALES
from fieldstone.ui.visit import Visit

DAYS: Final = {"30": 30, "90": 90, "365": 365, "": None}
"""For how long a key may be made."""

NAME_LENGTH: Final = 80


def show(visit: Visit) -> Response:
    """The page."""
    return _page(visit)


def prefer(visit: Visit) -> Response:
    """Take the language and the time zone."""
    form = visit.request.form
    locale, zone = form.get("locale") or None, form.get("time_zone") or None
    if zone is not None and zone not in time_zones():
        return _page(visit, problem=visit.texts("refusal.company_time_zone"))
    problem = attempt_write(visit, lambda tx: set_preferences(tx, locale, zone))
    if problem:
        return _page(visit, problem=problem)
    response = flash.put(redirect(visit.urls.page("account"), 303), visit.urls, visit.texts("account.saved"))
    response.delete_cookie("fs_locale", path="/")  # chosen for this browser before; now the account says it
    return response


def end_session(visit: Visit, session_id: UUID) -> Response:
    """Sign out one of one's own sessions."""
    assert visit.actor.id is not None
    with visit.services.engine.database.connection() as connection:
        revoke_session(connection, visit.context.tenant, visit.actor.id, session_id, by=visit.actor.id)
    return flash.put(
        redirect(visit.urls.page("account"), 303), visit.urls, visit.texts("account.session_ended")
    )


def make_key(visit: Visit) -> Response:
    """Make an API key and show it, once."""
    assert visit.actor.id is not None
    form = visit.request.form
    name = " ".join(form.get("name", "").split())[:NAME_LENGTH]
    days = DAYS.get(form.get("days", ""))
    if not name or not name.isprintable():
        return _page(visit, key_problem=visit.texts("key.name_missing"))
    expires = visit.context.now + timedelta(days=days) if days else None
    with visit.services.engine.database.connection() as connection:
        _, secret = create_key(
            connection, visit.context.tenant, visit.actor.id, name, by=visit.actor.id, expires_at=expires
        )
    return _page(visit, secret=secret)


def drop_key(visit: Visit, key_id: UUID) -> Response:
    """End one of one's own keys."""
    with visit.services.engine.database.connection() as connection:
        own = list_keys(connection, visit.context.tenant, visit.actor.id)
        if key_id not in {key.id for key in own}:
            raise UnknownKey("There is no such key.")
        revoke_key(connection, visit.context.tenant, key_id, by=visit.actor.id)
    return flash.put(redirect(visit.urls.page("account"), 303), visit.urls, visit.texts("key.revoked"))


def _page(
    visit: Visit, *, problem: str | None = None, key_problem: str | None = None, secret: str | None = None
) -> Response:
    assert visit.signed_in is not None
    with visit.services.engine.database.connection() as connection:
        sessions = list_sessions(connection, visit.context.tenant, visit.actor.id)
        keys = list_keys(connection, visit.context.tenant, visit.actor.id)
    return visit.page(
        "admin/account.html",
        status=422 if problem or key_problem else 200,
        page_name="account",
        me=visit.read(own_account),
        languages=LOCALES,
        zones=zone_choices(visit),
        problem=problem,
        key_problem=key_problem,
        secret=secret,
        days=list(DAYS),
        sessions=sessions,
        own_session=visit.signed_in.session,
        browser=browser,
        keys=[key for key in keys if key.works(visit.context.now)],
        now_=visit.context.now,
    )


def browser(agent: str) -> str:
    """What a browser calls itself, in a word or two: `Firefox · Windows`."""
    names = (
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    )
    systems = (
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    )
    found = [next((title for mark, title in table if mark in agent), "") for table in (names, systems)]
    return " · ".join(word for word in found if word) or agent[:40] or "?"
