"""One-time links in e-mails: whoever opens one sees the task, and decides by pressing a button, never by opening it.

A link is bound to one task and one person, can be used for one decision, and ends by itself. It opens nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from fieldstone.engine.identity.secret_text import digest, new_secret
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import compile_plan
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import FieldstoneError
from fieldstone.workflows.approvals.acting import act
from fieldstone.workflows.approvals.store import UnknownTask, load_run_of_task

PATH: Final = "decide"
"""Where the screens open a link, below the tenant."""

LIFE: Final = timedelta(days=14)
PREFIX: Final = "fst_"
BY_LINK: Final = ("approve", "reject", "return", "comment")
"""What can be done by a link; the rest needs a sign-in."""

_LINK: Final = control.approval_link
_HASH: Final = sa.bindparam("of_hash", type_=sa.LargeBinary())
_AT: Final = sa.bindparam("at", type_=control.STAMP)
_VALID: Final = sa.and_(_LINK.c.hash == _HASH, _LINK.c.used_at.is_(None), _LINK.c.expires_at > _AT)
_ADD: Final = compile_plan(
    sa.insert(_LINK).values(
        {
            name: sa.bindparam(f"c_{name}", type_=_LINK.c[name].type)
            for name in ("hash", "task", "user_id", "created_at", "expires_at")
        }
    )
)
_COLUMNS: Final = (_LINK.c.task, _LINK.c.user_id, _LINK.c.expires_at, _LINK.c.used_at)
_FIND: Final = compile_plan(sa.select(*_COLUMNS).where(_VALID))
_KNOWN: Final = compile_plan(sa.select(*_COLUMNS).where(_LINK.c.hash == _HASH, _LINK.c.expires_at > _AT))
_SPEND: Final = compile_plan(
    sa.update(_LINK).where(_VALID).values(used_at=_AT).returning(_LINK.c.task, _LINK.c.user_id)
)


@dataclass(frozen=True, slots=True)
class TaskLink:
    """What a link is for. `used_at` is when it decided."""

    task: UUID
    user: UUID
    expires_at: datetime
    used_at: datetime | None = None


class LinkOver(FieldstoneError):
    """The link was used, is too old, or never was one."""

    code = "link.invalid"
    kind = "not_found"


def task_link(tx: Transaction, task: UUID, user: UUID, *, life: timedelta = LIFE) -> str:
    """The secret of a new link; only its hash is stored."""
    secret, now = new_secret(PREFIX), tx.context.now
    values = {
        "hash": digest(secret),
        "task": task,
        "user_id": user,
        "created_at": now,
        "expires_at": now + life,
    }
    tx.defer(_ADD, {f"c_{name}": value for name, value in values.items()})
    return secret


def task_of_link(tx: Transaction, token: str) -> TaskLink:
    """What a link is for; looking does not use it up. Raises LinkOver."""
    rows = tx.fetch(_FIND, {"of_hash": digest(token), "at": tx.context.now})
    if not rows:
        raise LinkOver("This link was used already or is too old; sign in to see the task.")
    return TaskLink(*rows[0])


def known_link(tx: Transaction, token: str) -> TaskLink:
    """What a link is for, one that has decided included, until it ends by itself. Raises LinkOver."""
    rows = tx.fetch(_KNOWN, {"of_hash": digest(token), "at": tx.context.now})
    if not rows:
        raise LinkOver("There is no such link, or it is too old; sign in to see the task.")
    return TaskLink(*rows[0])


def link_path(tx: Transaction, task: UUID, user: UUID) -> str | None:
    """A new link for a mail, as a path below the tenant; None when there is nothing for the user to decide."""
    try:
        row = load_run_of_task(tx, task).run.tasks[task]
    except UnknownTask:
        return None
    if row.state != "open" or row.holder != user:
        return None
    return f"{PATH}/{task_link(tx, task, user)}"


def decide_by_link(
    tx: Transaction, token: str, action: str, body: Mapping[str, Any], *, if_match: int | None = None
) -> dict[str, Any]:
    """Do something with the link's task, as the link's user, who must be the transaction's actor. Raises LinkOver.

    A comment leaves the link as it is; a decision uses it up, in the same transaction.
    """
    link = task_of_link(tx, token)
    if action not in BY_LINK or link.user != tx.context.actor.id:
        raise LinkOver("This cannot be done by a link; sign in to see the task.")
    if action != "comment" and not tx.fetch(_SPEND, {"of_hash": digest(token), "at": tx.context.now}):
        raise LinkOver("This link was used already.")
    return act(tx, link.task, action, body, if_match=if_match)
