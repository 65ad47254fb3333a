"""By which ways one hears of what: one's own choices, and with the same form the company's."""

from collections.abc import Mapping
from typing import Any, Final

from flask import redirect
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from fieldstone.engine.mail import mail_settings
from fieldstone.ui import flash
from fieldstone.ui.admin.saying import attempt_write
from fieldstone.ui.visit import Visit
from fieldstone.workflows.notifications import GROUPS, MAIL, Preferences, change_own, own_preferences
from fieldstone.workflows.notifications.chat import channels

NOTHING: Final[Mapping[str, Any]] = {"groups": None, "quiet": None, "digest": None, "chat": None}
"""Back to what the company says."""


def show(visit: Visit) -> Response:
    """The page."""
    return _page(visit)


def save(visit: Visit) -> Response:
    """Take the choices, or go back to the company's."""
    form = visit.request.form
    changes = NOTHING if form.get("back") else choices(form)
    problem = attempt_write(visit, lambda tx: change_own(tx, changes))
    if problem:
        return _page(visit, problem)
    said = visit.texts("notifications.saved")
    return flash.put(redirect(visit.urls.page("account/notifications"), 303), visit.urls, said)


def choices(form: "MultiDict[str, str]") -> dict[str, Any]:
    """What the form says, as changes."""
    groups = {
        name: {
            "app": f"{name}:app" in form,
            "mail": form.get(f"{name}:mail", ""),
            "chat": f"{name}:chat" in form,
        }
        for name in GROUPS
        if f"{name}:mail" in form
    }
    quiet: Any = False
    if "quiet" in form:
        quiet = {
            "from": form.get("quiet_from", ""),
            "to": form.get("quiet_to", ""),
            "weekend": "weekend" in form,
        }
    return {"groups": groups, "quiet": quiet, "digest": form.get("digest", ""), "chat": form.get("chat", "")}


def shown(visit: Visit, preferences: Preferences) -> dict[str, Any]:
    """What the form needs."""
    with visit.services.engine.database.connection() as connection:
        may_mail = mail_settings(connection, visit.context.tenant) is not None
    return {
        "preferences": preferences, "groups": GROUPS, "mails": MAIL, "may_mail": may_mail,
        "rooms": [(str(each.id), each.name) for each in visit.read(channels) if each.active],
    }  # fmt: skip


def _page(visit: Visit, problem: str | None = None) -> Response:
    values = shown(visit, visit.read(own_preferences))
    return visit.page(
        "notifications/preferences.html", status=422 if problem else 200, page_name="account", problem=problem,
        zone=visit.actor.time_zone, **values,
    )  # fmt: skip
