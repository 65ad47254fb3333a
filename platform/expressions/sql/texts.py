"""Texts in SQL: compared by code point under COLLATE "C", cased under pg_unicode_fast, never a LIKE.

Every comparison names its collation, so columns of different collations can meet.
"""

from sqlalchemy import BigInteger, Boolean, case, cast, collate, func, literal_column

from fieldstone.expressions.limits import MAX_TEXT, NUMBER_DIGITS, NUMBER_PLACES
from fieldstone.expressions.python.texts import WHITE_SPACE
from fieldstone.expressions.sql.guards import INT, NUMERIC, TEXT, Element, guarded, once, own

BOOLEAN = Boolean()
EMPTY = literal_column("''", TEXT)
ZERO = literal_column("0", INT)
ONE = literal_column("1", INT)
LONGEST = 1_000_000_000
"""Where `substring` stops counting; no text is that long."""
NUMBER_PATTERN = literal_column(f"'^[+-]?[0-9]{{1,{NUMBER_DIGITS}}}([.][0-9]{{1,{NUMBER_PLACES}}})?$'", TEXT)
BLANKS = literal_column("U&'" + "".join(f"\\{ord(c):04X}" for c in WHITE_SPACE) + "'", TEXT)


def by_code_point(text: Element) -> Element:
    return collate(text, "C")


def contains(text: Element, part: Element) -> Element:
    return func.strpos(by_code_point(text), part, type_=INT) > ZERO


def starts_with(text: Element, part: Element) -> Element:
    return func.starts_with(by_code_point(text), part, type_=BOOLEAN)


def ends_with(text: Element, part: Element) -> Element:
    return func.starts_with(
        func.reverse(by_code_point(text), type_=TEXT), func.reverse(part, type_=TEXT), type_=BOOLEAN
    )


def lower(text: Element) -> Element:
    return by_code_point(func.lower(collate(text, "pg_unicode_fast"), type_=TEXT))


def upper(text: Element) -> Element:
    return by_code_point(func.upper(collate(text, "pg_unicode_fast"), type_=TEXT))


def trim(text: Element) -> Element:
    return func.btrim(text, BLANKS, type_=TEXT)


def length(text: Element) -> Element:
    return cast(func.char_length(text, type_=INT), NUMERIC)


def _place(value: Element) -> Element:
    """A place in a text: null below zero, clamped above."""
    clamped = func.least(func.greatest(value, own(-1), type_=NUMERIC), own(LONGEST), type_=NUMERIC)
    return cast(func.nullif(clamped, own(-1), type_=NUMERIC), INT)


def substring(text: Element, start: Element, size: Element | None) -> Element:
    first = _place(start).op("+", return_type=INT)(ONE)
    if size is None:
        return func.substr(text, first, type_=TEXT)
    return func.substr(text, first, _place(size), type_=TEXT)


def replace(text: Element, part: Element, by: Element, fits: bool) -> Element:
    if fits:
        return func.replace(by_code_point(text), part, by, type_=TEXT)

    def bounded(t: Element, p: Element, b: Element) -> Element:
        longest = cast(func.char_length(t), BigInteger) * func.greatest(func.char_length(b), ONE, type_=INT)
        return case((longest <= MAX_TEXT, func.replace(by_code_point(t), p, b, type_=TEXT)))

    return once([text, part, by], bounded)


def concat(parts: list[Element], fits: bool) -> Element:
    def joined(*texts: Element) -> Element:
        whole = func.coalesce(texts[0], EMPTY, type_=TEXT)
        for text in texts[1:]:
            whole = whole.op("||", return_type=TEXT)(func.coalesce(text, EMPTY, type_=TEXT))
        return whole

    def bounded(*texts: Element) -> Element:
        total = cast(func.coalesce(func.char_length(texts[0], type_=INT), ZERO), BigInteger)
        for text in texts[1:]:
            total = total + func.coalesce(func.char_length(text, type_=INT), ZERO)
        return case((total <= MAX_TEXT, joined(*texts)))

    return joined(*parts) if fits else once(parts, bounded)


def to_number(text: Element) -> Element:
    def read(t: Element) -> Element:
        return case((t.op("~", is_comparison=True)(NUMBER_PATTERN), cast(t, NUMERIC)))

    return once([text], read)


def of_number(value: Element) -> Element:
    return cast(func.trim_scale(value, type_=NUMERIC), TEXT)


def of_double(value: Element) -> Element:
    """A double as the decimal of its shortest text, within the range of numbers."""
    return guarded(cast(cast(value, TEXT), NUMERIC), (NUMBER_DIGITS + 1, NUMBER_PLACES + 1))
