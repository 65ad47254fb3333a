"""What `make run` starts: `serve`, with a tenant `demo` to look around in.

`python -m fieldstone.app.demo PORT PACKAGE`: the port to listen on and the package folder of the demo tenant.
"""

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from fieldstone.app.logs import configure_logs
from fieldstone.app.serve import serve
from fieldstone.app.services import Services
from fieldstone.app.settings import read_settings
from fieldstone.engine.identity import find_person, set_password
from fieldstone.engine.query.listing import list_records
from fieldstone.engine.query.request import ListRequest
from fieldstone.engine.tenants.registry import find_tenant
from fieldstone.packages import create_tenant_from
from fieldstone.problems import FieldstoneError

TENANT = "demo"
PASSWORD = "look-around-42"
"""Of every demo account: they are on this machine only, and in a tenant made to be played with."""


def prepare(services: Services, package: Path) -> Sequence[str]:
    """Make the demo tenant where it is missing; the lines that tell how to sign in."""
    with services.engine.database.connection() as connection:
        tenant = find_tenant(connection, TENANT)
    if tenant is None:
        company = {"name": "Demo Trading", "currency": "USD", "languages": ["en", "zh-Hans", "zh-Hant", "ja"]}
        tenant = create_tenant_from(services.engine, TENANT, [package], demo=True, company=company).tenant
    accounts = demo_accounts(services)
    with services.engine.database.connection() as connection:
        for name, _ in accounts:
            person = find_person(connection, tenant, name)
            if person is not None:
                set_password(connection, tenant, person.id, PASSWORD)
    width = max(len(name) for name, _ in accounts)
    lines = [f"    {name:<{width}}  {title}" for name, title in accounts]
    return [f"Sign in to workspace {TENANT!r}, password {PASSWORD!r} for each of:", *lines]


def demo_accounts(services: Services) -> list[tuple[str, str]]:
    """User names with what each one's roles are called."""
    with services.engine.database.connection() as connection:
        tenant = find_tenant(connection, TENANT)
    assert tenant is not None
    context = services.engine.system_context(tenant)
    request = ListRequest(fields=("role", "user"), expand=("user",), sort=("created_at",), limit=200)
    page = services.engine.read(context, lambda tx: list_records(tx, "role_grant", request))
    model = services.engine.read(context, lambda tx: tx.model)
    return [
        (row["user"]["username"], model.roles[row["role"]].title)
        for row in page.data
        if isinstance(row["user"], dict)
    ]


def main(port: int, package: Path) -> int:
    settings = read_settings()
    configure_logs(settings.log_level)
    try:
        serve(
            settings,
            "127.0.0.1",
            port,
            lambda text: print(text, flush=True),
            partial(prepare, package=package),
        )
    except FieldstoneError as error:
        print(f"fieldstone: {error.message}", file=sys.stderr)
        for problem in error.problems:
            print(f"  {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), Path(sys.argv[2])))
