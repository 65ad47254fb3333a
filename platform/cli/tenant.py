"""`fieldstone tenant create|list|host|delete`."""

import argparse

from fieldstone.app.services import open_services
from fieldstone.app.settings import read_settings
from fieldstone.cli.output import Output
from fieldstone.engine.tenants.create import delete_tenant
from fieldstone.engine.tenants.hosts import map_host
from fieldstone.engine.tenants.registry import list_tenants
from fieldstone.packages import create_tenant_from
from fieldstone.problems import FieldstoneError


class NotConfirmed(FieldstoneError):
    """Deleting needs the name once more."""

    code = "tenant.confirm"
    kind = "refused"


def configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True)
    create = actions.add_parser("create", help="make a tenant; prints the password of its user admin once")
    create.add_argument("name", help="lower-case letters, digits and hyphens")
    create.add_argument(
        "--package", action="append", default=[], metavar="PATH", help="a package folder; repeatable"
    )
    create.add_argument("--demo", action="store_true", help="load the packages' demo records too")
    create.add_argument("--title", default=None, help="the company's name")
    create.add_argument("--currency", default="USD", help="ISO 4217 code (USD)")
    create.add_argument("--time-zone", default="UTC", help="IANA name (UTC)")
    create.add_argument(
        "--language", action="append", default=[], help="en, zh-Hans, zh-Hant or ja; repeatable (all)"
    )
    create.set_defaults(handler=_create)
    listing = actions.add_parser("list", help="one name per line")
    listing.set_defaults(handler=_list)
    host = actions.add_parser("host", help="give a tenant a host of its own, where /api/v1 is its API")
    host.add_argument("name")
    host.add_argument("host", nargs="?", default=None, help="such as records.example.org; none takes it away")
    host.set_defaults(handler=_host)
    delete = actions.add_parser("delete", help="drop a tenant with everything in it")
    delete.add_argument("name")
    delete.add_argument("--yes", metavar="NAME", help="the tenant's name again")
    delete.set_defaults(handler=_delete)


def run(arguments: argparse.Namespace, output: Output) -> int:
    handler = arguments.handler
    return int(handler(arguments, output))


def _create(arguments: argparse.Namespace, output: Output) -> int:
    company = {
        "name": arguments.title or arguments.name,
        "currency": arguments.currency.upper(),
        "time_zone": arguments.time_zone,
        "languages": arguments.language or ["en", "zh-Hans", "zh-Hant", "ja"],
    }
    with open_services(read_settings()) as services:
        created = create_tenant_from(
            services.engine, arguments.name, arguments.package, demo=arguments.demo, company=company
        )
    data = {"tenant": arguments.name, "username": "admin", "password": created.password}
    output.result(data, f"tenant {arguments.name}: user admin, password {created.password}")
    return 0


def _list(arguments: argparse.Namespace, output: Output) -> int:
    with open_services(read_settings()) as services, services.engine.database.connection() as connection:
        names = [tenant.name for tenant in list_tenants(connection)]
    output.rows([{"name": name} for name in names], names)
    return 0


def _host(arguments: argparse.Namespace, output: Output) -> int:
    with open_services(read_settings()) as services, services.engine.database.connection() as connection:
        host = map_host(connection, arguments.name, arguments.host)
    text = f"{host} is {arguments.name}" if host else f"{arguments.name} has no host of its own"
    output.result({"tenant": arguments.name, "host": host}, text)
    return 0


def _delete(arguments: argparse.Namespace, output: Output) -> int:
    if arguments.yes != arguments.name:
        raise NotConfirmed(
            f"This drops every record of {arguments.name}; say --yes {arguments.name} to do it."
        )
    with open_services(read_settings()) as services:
        delete_tenant(services.engine, arguments.name)
    output.result({"deleted": arguments.name}, f"tenant {arguments.name} is deleted")
    return 0
