"""Cron expressions: whether one can be read, and when it strikes.

Five fields (minute, hour, day of month, month, weekday) as Debian's cron reads them, with `L` for the last day and `5#2` for
the second Friday. A time that is skipped when clocks go forward strikes at the change; one that is shown twice strikes once.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

FIELDS: Final = 5
LONGEST: Final = 120
FIRST: Final = datetime(2024, 1, 1)


def cron_problem(text: str) -> str | None:
    """What is wrong with an expression, or None."""
    if len(text) > LONGEST:
        return f"a cron expression has at most {LONGEST} characters"
    if len(text.split()) != FIELDS:
        return (
            f'"{text}" is no cron expression: it has five fields (minute, hour, day of month, month, weekday)'
        )
    try:
        next(CronSim(text, FIRST))
    except CronSimError as error:
        return f'"{text}" is no cron expression: {str(error).lower()}'
    except StopIteration:
        return f'"{text}" never strikes'
    return None


def strikes(text: str, after: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """The moments after another one at which an expression strikes by the clocks of a zone, in UTC."""
    last = after.astimezone(UTC)
    for found in CronSim(text, after.astimezone(zone)):
        moment = found.astimezone(UTC)
        if moment > last:
            last = moment
            yield moment
