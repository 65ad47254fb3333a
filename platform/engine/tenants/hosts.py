"""Host names of tenants: at its own host a tenant needs no name in the address."""

import re
from typing import Final

import psycopg
import sqlalchemy as sa

from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import Connection, compile_plan
from fieldstone.engine.tenants.registry import need_tenant
from fieldstone.problems import FieldstoneError

HOST: Final = re.compile(
    r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*"
)
_MAP: Final = compile_plan(
    sa.update(control.tenant)
    .where(control.tenant.c.name == sa.bindparam("of_name", type_=sa.Text()))
    .values(host=sa.bindparam("to_host", type_=sa.Text()))
    .returning(control.tenant.c.name)
)


class HostName(FieldstoneError):
    """What was given is no host name."""

    code = "host.malformed"
    kind = "invalid"


class HostTaken(FieldstoneError):
    """The host belongs to another tenant."""

    code = "host.taken"
    kind = "conflict"


def map_host(connection: Connection, name: str, host: str | None) -> str | None:
    """Give a tenant a host of its own, or take it away (None). What was looked up before is remembered for seconds.

    Raises UnknownTenant, HostName and HostTaken.
    """
    need_tenant(connection, name)
    host = host.lower().rstrip(".") if host is not None else None
    if host is not None and not HOST.fullmatch(host):
        raise HostName(f'"{host}" is no host name; give one such as records.example.org, without port.')
    try:
        connection.fetch(_MAP, {"of_name": name, "to_host": host})
    except psycopg.errors.UniqueViolation as error:
        raise HostTaken(f'"{host}" belongs to another tenant.') from error
    return host
