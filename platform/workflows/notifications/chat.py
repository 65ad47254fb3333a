"""Chat channels: rooms of chat tools that notices are posted to by a web hook of the room.

What a tool wants to be sent is data: a message template whose text is JSON (`chat_slack`, `chat_wecom`, `chat_dingtalk`,
`chat_feishu`, or one of a package). How a tool wants it signed is code, by the name of the format. The room's address and
secret are sealed: whoever knows the address may post.

A room has other readers than the receiver. So it is told what happened and where to look; texts and names of records
only where the channel says `details`.
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote_plus
from uuid import UUID

import sqlalchemy as sa

from fieldstone.engine.context import Tenant
from fieldstone.engine.egress import Egress
from fieldstone.engine.identity.audit_log import audit
from fieldstone.engine.ids import new_id
from fieldstone.engine.permissions import require_manage
from fieldstone.engine.service import Engine
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import compile_plan
from fieldstone.engine.transaction import Transaction
from fieldstone.engine.vault import NoKey
from fieldstone.engine.web_request import BadAddress, Response, target
from fieldstone.engine.web_request import post as send
from fieldstone.metadata.text_templates import render
from fieldstone.problems import FieldstoneError, Problem, did_you_mean
from fieldstone.workflows.notifications.notice import group_of
from fieldstone.workflows.notifications.store import Told, name_of
from fieldstone.workflows.notifications.wording import Words, say, words

TABLE: Final = control.chat_channel
PREFIX: Final = "chat_"
PLAIN: Final = "notice_plain"
NAME_LENGTH: Final = 80
_ID: Final = sa.bindparam("of_id", type_=sa.Uuid())
_NAMES: Final = ("id", "name", "format", "url", "secret", "details", "active", "created_at", "created_by")
_ALL: Final = compile_plan(sa.select(*(TABLE.c[name] for name in _NAMES)).order_by(TABLE.c.name, TABLE.c.id))
_ONE: Final = compile_plan(sa.select(*(TABLE.c[name] for name in _NAMES)).where(TABLE.c.id == _ID))
_PUT: Final = compile_plan(
    sa.insert(TABLE).values({name: sa.bindparam(name, type_=TABLE.c[name].type) for name in _NAMES})
)
_CHANGED: Final = ("name", "format", "url", "secret", "details", "active")
_CHANGE: Final = compile_plan(
    sa.update(TABLE)
    .where(TABLE.c.id == _ID)
    .values({name: sa.bindparam(name, type_=TABLE.c[name].type) for name in _CHANGED})
)
_DROP: Final = compile_plan(sa.delete(TABLE).where(TABLE.c.id == _ID))


class UnknownChannel(FieldstoneError):
    code = "chat.unknown"
    kind = "not_found"


class BadChannel(FieldstoneError):
    """Settings that cannot work; `problems` says where."""

    code = "chat.settings"
    kind = "invalid"


class ChatFailed(FieldstoneError):
    """The chat tool did not take the message."""

    code = "chat.failed"
    kind = "external"


@dataclass(frozen=True, slots=True)
class Channel:
    """A room that can be posted to. `url` and `secret` are sealed."""

    id: UUID
    name: str
    format: str
    url: str
    secret: str | None
    details: bool
    active: bool
    created_at: Any
    created_by: UUID | None

    def to_json(self) -> dict[str, Any]:
        """What may be shown of it."""
        return {
            "id": str(self.id), "name": self.name, "format": self.format, "has_secret": self.secret is not None,
            "details": self.details, "active": self.active, "created_at": self.created_at,
        }  # fmt: skip


def channels(tx: Transaction) -> list[Channel]:
    """All channels; asking whether the actor may know them is the caller's."""
    return [Channel(*row) for row in tx.fetch(_ALL)]


def channel(tx: Transaction, channel_id: UUID) -> Channel | None:
    rows = tx.fetch(_ONE, {"of_id": channel_id})
    return Channel(*rows[0]) if rows else None


def formats(tx: Transaction) -> list[str]:
    """The names of formats that there are templates for."""
    return sorted(name.removeprefix(PREFIX) for name in tx.model.templates if name.startswith(PREFIX))


def save_channel(tx: Transaction, body: Mapping[str, Any], channel_id: UUID | None = None) -> Channel:
    """Make a channel, or change one: what is left out stays. Raises Denied, BadChannel, UnknownChannel and NoKey."""
    require_manage(tx, "company")
    before = None
    if channel_id is not None:
        before = channel(tx, channel_id)
        if before is None:
            raise UnknownChannel("There is no such chat channel.")
    _check(tx, body, before)
    made = before.id if before else new_id()
    values: dict[str, Any] = {name: getattr(before, name) for name in _NAMES} if before else {
        "id": made, "secret": None, "details": False, "active": True, "created_at": tx.context.now,
        "created_by": tx.context.actor.id,
    }  # fmt: skip
    values.update({name: body[name] for name in ("name", "format", "details", "active") if name in body})
    for name in ("url", "secret"):
        if body.get(name):
            values[name] = _seal(tx, made, name, str(body[name]))
        elif name == "secret" and name in body and body[name] is None:
            values[name] = None
    if before is None:
        tx.defer(_PUT, values)
    else:
        tx.defer(_CHANGE, {"of_id": made, **{name: values[name] for name in _CHANGED}})
    audit(tx, "chat.changed", f"chat_channel/{made}", {"name": values["name"]})
    return Channel(**{name: values[name] for name in _NAMES})


def drop_channel(tx: Transaction, channel_id: UUID) -> None:
    """Forget a channel. Raises Denied and UnknownChannel."""
    require_manage(tx, "company")
    found = channel(tx, channel_id)
    if found is None:
        raise UnknownChannel("There is no such chat channel.")
    tx.defer(_DROP, {"of_id": channel_id})
    audit(tx, "chat.removed", f"chat_channel/{channel_id}", {"name": found.name})


def message(tx: Transaction, to: Channel, told: Told, site: str) -> dict[str, Any]:
    """What is posted of a notice, in the company's language; the transaction is the receiver's."""
    if to.details:
        found = words(tx, told)
    else:
        known = {"kind": told.kind, "group": group_of(told.kind), "person": tx.context.actor.name}
        plain = say(tx, PLAIN, {**known, "actor": name_of(tx, told.actor) if told.actor else ""})
        hidden = told.path if told.link and not told.link.startswith("e/") else None
        found = Words(plain.title, plain.text, "", hidden or "notifications")
    url = f"{site}/{found.path}" if site and found.path else ""
    return payload(
        tx, to, {"title": found.title, "text": found.text, "url": url, "person": tx.context.actor.name}
    )


def payload(tx: Transaction, to: Channel, values: Mapping[str, Any]) -> dict[str, Any]:
    """The body for a channel's tool. Raises BadChannel for a format whose template is not JSON."""
    template = tx.model.templates.get(PREFIX + to.format)
    if template is None:
        raise BadChannel(f'There is no chat format "{to.format}" any more.')
    locale = template.locale(tx.context.locale)
    text = render(template.text[locale], values, locale=locale, time_zone=tx.context.actor.time_zone)
    try:
        found = json.loads(text)
    except ValueError as error:
        raise BadChannel(f'The message template "{PREFIX}{to.format}" does not make JSON: {error}') from error
    if not isinstance(found, dict):
        raise BadChannel(f'The message template "{PREFIX}{to.format}" does not make a JSON object.')
    return found


def post(engine: Engine, tenant: Tenant, to: Channel, body: dict[str, Any], egress: Egress) -> Response:
    """Post to a channel. Raises ChatFailed with what the tool said, EgressRefused, HostUnreachable."""
    if engine.vault is None:
        raise NoKey("This server has no key for secrets.")
    url = engine.vault.open(to.url, _place(tenant.name, to.id, "url"))
    secret = engine.vault.open(to.secret, _place(tenant.name, to.id, "secret")) if to.secret else None
    if secret and to.format in SIGNERS:
        url, body = SIGNERS[to.format](url, body, secret, time.time())
    content = json.dumps(body, ensure_ascii=False).encode()
    response = send(egress, url, content, {"Content-Type": "application/json; charset=utf-8"})
    if not response.good or not _taken(response.body):
        raise ChatFailed(f"The chat tool answered: {response.status} {response.body[:300]}")
    return response


def _taken(body: str) -> bool:
    """Whether the tool says that it took the message; several answer 200 for what they refuse."""
    try:
        found = json.loads(body)
    except ValueError:
        return True
    if not isinstance(found, dict):
        return True
    return not any(found.get(name) for name in ("errcode", "code", "StatusCode"))


def sign_dingtalk(url: str, body: dict[str, Any], secret: str, now: float) -> tuple[str, dict[str, Any]]:
    """DingTalk: milliseconds and secret, signed with the secret, in the address."""
    stamp = str(round(now * 1000))
    digest = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()
    sign = quote_plus(base64.b64encode(digest).decode())
    joint = "&" if "?" in url else "?"
    return f"{url}{joint}timestamp={stamp}&sign={sign}", body


def sign_feishu(url: str, body: dict[str, Any], secret: str, now: float) -> tuple[str, dict[str, Any]]:
    """Feishu: nothing, signed with seconds and secret, in the body."""
    stamp = str(int(now))
    digest = hmac.new(f"{stamp}\n{secret}".encode(), b"", hashlib.sha256).digest()
    return url, {"timestamp": stamp, "sign": base64.b64encode(digest).decode(), **body}


Signer = Callable[[str, dict[str, Any], str, float], tuple[str, dict[str, Any]]]
SIGNERS: Final[Mapping[str, Signer]] = {"dingtalk": sign_dingtalk, "feishu": sign_feishu}
"""How a format's tool wants its messages signed. Slack and WeCom know a room by its address alone."""


def _check(tx: Transaction, body: Mapping[str, Any], before: Channel | None) -> None:
    problems = []
    name = body.get("name", before.name if before else "")
    if not isinstance(name, str) or not 0 < len(name.strip()) <= NAME_LENGTH or not name.isprintable():
        problems.append(Problem("/name", "chat.name", f"Give a name of at most {NAME_LENGTH} characters."))
    known = formats(tx)
    form = body.get("format", before.format if before else "")
    if form not in known:
        told = f"Choose one of {', '.join(known)}{did_you_mean(str(form), known)}."
        problems.append(Problem("/format", "chat.format", told))
    if body.get("url") or before is None:
        try:
            target(str(body.get("url") or ""))
        except BadAddress as error:
            problems.append(Problem("/url", "chat.url", error.message))
    if problems:
        raise BadChannel("The channel cannot work like this.", problems=problems)


def _seal(tx: Transaction, channel_id: UUID, name: str, plain: str) -> str:
    if tx.engine.vault is None:
        raise NoKey("This server has no key for secrets.")
    return tx.engine.vault.seal(plain, _place(tx.context.tenant.name, channel_id, name))


def _place(tenant: str, channel_id: UUID, name: str) -> str:
    return f"{tenant}/chat/{channel_id}/{name}"
