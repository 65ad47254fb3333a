"""The audit log: who did what, newest first, narrowed by event, person and days."""

from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from werkzeug.wrappers import Response

from fieldstone.engine.identity.audit_log import AuditEntry, entries, known_events
from fieldstone.engine.identity.roster import roster
from fieldstone.engine.transaction import Transaction
from fieldstone.ui.admin.sections import admin_page, require
from fieldstone.ui.urls import encode
from fieldstone.ui.visit import Visit

PAGE: Final = 50


def show(visit: Visit) -> Response:
    """One page of the log."""
    require(visit, "audit")
    args = visit.request.args
    who, since, until = _uuid(args.get("who")), _day(args.get("from")), _day(args.get("to"))
    with visit.services.engine.database.connection() as connection:
        people = roster(connection, visit.context.tenant)

    def work(tx: Transaction) -> tuple[list[AuditEntry], list[str]]:
        found = entries(
            tx,
            before=_uuid(args.get("before")),
            limit=PAGE + 1,
            event=args.get("event") or None,
            about=who,
            since=_start(visit, since),
            until=_start(visit, until + timedelta(days=1)) if until else None,
        )
        return found, known_events(tx)

    found, events = visit.read(work)
    more = found[PAGE - 1].id if len(found) > PAGE else None
    chosen = [(name, args.get(name)) for name in ("event", "who", "from", "to")]
    return admin_page(
        visit,
        "audit",
        "audit",
        entries=found[:PAGE],
        events=events,
        people=people,
        names={each.id: each.name for each in people},
        args=args,
        filtered=any(value for _, value in chosen),
        older=visit.urls.page("admin/audit") + encode([*chosen, ("before", more)]) if more else None,
        subject=lambda entry: _about(entry, {f"user/{each.id}": each.name for each in people}),
    )


def _about(entry: AuditEntry, names: dict[str, str]) -> str:
    """Whom or what an entry is about, where that is not who did it."""
    if entry.subject == f"user/{entry.actor}":
        return ""
    return names.get(entry.subject, "" if entry.subject.startswith("user/") else entry.subject)


def _start(visit: Visit, day: date | None) -> datetime | None:
    return datetime(day.year, day.month, day.day, tzinfo=visit.formats.zone) if day else None


def _day(text: str | None) -> date | None:
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return None
    return found if 1900 <= found.year <= 9000 else None


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
