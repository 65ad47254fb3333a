"""What automations tell people and other systems: notices, mails and calls, each a job of the run's transaction.

So nothing is told of what was not stored, a mail server that is away holds nothing up, and what was told once is not told
again when a run is repeated: each job has the key of its run and action.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from fieldstone.engine.context import Context
from fieldstone.engine.egress import Egress
from fieldstone.engine.identity import Unauthenticated, context_for_user
from fieldstone.engine.jobs import enqueue
from fieldstone.engine.mail import MailSettings, Message, mail_settings, send
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import compile_plan
from fieldstone.engine.storage.json_values import loads, wire_dumps
from fieldstone.engine.transaction import Transaction
from fieldstone.engine.vault import NoKey
from fieldstone.engine.web_request import post
from fieldstone.problems import FieldstoneError
from fieldstone.workflows import notifications
from fieldstone.workflows.automations.performing import ActionFailed
from fieldstone.workflows.notifications import Notice
from fieldstone.workflows.notifications.letters import letter
from fieldstone.workflows.notifications.store import Told, address_of
from fieldstone.workflows.notifications.wording import words
from fieldstone.workflows.running import JobKind, JobRun
from fieldstone.workflows.webhooks.signing import headers
from fieldstone.workflows.webhooks.subscriptions import secret_place

MAIL: Final = "automation.mail"
SEND: Final = "automation.send"
ENDPOINT: Final = control.webhook
_BY_NAME: Final = compile_plan(
    sa.select(ENDPOINT.c.id, ENDPOINT.c.url, ENDPOINT.c.secret, ENDPOINT.c.active).where(
        ENDPOINT.c.name == sa.bindparam("named", type_=sa.Text())
    )
)


class NotSent(FieldstoneError):
    """The other side did not take it: worth another try."""

    code = "automation.not_sent"
    kind = "external"


def notify(
    tx: Transaction, receivers: Sequence[UUID], template: str, data: Mapping[str, Any], *,
    kind: str, entity: str | None, record: UUID | None, key: str,
) -> None:  # fmt: skip
    notice = Notice(kind, tuple(receivers), template, data=dict(data), entity=entity, record=record, key=key)
    notifications.notify(tx, notice)


def email(
    tx: Transaction, receivers: Sequence[UUID], address: str | None, template: str, data: Mapping[str, Any], *,
    entity: str | None, record: UUID | None, key: str,
) -> None:  # fmt: skip
    """A mail for each receiver, in their language, and one to the address, in the company's."""
    if template not in tx.model.templates:
        raise ActionFailed(f'There is no message template "{template}".')
    common = {
        "template": template, "data": loads(wire_dumps(dict(data))), "entity": entity,
        "record": str(record) if record is not None else None,
    }  # fmt: skip
    for receiver in receivers:
        enqueue(tx.as_system(), MAIL, {**common, "user": str(receiver)}, key=f"{key}:{receiver}")
    if address:
        enqueue(tx.as_system(), MAIL, {**common, "address": address}, key=f"{key}:{address}"[:400])


def webhook(
    tx: Transaction, endpoint: str, event: str, values: Mapping[str, Any], *,
    entity: str | None, record: UUID | None, key: str,
) -> None:  # fmt: skip
    """Values to one of the company's web hooks, by its name."""
    rows = tx.fetch(_BY_NAME, {"named": endpoint})
    if not rows or not rows[0][3]:
        raise ActionFailed(f'There is no active web hook "{endpoint}".')
    body = {
        "type": event, "entity": entity, "record": str(record) if record is not None else None,
        "tenant": tx.context.tenant.name, "at": tx.context.now, "values": dict(values),
    }  # fmt: skip
    payload = {"endpoint": endpoint, "body": loads(wire_dumps(body))}
    enqueue(tx.as_system(), SEND, payload, key=key)


def outside_jobs(egress: Callable[[], Egress]) -> Mapping[str, JobKind]:
    """The kinds of jobs that reach out."""
    return {
        MAIL: JobKind(lambda run: _mail(run, egress()), attempts=8),
        SEND: JobKind(lambda run: _send(run, egress()), attempts=10),
    }


def _mail(run: JobRun, egress: Egress) -> None:
    payload = run.payload
    with run.engine.database.connection() as connection:
        settings = mail_settings(connection, run.tenant)
    if settings is None:
        raise FieldstoneError("No mail server is set up.", code="mail.missing", kind="refused")
    found = _receiver(run, payload)
    if found is None:
        return
    context, to = found
    message = run.engine.read(context, lambda tx: _letter(tx, payload, to, settings, str(run.outside_id())))
    run.progress({})
    send(settings, message, egress)


def _receiver(run: JobRun, payload: Mapping[str, Any]) -> tuple[Context, tuple[str, str]] | None:
    """In whose context the words are found, and (name, address); None for who is gone or has no address."""
    if "address" in payload:
        return run.engine.system_context(run.tenant), ("", str(payload["address"]))
    user = UUID(payload["user"])
    with run.engine.database.connection() as connection:
        try:
            context = context_for_user(connection, run.tenant, user)
        except Unauthenticated:
            return None
    to = run.engine.read(context, lambda tx: address_of(tx.as_system(), user))
    return None if to is None else (context, to)


def _letter(
    tx: Transaction, payload: Mapping[str, Any], to: tuple[str, str], settings: MailSettings, message_id: str
) -> Message:
    record = UUID(payload["record"]) if payload["record"] else None
    about = UUID(message_id)
    told = Told(
        id=about, notice=about, receiver=tx.context.actor.id or about, kind="automation", template=payload["template"],
        data=payload["data"], entity=payload["entity"], record=record, link=None, key=None, actor=None,
        created_at=tx.context.now, title=None, body=None, shown=False, read_at=None, mail=None, mailed_at=None,
    )  # fmt: skip
    site = f"{settings.site}/t/{tx.context.tenant.name}"
    return letter(tx, to, words(tx, told), message_id=message_id, site=site)


def _send(run: JobRun, egress: Egress) -> None:
    payload = run.payload
    rows = run.engine.read(run.context, lambda tx: tx.fetch(_BY_NAME, {"named": payload["endpoint"]}))
    if not rows or not rows[0][3]:
        raise FieldstoneError("The web hook is gone or switched off.", code="webhook.unknown", kind="refused")
    hook, url, sealed, _ = rows[0]
    if run.engine.vault is None:
        raise NoKey("This server has no key for secrets.")
    secret = run.engine.vault.open(sealed, secret_place(run.tenant.name, hook))
    message = str(run.outside_id())
    body = wire_dumps({"id": message, **payload["body"]})
    run.progress({})
    response = post(egress, url, body, headers(secret, message, body))
    if not response.good:
        raise NotSent(f"The web hook answered {response.status}.", status=response.status)
