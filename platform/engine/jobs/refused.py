"""Entries of the queue that we did not write: refused by the worker, and kept here for people to see.

Whoever writes such entries may write many, so there is a bound on how many are kept of an hour.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from fieldstone.engine.context import Tenant
from fieldstone.engine.ids import new_id
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import Connection, compile_plan
from fieldstone.engine.tenants.registry import find_tenant

HOURLY: Final = 100
LONGEST: Final = 300
KEPT: Final = timedelta(days=90)
_TABLE = control.refused_entry
_OWNER = compile_plan(
    sa.select(control.job.c.tenant).where(control.job.c.id == sa.bindparam("job", type_=sa.Uuid()))
)
_RECENT = compile_plan(
    sa.select(sa.func.count()).where(
        _TABLE.c.at > sa.func.now() - sa.literal(timedelta(hours=1), sa.Interval())
    )
)
_ADD = compile_plan(
    sa.insert(_TABLE).values(
        {name: sa.bindparam(name, type_=_TABLE.c[name].type) for name in ("id", "entry", "problem", "tenant")}
    )
)
_TENANT = sa.bindparam("tenant_name", type_=sa.Text())
_LIST = compile_plan(
    sa.select(_TABLE.c.at, _TABLE.c.entry, _TABLE.c.problem)
    .where(sa.or_(_TENANT.is_(None), _TABLE.c.tenant.is_(None), _TABLE.c.tenant == _TENANT))
    .order_by(_TABLE.c.id.desc())
    .limit(sa.bindparam("limit", type_=sa.Integer()))
)
_SWEEP = compile_plan(sa.delete(_TABLE).where(_TABLE.c.at < sa.func.now() - sa.literal(KEPT, sa.Interval())))


@dataclass(frozen=True, slots=True)
class RefusedEntry:
    """One entry that was refused: when, what it was called, what was wrong."""

    at: datetime
    entry: str
    problem: str


def note_refused(connection: Connection, entry: str, problem: str) -> Tenant | None:
    """Keep a refused entry; the tenant whose job it named, if it named one."""
    if connection.fetch(_RECENT)[0][0] >= HOURLY:
        return None
    rows = connection.fetch(_OWNER, {"job": job_id}) if (job_id := _uuid(entry)) else []
    tenant = find_tenant(connection, rows[0][0]) if rows else None
    values = {
        "id": new_id(),
        "entry": _plain(entry),
        "problem": _plain(problem),
        "tenant": tenant and tenant.name,
    }
    connection.fetch(_ADD, values)
    return tenant


def refused_entries(
    connection: Connection, tenant: Tenant | None = None, limit: int = 20
) -> list[RefusedEntry]:
    """The latest refused entries; for a tenant those that named its jobs or nobody's, and not those of others."""
    name = tenant.name if tenant else None
    return [RefusedEntry(*row) for row in connection.fetch(_LIST, {"tenant_name": name, "limit": limit})]


def sweep_refused(connection: Connection) -> None:
    """Forget old ones."""
    connection.fetch(_SWEEP)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _plain(text: str) -> str:
    """Text of a stranger, short and without characters that do not show."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)[
        :LONGEST
    ]
