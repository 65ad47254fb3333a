"""What users and role grants may not become, whichever path a change takes: the guard of the record verbs.

* Nobody gives or takes a role, or changes the sign-in of a person, beyond what they manage themselves; an automation
  does neither, since it would lift its designer above themselves.
* Two user names that differ only in case are one name.
* Sessions of a user who is disabled or deleted end when the change is stored; they do not come back to life
  when the user does.

That somebody who can administer the tenant is always left is checked by the verbs themselves, at the end of
the transaction (`permissions.check_after`).
"""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from fieldstone.engine.identity import audit_log
from fieldstone.engine.identity.authority import require_covers
from fieldstone.engine.identity.sessions import end_sessions
from fieldstone.engine.permissions import Denied, check_grant
from fieldstone.engine.service import Change
from fieldstone.engine.storage.base_tables import USER
from fieldstone.engine.storage.connection import compile_plan
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import Problem

SIGN_IN_FIELDS: Final = frozenset({"username", "email", "active", "deleted_at"})
"""Fields of a user by which somebody else could become or lock out that user."""

_SAME_NAME: Final = compile_plan(
    sa.select(USER.c.id)
    .where(sa.func.lower(USER.c.username) == sa.func.lower(sa.bindparam("name", type_=sa.Text())))
    .where(USER.c.id.is_distinct_from(sa.bindparam("but", type_=sa.Uuid())))
    .where(USER.c.deleted_at.is_(None))
    .limit(1)
)


class IdentityGuard:
    """To be registered with the engine, for every process that writes records."""

    def before(self, tx: Transaction, change: Change) -> Sequence[Problem]:
        """Problems of the change; Denied when it is beyond the actor."""
        if change.entity == "role_grant":
            _refuse_automation(tx)
            check_grant(tx, change.old, change.new)
            audit_log.audit(
                tx, f"role.{_PAST.get(change.verb, 'changed')}", _subject(change), _grant_data(change)
            )
        if change.entity == "user":
            return self._user(tx, change)
        return ()

    def _user(self, tx: Transaction, change: Change) -> Sequence[Problem]:
        problems = _name_problems(tx, change)
        touched = change.changed & SIGN_IN_FIELDS or change.verb in ("delete", "restore")
        if change.old is not None and touched and change.record_id != tx.context.actor.id:
            _refuse_automation(tx)
            require_covers(tx, _uuid(change.record_id))
        if change.verb == "delete" or (change.new or {}).get("active") is False:
            _end_sessions_later(tx, _uuid(change.record_id))
        return problems


def _refuse_automation(tx: Transaction) -> None:
    """Raise Denied where a follower acts (by a conversion, say), whose rights are the platform's."""
    if tx.cause is not None:
        raise Denied("Automations change neither roles nor how people sign in.")


def _name_problems(tx: Transaction, change: Change) -> list[Problem]:
    name = (change.new or {}).get("username")
    if not name or change.verb not in ("create", "update", "restore"):
        return []
    if change.verb == "update" and "username" not in change.changed:
        return []
    if tx.fetch(_SAME_NAME, {"name": name, "but": change.record_id}):
        return [Problem("/username", "unique", "User name is already in use.")]
    return []


def _end_sessions_later(tx: Transaction, user_id: UUID) -> None:
    database, tenant, by = tx.engine.database, tx.context.tenant, tx.context.actor.id

    def end() -> None:
        with database.connection() as connection:
            end_sessions(connection, tenant, user_id, by=by)

    tx.after_commit.append(end)


_PAST: Final = {"create": "granted", "delete": "taken", "restore": "granted"}


def _subject(change: Change) -> str:
    return f"user/{(change.new or change.old or {}).get('user')}"


def _grant_data(change: Change) -> dict[str, Any]:
    return {"role": (change.new or change.old or {}).get("role")}


def _uuid(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(str(value))
