"""Jobs: queued work as it stands; running a dead one again, stopping a waiting one. For those who manage jobs."""

from typing import Any, Final
from uuid import UUID

from fieldstone.api.answers import Answer, is_record_id, json_answer
from fieldstone.api.call import Call
from fieldstone.api.fields import ParameterChoice, ParameterInteger, ParameterText, StrictText
from fieldstone.api.handlers.records import NOTHING
from fieldstone.api.schemas import Strict, page_cursor
from fieldstone.engine.jobs import Job, NoSuchJob
from fieldstone.engine.jobs.administering import get_job, list_jobs, replay_dead_jobs, replay_job, stop_job
from fieldstone.engine.jobs.listing import STATES

LONGEST_KIND: Final = 100


class JobParameters(Strict):
    """Which jobs: of a state, of a kind."""

    state = ParameterChoice(*STATES, load_default=None)
    kind = ParameterText(longest=LONGEST_KIND, load_default=None)
    limit = ParameterInteger(1, 200, load_default=50)
    cursor = ParameterText(longest=36, load_default=None)


class ReplayEnvelope(Strict):
    """Which dead jobs to run again: those of a kind, or all."""

    kind = StrictText(LONGEST_KIND, load_default=None, allow_none=True)


JOBS: Final = JobParameters()
REPLAY: Final = ReplayEnvelope()


def list_page(call: Call) -> Answer:
    asked = call.parameters(JOBS)
    before = page_cursor(asked["cursor"])
    states = [asked["state"]] if asked["state"] else None
    found = list_jobs(
        call.engine, call.context, asked["limit"] + 1, kind=asked["kind"], states=states, before=before
    )
    page = found[: asked["limit"]]
    following = str(page[-1].id) if len(found) > len(page) else None
    return json_answer({"data": [job_json(job) for job in page], "next": following})


def show(call: Call, id: str) -> Answer:
    call.parameters(NOTHING)
    return json_answer(job_json(get_job(call.engine, call.context, _id(id))))


def replay(call: Call, id: str) -> Answer:
    call.parameters(NOTHING)
    return call.apart(lambda: json_answer(job_json(replay_job(call.engine, call.context, _id(id)))))


def stop(call: Call, id: str) -> Answer:
    call.parameters(NOTHING)
    return call.apart(lambda: json_answer(job_json(stop_job(call.engine, call.context, _id(id)))))


def replay_all(call: Call) -> Answer:
    call.parameters(NOTHING)
    kind = call.envelope(REPLAY)["kind"]

    def work() -> Answer:
        return json_answer({"replayed": replay_dead_jobs(call.engine, call.context, kind)})

    return call.apart(work)


def job_json(job: Job) -> dict[str, Any]:
    """A job in wire form; a dead one has no time at which it is due."""
    return {
        "id": str(job.id), "kind": job.kind, "state": job.state, "created_at": job.created_at,
        "due_at": job.due_at if job.state in ("due", "running") else None, "attempts": job.attempts,
        "progress": job.progress, "error": job.error, "requested_by": job.requested_by, "finished_at": job.finished_at,
    }  # fmt: skip


def _id(text: str) -> UUID:
    found = is_record_id(text)
    if found is None:
        raise NoSuchJob("There is no job of this id.")
    return found
