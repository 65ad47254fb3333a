"""A tree stays a tree: a record can hang neither below itself nor below what hangs below it.

A guard of the record verbs, for every entity with a `parent` field. Moves in one tenant wait for each other: two
that are right each for itself could together make a circle.
"""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from fieldstone.engine.service import Change
from fieldstone.engine.storage.connection import compile_plan
from fieldstone.engine.storage.tables import table_for
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Field
from fieldstone.problems import Problem

_LOCK: Final = compile_plan(
    sa.select(sa.func.pg_advisory_xact_lock(sa.bindparam("key", type_=sa.BigInteger())))
)


class TreeGuard:
    """To be registered with the engine, for every process that writes records."""

    def before(self, tx: Transaction, change: Change) -> Sequence[Problem]:
        """A problem for each parent field that would lead back to the record."""
        if change.verb != "update" or change.new is None:
            return ()
        fields = [tx.model.entities[change.entity].fields.get(name) for name in change.changed]
        moved = [field for field in fields if field is not None and field.type == "parent"]
        return [_problem(field) for field in moved if _leads_back(tx, change, field)]


def _leads_back(tx: Transaction, change: Change, field: Field) -> bool:
    above = (change.new or {}).get(field.name)
    if above is None:
        return False
    if str(above) == str(change.record_id):
        return True
    tx.fetch(
        _LOCK, {"key": tx.context.tenant.lock_key ^ 2}
    )  # beside those of publishing and of administrators
    built = table_for(tx.model.entities[change.entity])
    own, link = built.fields["id"], built.fields[field.name]
    start = sa.bindparam("start", type_=sa.Uuid())
    up = sa.select(own.label("id"), link.label("above")).where(own == start).cte("up", recursive=True)
    up = up.union(sa.select(own, link).where(own == up.c.above))
    record = sa.bindparam("record", type_=sa.Uuid())
    found: sa.Select[Any] = sa.select(sa.literal_column("1")).where(up.c.id == record).limit(1)
    values: dict[str, Any] = {"start": UUID(str(above)), "record": UUID(str(change.record_id))}
    return bool(tx.select(found, values))


def _problem(field: Field) -> Problem:
    message = f"{field.title}: a record cannot hang below itself."
    return Problem(f"/{field.name}", "parent.circle", message, {"title": field.title})
