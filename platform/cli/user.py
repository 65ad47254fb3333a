"""`fieldstone user create|list|grant|disable|enable`: people of a tenant, by the operator."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from uuid import UUID

from fieldstone.app.services import open_services
from fieldstone.app.settings import read_settings
from fieldstone.cli.output import Output
from fieldstone.engine.context import Context, Tenant
from fieldstone.engine.identity import new_password, password_problems, set_password
from fieldstone.engine.identity.administer import (
    UserRow,
    add_user,
    grant_role,
    list_users,
    repair_administrator,
    set_active,
    take_role,
    team_named,
    user_named,
)
from fieldstone.engine.identity.passwords import WeakPassword
from fieldstone.engine.permissions import ADMINISTRATOR
from fieldstone.engine.service import Engine
from fieldstone.engine.tenants.registry import need_tenant
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import FieldstoneError


class RepairsAdministrators(FieldstoneError):
    """`--repair` is for the role administrator."""

    code = "user.repair"
    kind = "malformed"


def configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True)
    create = _action(actions, "create", "add a user; prints the password once", _create)
    create.add_argument("--name", help="the name that others see (default: the user name)")
    create.add_argument("--email")
    create.add_argument("--team", help="name of the team")
    create.add_argument("--role", action="append", default=[], help="a role; repeatable")
    create.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    listing = actions.add_parser("list", help="user name, name, team and roles, one line each")
    listing.add_argument("--tenant", required=True)
    listing.set_defaults(handler=_list)
    grant = _action(actions, "grant", "give a role, or take it with --remove", _grant)
    grant.add_argument("--role", required=True)
    change = grant.add_mutually_exclusive_group()
    change.add_argument("--remove", action="store_true", help="take the role away")
    change.add_argument(
        "--repair",
        action="store_true",
        help="for a tenant that nobody can administer: also enables the user and prints a new password",
    )
    _action(actions, "disable", "end a user's sessions and keys at once", _disable)
    _action(actions, "enable", "let a disabled user sign in again", _enable)


def _action(
    actions: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, summary: str, handler: object
) -> argparse.ArgumentParser:
    parser = actions.add_parser(name, help=summary)
    parser.add_argument("--tenant", required=True)
    parser.add_argument("--user", "--username", dest="user", required=True, help="the name to sign in with")
    parser.set_defaults(handler=handler)
    return parser


def run(arguments: argparse.Namespace, output: Output) -> int:
    return int(arguments.handler(arguments, output))


@contextmanager
def opened(tenant: str) -> Iterator[tuple[Engine, Context]]:
    """The engine, and the operator's context in a tenant."""
    with open_services(read_settings()) as services:
        with services.engine.database.connection() as connection:
            found = need_tenant(connection, tenant)
        yield services.engine, services.engine.system_context(found)


def _create(arguments: argparse.Namespace, output: Output) -> int:
    given = sys.stdin.readline().rstrip("\n") if arguments.password_stdin else None
    body = {"username": arguments.user, "name": arguments.name or arguments.user}
    if arguments.email:
        body["email"] = arguments.email
    password = given if given is not None else new_password()
    problems = password_problems(password, body.values())
    if problems:
        raise WeakPassword(problems[0].message, problems=problems)
    with opened(arguments.tenant) as (engine, context):

        def work(tx: Transaction) -> UUID:
            team = {"team": str(team_named(tx, arguments.team))} if arguments.team else {}
            return add_user(tx, {**body, **team}, arguments.role)

        user_id = engine.write(context, work)
        _give_password(engine, context.tenant, user_id, password, must_change=given is None)
    data = {"id": str(user_id), "username": arguments.user}
    if given is None:
        output.result({**data, "password": password}, f"user {arguments.user}, password {password}")
    else:
        output.result(data, f"user {arguments.user}")
    return 0


def _give_password(
    engine: Engine, tenant: Tenant, user_id: UUID, password: str, *, must_change: bool
) -> None:
    with engine.database.connection() as connection:
        set_password(connection, tenant, user_id, password, must_change=must_change)


def _list(arguments: argparse.Namespace, output: Output) -> int:
    with opened(arguments.tenant) as (engine, context):
        users = engine.read(context, list_users)
    lines = []
    for user in users:
        state = "" if user.active else "disabled"
        parts = (user.username, user.name, user.team or "-", ",".join(user.roles) or "-", state)
        lines.append("\t".join(parts).rstrip())
    output.rows(
        [{key: value for key, value in asdict(user).items() if key != "deleted"} for user in users], lines
    )
    return 0


def _grant(arguments: argparse.Namespace, output: Output) -> int:
    if arguments.repair and arguments.role != ADMINISTRATOR:
        raise RepairsAdministrators(f"--repair gives the role {ADMINISTRATOR} and no other.")
    with opened(arguments.tenant) as (engine, context):
        if arguments.repair:
            return _repair(engine, context, arguments.user, output)

        def work(tx: Transaction) -> UserRow:
            user = user_named(tx, arguments.user)
            if arguments.remove:
                take_role(tx, user.id, arguments.role)
            else:
                grant_role(tx, user.id, arguments.role)
            return user_named(tx, arguments.user)

        user = engine.write(context, work)
    text = f"user {user.username}: {', '.join(user.roles) or 'no role'}"
    output.result({"username": user.username, "roles": list(user.roles)}, text)
    return 0


def _repair(engine: Engine, context: Context, name: str, output: Output) -> int:
    user_id = engine.write(context, lambda tx: repair_administrator(tx, name))
    password = new_password()
    _give_password(engine, context.tenant, user_id, password, must_change=True)
    output.result(
        {"username": name, "password": password}, f"user {name} is an administrator, password {password}"
    )
    return 0


def _disable(arguments: argparse.Namespace, output: Output) -> int:
    return _set_active(arguments, output, False)


def _enable(arguments: argparse.Namespace, output: Output) -> int:
    return _set_active(arguments, output, True)


def _set_active(arguments: argparse.Namespace, output: Output, active: bool) -> int:
    with opened(arguments.tenant) as (engine, context):
        engine.write(context, lambda tx: set_active(tx, user_named(tx, arguments.user).id, active))
    word = "enabled" if active else "disabled"
    output.result({"username": arguments.user, "active": active}, f"user {arguments.user} is {word}")
    return 0
