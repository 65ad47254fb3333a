"""Jobs: what waits, runs and failed; running failed ones again, stopping others; what recurs; what was refused."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from flask import redirect
from werkzeug.wrappers import Response

from fieldstone.engine.identity.roster import roster
from fieldstone.engine.jobs import NoSuchJob
from fieldstone.engine.jobs.administering import (
    job_counts,
    list_jobs,
    refused_of,
    replay_dead_jobs,
    replay_job,
    stop_job,
)
from fieldstone.engine.jobs.listing import STATES
from fieldstone.ui import flash
from fieldstone.ui.admin.sections import admin_page, require
from fieldstone.ui.urls import encode
from fieldstone.ui.visit import Visit
from fieldstone.workflows.schedules import schedules_of

COLORS: Final = {"due": "blue", "running": "azure", "done": "green", "dead": "red", "stopped": "gray"}
PAGE: Final = 50
RECENT: Final = timedelta(days=7)
"""So long a refused entry of the queue is worth a warning."""


def show(visit: Visit) -> Response:
    """One page of jobs, all or those of a state and a kind."""
    require(visit, "jobs")
    args = visit.request.args
    state = args.get("state", "") if args.get("state") in STATES else ""
    kind = args.get("kind", "")[:100]
    engine, context = visit.services.engine, visit.context
    found = list_jobs(
        engine,
        context,
        PAGE + 1,
        kind=kind or None,
        states=[state] if state else None,
        before=args.get("before", type=UUID),
    )
    counts = job_counts(engine, context)
    with engine.database.connection() as connection:
        people = {each.id: each.name for each in roster(connection, context.tenant)}
    chosen = [("state", state), ("kind", kind)]
    older = [*chosen, ("before", str(found[PAGE - 1].id))] if len(found) > PAGE else None
    page = visit.urls.page("admin/jobs")
    return admin_page(
        visit,
        "jobs",
        "jobs",
        jobs=found[:PAGE],
        state=state,
        kind=kind,
        states=STATES,
        colors=COLORS,
        names=people,
        kinds=sorted({each.kind for each in counts}),
        dead=sum(each.count for each in counts if each.state == "dead" and kind in ("", each.kind)),
        totals={name: sum(each.count for each in counts if each.state == name) for name in STATES},
        link=lambda name: page + encode([("state", name), ("kind", kind)]),
        older=page + encode(older) if older else None,
        schedules=[each for each in visit.read(schedules_of) if each.schedule.enabled],
        refused=[each for each in refused_of(engine, context) if each.at > context.now - RECENT],
        now_=context.now,
    )


def again(visit: Visit, job_id: UUID) -> Response:
    """Run a dead or stopped job again."""
    require(visit, "jobs")
    try:
        replay_job(visit.services.engine, visit.context, job_id)
    except NoSuchJob:
        return _back(visit, visit.texts("jobs.gone"))
    return _back(visit, visit.texts("jobs.replayed"))


def end(visit: Visit, job_id: UUID) -> Response:
    """Stop a waiting or running job."""
    require(visit, "jobs")
    try:
        stop_job(visit.services.engine, visit.context, job_id)
    except NoSuchJob:
        return _back(visit, visit.texts("jobs.gone"))
    return _back(visit, visit.texts("jobs.stopped"))


def all_again(visit: Visit) -> Response:
    """Run all dead jobs again, or those of the kind that is shown."""
    require(visit, "jobs")
    kind = visit.request.form.get("kind", "")[:100]
    count = replay_dead_jobs(visit.services.engine, visit.context, kind or None)
    return _back(visit, visit.texts.count("jobs.replayed_all", count))


def _back(visit: Visit, text: str) -> Response:
    """To the list as it was narrowed."""
    form = visit.request.form
    state = form.get("state", "") if form.get("state") in STATES else ""
    address = visit.urls.page("admin/jobs") + encode([("state", state), ("kind", form.get("kind", "")[:100])])
    return flash.put(redirect(address, 303), visit.urls, text)
