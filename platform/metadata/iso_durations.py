"""Lengths of time in documents of flows and automations: ISO 8601, with a sign where they lie before something."""

import re
from typing import Final

from fieldstone.metadata.automation_rules import Span

ISO: Final = re.compile(
    r"(?P<sign>[+-])?P(?!$)(?:(?P<years>\d{1,3})Y)?(?:(?P<months>\d{1,4})M)?(?:(?P<weeks>\d{1,4})W)?(?:(?P<days>\d{1,5})D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,6})H)?(?:(?P<minutes>\d{1,7})M)?(?:(?P<seconds>\d{1,9})S)?)?",
    re.ASCII,
)
DAY: Final = 86_400


def span_of(text: str) -> Span | None:
    """`-P1M`, `P2D`, `PT4H` as a span; None for what is no duration."""
    found = ISO.fullmatch(text)
    if found is None:
        return None
    sign = -1 if found["sign"] == "-" else 1
    part = {name: int(value or 0) for name, value in found.groupdict().items() if name != "sign"}
    return Span(
        sign * (part["years"] * 12 + part["months"]),
        sign * (part["weeks"] * 7 + part["days"]),
        sign * (part["hours"] * 3600 + part["minutes"] * 60 + part["seconds"]),
    )


def duration_problem(text: str, *, working: bool) -> str | None:
    """What is wrong with a length of time that something waits for, or None."""
    span = span_of(text)
    if span is None:
        return f'"{text}" is no ISO 8601 duration; write P2D for two days, PT4H for four hours'
    if span.months:
        return f'"{text}": months are not all equally long; write days, such as P30D'
    if span.days < 0 or span.seconds < 0 or span == Span():
        return f'"{text}" is not longer than nothing; write a duration such as P1D'
    if working and span.seconds >= DAY:
        return f'"{text}": of working time, write whole days as days, such as P2DT4H'
    return None


def seconds_of(text: str) -> int:
    """The seconds of a duration without months. Of working time, every 86,400 of them stand for one working day."""
    span = span_of(text) or Span()
    return span.days * DAY + span.seconds
