"""Models by tenant and revision: loaded from the tenant's stored packages and patches, compiled, and kept.

Entities are shared by content hash inside `compile_model`, so a thousand tenants that each changed one entity
hold one copy of all the others.
"""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from fieldstone.engine.cache import LRU
from fieldstone.engine.context import Company, Tenant
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import Connection, compile_plan
from fieldstone.metadata.cache import CompileCache
from fieldstone.metadata.compile import compile_model
from fieldstone.metadata.definitions import Model
from fieldstone.metadata.documents import Package
from fieldstone.problems import FieldstoneError

CURRENT = compile_plan(sa.select(control.state.c.number, control.state.c.company))
REVISION = compile_plan(
    sa.select(control.revision.c.packages, control.revision.c.tenant).where(
        control.revision.c.number == sa.bindparam("number")
    )
)
PACKAGE = compile_plan(
    sa.select(control.package.c.content).where(control.package.c.sha == sa.bindparam("sha"))
)


class UnknownRevision(FieldstoneError):
    """There is no revision of this number."""

    code = "revision.unknown"
    kind = "not_found"


class BrokenRevision(FieldstoneError):
    """A stored revision that this version of the platform cannot compile: our fault, since it was checked before."""

    code = "revision.broken"
    kind = "internal"


class ModelStore:
    """Compiled models, the least recently used ones forgotten."""

    def __init__(self, size: int = 256) -> None:
        self._models: LRU[tuple[str, int], Model] = LRU(size)
        self._packages: LRU[str, Package] = LRU(32)
        self.cache = CompileCache()

    def current(self, connection: Connection, tenant: Tenant) -> tuple[int, Company]:
        """The tenant's current revision number and its company settings."""
        number, company = connection.fetch(CURRENT, schema=tenant.schema)[0]
        return number, company_from(company)

    def model(self, connection: Connection, tenant: Tenant, number: int) -> Model:
        """The compiled model of a revision."""
        found = self._models.get((tenant.schema, number))
        if found is not None:
            return found
        packages, patches = self.layers(connection, tenant, number)
        compiled = compile_model(packages, patches, self.cache)
        if compiled.model is None:
            raise BrokenRevision(f"Revision {number} does not compile.", problems=compiled.problems)
        return self._models.put((tenant.schema, number), compiled.model)

    def put(self, tenant: Tenant, number: int, model: Model) -> None:
        self._models.put((tenant.schema, number), model)

    def layers(
        self, connection: Connection, tenant: Tenant, number: int
    ) -> tuple[list[Package], dict[str, Any]]:
        """The packages of a revision in dependency order, and the tenant's patches by `folder/name`."""
        rows = connection.fetch(REVISION, {"number": number}, schema=tenant.schema)
        if not rows:
            raise UnknownRevision(f"There is no revision {number}.")
        shas, patches = rows[0]
        return [self._package(connection, tenant, sha) for sha in shas], patches

    def _package(self, connection: Connection, tenant: Tenant, sha: str) -> Package:
        found = self._packages.get(sha)
        if found is None:
            content = connection.fetch(PACKAGE, {"sha": sha}, schema=tenant.schema)[0][0]
            found = self._packages.put(sha, Package.from_json(content))
        return found


def company_from(stored: dict[str, Any]) -> Company:
    """Company settings as stored in `_state`; what is absent has its default."""
    known = {"name", "currency", "time_zone", "fiscal_year_start"}
    values = {key: stored[key] for key in known if stored.get(key)}
    languages = tuple(stored.get("languages") or ("en",))
    return Company(**values, languages=languages, settings=stored)


def package_sha(content: Mapping[str, Any]) -> str:
    """The content hash that a stored package is known by."""
    return sha256(
        json.dumps(content, sort_keys=True, separators=(",", ":"), default=str).encode()
    ).hexdigest()
