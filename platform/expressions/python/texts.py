"""Texts: code points, no user patterns, bounded results."""

import re
from decimal import Decimal

from fieldstone.expressions.limits import MAX_TEXT, NUMBER_DIGITS, NUMBER_PLACES

WHITE_SPACE = "\t\n\v\f\r \u00a0\u3000"
"""What `trim` removes: tab, line feed, vertical tab, form feed, return, space, no-break and CJK space."""
NUMBER_TEXT = re.compile(rf"[+-]?[0-9]{{1,{NUMBER_DIGITS}}}(\.[0-9]{{1,{NUMBER_PLACES}}})?")


def contains(text: str, part: str) -> bool:
    return part in text


def trim(text: str) -> str:
    return text.strip(WHITE_SPACE)


def substring(text: str, start: int, length: int | None = None) -> str | None:
    if start < 0 or (length is not None and length < 0):
        return None
    return text[start:] if length is None else text[start : start + length]


def replace(text: str, part: str, by: str) -> str | None:
    if len(text) * max(len(by), 1) > MAX_TEXT:
        return None
    return text.replace(part, by) if part else text


def joined(parts: list[str]) -> str | None:
    return "".join(parts) if sum(map(len, parts)) <= MAX_TEXT else None


def to_number(text: str) -> Decimal | None:
    return Decimal(text) if NUMBER_TEXT.fullmatch(text) else None
