"""Incoming webhooks: another system starts an automation with a signed request.

The caller signs `<timestamp>.<body>` with the automation's secret (HMAC-SHA256, hex) and sends both in headers. The
timestamp must be fresh and a signature is taken once only, so that a request that somebody overheard is worth nothing.
Whatever is wrong with the signature, or that there is no such automation at all, gives the same answer.
"""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from fieldstone.engine.identity import audit
from fieldstone.engine.permissions import require_manage
from fieldstone.engine.query.columns import EntityColumns
from fieldstone.engine.records.errors import InvalidContent
from fieldstone.engine.records.states import stored
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import compile_plan
from fieldstone.engine.transaction import Transaction
from fieldstone.engine.vault import NoKey
from fieldstone.metadata.automation_rules import Automation
from fieldstone.problems import FieldstoneError, Problem
from fieldstone.workflows.automations.acting import ACTIONS
from fieldstone.workflows.automations.follower import ports_of
from fieldstone.workflows.automations.index import paths_of
from fieldstone.workflows.automations.performing import perform
from fieldstone.workflows.automations.subject import Subject, load_subjects
from fieldstone.workflows.automations.trace import Trace

FRESH: Final = timedelta(minutes=5)
PREFIX: Final = "sha256="
HOOK: Final = control.incoming_hook
SEEN: Final = control.incoming_seen
_SECRET: Final = compile_plan(
    sa.select(HOOK.c.secret).where(HOOK.c.automation == sa.bindparam("named", type_=sa.Text()))
)
_KEEP: Final = compile_plan(
    insert(HOOK)
    .values({n: sa.bindparam(n, type_=HOOK.c[n].type) for n in ("automation", "secret", "set_at", "set_by")})
    .on_conflict_do_update(
        index_elements=["automation"],
        set_={n: sa.bindparam(n, type_=HOOK.c[n].type) for n in ("secret", "set_at", "set_by")},
    )
)
_SET: Final = compile_plan(sa.select(HOOK.c.automation, HOOK.c.set_at))
_TAKE: Final = compile_plan(
    insert(SEEN)
    .values({n: sa.bindparam(n, type_=SEEN.c[n].type) for n in ("automation", "signature", "at")})
    .on_conflict_do_nothing()
    .returning(SEEN.c.automation)
)
_FORGET: Final = compile_plan(sa.delete(SEEN).where(SEEN.c.at < sa.bindparam("before", type_=SEEN.c.at.type)))


class Unsigned(FieldstoneError):
    """The request is not signed as it must be, or there is no such hook: the two look the same."""

    code = "hook.unsigned"
    kind = "unauthenticated"


class Replayed(FieldstoneError):
    """This very request was taken before."""

    code = "hook.replayed"
    kind = "conflict"


@dataclass(frozen=True, slots=True)
class Signed:
    """What came: the raw body, the timestamp header and the signature header."""

    body: bytes
    timestamp: str
    signature: str


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The signature of a request, as it stands in the header."""
    return PREFIX + hmac.new(secret.encode(), timestamp.encode() + b"." + body, sha256).hexdigest()


def new_secret(tx: Transaction, name: str) -> str:
    """Give a hook a new secret, which is shown this once; requests signed with the old one are refused from now on."""
    require_manage(tx, "metadata")
    automation = tx.model.automations.get(name)
    if automation is None or automation.trigger.on != "webhook":
        raise FieldstoneError(
            "There is no incoming webhook of this name.", code="automation.unknown", kind="not_found"
        )
    if tx.engine.vault is None:
        raise NoKey("This server has no key to store secrets with.")
    secret = secrets.token_urlsafe(32)
    sealed = tx.engine.vault.seal(secret, _place(tx, name))
    tx.defer(
        _KEEP, {"automation": name, "secret": sealed, "set_at": tx.context.now, "set_by": tx.context.actor.id}
    )
    audit(tx, "automation.secret", name)
    return secret


def secrets_set(tx: Transaction) -> dict[str, datetime]:
    """Since when each hook has its secret."""
    require_manage(tx, "metadata")
    return {row[0]: row[1] for row in tx.fetch(_SET)}


def receive(tx: Transaction, name: str, sent: Signed, value: Any) -> Trace | None:
    """Start a hook's automation; None when its condition does not hold. `value` is the body as JSON.

    Raises Unsigned, Replayed and InvalidContent.
    """
    automation = tx.model.automations.get(name)
    verify(tx, name, sent)
    if automation is None or automation.trigger.on != "webhook" or not automation.active:
        raise _unsigned()
    if not tx.fetch(_TAKE, {"automation": name, "signature": sent.signature, "at": tx.context.now}):
        raise Replayed("This request was taken already.")
    tx.defer(_FORGET, {"before": tx.context.now - 2 * FRESH})
    payload = read_payload(automation, value)
    subject = _subject(tx, automation, payload)
    if not subject.holds(tx, automation.when):
        return None
    return perform(tx, ports_of(tx), ACTIONS, automation, subject, "webhook")


def verify(tx: Transaction, name: str, sent: Signed) -> None:
    """Raise Unsigned unless the request is fresh and signed with the hook's secret."""
    rows = tx.fetch(_SECRET, {"named": name})
    vault = tx.engine.vault
    secret = (
        vault.open(rows[0][0], _place(tx, name)) if rows and vault is not None else secrets.token_urlsafe(32)
    )
    right = hmac.compare_digest(
        sign(secret, sent.timestamp, sent.body).encode(), sent.signature.encode(errors="replace")
    )
    if not right or not _fresh(sent.timestamp, tx.context.now):
        raise _unsigned()


def _fresh(timestamp: str, now: datetime) -> bool:
    if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
        return False
    return abs(now.timestamp() - int(timestamp)) <= FRESH.total_seconds()


def _unsigned() -> Unsigned:
    return Unsigned("The request is not signed with this hook's secret, or its time is over.")


def _place(tx: Transaction, name: str) -> str:
    return f"{tx.context.tenant.name}/hook/{name}"


def read_payload(automation: Automation, value: Any) -> dict[str, Any]:
    """The members of the body that the automation names, as values. Raises InvalidContent with every problem."""
    if not isinstance(value, Mapping):
        raise _wrong([Problem("", "type", "Must be an object.")])
    found: dict[str, Any] = {}
    problems = []
    for name, kind, required in automation.trigger.inputs:
        given = value.get(name)
        if given is None:
            found[name] = None
            if required:
                problems.append(Problem(f"/{name}", "required", f'"{name}" is required.', {"title": name}))
            continue
        read = READERS[kind](given)
        if read is None:
            problems.append(Problem(f"/{name}", "type", f'"{name}" must be {kind}.', {"title": name}))
        found[name] = read
    if problems:
        raise _wrong(problems)
    return found


def _wrong(problems: list[Problem]) -> InvalidContent:
    return InvalidContent(problems[0].message, problems=problems)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _integer(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal) or value != int(value):
        return None
    return int(value)


def _decimal(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return None
    try:
        found = Decimal(str(value))
    except ArithmeticError:
        return None
    return found if found.is_finite() else None


def _boolean(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _date(value: Any) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        return None


def _datetime(value: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


READERS: Final[Mapping[str, Any]] = {
    "text": _text, "integer": _integer, "decimal": _decimal, "boolean": _boolean, "date": _date, "datetime": _datetime,
}  # fmt: skip


def _subject(tx: Transaction, automation: Automation, payload: Mapping[str, Any]) -> Subject:
    """The record that the call is about, found by the trigger's `match`. Raises InvalidContent when there is none."""
    entity = tx.model.entities.get(automation.entity or "")
    blank = Subject(None, None, payload=payload)
    if entity is None or automation.trigger.match is None:
        return blank
    name, expression = automation.trigger.match
    wanted = blank.value(tx, expression)
    record_id = _find(tx, entity.name, name, wanted)
    found = load_subjects(tx, entity, [record_id], paths_of(automation)).get(record_id) if record_id else None
    if found is None:
        raise _wrong([Problem("", "hook.no_record", "There is no such record.")])
    return Subject(entity, found.record_id, found.values, found.raw, payload=payload)


def _find(tx: Transaction, entity_name: str, name: str, wanted: Any) -> UUID | None:
    entity = tx.model.entities[entity_name]
    if wanted is None:
        return None
    columns = EntityColumns(tx.model, entity)
    if name == "id":
        try:
            value: Any = UUID(str(wanted))
        except ValueError:
            return None
    else:
        value = stored(entity.fields[name], wanted, [])
        if value is None:
            return None
    statement = (
        sa.select(columns.own("id"))
        .where(
            columns.own(name) == sa.literal(value, columns.own(name).type),
            columns.own("deleted_at").is_(None),
        )
        .limit(2)
    )
    rows = tx.as_system().select(statement)
    return rows[0][0] if len(rows) == 1 else None
