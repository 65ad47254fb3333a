"""Texts in SQL: compared by code point under COLLATE "C", cased under pg_unicode_fast, never a LIKE.

Every comparison names its collation, so columns of different collations can meet.
"""

from fieldstone.expressions.currencies import DIGITS, USUAL
from fieldstone.expressions.limits import MAX_TEXT, NUMBER_DIGITS, NUMBER_PLACES
from fieldstone.expressions.python.texts import WHITE_SPACE
from fieldstone.expressions.sql.guards import BOOLEAN, NUMERIC, TEXT, guarded
from fieldstone.expressions.sql.pieces import Element, once, piece

LONGEST = 1_000_000_000
"""Where `substring` stops counting; no text is that long."""
NUMBER_PATTERN = f"'^[+-]?[0-9]{{1,{NUMBER_DIGITS}}}([.][0-9]{{1,{NUMBER_PLACES}}})?$'"
BLANKS = "U&'" + "".join(f"\\{ord(char):04X}" for char in WHITE_SPACE) + "'"

CURRENCIES = f"'....{USUAL}" + "".join(f"<{code}>{places}" for code, places in DIGITS.items()) + "'"
"""The digit of a code stands 5 behind where `<code>` begins; that of what is not found (at 0) is the fifth."""


def by_code_point(text: Element) -> Element:
    return piece('({0} COLLATE "C")', TEXT, text)


def contains(text: Element, part: Element) -> Element:
    return piece("(strpos({0}, {1}) > 0)", BOOLEAN, by_code_point(text), part)


def starts_with(text: Element, part: Element) -> Element:
    return piece("starts_with({0}, {1})", BOOLEAN, by_code_point(text), part)


def ends_with(text: Element, part: Element) -> Element:
    return piece("starts_with(reverse({0}), reverse({1}))", BOOLEAN, by_code_point(text), part)


def lower(text: Element) -> Element:
    return piece('(lower({0} COLLATE "pg_unicode_fast") COLLATE "C")', TEXT, text)


def upper(text: Element) -> Element:
    return piece('(upper({0} COLLATE "pg_unicode_fast") COLLATE "C")', TEXT, text)


def trim(text: Element) -> Element:
    return piece(f"btrim({{0}}, {BLANKS})", TEXT, text)


def length(text: Element) -> Element:
    return piece("CAST(char_length({0}) AS NUMERIC)", NUMERIC, text)


def _place(number: int) -> str:
    """A place in a text: null below zero, clamped above."""
    return f"CAST(nullif(least(greatest({{{number}}}, -1), {LONGEST}), -1) AS INTEGER)"


def substring(text: Element, start: Element, size: Element | None) -> Element:
    if size is None:
        return piece(f"substr({{0}}, {_place(1)} + 1)", TEXT, text, start)
    return piece(f"substr({{0}}, {_place(1)} + 1, {_place(2)})", TEXT, text, start, size)


def replace(text: Element, part: Element, by: Element, fits: bool) -> Element:
    replaced = 'replace({0} COLLATE "C", {1}, {2})'
    if fits:
        return piece(replaced, TEXT, text, part, by)
    longest = "CAST(char_length({0}) AS BIGINT) * greatest(char_length({2}), 1)"
    return once(f"CASE WHEN {longest} <= {MAX_TEXT} THEN {replaced} END", TEXT, text, part, by)


def concat(parts: list[Element], fits: bool) -> Element:
    joined = " || ".join(f"coalesce({{{number}}}, '')" for number in range(len(parts)))
    if fits:
        return piece(f"({joined})", TEXT, *parts)
    total = " + ".join(
        f"coalesce(CAST(char_length({{{number}}}) AS BIGINT), 0)" for number in range(len(parts))
    )
    return once(f"CASE WHEN {total} <= {MAX_TEXT} THEN {joined} END", TEXT, *parts)


def to_number(text: Element) -> Element:
    return once(f"CASE WHEN {{0}} ~ {NUMBER_PATTERN} THEN CAST({{0}} AS NUMERIC) END", NUMERIC, text)


def of_number(value: Element) -> Element:
    return piece("CAST(trim_scale({0}) AS TEXT)", TEXT, value)


def of_double(value: Element) -> Element:
    """A double as the decimal of its shortest text, within the range of numbers."""
    shortest = piece("CAST(CAST({0} AS TEXT) AS NUMERIC)", NUMERIC, value)
    return guarded(shortest, (NUMBER_DIGITS + 1, NUMBER_PLACES + 1))


def currency_digits(code: Element) -> Element:
    found = f"strpos({CURRENCIES}, '<' || translate({{0}}, '<>', '??') || '>')"
    return piece(f"CAST(substr({CURRENCIES}, {found} + 5, 1) AS NUMERIC)", NUMERIC, by_code_point(code))
