"""`fieldstone job list|show|replay|stop|schedules|refused`: queued work, by the operator."""

import argparse
from dataclasses import asdict
from uuid import UUID

from fieldstone.cli.output import Output
from fieldstone.cli.user import opened
from fieldstone.engine.context import Context
from fieldstone.engine.identity.administer import list_users
from fieldstone.engine.jobs import Job, RefusedEntry
from fieldstone.engine.jobs.administering import (
    get_job,
    list_jobs,
    refused_of,
    replay_dead_jobs,
    replay_job,
    stop_job,
)
from fieldstone.engine.jobs.listing import STATES
from fieldstone.engine.service import Engine
from fieldstone.problems import FieldstoneError
from fieldstone.workflows.schedules import Armed, schedules_of


class WhichJobs(FieldstoneError):
    """`replay` needs a job, or --all."""

    code = "job.which"
    kind = "malformed"


def configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True)
    listing = actions.add_parser(
        "list", help="id, state, kind, attempts, who asked and error of each, newest first"
    )
    listing.add_argument("--state", choices=STATES)
    listing.add_argument("--kind")
    listing.add_argument("--limit", type=int, default=50)
    listing.set_defaults(handler=_list)
    show = actions.add_parser("show", help="everything about one job")
    show.add_argument("job", type=UUID)
    show.set_defaults(handler=_show)
    replay = actions.add_parser("replay", help="run a dead or stopped job again, or all dead ones")
    replay.add_argument("job", type=UUID, nargs="?")
    replay.add_argument("--all", action="store_true", help="all dead jobs (with --kind: those of the kind)")
    replay.add_argument("--kind")
    replay.set_defaults(handler=_replay)
    stop = actions.add_parser("stop", help="stop a waiting or running job")
    stop.add_argument("job", type=UUID)
    stop.set_defaults(handler=_stop)
    schedules = actions.add_parser(
        "schedules", help="what recurs: source, name, cron expression, last and next time"
    )
    schedules.set_defaults(handler=_schedules)
    refused = actions.add_parser("refused", help="entries of the queue that Fieldstone did not write")
    refused.set_defaults(handler=_refused)
    for each in (listing, show, replay, stop, schedules, refused):
        each.add_argument("--tenant", required=True)


def run(arguments: argparse.Namespace, output: Output) -> int:
    return int(arguments.handler(arguments, output))


def _list(arguments: argparse.Namespace, output: Output) -> int:
    states = [arguments.state] if arguments.state else None
    with opened(arguments.tenant) as (engine, context):
        jobs = list_jobs(engine, context, arguments.limit, kind=arguments.kind, states=states)
        names = _names(engine, context)
    output.rows([_json(job, names) for job in jobs], [_line(job, names) for job in jobs])
    return 0


def _show(arguments: argparse.Namespace, output: Output) -> int:
    with opened(arguments.tenant) as (engine, context):
        job, names = get_job(engine, context, arguments.job), _names(engine, context)
    told = _json(job, names)
    output.result(told, "\n".join(f"{name}: {value}" for name, value in told.items() if value is not None))
    return 0


def _replay(arguments: argparse.Namespace, output: Output) -> int:
    if (arguments.job is None) == (not arguments.all):
        raise WhichJobs("Name one job, or say --all.")
    with opened(arguments.tenant) as (engine, context):
        if arguments.job is not None:
            job = replay_job(engine, context, arguments.job)
            output.result({"replayed": 1, "id": str(job.id)}, f"job {job.id} runs again")
            return 0
        count = replay_dead_jobs(engine, context, arguments.kind)
    output.result({"replayed": count}, f"{count} jobs run again")
    return 0


def _stop(arguments: argparse.Namespace, output: Output) -> int:
    with opened(arguments.tenant) as (engine, context):
        job = stop_job(engine, context, arguments.job)
    output.result({"stopped": str(job.id)}, f"job {job.id} is stopped")
    return 0


def _schedules(arguments: argparse.Namespace, output: Output) -> int:
    with opened(arguments.tenant) as (engine, context):
        found = engine.read(context, schedules_of)
    output.rows([_schedule(each) for each in found], [_told(each) for each in found])
    return 0


def _refused(arguments: argparse.Namespace, output: Output) -> int:
    with opened(arguments.tenant) as (engine, context):
        found = refused_of(engine, context, 100)
    output.rows([asdict(each) for each in found], [_entry(each) for each in found])
    return 0


def _names(engine: Engine, context: Context) -> dict[UUID, str]:
    return {user.id: user.username for user in engine.read(context, list_users)}


def _json(job: Job, names: dict[UUID, str]) -> dict[str, object]:
    told = {**asdict(job), "username": names.get(job.requested_by) if job.requested_by else None}
    if job.state not in ("due", "running"):
        told["due_at"] = None
    return told


def _line(job: Job, names: dict[UUID, str]) -> str:
    who = names.get(job.requested_by, "-") if job.requested_by else "-"
    return (
        f"{job.id}\t{job.state}\t{job.kind}\t{job.attempts}\t{who}\t{(job.error or '').partition(chr(10))[0]}"
    )


def _schedule(each: Armed) -> dict[str, object]:
    told = asdict(each.schedule)
    return {
        "source": each.source,
        **told,
        "payload": dict(each.schedule.payload),
        "next_at": each.next_at,
        "last_at": each.last_at,
    }


def _told(each: Armed) -> str:
    return f"{each.source}\t{each.schedule.name}\t{each.schedule.cron}\t{each.last_at or '-'}\t{each.next_at or '-'}"


def _entry(each: RefusedEntry) -> str:
    return f"{each.at:%Y-%m-%d %H:%M:%S}\t{each.entry}\t{each.problem}"
