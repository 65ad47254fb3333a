"""The kinds of jobs that exist: a name, what runs, how often it is tried."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fieldstone.engine.imports import continue_import
from fieldstone.engine.publish import run_builds
from fieldstone.workflows import JobKind, JobRun


def _import(run: JobRun) -> None:
    """Go on with an import run (`{"import": id}`)."""
    continue_import(run.engine, run.context, UUID(run.payload["import"]), progress=_reporter(run))


def _reporter(run: JobRun) -> Any:
    return lambda done, total: run.progress({"done": done, "total": total})


def _builds(run: JobRun) -> None:
    """Finish what a publish left to be built."""
    run_builds(run.engine, run.tenant)


JOB_KINDS: Mapping[str, JobKind] = {
    "import": JobKind(_import, attempts=10),
    "builds": JobKind(_builds, attempts=20),
}
