"""What a schedule is, and what one must not be."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Literal
from zoneinfo import available_timezones

from fieldstone.metadata.cron import cron_problem
from fieldstone.problems import FieldstoneError

Days = Literal["all", "working", "next_working"]
DAYS: Final[tuple[Days, ...]] = ("all", "working", "next_working")


class BadSchedule(FieldstoneError):
    """A schedule that can never run as it is written."""

    code = "schedule.invalid"
    kind = "invalid"


@dataclass(frozen=True, slots=True)
class Schedule:
    """A job that recurs: its kind and payload, and when.

    `cron` is read by the clocks of `zone` (None: the company's). `days`: on all days, only on `working` ones, or on the
    `next_working` one when it would be on a free day, by the working calendar of the name (None: the standard one). With
    `catch_up` the latest of the occurrences that passed while nothing ran is made up for; without it they are left out.
    """

    name: str
    kind: str
    cron: str
    payload: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    zone: str | None = None
    days: Days = "all"
    calendar: str | None = None
    catch_up: bool = True
    enabled: bool = True

    def check(self) -> None:
        """Raise BadSchedule with what is wrong."""
        problem = cron_problem(self.cron)
        if self.zone is not None and self.zone not in available_timezones():
            problem = problem or f'there is no time zone "{self.zone}"'
        if self.days not in DAYS:
            problem = problem or f'"days" is one of {", ".join(DAYS)}'
        if problem:
            raise BadSchedule(f'The schedule "{self.name}": {problem}.', schedule=self.name)
