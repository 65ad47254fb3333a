"""The list of what one has been told; opening an entry marks it as read."""

from itertools import groupby
from typing import Final
from uuid import UUID

from flask import redirect
from werkzeug.wrappers import Response

from fieldstone.engine.transaction import Transaction
from fieldstone.ui import flash
from fieldstone.ui.visit import PageMissing, Visit
from fieldstone.workflows.notifications import Entry, entries, group_of, mark_all_read, mark_read, unread

PER_PAGE: Final = 30
ICONS: Final = {
    "approval.asked": "checkbox", "approval.urged": "alarm", "approval.decided": "clipboard-check",
    "approval.cc": "copy", "approval.stuck": "alert-triangle", "reminder": "calendar-event", "assigned": "user-check",
    "mention": "at", "automation": "bolt",
}  # fmt: skip


def show(visit: Visit) -> Response:
    """A page of notices, all or the unread ones."""
    asked = visit.request.args
    only_unread = asked.get("show") == "unread"
    before = asked.get("before", type=UUID)
    found, following, count = visit.read(
        lambda tx: (*entries(tx, limit=PER_PAGE, before=before, only_unread=only_unread), unread(tx).count)
    )
    return visit.page(
        "notifications/list.html", page_name="notifications", days=_by_day(visit, found), newest=found[0].told.id if found else None,
        following=following, unread=count,
        only_unread=only_unread, before=before, icon_of=lambda kind: ICONS[group_of(kind)],
        now_=visit.context.now,
    )  # fmt: skip


def open_one(visit: Visit, notification_id: UUID) -> Response:
    """Mark a notice as read and go where it leads."""
    found = visit.write(lambda tx: _opened(tx, notification_id))
    if found is None:
        raise PageMissing("There is no such notice.")
    return redirect(visit.urls.page(found or "notifications"), 303)


def read(visit: Visit) -> Response:
    """Mark all notices as read that were there when the page was shown."""
    until = visit.request.form.get("until", type=UUID)
    visit.write(lambda tx: mark_all_read(tx, until))
    text = visit.texts("notifications.all_read")
    return flash.put(redirect(visit.urls.page("notifications"), 303), visit.urls, text)


def _opened(tx: Transaction, notification_id: UUID) -> str | None:
    """Where an own notice leads, which is read then; None for one that is nobody's or somebody else's."""
    found, _ = entries(tx, limit=1, before=UUID(int=notification_id.int + 1))
    if not found or found[0].told.id != notification_id:
        return None
    mark_read(tx, [notification_id])
    return found[0].words.path or ""


def _by_day(visit: Visit, found: list[Entry]) -> list[tuple[str, list[Entry]]]:
    """The entries under their days, on the visitor's clock."""
    zone = visit.formats.zone
    today = visit.context.now.astimezone(zone).date()
    days: list[tuple[str, list[Entry]]] = []
    for date, group in groupby(found, lambda entry: entry.told.created_at.astimezone(zone).date()):
        rows = list(group)
        title = (
            visit.texts("notifications.today")
            if date == today
            else visit.formats.day(rows[0].told.created_at)
        )
        days.append((title, rows))
    return days
