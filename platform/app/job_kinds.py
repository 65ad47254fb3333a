"""The kinds of jobs that exist: a name, what runs, how often it is tried."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fieldstone.app.settings import read_settings
from fieldstone.engine.bulk import continue_bulk, undo_bulk
from fieldstone.engine.egress import Egress
from fieldstone.engine.imports import continue_import, revert_import
from fieldstone.engine.publish import run_builds
from fieldstone.engine.spreadsheets import continue_spreadsheet
from fieldstone.engine.transaction import Transaction
from fieldstone.ui.admin.letters import send_reset
from fieldstone.workflows import JobKind, JobRun, schedules
from fieldstone.workflows.approvals import RING, link_path, ring
from fieldstone.workflows.automations import automation_jobs
from fieldstone.workflows.automations.outside import outside_jobs
from fieldstone.workflows.notifications import notification_jobs
from fieldstone.workflows.notifications.store import Told
from fieldstone.workflows.webhooks import webhook_jobs


def _import(run: JobRun) -> None:
    """Go on with an import run (`{"import": id}`), or take it back (`"revert": true`)."""
    if run.payload.get("revert"):
        revert_import(run.engine, run.context, UUID(run.payload["import"]), progress=_reporter(run))
        return
    continue_import(run.engine, run.context, UUID(run.payload["import"]), progress=_reporter(run))


def _spreadsheet(run: JobRun) -> None:
    """Go on with the imports of a spreadsheet that became entities (`{"spreadsheet": id}`)."""
    continue_spreadsheet(run.engine, run.context, UUID(run.payload["spreadsheet"]), progress=_reporter(run))


def _reporter(run: JobRun) -> Any:
    return lambda done, total: run.progress({"done": done, "total": total})


def _bulk(run: JobRun) -> None:
    """Go on with a bulk run (`{"bulk": id}`), or take it back (`"undo": true`)."""
    verb = undo_bulk if run.payload.get("undo") else continue_bulk
    verb(run.engine, run.context, UUID(run.payload["bulk"]), progress=_reporter(run))


def _builds(run: JobRun) -> None:
    """Finish what a publish left to be built."""
    run_builds(run.engine, run.tenant)


def _reset(run: JobRun) -> None:
    """Mail a link to who forgot the password (`{"name": what was typed}`)."""
    send_reset(run.engine, run.tenant, run.payload["name"], _egress())


def _ring(run: JobRun) -> None:
    """A timer of an approval is due."""
    run.engine.write(run.context, lambda tx: ring(tx, run.payload))


def action_link(tx: Transaction, told: Told) -> str | None:
    """Where the mail of a notice lets its receiver decide at once."""
    task = told.data.get("task")
    return link_path(tx, UUID(task), told.receiver) if isinstance(task, str) else None


def _egress() -> Egress:
    return Egress(read_settings().egress_allow)


JOB_KINDS: Mapping[str, JobKind] = {
    "import": JobKind(_import, attempts=10),
    "bulk": JobKind(_bulk, attempts=10),
    "spreadsheet": JobKind(_spreadsheet, attempts=10),
    "builds": JobKind(_builds, attempts=20),
    "mail.reset": JobKind(_reset, attempts=4),
    schedules.KIND: JobKind(schedules.ring_schedule, attempts=1000),
    RING: JobKind(_ring, attempts=10),
    **automation_jobs(),
    **outside_jobs(_egress),
    **notification_jobs(_egress, action_link),
    **webhook_jobs(_egress),
}
