"""A tenant always keeps somebody who can administer it.

`check_after` runs inside the transaction, after a change of users or role grants and before the commit. It
takes a lock of its own first: two administrators who remove each other at the same time would otherwise both
see the other still there. The lock is held until the commit, so the second one sees what the first one did.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final, Protocol

import sqlalchemy as sa

from fieldstone.engine.context import Context
from fieldstone.engine.permissions.allowances import EVERY
from fieldstone.engine.permissions.errors import LastAdministrator
from fieldstone.engine.storage.base_tables import ROLE_GRANT, USER
from fieldstone.engine.storage.connection import Plan, Row, compile_plan
from fieldstone.metadata.definitions import Model

ADMINISTRATOR: Final = "administrator"
NEEDED_AREAS: Final = frozenset({"metadata", "users"})

WATCHED: Final[Mapping[str, frozenset[str]]] = {
    "user": frozenset({"active", "deleted_at"}),
    "role_grant": frozenset({"user", "role", "deleted_at"}),
}
"""Entities, and those of their fields, on which it depends who is an administrator."""

_LOCK: Final = compile_plan(
    sa.select(sa.func.pg_advisory_xact_lock(sa.bindparam("key", type_=sa.BigInteger())))
)
_LEFT: Final = compile_plan(
    sa.select(
        sa.exists()
        .where(ROLE_GRANT.c.role == ADMINISTRATOR)
        .where(ROLE_GRANT.c.deleted_at.is_(None))
        .where(USER.c.id == ROLE_GRANT.c.user)
        .where(USER.c.active.is_(True))
        .where(USER.c.deleted_at.is_(None))
    )
)


class Checking(Protocol):
    """The part of a transaction that this check uses."""

    @property
    def context(self) -> Context: ...

    def fetch_all(
        self, plans: Iterable[tuple[Plan, Mapping[str, Any]]], *, last: bool = False
    ) -> list[list[Row]]: ...


def check_after(tx: Checking, entity_name: str, changed: Collection[str] | None = None) -> None:
    """Raise LastAdministrator when no active user with the role administrator is left.

    Call it after an update, delete or restore and before the commit (a create takes nothing away); other
    entities, and changes of fields on which nothing depends, cost nothing. One round trip.
    """
    watched = WATCHED.get(entity_name)
    if watched is None or (changed is not None and not watched.intersection(changed)):
        return
    key = tx.context.tenant.lock_key ^ 1  # beside the lock that writes and publishes take
    left = tx.fetch_all([(_LOCK, {"key": key}), (_LEFT, {})])[1][0][0]
    if not left:
        raise LastAdministrator(
            "Nobody could administer this tenant any more. "
            "Give another active user the role administrator first."
        )


def check_model(model: Model) -> None:
    """Raise LastAdministrator when a model to be published has no working role administrator."""
    role = model.roles.get(ADMINISTRATOR)
    missing: list[str] = []
    if role is None:
        missing.append("the role itself")
    else:
        missing += [f"manages {area}" for area in sorted(NEEDED_AREAS - role.manages)]
        for name in (EVERY, "user", "role_grant"):
            grant = role.grants.get(name)
            if grant is None and name != EVERY:
                continue
            weak = [v for v in ("create", "read", "update") if grant is None or grant.verbs.get(v) != "all"]
            missing += [f"{verb} all {name}" for verb in weak]
            if grant is not None and (grant.hidden or grant.locked or grant.record_rules):
                missing.append(f"{name} without hidden or locked fields and record rules")
    if missing:
        raise LastAdministrator(
            f"The role administrator would lose what it needs: {', '.join(missing)}.", missing=missing
        )
