"""Looking whether everything Fieldstone stands on is as it must be. Looks only, changes nothing."""

import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psycopg
import redis

from fieldstone.app.embedded import Endpoints
from fieldstone.app.embedded.endpoints import with_driver, without_driver
from fieldstone.app.embedded.storage import DatabaseFacts, database_facts
from fieldstone.app.services import embedded
from fieldstone.app.settings import Settings
from fieldstone.problems import FieldstoneError

LEAST_FREE = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check; `detail` says what was found and, when it is bad, what to do."""

    name: str
    ok: bool
    detail: str


def examine(settings: Settings) -> list[Finding]:
    """All findings. Embedded servers are started for the time of the examination if nobody runs them."""
    findings = [_python(), _assets()]
    try:
        with embedded(settings) as endpoints:
            findings += [_disk(settings), *_database(endpoints), _redis(endpoints)]
    except FieldstoneError as error:
        findings.append(Finding("servers", False, error.message))
    return findings


def _python() -> Finding:
    return Finding("python", sys.version_info >= (3, 11), f"{platform.python_version()} at {sys.executable}")


def _assets() -> Finding:
    spec = find_spec("fieldstone.ui")
    folders = spec.submodule_search_locations if spec else None
    there = any(Path(folder, "static/dist").is_dir() for folder in folders or ())
    return Finding("assets", there, "built" if there else "not built; run `make setup`")


def _disk(settings: Settings) -> Finding:
    free = shutil.disk_usage(settings.home if settings.home.exists() else "/").free
    ok = free >= LEAST_FREE
    return Finding("disk", ok, f"{free / 1e9:.1f} GB free at {settings.home}{'' if ok else '; make room'}")


def _database(endpoints: Endpoints) -> Iterator[Finding]:
    kind = "embedded" if endpoints.admin_url else "external"
    try:
        facts = database_facts(without_driver(with_driver(endpoints.database_url)))
    except psycopg.OperationalError as error:
        yield Finding("postgres", False, f"does not answer: {str(error).strip()}")
        return
    version, minor = divmod(facts.version, 10000)
    ok = version >= 18
    yield Finding("postgres", ok, f"{kind}, version {version}.{minor}{'' if ok else '; 18 is needed'}")
    yield from _database_rules(facts)


def _database_rules(facts: DatabaseFacts) -> Iterator[Finding]:
    ok = facts.locale == "C.UTF-8" and facts.encoding == "UTF8"
    advice = "" if ok else "; create it with LOCALE_PROVIDER builtin LOCALE 'C.UTF-8' ENCODING 'UTF8'"
    yield Finding("locale", ok, f"{facts.encoding}, builtin locale {facts.locale or 'none'}{advice}")
    ok = not facts.superuser and facts.may_create_roles and facts.may_create_schemas
    advice = "" if ok else "; it must be no superuser, have CREATEROLE and own the database"
    yield Finding("role", ok, f"{facts.role}{advice}")
    ok = not facts.may_set_config
    advice = "closed" if ok else "open; as a superuser: REVOKE EXECUTE ON FUNCTION set_config FROM PUBLIC"
    yield Finding("set_config", ok, advice)


def _redis(endpoints: Endpoints) -> Finding:
    try:
        info = redis.Redis.from_url(endpoints.redis_url, socket_timeout=5).info("server")
    except redis.RedisError as error:
        return Finding("redis", False, f"does not answer: {error}")
    return Finding("redis", True, f"version {info.get('valkey_version') or info['redis_version']}")
