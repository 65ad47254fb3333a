"""The kinds of jobs that notifications need, for the composition root's table."""

from collections.abc import Callable, Mapping
from uuid import UUID

from fieldstone.engine.egress import Egress
from fieldstone.workflows.notifications.delivery import (
    CHAT,
    DIGEST,
    MAIL,
    ActionLink,
    Delivery,
    deliver,
    post_chat,
    send_digest,
    send_mail,
)
from fieldstone.workflows.notifications.telling import JOB
from fieldstone.workflows.running import JobKind, JobRun

ATTEMPTS = 10
"""With the waits between them, about three hours: a mail server that is away overnight is for a person to replay."""


def notification_jobs(
    egress: Callable[[], Egress], action_link: ActionLink | None = None
) -> Mapping[str, JobKind]:
    """`egress` is asked at each run for the way out; `action_link` gives mails their link to decide."""

    def delivery(run: JobRun) -> Delivery:
        return Delivery(run.engine, run.tenant, egress(), action_link, still_ours=lambda: run.progress({}))

    def notice(run: JobRun) -> None:
        deliver(delivery(run), UUID(run.payload["notice"]))

    def mail(run: JobRun) -> None:
        send_mail(delivery(run), UUID(run.payload["notification"]))

    def digest(run: JobRun) -> None:
        receiver = UUID(run.payload["receiver"])
        send_digest(delivery(run), receiver, f"digest.{receiver}.{run.payload['due']}")

    def chat(run: JobRun) -> None:
        post_chat(delivery(run), UUID(run.payload["notification"]), UUID(run.payload["channel"]))

    return {
        JOB: JobKind(notice, attempts=ATTEMPTS),
        MAIL: JobKind(mail, attempts=ATTEMPTS),
        DIGEST: JobKind(digest, attempts=ATTEMPTS),
        CHAT: JobKind(chat, attempts=ATTEMPTS),
    }
