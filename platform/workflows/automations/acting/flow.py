"""Actions about the order of actions: each line, wait, stop."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from fieldstone.engine.calendars import add_working, add_working_days, calendar_for
from fieldstone.metadata.automation_rules import Action
from fieldstone.workflows.automations.index import line_paths
from fieldstone.workflows.automations.moments import later
from fieldstone.workflows.automations.performing import (
    Act,
    ActionFailed,
    Run,
    Stopped,
    Waiting,
    perform_actions,
)
from fieldstone.workflows.automations.subject import Subject, line_subjects


def each(run: Run, actions: Mapping[str, Act], action: Action, subject: Subject) -> dict[str, Any]:
    """Do the inner actions for every line for which the condition holds."""
    if subject.entity is None or action.lines is None:
        raise ActionFailed("There is no record whose lines this could be done for.")
    lines = line_subjects(run.acting, subject, action.lines, line_paths(action))
    count = 0
    for line in lines:
        if line.holds(run.tx, action.where):
            count += 1
            perform_actions(run, actions, action.actions, line)
    return {"info": {"count": count}, "refresh": True}


def wait(run: Run, action: Action, subject: Subject) -> dict[str, Any]:
    """Go on later, in a transaction of its own. What is past already is not waited for."""
    if subject.around is not None:
        raise ActionFailed("An automation cannot wait inside lines.")
    until = _until(run, action, subject)
    if until is None or until <= run.tx.context.now:
        return {"info": {"until": until}}
    raise Waiting(action.name, until)


def _until(run: Run, action: Action, subject: Subject) -> datetime | None:
    now, zone = run.tx.context.now, ZoneInfo(run.tx.context.company.time_zone)
    if action.until is not None:
        found = subject.value(run.tx, action.until)
        if isinstance(found, date) and not isinstance(found, datetime):
            return datetime.combine(found, time(0), zone)
        return found if isinstance(found, datetime) else None
    if action.span is None:
        return None
    if not action.working:
        return later(now, action.span, zone)
    calendar = calendar_for(run.acting)
    moment = add_working_days(now, action.span.days, calendar) if action.span.days else now
    return (
        add_working(moment, timedelta(seconds=action.span.seconds), calendar)
        if action.span.seconds
        else moment
    )


def stop(run: Run, action: Action, subject: Subject) -> dict[str, Any]:
    raise Stopped
