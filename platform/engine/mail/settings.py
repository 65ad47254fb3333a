"""The mail server of a tenant: read by whoever sends, changed by those who manage the company."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from fieldstone.engine.context import Context, Tenant
from fieldstone.engine.identity import audit_log
from fieldstone.engine.identity.together import together
from fieldstone.engine.permissions import require_manage
from fieldstone.engine.service import Engine
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import Connection, compile_plan
from fieldstone.problems import FieldstoneError, Problem

SECURITY: Final = ("starttls", "tls", "none")
"""How the connection is made safe: STARTTLS demanded, TLS from the start, or not at all."""

HOST: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?|[0-9A-Fa-f:]{2,45}")
ADDRESS: Final = re.compile(r"[^\s@<>\",;:\\()\[\]]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")

_TABLE: Final = control.mail
_NAMES: Final = ("host", "port", "security", "username", "password", "sender", "sender_name", "site")
_OF: Final = _TABLE.c.tenant == sa.bindparam("of_tenant", type_=sa.Text())
_READ: Final = compile_plan(sa.select(*(_TABLE.c[name] for name in _NAMES)).where(_OF))
_INSERT: Final = insert(_TABLE).values(
    {name: sa.bindparam(name, type_=_TABLE.c[name].type) for name in ("tenant", *_NAMES)}
)
_PUT: Final = compile_plan(
    _INSERT.on_conflict_do_update(
        index_elements=["tenant"], set_={name: _INSERT.excluded[name] for name in _NAMES}
    )
)
_DROP: Final = compile_plan(sa.delete(_TABLE).where(_OF))


@dataclass(frozen=True, slots=True)
class MailSettings:
    """A mail server and who mail comes from. `site` is this product's own address, for links in mails."""

    host: str
    port: int
    security: str
    username: str
    password: str
    sender: str
    sender_name: str
    site: str

    def __repr__(self) -> str:
        return f"MailSettings({self.host}:{self.port})"


class BadMailSettings(FieldstoneError):
    """Settings that cannot work; `problems` says where."""

    code = "mail.settings"
    kind = "invalid"


def mail_settings(connection: Connection, tenant: Tenant) -> MailSettings | None:
    """The tenant's mail server; None while there is none."""
    rows = connection.fetch(_READ, {"of_tenant": tenant.name})
    return MailSettings(*rows[0]) if rows else None


def save_mail(engine: Engine, context: Context, body: Mapping[str, Any]) -> MailSettings:
    """Set the mail server. Without a password the one before is kept, as long as host and user name are the same.

    Raises Denied and BadMailSettings.
    """
    engine.read(context, lambda tx: require_manage(tx, "company"))
    with engine.database.connection() as connection:
        before = mail_settings(connection, context.tenant)
        found = _checked(body, before)
        values = {"tenant": context.tenant.name, **{name: getattr(found, name) for name in _NAMES}}
        data = {"host": found.host, "port": found.port, "security": found.security, "sender": found.sender}
        entry = audit_log.values(
            "mail.changed", actor=context.actor.id, request_id=context.request_id, data=data
        )
        together(connection, context.tenant, [(_PUT, values), (audit_log.INSERT, entry)])
    return found


def drop_mail(engine: Engine, context: Context) -> None:
    """Forget the mail server with its password. Raises Denied."""
    engine.read(context, lambda tx: require_manage(tx, "company"))
    with engine.database.connection() as connection:
        entry = audit_log.values("mail.removed", actor=context.actor.id, request_id=context.request_id)
        together(
            connection,
            context.tenant,
            [(_DROP, {"of_tenant": context.tenant.name}), (audit_log.INSERT, entry)],
        )


def _checked(body: Mapping[str, Any], before: MailSettings | None) -> MailSettings:
    text = {name: str(body.get(name) or "").strip() for name in _NAMES}
    problems = []
    if not HOST.fullmatch(text["host"]):
        problems.append(
            Problem("/host", "mail.host", "Give the name of a mail server, such as smtp.example.org.")
        )
    port = (
        int(text["port"])
        if text["port"].isascii() and text["port"].isdigit() and len(text["port"]) < 6
        else 0
    )
    if not 0 < port < 65536:
        problems.append(Problem("/port", "mail.port", "Give a port from 1 to 65535: mostly 587 or 465."))
    if text["security"] not in SECURITY:
        problems.append(Problem("/security", "mail.security", f"Choose one of {', '.join(SECURITY)}."))
    if not ADDRESS.fullmatch(text["sender"]):
        problems.append(Problem("/sender", "mail.sender", "Give the address that mail comes from."))
    site = urlsplit(text["site"])
    if site.scheme not in ("http", "https") or not site.netloc or site.query or site.fragment:
        problems.append(
            Problem(
                "/site", "mail.site", "Give the address of this site, such as https://fieldstone.example.org."
            )
        )
    for name in _NAMES:
        if len(text[name]) > 400 or any(not char.isprintable() for char in text[name]):
            problems.append(Problem(f"/{name}", "mail.text", "This cannot be a setting of a mail server."))
    if problems:
        raise BadMailSettings("The mail settings cannot work like this.", problems=problems)
    password = str(body.get("password") or "")
    if (
        not password
        and before is not None
        and (before.host, before.username) == (text["host"], text["username"])
    ):
        password = before.password
    values = {
        **text,
        "port": port,
        "password": password if text["username"] else "",
        "site": text["site"].rstrip("/"),
    }
    return MailSettings(**values)  # type: ignore[arg-type]
