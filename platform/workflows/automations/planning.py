"""What becomes of the planned reminders of one record when it changes: pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

State = Literal["planned", "done", "dropped"]


@dataclass(frozen=True, slots=True)
class Kept:
    """A reminder as it is stored."""

    due_at: datetime
    state: State


@dataclass(frozen=True, slots=True)
class Plan:
    """`set`: numbers with the moment that they are planned for now, new ones or moved ones. `drop`: no longer wanted."""

    set: Mapping[int, datetime]
    drop: frozenset[int]


def plan(kept: Mapping[int, Kept], wanted: Sequence[tuple[int, datetime]], now: datetime) -> Plan:
    """Bring stored reminders to what is wanted.

    What lies in the past is not made up for, but one that is planned and only late stays. One that was given stays given
    as long as its moment is the same; for another date it is planned again.
    """
    todo: dict[int, datetime] = {}
    stays = set()
    for number, moment in wanted:
        known = kept.get(number)
        if known is not None and known.due_at == moment and known.state != "dropped":
            stays.add(number)
        elif moment > now:
            todo[number] = moment
    gone = {number for number, each in kept.items() if each.state == "planned"} - stays - set(todo)
    return Plan(todo, frozenset(gone))
