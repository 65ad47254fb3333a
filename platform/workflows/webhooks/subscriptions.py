"""Subscriptions: which system is told of which changes, and with whose rights.

What is sent is what the person who saved the subscription last may see. The secret is sealed and shown once. With each
change the company's settings get the list of what is subscribed to (`webhooks`: entity -> [[id, verbs]]), in the same
transaction: there every write finds it without asking.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, insert

from fieldstone.engine.context import Context
from fieldstone.engine.identity import audit_log
from fieldstone.engine.identity.together import together
from fieldstone.engine.ids import new_id
from fieldstone.engine.permissions import require_manage
from fieldstone.engine.service import Engine
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import compile_plan
from fieldstone.engine.transaction import Transaction
from fieldstone.engine.vault import NoKey
from fieldstone.engine.web_request import BadAddress, target
from fieldstone.problems import FieldstoneError, Problem, did_you_mean
from fieldstone.workflows.webhooks.signing import is_secret, new_secret

TABLE: Final = control.webhook
VERBS: Final = ("create", "update", "delete", "restore")
SETTING: Final = "webhooks"
AREA: Final = "company"
MOST: Final = 100
NAME_LENGTH: Final = 80
_NAMES: Final = (
    "id", "name", "entity", "verbs", "url", "secret", "active", "run_as", "created_at", "version",
)  # fmt: skip
_ID: Final = sa.bindparam("of_id", type_=sa.Uuid())
_ALL: Final = compile_plan(sa.select(*(TABLE.c[name] for name in _NAMES)).order_by(TABLE.c.name, TABLE.c.id))
_ONE: Final = compile_plan(sa.select(*(TABLE.c[name] for name in _NAMES)).where(TABLE.c.id == _ID))
_INSERT: Final = insert(TABLE).values({name: sa.bindparam(name, type_=TABLE.c[name].type) for name in _NAMES})
_PUT: Final = compile_plan(
    _INSERT.on_conflict_do_update(
        index_elements=[TABLE.c.id], set_={name: _INSERT.excluded[name] for name in _NAMES if name != "id"}
    )
)
_DROP: Final = compile_plan(sa.delete(TABLE).where(TABLE.c.id == _ID))
_DROP_EVENTS: Final = compile_plan(
    sa.delete(control.webhook_event).where(control.webhook_event.c.webhook == _ID)
)
_LOCK: Final = compile_plan(sa.select(control.state.c.number).with_for_update())
_OF_ENTITY: Final = (
    sa.select(
        TABLE.c.entity,
        sa.func.jsonb_agg(sa.func.jsonb_build_array(TABLE.c.id, sa.func.to_jsonb(TABLE.c.verbs))).label(
            "hooks"
        ),
    )
    .where(TABLE.c.active)
    .group_by(TABLE.c.entity)
    .subquery("of_entity")
)
_SUBSCRIBED: Final = sa.select(
    sa.func.coalesce(sa.func.jsonb_object_agg(_OF_ENTITY.c.entity, _OF_ENTITY.c.hooks), sa.cast({}, JSONB()))
).scalar_subquery()
_INDEX: Final = compile_plan(
    sa.update(control.state).values(
        company=control.state.c.company.op("||", return_type=JSONB())(
            sa.func.jsonb_build_object(sa.cast(SETTING, sa.Text()), _SUBSCRIBED)
        )
    )
)


class UnknownWebhook(FieldstoneError):
    code = "webhook.unknown"
    kind = "not_found"


class BadWebhook(FieldstoneError):
    """A subscription that cannot work; `problems` says where."""

    code = "webhook.settings"
    kind = "invalid"


@dataclass(frozen=True, slots=True)
class Webhook:
    """A subscription. `secret` is sealed."""

    id: UUID
    name: str
    entity: str
    verbs: tuple[str, ...]
    url: str
    secret: str
    active: bool
    run_as: UUID
    created_at: Any
    version: int

    def to_json(self) -> dict[str, Any]:
        """What may be shown of it."""
        return {
            "id": str(self.id), "name": self.name, "entity": self.entity, "verbs": list(self.verbs), "url": self.url,
            "active": self.active, "run_as": str(self.run_as), "created_at": self.created_at, "version": self.version,
        }  # fmt: skip


def webhooks(tx: Transaction) -> list[Webhook]:
    """All subscriptions. Raises Denied."""
    require_manage(tx, AREA)
    return [_made(row) for row in tx.fetch(_ALL)]


def find_webhook(tx: Transaction, webhook_id: UUID) -> Webhook:
    """A subscription. Raises Denied and UnknownWebhook."""
    require_manage(tx, AREA)
    found = webhook(tx, webhook_id)
    if found is None:
        raise UnknownWebhook("There is no such web hook.")
    return found


def webhook(tx: Transaction, webhook_id: UUID) -> Webhook | None:
    """A subscription, for whoever sends."""
    rows = tx.fetch(_ONE, {"of_id": webhook_id})
    return _made(rows[0]) if rows else None


def subscribed(settings: Mapping[str, Any], entity: str) -> list[tuple[UUID, frozenset[str]]]:
    """Who is told of changes of an entity, by what the company's settings say."""
    found = (settings.get(SETTING) or {}).get(entity) or ()
    return [(UUID(hook), frozenset(verbs)) for hook, verbs in found]


def save_webhook(
    engine: Engine, context: Context, body: Mapping[str, Any], webhook_id: UUID | None = None
) -> tuple[Webhook, str | None]:
    """Make a subscription, or change one: what is left out stays. With it comes a secret that was made, to be shown once.

    `secret` in the body is one of the caller's own; null makes a new one. Raises Denied, BadWebhook, UnknownWebhook, NoKey.
    """
    before, entities, count = engine.read(context, lambda tx: _found(tx, webhook_id))
    if context.actor.id is None:
        raise FieldstoneError("Web hooks belong to people.", code="account.none", kind="refused")
    _check(body, before, entities, count)
    made = before.id if before else new_id()
    plain = body.get("secret") or (new_secret() if before is None or "secret" in body else None)
    if engine.vault is None:
        raise NoKey("This server has no key for secrets.")
    if plain:
        secret = engine.vault.seal(plain, secret_place(context.tenant.name, made))
    else:
        assert before is not None
        secret = before.secret
    values = {
        "id": made, "secret": secret, "run_as": context.actor.id,
        "name": str(body.get("name", before.name if before else "")).strip(),
        "entity": body.get("entity", before.entity if before else ""),
        "verbs": list(body.get("verbs", before.verbs if before else VERBS)),
        "url": body.get("url", before.url if before else ""),
        "active": body.get("active", before.active if before else True),
        "created_at": before.created_at if before else context.now, "version": before.version + 1 if before else 1,
    }  # fmt: skip
    data = {name: values[name] for name in ("name", "entity", "verbs", "url", "active")}
    _store(engine, context, "webhook.changed", made, data, [(_PUT, values)])
    return _made([values[name] for name in _NAMES]), None if body.get("secret") else plain


def drop_webhook(engine: Engine, context: Context, webhook_id: UUID) -> None:
    """Forget a subscription with its log. Raises Denied and UnknownWebhook."""
    found = engine.read(context, lambda tx: find_webhook(tx, webhook_id))
    plans = [(_DROP_EVENTS, {"of_id": webhook_id}), (_DROP, {"of_id": webhook_id})]
    _store(engine, context, "webhook.removed", webhook_id, {"name": found.name}, plans)


def secret_place(tenant: str, webhook_id: UUID) -> str:
    """Where a subscription's secret opens."""
    return f"{tenant}/webhook/{webhook_id}"


def _store(
    engine: Engine, context: Context, event: str, webhook_id: UUID, data: Mapping[str, Any], plans: list[Any]
) -> None:
    """The settings' row is locked first, so that two changes at once cannot leave one of them out of the list."""
    entry = audit_log.values(
        event,
        actor=context.actor.id,
        subject=f"webhook/{webhook_id}",
        request_id=context.request_id,
        data=data,
    )
    with engine.database.connection() as connection:
        steps = [(_LOCK, {}), *plans, (_INDEX, {}), (audit_log.INSERT, entry)]
        together(connection, context.tenant, steps)


def _found(tx: Transaction, webhook_id: UUID | None) -> tuple[Webhook | None, list[str], int]:
    known = webhooks(tx)
    entities = [entity.name for entity in tx.model.entities.values() if entity.parent is None]
    if webhook_id is None:
        return None, entities, len(known)
    return find_webhook(tx, webhook_id), entities, 0


def _made(row: Any) -> Webhook:
    values = dict(zip(_NAMES, row, strict=True))
    return Webhook(**{**values, "verbs": tuple(values["verbs"])})


def _check(body: Mapping[str, Any], before: Webhook | None, entities: list[str], count: int) -> None:
    problems = []
    name = body.get("name", before.name if before else "")
    if not isinstance(name, str) or not 0 < len(name.strip()) <= NAME_LENGTH or not name.isprintable():
        problems.append(Problem("/name", "webhook.name", f"Give a name of at most {NAME_LENGTH} characters."))
    entity = body.get("entity", before.entity if before else "")
    if entity not in entities:
        told = f'There is no entity "{entity}"{did_you_mean(str(entity), entities)}.'
        problems.append(Problem("/entity", "webhook.entity", told))
    verbs = body.get("verbs", VERBS)
    if not isinstance(verbs, (list, tuple)) or not verbs or not all(verb in VERBS for verb in verbs):
        problems.append(Problem("/verbs", "webhook.verbs", f"Choose at least one of {', '.join(VERBS)}."))
    if "url" in body or before is None:
        try:
            target(str(body.get("url") or ""))
        except BadAddress as error:
            problems.append(Problem("/url", "webhook.url", error.message))
    if not isinstance(body.get("active", True), bool):
        problems.append(Problem("/active", "webhook.active", "Must be true or false."))
    secret = body.get("secret")
    if secret is not None and not is_secret(str(secret)):
        told = "A secret is whsec_ and 24 to 64 bytes in base64; leave it out to have one made."
        problems.append(Problem("/secret", "webhook.secret", told))
    if before is None and count >= MOST:
        problems.append(Problem("", "webhook.many", f"There are {MOST} web hooks already."))
    if problems:
        raise BadWebhook("The web hook cannot work like this.", problems=problems)
