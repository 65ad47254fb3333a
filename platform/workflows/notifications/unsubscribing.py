"""Ending mails of a kind by a link in one of them, without signing in.

The link holds who it is for and which kind, sealed with the server's key, so nobody can make one. Opening it shows what
would be ended; only a POST ends it, since mail programs open links by themselves.
"""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from fieldstone.engine.context import Tenant
from fieldstone.engine.service import Engine
from fieldstone.engine.vault import Unopened
from fieldstone.problems import FieldstoneError
from fieldstone.workflows.notifications.notice import GROUPS
from fieldstone.workflows.notifications.preferences import change_of, preferences_of
from fieldstone.workflows.notifications.store import name_of

PATH: Final = "unsubscribe"


class BadLink(FieldstoneError):
    """A link that does not end any mails."""

    code = "unsubscribe.link"
    kind = "not_found"


@dataclass(frozen=True, slots=True)
class Ending:
    """What a link ends: mails of a group to a user. `already` when they are off."""

    user: UUID
    group: str
    name: str
    already: bool


def unsubscribe_path(engine: Engine, tenant: Tenant, user: UUID, group: str) -> str | None:
    """The path below the tenant that ends mails of a group to somebody; None for a server without a key."""
    if engine.vault is None:
        return None
    sealed = engine.vault.seal(json.dumps([str(user), group]), _place(tenant))
    return f"{PATH}/{base64.urlsafe_b64encode(sealed.encode()).decode().rstrip('=')}"


def read_link(engine: Engine, tenant: Tenant, token: str) -> Ending:
    """What a link is for. Raises BadLink."""
    user, group = _opened(engine, tenant, token)

    def work(tx: Any) -> Ending:
        off = preferences_of(tx, [user])[user].ways(group).mail == "off"
        return Ending(user, group, name_of(tx, user), off)

    return engine.read(engine.system_context(tenant), work)


def end_mails(engine: Engine, tenant: Tenant, token: str) -> Ending:
    """End the mails of a link. Raises BadLink."""
    ending = read_link(engine, tenant, token)
    changes = {"groups": {ending.group: {"mail": "off"}}}
    engine.write(engine.system_context(tenant), lambda tx: change_of(tx, ending.user, changes))
    return ending


def _opened(engine: Engine, tenant: Tenant, token: str) -> tuple[UUID, str]:
    if engine.vault is None:
        raise BadLink("This link ends no mails.")
    try:
        sealed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
        user, group = json.loads(engine.vault.open(sealed, _place(tenant)))
        found = UUID(user), str(group)
    except (Unopened, ValueError, TypeError, binascii.Error) as error:
        raise BadLink("This link ends no mails.") from error
    if found[1] not in GROUPS:
        raise BadLink("This link ends no mails.")
    return found


def _place(tenant: Tenant) -> str:
    return f"unsubscribe/{tenant.name}"
