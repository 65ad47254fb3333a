"""Dates with years of an era: 民國113年5月1日, 令和6年5月1日, R6.5.1.

Only where the era is named, and the day lies within it: 113/05/01 alone is a year of the Republic only when the mapping
says so (`roc`).
"""

import re
from datetime import date
from typing import Final

from fieldstone.engine.search import plain

_DAY: Final = r"\s*[年./-]\s*(\d{1,2})\s*[月./-]\s*(\d{1,2})\s*日?"
_REPUBLIC: Final = re.compile(rf"(?:中華)?(?:民國|民国|roc)\s*(元|\d{{1,3}}){_DAY}")
_REIGN: Final = re.compile(rf"(令和|平成|昭和|大正|明治|[rhstm])\s*(元|\d{{1,2}}){_DAY}")
_BARE: Final = re.compile(rf"(\d{{2,3}}){_DAY}")
_DIGITS: Final = re.compile(r"(\d{2,3})(\d{2})(\d{2})")
_REIGNS: Final = {
    "令和": (date(2019, 5, 1), date.max), "平成": (date(1989, 1, 8), date(2019, 4, 30)),
    "昭和": (date(1926, 12, 25), date(1989, 1, 7)), "大正": (date(1912, 7, 30), date(1926, 12, 24)),
    "明治": (date(1868, 1, 25), date(1912, 7, 29)),
}  # fmt: skip
_LETTERS: Final = {"r": "令和", "h": "平成", "s": "昭和", "t": "大正", "m": "明治"}
_BEFORE_REPUBLIC: Final = 1911


def era_date(text: str) -> str:
    """The day as YYYY-MM-DD; a text that names no era, or no day within it, stays as it is."""
    short = plain(text).strip()
    if found := _REPUBLIC.fullmatch(short):
        return _republic(*found.groups()) or text
    if found := _REIGN.fullmatch(short):
        name, year, month, day = found.groups()
        begin, end = _REIGNS[_LETTERS.get(name, name)]
        when = _date(begin.year - 1 + _number(year), month, day)
        return when.isoformat() if when is not None and begin <= when <= end else text
    return text


def republic_date(text: str) -> str:
    """The same for a column whose years are told to be the Republic's: 113/05/01 and 1130501."""
    short = plain(text).strip()
    found = _BARE.fullmatch(short) or _DIGITS.fullmatch(short)
    return (_republic(*found.groups()) if found else None) or era_date(text)


def _republic(year: str, month: str, day: str) -> str | None:
    when = _date(_BEFORE_REPUBLIC + _number(year), month, day)
    return when.isoformat() if when is not None else None


def _number(year: str) -> int:
    return 1 if year == "元" else int(year)


def _date(year: int, month: str, day: str) -> date | None:
    try:
        return date(year, int(month), int(day))
    except ValueError:
        return None
