"""Jobs: what waits, runs and failed; running a dead one again, stopping a waiting one."""

from typing import Final
from uuid import UUID

from flask import redirect
from werkzeug.wrappers import Response

from fieldstone.engine.identity import audit
from fieldstone.engine.identity.roster import roster
from fieldstone.engine.jobs import jobs_of, replay, stop
from fieldstone.ui import flash
from fieldstone.ui.admin.saying import attempt
from fieldstone.ui.admin.sections import admin_page, require
from fieldstone.ui.visit import Visit

STATES: Final = ("due", "running", "dead", "stopped", "done")
COLORS: Final = {"due": "blue", "running": "azure", "done": "green", "dead": "red", "stopped": "gray"}


def show(visit: Visit) -> Response:
    """The latest jobs, all or those of one state."""
    require(visit, "jobs")
    state = visit.request.args.get("state", "")
    with visit.services.engine.database.connection() as connection:
        jobs = jobs_of(connection, visit.context.tenant, limit=200)
        people = {each.id: each.name for each in roster(connection, visit.context.tenant)}
    shown = [job for job in jobs if state not in STATES or job.state == state]
    return admin_page(
        visit,
        "jobs",
        "jobs",
        jobs=shown,
        state=state,
        states=STATES,
        colors=COLORS,
        names=people,
        now_=visit.context.now,
    )


def again(visit: Visit, job_id: UUID) -> Response:
    """Run a dead or stopped job again."""
    return _do(visit, job_id, "replayed")


def end(visit: Visit, job_id: UUID) -> Response:
    """Stop a waiting or running job."""
    return _do(visit, job_id, "stopped")


def _do(visit: Visit, job_id: UUID, what: str) -> Response:
    require(visit, "jobs")
    act = replay if what == "replayed" else stop

    def work() -> None:
        with visit.services.engine.database.connection() as connection:
            act(connection, visit.context.tenant, job_id)

    problem = attempt(visit, work)
    if problem is None:
        visit.write(lambda tx: audit(tx, f"job.{what}", f"job/{job_id}"))
    text = problem or visit.texts("jobs.replayed" if what == "replayed" else "jobs.stopped")
    return flash.put(redirect(visit.urls.page("admin/jobs"), 303), visit.urls, text)
