"""Who asks, for which tenant, in which language, at what time: the first argument of everything.

A context is made once, at the edge (a request, a job, a command), and never changes. It is never a global.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Literal
from uuid import UUID

from fieldstone.engine.ids import new_id

ActorKind = Literal["user", "system"]


@dataclass(frozen=True, slots=True)
class Tenant:
    """A company's space: the schema that holds its records and the database role that may touch them.

    `lock_key` is the advisory lock that every write takes shared and every publish exclusively.
    """

    name: str
    schema: str
    role: str
    lock_key: int


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. `teams` are the actor's own teams, `teams_below` those and all that hang under them.

    `system` is the platform itself (installing, seeding, repairing): it may do everything and belongs to
    no person; no request can become it.
    """

    id: UUID | None
    name: str
    roles: frozenset[str] = frozenset()
    teams: frozenset[UUID] = frozenset()
    teams_below: frozenset[UUID] = frozenset()
    locale: str = "en"
    time_zone: str = "UTC"
    kind: ActorKind = "user"
    on_behalf_of: UUID | None = None


SYSTEM = Actor(id=None, name="system", kind="system")


@dataclass(frozen=True, slots=True)
class Company:
    """The tenant-wide settings that reading and writing records depend on."""

    name: str = ""
    currency: str = "USD"
    time_zone: str = "UTC"
    languages: tuple[str, ...] = ("en",)
    fiscal_year_start: int = 1
    settings: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Context:
    """One request of one actor in one tenant, with the revision that was current when it began."""

    tenant: Tenant
    actor: Actor
    revision: int
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    request_id: str = field(default_factory=lambda: str(new_id()))
    company: Company = field(default_factory=Company)
    locale: str = "en"

    def at(self, revision: int) -> "Context":
        """The same request, seen from another revision."""
        return replace(self, revision=revision)
