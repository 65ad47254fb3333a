"""What a clock on the wall shows, as a moment: also on the two nights a year when clocks are changed.

The order of wall times is kept: a time that is skipped is the moment of the change, one that is shown twice is the first.
So neighbouring hours never overlap and never leave a gap.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

SECOND = timedelta(seconds=1)


def moment(wall: datetime, zone: ZoneInfo) -> datetime:
    """The moment, in UTC, at which clocks of the zone show `wall` (which has no zone)."""
    first = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None, fold=0) == wall:
        return first
    return _change(wall.replace(tzinfo=zone, fold=1).astimezone(UTC), first, zone)


def shown(at: datetime, zone: ZoneInfo) -> datetime:
    """What clocks of the zone show at a moment, without a zone."""
    return at.astimezone(zone).replace(tzinfo=None, fold=0)


def _change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The moment between two at which the zone's clocks are changed, found by halving."""
    offset = before.astimezone(zone).utcoffset()
    while after - before > SECOND:
        middle = before + (after - before) // 2
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)
