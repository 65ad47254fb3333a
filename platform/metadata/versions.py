"""Versions of packages by Semantic Versioning, and ranges of them.

A range is a list of bounds that must all hold, separated by spaces or commas: `*`, `1.2.3`, `>=1.2`, `<2`,
`^1.2` (from 1.2.0 below 2.0.0), `~1.2` (from 1.2.0 below 1.3.0). Build metadata (`+...`) does not count.
"""

import re
from typing import Final

Version = tuple[int, int, int, tuple[tuple[int, int, str], ...]]

_VERSION: Final = re.compile(
    r"v?(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?"
)
_BOUND: Final = re.compile(r"(>=|<=|>|<|=|\^|~)?\s*([0-9v][^\s,]*)")
_RELEASE: Final = ((2, 0, ""),)


def parse_version(text: str) -> Version | None:
    """The version as something that can be compared, or None; a release is above its pre-releases."""
    match = _VERSION.fullmatch(text)
    if match is None:
        return None
    major, minor, patch, pre = match.groups()
    parts = tuple((0, int(p), "") if p.isdigit() else (1, 0, p) for p in pre.split(".")) if pre else _RELEASE
    return int(major), int(minor or 0), int(patch or 0), parts


def in_range(version: str, wanted: str) -> bool | None:
    """Whether a version is in a range; None when the range cannot be read."""
    have = parse_version(version)
    rest = wanted.strip()
    if rest in ("*", ""):
        return True
    results = []
    while rest:
        match = _BOUND.match(rest)
        bound = parse_version(match.group(2)) if match else None
        if match is None or bound is None or have is None:
            return None
        results.append(_holds(have, match.group(1) or "=", bound))
        rest = rest[match.end() :].lstrip(" ,")
    return all(results)


def _holds(have: Version, sign: str, bound: Version) -> bool:
    lowest = ((-1, 0, ""),)
    match sign:
        case ">=":
            return have >= bound
        case "<=":
            return have <= bound
        case ">":
            return have > bound
        case "<":
            return have < bound
        case "^":
            above = (bound[0] + 1, 0, 0) if bound[0] else (0, bound[1] + 1, 0)
            return bound <= have < (*above, lowest)
        case "~":
            return bound <= have < (bound[0], bound[1] + 1, 0, lowest)
        case _:
            return have == bound
