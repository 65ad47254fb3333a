"""What an evaluation knows besides the record: clock, user, and the change being made."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class User:
    """The acting user, as expressions see it; ids of teams and names of roles are texts."""

    id: str | None = None
    teams: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    locale: str | None = None


@dataclass(frozen=True, slots=True)
class Bindings:
    """Bound once per evaluation (or request): all parts of one answer see the same moment and user.

    `now` is aware, `today` the day in the tenant's time zone, `old` the values before the change (None for a
    new record), `changed` the names of fields that get another value. What is not given reads as null.
    """

    now: datetime | None = None
    today: date | None = None
    user: User = field(default_factory=User)
    old: Mapping[str, Any] | None = None
    is_new: bool = False
    changed: Collection[str] = ()
