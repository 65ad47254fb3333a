"""How the company tells people of things: what holds for who chose nothing, and the chat rooms that can be chosen."""

from typing import Any
from uuid import UUID

from flask import redirect
from werkzeug.wrappers import Response

from fieldstone.engine.transaction import Transaction
from fieldstone.ui import flash
from fieldstone.ui.admin.saying import attempt, attempt_write
from fieldstone.ui.admin.sections import admin_page, require
from fieldstone.ui.notifications.preferences import NOTHING, choices, shown
from fieldstone.ui.visit import PageMissing, Visit
from fieldstone.workflows.notifications import change_company, chat, company_preferences
from fieldstone.workflows.notifications.wording import say

SECTION = "notifications"
PATH = "admin/notifications"


def show(visit: Visit) -> Response:
    """The page."""
    return _page(visit)


def save(visit: Visit) -> Response:
    """Take what holds for who chose nothing."""
    require(visit, SECTION)
    form = visit.request.form
    changes = NOTHING if form.get("back") else choices(form)
    problem = attempt(visit, lambda: change_company(visit.services.engine, visit.context, changes))
    if problem:
        return _page(visit, problem)
    return _done(visit, PATH, "notifications.saved")


def ask_room(visit: Visit) -> Response:
    """The form of a new room."""
    return _room(visit, {"name": "", "format": "", "details": False, "active": True}, None)


def show_room(visit: Visit, channel_id: UUID) -> Response:
    """A room's settings, without its address and secret."""
    require(visit, SECTION)
    found = _found(visit, channel_id)
    return _room(visit, found.to_json(), found)


def save_room(visit: Visit, channel_id: UUID | None = None) -> Response:
    """Add a room, or change one."""
    require(visit, SECTION)
    form = visit.request.form
    body: dict[str, Any] = {
        "name": form.get("name", "").strip(), "format": form.get("format", ""), "url": form.get("url", "").strip(),
        "details": "details" in form, "active": "active" in form,
    }  # fmt: skip
    if form.get("secret"):
        body["secret"] = form["secret"].strip()
    elif "no_secret" in form:
        body["secret"] = None
    problem = attempt_write(visit, lambda tx: chat.save_channel(tx, body, channel_id))
    if problem:
        return _room(visit, body, _found(visit, channel_id) if channel_id else None, problem)
    return _done(visit, PATH, "chat.saved")


def drop_room(visit: Visit, channel_id: UUID) -> Response:
    """Forget a room."""
    require(visit, SECTION)
    visit.write(lambda tx: chat.drop_channel(tx, channel_id))
    return _done(visit, PATH, "chat.removed")


def test_room(visit: Visit, channel_id: UUID) -> Response:
    """Post a test message, and tell what the chat tool said."""
    require(visit, SECTION)
    found = _found(visit, channel_id)

    def work() -> None:
        body = visit.read(lambda tx: _test_message(tx, found))
        chat.post(visit.services.engine, visit.context.tenant, found, body, visit.services.egress)

    problem = attempt(visit, work)
    return _room(visit, found.to_json(), found, test_problem=problem, tested=True)


def _test_message(tx: Transaction, found: chat.Channel) -> dict[str, Any]:
    words = say(tx, "notice_test", {})
    values = {"title": words.title, "text": words.text, "url": "", "person": tx.context.actor.name}
    return chat.payload(tx, found, values)


def _found(visit: Visit, channel_id: UUID) -> chat.Channel:
    found = visit.read(lambda tx: chat.channel(tx, channel_id))
    if found is None:
        raise PageMissing("There is no such chat room.")
    return found


def _room(
    visit: Visit, values: dict[str, Any], stored: chat.Channel | None, problem: str | None = None, *,
    test_problem: str | None = None, tested: bool = False,
) -> Response:  # fmt: skip
    require(visit, SECTION)
    formats = [(name, _title(visit, name)) for name in visit.read(chat.formats)]
    return admin_page(
        visit, "chat_room", SECTION, status=422 if problem or test_problem else 200, values=values, stored=stored,
        problem=problem, test_problem=test_problem, tested=tested, formats=formats,
    )  # fmt: skip


def _title(visit: Visit, name: str) -> str:
    template = visit.model.templates[chat.PREFIX + name]
    return template.title.removeprefix("Chat: ")


def _page(visit: Visit, problem: str | None = None) -> Response:
    require(visit, SECTION)
    values = shown(visit, company_preferences(visit.context.company))
    rooms = visit.read(chat.channels)
    return admin_page(
        visit, "notifications", SECTION, status=422 if problem else 200, problem=problem, channels=rooms, **values,
    )  # fmt: skip


def _done(visit: Visit, path: str, text: str) -> Response:
    return flash.put(redirect(visit.urls.page(path), 303), visit.urls, visit.texts(text))
