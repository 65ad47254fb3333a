"""`fieldstone apikey create|list|revoke`: keys for the REST API, by the operator."""

import argparse
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from uuid import UUID

from fieldstone.cli.output import Output
from fieldstone.cli.user import opened
from fieldstone.engine.identity import create_key, list_keys, revoke_key
from fieldstone.engine.identity.administer import list_users, user_named
from fieldstone.engine.identity.keys import UnknownKey, find_key


def configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True)
    create = actions.add_parser("create", help="make a key of a user; prints the key and nothing else")
    create.add_argument("--tenant", required=True)
    create.add_argument("--user", required=True, help="whose rights the key has")
    create.add_argument("--name", default="command line", help="what the key is for")
    create.add_argument("--days", type=int, help="how long it works (default: until it is revoked)")
    create.set_defaults(handler=_create)
    listing = actions.add_parser("list", help="id, user, name and end of each key that works")
    listing.add_argument("--tenant", required=True)
    listing.set_defaults(handler=_list)
    revoke = actions.add_parser("revoke", help="end a key at once")
    revoke.add_argument("--tenant", required=True)
    revoke.add_argument("key", help="the key itself, or its id")
    revoke.set_defaults(handler=_revoke)


def run(arguments: argparse.Namespace, output: Output) -> int:
    return int(arguments.handler(arguments, output))


def _create(arguments: argparse.Namespace, output: Output) -> int:
    until = datetime.now(UTC) + timedelta(days=arguments.days) if arguments.days is not None else None
    with opened(arguments.tenant) as (engine, context):
        user = engine.read(context, lambda tx: user_named(tx, arguments.user))
        with engine.database.connection() as connection:
            key_id, key = create_key(connection, context.tenant, user.id, arguments.name, expires_at=until)
    output.result({"id": str(key_id), "key": key, "username": user.username}, key)
    return 0


def _list(arguments: argparse.Namespace, output: Output) -> int:
    now = datetime.now(UTC)
    with opened(arguments.tenant) as (engine, context):
        names = {user.id: user.username for user in engine.read(context, list_users)}
        with engine.database.connection() as connection:
            keys = [key for key in list_keys(connection, context.tenant) if key.works(now)]
    output.rows(
        [{**asdict(key), "username": names.get(key.user_id)} for key in keys],
        [f"{key.id}\t{names.get(key.user_id, '-')}\t{key.name}\t...{key.hint}" for key in keys],
    )
    return 0


def _revoke(arguments: argparse.Namespace, output: Output) -> int:
    with opened(arguments.tenant) as (engine, context), engine.database.connection() as connection:
        try:
            key_id: UUID | None = UUID(arguments.key)
        except ValueError:
            key_id = find_key(connection, context.tenant, arguments.key)
        if key_id is None:
            raise UnknownKey("There is no such key.")
        revoke_key(connection, context.tenant, key_id)
    output.result({"revoked": str(key_id)}, f"key {key_id} is revoked")
    return 0
