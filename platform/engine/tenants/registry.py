"""Which tenants there are, and where each one's records are: the control schema's list.

A tenant is looked up by every request, so `TenantRegistry` keeps what it found for a few seconds. What was
not found is never kept: a tenant that was just created answers at once.
"""

import time
from collections.abc import Callable
from typing import Final

import sqlalchemy as sa

from fieldstone.engine.cache import LRU
from fieldstone.engine.context import Tenant
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import Connection, Row, compile_plan
from fieldstone.engine.storage.names import lock_key
from fieldstone.problems import FieldstoneError

_COLUMNS: Final = (control.tenant.c.name, control.tenant.c.schema, control.tenant.c.role)
_ACTIVE: Final = sa.select(*_COLUMNS).where(control.tenant.c.state == "active")
_BY_NAME: Final = compile_plan(_ACTIVE.where(control.tenant.c.name == sa.bindparam("name")))
_BY_HOST: Final = compile_plan(_ACTIVE.where(control.tenant.c.host == sa.bindparam("host")))
_ALL: Final = compile_plan(_ACTIVE.order_by(control.tenant.c.name))


class UnknownTenant(FieldstoneError):
    """There is no tenant of this name, or it is not ready."""

    code = "tenant.unknown"
    kind = "not_found"


def find_tenant(connection: Connection, name: str) -> Tenant | None:
    """The active tenant of a name."""
    return _one(connection, connection.fetch(_BY_NAME, {"name": name}))


def find_host(connection: Connection, host: str) -> Tenant | None:
    """The active tenant that a host name is mapped to."""
    return _one(connection, connection.fetch(_BY_HOST, {"host": host.lower()}))


def list_tenants(connection: Connection) -> list[Tenant]:
    """All active tenants in name order."""
    return [_tenant(connection, row) for row in connection.fetch(_ALL)]


def need_tenant(connection: Connection, name: str) -> Tenant:
    """The active tenant of a name; UnknownTenant when there is none."""
    found = find_tenant(connection, name)
    if found is None:
        raise UnknownTenant(f'There is no tenant "{name}".', tenant=name)
    return found


def _one(connection: Connection, rows: list[Row]) -> Tenant | None:
    return _tenant(connection, rows[0]) if rows else None


def _tenant(connection: Connection, row: Row) -> Tenant:
    name, schema, role = row
    return Tenant(name, schema, role, lock_key(name, connection.raw.info.dbname))


class TenantRegistry:
    """Tenants by name and by host, remembered for `keep` seconds. Safe to share between threads."""

    def __init__(
        self, *, keep: float = 5.0, size: int = 4096, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._keep = keep
        self._clock = clock
        self._found: LRU[tuple[str, str], tuple[float, Tenant]] = LRU(size)

    def find(self, connection: Connection, name: str) -> Tenant | None:
        """Like `find_tenant`."""
        return self._remember("name", name, lambda: find_tenant(connection, name))

    def find_host(self, connection: Connection, host: str) -> Tenant | None:
        """Like the function `find_host`."""
        return self._remember("host", host, lambda: find_host(connection, host))

    def remembered(self, name: str) -> Tenant | None:
        """The tenant if it need not be asked for."""
        kept = self._found.get(("name", name))
        return kept[1] if kept is not None and kept[0] > self._clock() else None

    def _remember(self, kind: str, value: str, ask: Callable[[], Tenant | None]) -> Tenant | None:
        kept = self._found.get((kind, value))
        if kept is not None and kept[0] > self._clock():
            return kept[1]
        found = ask()
        if found is not None:
            self._found.put((kind, value), (self._clock() + self._keep, found))
        return found
