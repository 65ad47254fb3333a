"""The addresses for those who manage jobs."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fieldstone.api.openapi.operations import (
    ID,
    Operations,
    answer,
    body_of,
    json_of,
    reading,
    ref,
    tagged,
    writing,
)
from fieldstone.api.openapi.shared import (
    COUNT,
    MAYBE_TEXT,
    MAYBE_TIME,
    MAYBE_UUID,
    TEXT,
    TIME,
    UUID,
    many,
    whole,
)
from fieldstone.engine.jobs.listing import STATES

SCHEMAS: Final[dict[str, dict[str, Any]]] = {
    "Job": whole(
        id=UUID,
        kind=TEXT,
        state={"type": "string", "enum": list(STATES)},
        created_at=TIME,
        due_at=MAYBE_TIME,
        attempts=COUNT,
        progress={"type": ["object", "null"]},
        error=MAYBE_TEXT,
        requested_by=MAYBE_UUID,
        finished_at=MAYBE_TIME,
    )
}


def job_paths(parameters: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Operations]:
    """Paths and their operations; `parameters` are those of `jobs`."""
    job, key = json_of(ref("Job")), ["Idempotency-Key"]
    found: dict[str, Operations] = {
        "/jobs": {
            "get": reading(
                "list_jobs", "Jobs, newest first",
                {"200": answer("A page", json_of(whole(data=many(ref("Job")), next=MAYBE_TEXT)))},
                parameters=list(parameters["jobs"]),
            )
        },
        "/jobs/replay": {
            "post": writing(
                "replay_dead_jobs", "Run all dead jobs again, or those of a kind",
                {"200": answer("How many", json_of(whole(replayed=COUNT)))},
                parameters=key, requestBody=body_of(ref("ReplayRequest")),
            )
        },
        "/jobs/{id}": {
            "get": reading("read_job", "A job as it stands", {"200": answer("The job", job)}, (404,), parameters=[ID])
        },
        "/jobs/{id}/replay": {
            "post": writing(
                "replay_job", "Run a dead or stopped job again", {"200": answer("The job", job)}, (404,),
                parameters=[ID, *key],
            )
        },
        "/jobs/{id}/stop": {
            "post": writing(
                "stop_job", "Stop a waiting or running job", {"200": answer("The job", job)}, (404,), parameters=[ID, *key]
            )
        },
    }  # fmt: skip
    return tagged(found, "jobs")
