"""Whom a command acts as: the operator (the platform itself), or with `--user` one of the tenant's users."""

import argparse

from fieldstone.app.services import Services
from fieldstone.engine.context import Context
from fieldstone.engine.identity import context_for_user
from fieldstone.engine.query.listing import list_records
from fieldstone.engine.query.request import ListRequest
from fieldstone.engine.tenants.registry import need_tenant
from fieldstone.problems import FieldstoneError


class UnknownUser(FieldstoneError):
    """The tenant has no such user."""

    code = "user.unknown"
    kind = "not_found"


def add_actor(parser: argparse.ArgumentParser) -> None:
    """`--tenant` and `--user`."""
    parser.add_argument("--tenant", required=True, help="the tenant's name")
    parser.add_argument(
        "--user", help="act with this user's rights and name (default: the operator, with all)"
    )


def context_of(services: Services, arguments: argparse.Namespace) -> Context:
    """The context of the tenant and the actor that the command line names."""
    engine = services.engine
    with engine.database.connection() as connection:
        tenant = need_tenant(connection, arguments.tenant)
    system = engine.system_context(tenant)
    if not arguments.user:
        return system
    quoted = arguments.user.replace("\\", "\\\\").replace("'", "\\'")
    request = ListRequest(filter=f"username == '{quoted}'", fields=("username",), limit=1)
    page = engine.read(system, lambda tx: list_records(tx, "user", request))
    if not page.data:
        raise UnknownUser(f'There is no user "{arguments.user}" in {tenant.name}.')
    with engine.database.connection() as connection:
        return context_for_user(connection, tenant, page.data[0]["id"])
