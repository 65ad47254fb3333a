"""Sending events: one attempt per job, the next one queued by the one that failed.

The job itself always ends well, so that a subscriber who is away fills the log of the subscription, where it can be
replayed, and not the list of dead jobs.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from fieldstone.engine.context import Context, Tenant
from fieldstone.engine.egress import Egress
from fieldstone.engine.identity import Unauthenticated, context_for_user
from fieldstone.engine.ids import new_id
from fieldstone.engine.permissions import NotFound, access
from fieldstone.engine.query.columns import EntityColumns, link_target
from fieldstone.engine.query.gate import read_predicate
from fieldstone.engine.query.joins import visible_ids as joined_ids
from fieldstone.engine.query.visible import visible_ids
from fieldstone.engine.records.program import Program, program_for
from fieldstone.engine.service import Engine
from fieldstone.engine.storage.json_values import wire_dumps
from fieldstone.engine.transaction import Transaction
from fieldstone.engine.vault import NoKey
from fieldstone.engine.web_request import Response, post
from fieldstone.metadata.definitions import SYSTEM_FIELDS, Entity
from fieldstone.problems import FieldstoneError
from fieldstone.workflows.running import JobKind, JobRun
from fieldstone.workflows.webhooks import events
from fieldstone.workflows.webhooks.events import JOB, Event
from fieldstone.workflows.webhooks.signing import headers
from fieldstone.workflows.webhooks.subscriptions import Webhook, find_webhook, secret_place, webhook

WAITS: Final = (5, 30, 120, 600, 1800, 3600, 7200, 14400, 28800)
"""Seconds before the next attempt, after the first, the second ...: ten attempts in about sixteen hours."""

PENDING: Final = "_pending"
FINAL: Final = frozenset({"refused", "invalid"})
"""Kinds of errors that another attempt cannot mend: a private address, one that is none."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt: the answer, or why there was none."""

    status: int | None
    said: str
    good: bool
    final: bool = False


def webhook_jobs(egress: Callable[[], Egress]) -> Mapping[str, JobKind]:
    """The kind of job for the composition root's table."""

    def run(job: JobRun) -> None:
        attempt(job, UUID(job.payload["event"]), job.payload["attempts"], egress())

    return {JOB: JobKind(run, attempts=20)}


def attempt(job: JobRun, event_id: UUID, attempts: int, egress: Egress) -> None:
    """Try to send one event, unless another has it, or an earlier one of the record is not through."""
    taken = job.engine.write(job.context, lambda tx: _take(tx, event_id, attempts, job.id))
    if taken is None:
        return
    event, hook = taken
    if hook is None or not hook.active:
        _end(job, event, "skipped", None, "The subscription is switched off.")
        return
    context = _person(job.engine, job.tenant, hook.run_as)
    if context is None:
        _end(job, event, "dead", None, "The person whose rights the subscription has is not active.")
        return
    body = job.engine.read(context, lambda tx: _payload(tx, event))
    if body is None:
        _end(
            job,
            event,
            "skipped",
            None,
            "The person whose rights the subscription has may not see the record.",
        )
        return
    job.progress({"attempt": attempts + 1})
    outcome = _send(job.engine, job.tenant, hook, event.id, body, egress)
    if outcome.good:
        _end(job, event, "sent", outcome.status, outcome.said)
    elif outcome.final or attempts >= len(WAITS):
        _end(job, event, "dead", outcome.status, outcome.said)
    else:
        _later(job, event, attempts, outcome)


def ping(engine: Engine, context: Context, webhook_id: UUID, egress: Egress) -> Outcome:
    """Send a subscriber something that is no change, to see whether it arrives. Raises Denied and UnknownWebhook."""
    hook = engine.read(context, lambda tx: find_webhook(tx, webhook_id))
    at = context.now
    body = wire_dumps(
        {"id": None, "type": "ping", "entity": hook.entity, "tenant": context.tenant.name, "at": at}
    )
    return _send(engine, context.tenant, hook, new_id(), body, egress)


def _take(tx: Transaction, event_id: UUID, attempts: int, job: UUID) -> tuple[Event, Webhook | None] | None:
    event = events.find_event(tx, event_id)
    if event is None or event.state != "waiting" or events.is_blocked(tx, event):
        return None
    if not events.take(tx, event, attempts, job):
        return None
    return event, webhook(tx, event.webhook)


def _end(job: JobRun, event: Event, state: str, status: int | None, said: str) -> None:
    job.commit(lambda tx: events.end(tx, event, state, status, said))


def _later(job: JobRun, event: Event, attempts: int, outcome: Outcome) -> None:
    wait = timedelta(seconds=WAITS[attempts])

    def work(tx: Transaction) -> None:
        events.end(tx, event, "waiting", outcome.status, outcome.said)
        events.queue(tx, event.id, attempts + 1, due_at=tx.context.now + wait)

    job.commit(work)


def _person(engine: Engine, tenant: Tenant, user: UUID) -> Context | None:
    with engine.database.connection() as connection:
        try:
            return context_for_user(connection, tenant, user)
        except Unauthenticated:
            return None


def _send(
    engine: Engine, tenant: Tenant, hook: Webhook, message: UUID, body: bytes, egress: Egress
) -> Outcome:
    if engine.vault is None:
        raise NoKey("This server has no key for secrets.")
    secret = engine.vault.open(hook.secret, secret_place(tenant.name, hook.id))
    try:
        return _outcome(post(egress, hook.url, body, headers(secret, str(message), body)))
    except FieldstoneError as error:
        return Outcome(None, error.message, False, error.kind in FINAL)


def _outcome(response: Response) -> Outcome:
    return Outcome(response.status, response.body, response.good, response.status == 410)


def _payload(tx: Transaction, event: Event) -> bytes | None:
    """The body of an event as the subscription's person may see it; None where that person may not see the record."""
    try:
        rights = access(tx, event.entity)
    except NotFound:
        return None
    if rights.reach("read") == "none":
        return None
    if event.verb != "delete" and event.record not in visible_ids(tx, event.entity, [event.record]):
        return None
    if event.verb == "delete" and rights.reach("read") != "all":
        return None
    readable = rights.readable
    return wire_dumps({
        "id": str(event.id), "type": f"{event.entity}.{event.verb}", "tenant": tx.context.tenant.name,
        "entity": event.entity, "record": str(event.record), "version": event.version, "verb": event.verb,
        "changed": [name for name in event.changed if name in readable], "at": event.at,
        "actor": str(event.actor) if event.actor else None,
        "values": _visible(tx, event, readable) if event.values else None,
    })  # fmt: skip


def _visible(tx: Transaction, event: Event, readable: frozenset[str]) -> dict[str, Any]:
    """The values that the person may read. What is computed from records that the person may not all see is left out."""
    entity = tx.model.entities[event.entity]
    program = program_for(tx.model, entity)
    met = _met(tx, program, event.values)
    narrowed = any(len(lines) < len(event.values[name]) for name, lines in met.items())
    if narrowed or any(_narrowed(tx, each) for each in _led_to(tx, program)):
        hidden = program.on_reading
    else:
        hidden = frozenset()
    found: dict[str, Any] = {}
    for name, value in event.values.items():
        field = entity.fields.get(name)
        owner = name if field is not None else _owner(entity, name)
        if owner in hidden or (owner is not None and owner not in readable):
            continue
        if field is not None and field.lines:
            found[name] = _lines(tx, field.lines, met.get(name, value))
        elif name == PENDING:
            found[name] = {one: told for one, told in (value or {}).items() if one in readable} or None
        else:
            found[name] = value
    return found


def _led_to(tx: Transaction, program: Program) -> Iterator[str]:
    """The entities whose records computed fields read by links, those of lines too."""
    yield from (link_target(program.entity, link) for link in program.hops)
    for field in program.lines:
        child = tx.model.entities[field.lines or ""]
        yield from (link_target(child, link) for link in program_for(tx.model, child).hops)


def _met(tx: Transaction, program: Program, values: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """By field of several links: the lines to records that the person may see."""
    joins = [field for field in program.lines if field.type == "multi_link" and values.get(field.name)]
    wanted: dict[str, set[UUID]] = {}
    for field in joins:
        wanted.setdefault(field.target or "", set()).update(UUID(line["id"]) for line in values[field.name])
    seen = joined_ids(tx, wanted)
    return {
        field.name: [
            line for line in values[field.name] if UUID(line["id"]) in seen.get(field.target or "", ())
        ]
        for field in joins
    }


def _owner(entity: Entity, name: str) -> str | None:
    """The field that decides about a value: an amount decides about its currency. None for additional properties."""
    if name in SYSTEM_FIELDS:
        return name
    base = name.removesuffix("_currency").removesuffix("_base")
    return base if base != name and base in entity.fields else None


def _lines(tx: Transaction, entity: str, lines: Any) -> list[dict[str, Any]]:
    readable, known = access(tx, entity).readable, tx.model.entities[entity].fields
    return [
        {name: value for name, value in line.items() if name in readable or name not in known}
        for line in lines or ()
    ]


def _narrowed(tx: Transaction, entity: str) -> bool:
    return read_predicate(tx, EntityColumns(tx.model, tx.model.entities[entity])) is not None
