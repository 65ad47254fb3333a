"""The page of a calendar, and moving an entry to another day: the update verb, with its undo."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Final
from uuid import UUID

from babel.dates import format_date, format_skeleton, get_day_names
from werkzeug.wrappers import Response

from fieldstone.engine.permissions import access
from fieldstone.engine.records import read, update
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import FieldstoneError
from fieldstone.ui.calendars.entries import Entry, Times, day_of, entries_of, times_of
from fieldstone.ui.calendars.span import SPANS, Days, days_of
from fieldstone.ui.fields import title_of
from fieldstone.ui.lists.frame import frame_of
from fieldstone.ui.lists.state import ListState, list_state
from fieldstone.ui.moving import move_record
from fieldstone.ui.visit import PageMissing, Visit

SHOWN: Final = 4
"""Entries of a day in a month's cell; the others are behind "more"."""

MORNING: Final = time(9)


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the calendar; `create` is where a record of this day is made."""

    day: date
    number: str
    title: str
    outside: bool
    today: bool
    entries: tuple[Entry, ...]
    create: str | None
    agenda: str


def show(visit: Visit, state: ListState) -> Response:
    """The calendar; for htmx with `HX-Target: calendar`, only its days."""
    try:
        content = visit.read(lambda tx: _content(tx, visit, state))
    except FieldstoneError as error:
        if error.kind != "malformed" or not (state.expression or state.conditions):
            raise
        return visit.page("calendar/page.html", status=422, problem=error, **frame_of(visit, state))
    return visit.page("calendar/page.html", problem=None, **{**frame_of(visit, state), **content})


def _content(tx: Transaction, visit: Visit, state: ListState) -> dict[str, Any]:
    days = _days(visit, state)
    found, many = entries_of(tx, visit, state, days)
    times = times_of(visit, state)
    creates = visit.may(state.entity.name, "create")
    today = datetime.now(visit.formats.zone).date()
    names = get_day_names("abbreviated", "stand-alone", visit.formats.babel)
    return {
        "state": state,
        "days": [_day(visit, state, days, day, found[day], times, today, creates) for day in days.all],
        "span": days.span,
        "spans": [(span, _url(state, span, days.day)) for span in SPANS],
        "heading": _heading(visit, days),
        "before": _url(state, days.span, days.before),
        "after": _url(state, days.span, days.after),
        "now": _url(state, days.span, today),
        "week_days": [names[(visit.formats.babel.first_week_day + n) % 7] for n in range(7)],
        "many": many,
        "shown": SHOWN,
        "movable": is_movable(visit, state, times),
        "form_query": _url(state, days.span, days.day)[len(state.base) :],
    }


def _days(visit: Visit, state: ListState) -> Days:
    assert state.view is not None
    args = visit.request.args
    span = args.get("span", "")
    try:
        day = date.fromisoformat(args.get("day", ""))
    except ValueError:
        day = datetime.now(visit.formats.zone).date()
    return days_of(span if span in SPANS else state.view.span, day, visit.formats.babel.first_week_day)


def _url(state: ListState, span: str, day: date) -> str:
    return state.url(span=span, day=day.isoformat())


def _heading(visit: Visit, days: Days) -> str:
    babel = visit.formats.babel
    if days.span == "month":
        return format_skeleton("yMMMM", days.day, locale=babel)
    return f"{visit.formats.date(days.first)} – {visit.formats.date(days.last)}"


def _day(
    visit: Visit,
    state: ListState,
    days: Days,
    day: date,
    entries: list[Entry],
    times: Times,
    today: date,
    creates: bool,
) -> Day:
    begin: Any = day
    if times.with_clock:
        begin = datetime.combine(day, MORNING, visit.formats.zone).astimezone(UTC).isoformat()
    creates = creates and times.start.name in access(visit, state.entity.name).writable
    return Day(
        day=day,
        number=format_date(day, "d", locale=visit.formats.babel),
        title=format_date(day, "full", locale=visit.formats.babel),
        outside=days.is_outside(day),
        today=day == today,
        entries=tuple(entries),
        create=visit.urls.new(state.entity.name, **{times.start.name: begin}) if creates else None,
        agenda=_url(state, "agenda", day),
    )


def is_movable(visit: Visit, state: ListState, times: Times) -> bool:
    """Whether the visitor may move entries at all."""
    rights = access(visit, state.entity.name)
    fields = [field for field in (times.start, times.end) if field is not None]
    return rights.allows("update") and all(
        f.name in rights.writable and not (f.computed or f.read_only) for f in fields
    )


def move(visit: Visit, entity: str, record_id: UUID) -> Response:
    """Put an entry on another `day` (its length and time of day stay), or back to an exact `start` and `end`."""
    state = list_state(visit, visit.entity(entity))
    if state.view is None or state.view.kind != "calendar":
        raise PageMissing("There is no such calendar.", entity=entity)
    times = times_of(visit, state)
    form = visit.request.form
    names = [field.name for field in (times.start, times.end) if field is not None]
    to = _to(visit, times)
    if to is None or not is_movable(visit, state, times):
        raise PageMissing("Entries cannot be moved there.", entity=entity)

    def change(tx: Transaction) -> dict[str, Any]:
        before = read(
            tx, entity, record_id, fields=(*names, *([t] if (t := state.entity.title_field) else []))
        )
        update(tx, entity, record_id, to(before), if_match=form.get("version", type=int))
        return before

    def answer(tx: Transaction, before: dict[str, Any]) -> Response:
        record = read(tx, entity, record_id, fields=names)
        fields = [("start", _wire(before[names[0]])), ("version", record["version"])]
        if times.end is not None:
            fields.append(("end", _wire(before[names[1]])))
        undo = {"url": state.url_at(f"{record_id}/reschedule"), "fields": fields}
        day = visit.formats.date(day_of(record[names[0]], visit.formats))
        text = visit.texts("calendar.moved", title=title_of(state.entity, before), day=day)
        content = _content(tx, visit, state)
        return visit.partial("calendar/moved.html", **content, text=text, tone="done", undo=undo)

    return move_record(visit, change, answer)


def _to(visit: Visit, times: Times) -> Callable[[dict[str, Any]], dict[str, Any]] | None:
    """What the record becomes, from what it was."""
    form = visit.request.form
    if "start" in form:
        exact: dict[str, Any] = {times.start.name: form["start"] or None}
        if times.end is not None:
            exact[times.end.name] = form.get("end") or None
        return lambda before: exact
    try:
        day = date.fromisoformat(form.get("day", ""))
    except ValueError:
        return None

    def shifted(before: dict[str, Any]) -> dict[str, Any]:
        start = before[times.start.name]
        moved = _on(start, day, visit)
        found = {times.start.name: _wire(moved)}
        end = before.get(times.end.name) if times.end is not None else None
        if times.end is not None and end is not None:
            found[times.end.name] = _wire(end + (moved - start))
        return found

    return shifted


def _on(start: Any, day: date, visit: Visit) -> Any:
    if isinstance(start, datetime):
        local = start.astimezone(visit.formats.zone)
        return datetime.combine(day, local.time(), visit.formats.zone).astimezone(UTC)
    return day


def _wire(value: Any) -> str:
    """A date or moment as the verbs take it; empty for none."""
    if value is None:
        return ""
    return str(value.isoformat().replace("+00:00", "Z"))
