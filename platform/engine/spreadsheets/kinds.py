"""What a column holds: the narrowest field type that reads every one of its values.

Each guess is tried with the reader and the check that the import will use, so a proposed type never refuses
what it was proposed for. Headings only decide where values fit several types (`words.hints`).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from fieldstone.engine.imports import Target
from fieldstone.engine.imports.cells import reader
from fieldstone.engine.spreadsheets.money import currency_of_column
from fieldstone.engine.spreadsheets.sheets import Column
from fieldstone.engine.spreadsheets.words import hints
from fieldstone.metadata.definitions import Entity, Model
from fieldstone.metadata.fields import FIELD_TYPES
from fieldstone.metadata.fields.base import INVALID
from fieldstone.metadata.fields.lists import split_text
from fieldstone.metadata.fields.reading import read_field
from fieldstone.problems import Problem

TYPES: Final = (
    "text", "multiline", "integer", "decimal", "percent", "money", "boolean", "date", "datetime", "time", "email",
    "phone", "url", "select", "multi_select", "tags", "link", "parent",
)  # fmt: skip
"""What a column may become."""

LONGEST_TEXT: Final = 255
MOST_OPTIONS: Final = 40
LONGEST_OPTION: Final = 60
TRIED: Final = 2000
"""Different values that a type is tried with; more would say nothing new."""

_NUMBER: Final = re.compile(r"[-+(（]?[\s$€£¥￥]*[\d０-９]")
_ZEROS: Final = re.compile(r"[+-]?0\d")
_LONG_DIGITS: Final = re.compile(r"\d{12,}")
_PHONE: Final = re.compile(
    r"(?:\+|00)?[\d()（）\s./#x-]{7,24}(?:\s*(?:ext\.?|分机|内線|转|轉)\s*\d+)?", re.IGNORECASE
)
_DAY: Final = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}")
_CODE: Final = re.compile(r"[A-Za-z]{0,8}[-_./#]?\d[\w./#-]*", re.ASCII)
_DATE_READINGS: Final = ("", "dmy", "mdy", "month")
_SEPARATED: Final = re.compile(r"[,;、，；|/]")
_DIGIT_WORDS: Final = frozenset("01xyntf")


@dataclass(frozen=True, slots=True)
class Guess:
    """A type with what it takes to read the values: the way of reading, currency, blank words, options."""

    type: str
    parse: str | None = None
    currency: str | None = None
    blanks: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    scale: int | None = None


def guess(column: Column, *, japanese: bool, currency: str) -> Guess:
    """The type of a column. `currency` is the company's; it is only named where the column says another."""
    texts, blanks = column.said()
    if not texts:
        return Guess("text")
    said = hints(column.heading)
    if _word(column, column.texts):
        return Guess("boolean")
    for find in (_moment, _address, _number, _choice):
        found = find(column, texts, said, japanese, currency)
        if found is not None:
            kept = () if found.type in ("text", "multiline", "select", "tags") else blanks
            return Guess(found.type, found.parse, found.currency, kept, found.options, found.scale)
    return _text(column)


def _text(column: Column) -> Guess:
    long = max(map(len, column.texts), default=0) > LONGEST_TEXT or any("\n" in text for text in column.texts)
    return Guess("multiline") if long or "long" in hints(column.heading) else Guess("text")


Found = Guess | None


def _word(column: Column, texts: Mapping[str, int]) -> bool:
    """Whether a column says yes and no. One that says only one of them has blanks for the other."""
    words = {text.casefold() for text in texts}
    if words <= _DIGIT_WORDS and not words & {"y", "x", "t"}:
        return False
    if misfits("boolean", texts):
        return False
    return bool(column.blank) or len({_value("boolean", text) for text in texts}) == 2


def _moment(
    column: Column, texts: Mapping[str, int], said: frozenset[str], japanese: bool, currency: str
) -> Found:
    timed = all(":" in text or "：" in text for text in texts)
    for kind in ("datetime", "time") if timed else ("date",):
        for parse in _DATE_READINGS if kind == "date" else ("",):
            if not misfits(kind, texts, parse or None):
                return Guess(kind, parse or None)
    return None


def _address(
    column: Column, texts: Mapping[str, int], said: frozenset[str], japanese: bool, currency: str
) -> Found:
    for kind in ("email", "url"):
        if not misfits(kind, texts):
            return Guess(kind)
    if "key" in said or any(len(text) > 40 for text in texts):
        return None
    if any(_DAY.match(text) for text in texts):
        return None
    looks = all(_PHONE.fullmatch(text) for text in texts)
    marked = any(text.startswith("+") or re.search(r"\d[-() ]\d", text) for text in texts)
    if ("phone" in said or (looks and marked)) and not misfits("phone", texts):
        return Guess("phone")
    return None


def _number(
    column: Column, texts: Mapping[str, int], said: frozenset[str], japanese: bool, currency: str
) -> Found:
    if not all(_NUMBER.match(text) or text[0].isalpha() for text in texts):
        return None
    if any(_ZEROS.match(text) and "." not in text for text in texts) or any(map(_LONG_DIGITS.search, texts)):
        return None  # leading zeros and long numbers are codes
    if "key" in said and "text" in said:
        return None
    percent = all(text.endswith(("%", "％")) for text in texts) or column.format.rstrip().endswith("%")
    if percent and not misfits("percent", texts):
        return Guess("percent")
    signed = currency_of_column(column, japanese=japanese)
    if signed is not None or "money" in said:
        if not misfits("money", texts):
            return Guess("money", currency=None if signed in (None, "", currency) else signed)
        if not misfits("money", texts, "comma"):
            return Guess("money", "comma", None if signed in (None, "", currency) else signed)
    if not misfits("integer", texts):
        return Guess("integer")
    if not misfits("decimal", texts):
        return Guess("decimal", scale=_scale(texts))
    if not misfits("decimal", texts, "comma"):
        return Guess("decimal", "comma", scale=_scale([text.replace(",", ".") for text in texts]))
    return None


def _choice(
    column: Column, texts: Mapping[str, int], said: frozenset[str], japanese: bool, currency: str
) -> Found:
    """Few values that come again and again; or cells that list such values."""
    if said & {"long", "key", "name", "person"} and "choice" not in said:
        return None
    if any("\n" in text or len(text) > 4 * LONGEST_OPTION for text in texts):
        return None
    rows = sum(texts.values())
    parts: dict[str, int] = {}
    for text, count in texts.items():
        for part in split_text(text):
            parts[part] = parts.get(part, 0) + count
    listed = sum(
        count for text, count in texts.items() if _SEPARATED.search(text) and len(split_text(text)) > 1
    )
    short = all(len(part) <= 30 for part in parts)
    again = len(parts) < sum(parts.values())
    if short and (listed * 3 >= rows or ("tags" in said and listed)) and (again or "tags" in said):
        return Guess("tags") if not misfits("tags", texts) else None
    if any(len(text) > LONGEST_OPTION for text in texts) or len(texts) > MOST_OPTIONS:
        return None
    few = (
        rows >= 3 and len(texts) * 10 <= rows * 8
        if "choice" in said
        else rows >= 8 and len(texts) * 3 <= rows
    )
    if few and len(texts) > 1:
        return Guess("select", options=tuple(sorted(texts, key=lambda text: -texts[text])))
    return None


def _scale(texts: Any) -> int:
    places = [len(text.partition(".")[2].rstrip("0 %")) for text in texts]
    return min(max(places, default=0), 10)


def is_key(column: Column, rows: int) -> bool:
    """Whether a column's values tell rows apart and look as if they were made for it."""
    if len(column.texts) != rows or column.blank or rows < 2:
        return False
    said = hints(column.heading)
    coded = all(_CODE.fullmatch(text) and len(text) <= 40 for text in column.texts)
    return "key" in said or (coded and any(not text.isdigit() for text in column.texts))


def misfits(kind: str, texts: Mapping[str, int], parse: str | None = None) -> int:
    """How many of the values (counted by row) a type cannot read."""
    wrong = 0
    for number, (text, count) in enumerate(texts.items()):
        if number >= TRIED:
            break
        if _value(kind, text, parse) is INVALID:
            wrong += count
    return wrong


def _value(kind: str, text: str, parse: str | None = None) -> Any:
    """A cell as the import would read it, or INVALID."""
    read, check = _tools(kind, parse)
    problems: list[Problem] = []
    value = check(read(text), "", problems)
    return INVALID if problems else value


@lru_cache(maxsize=64)
def _tools(
    kind: str, parse: str | None
) -> tuple[Callable[[str], Any], Callable[[Any, str, list[Problem]], Any]]:
    schema = {"field": kind} if kind != "decimal" else {"field": kind, "scale": 10}
    field, _ = read_field("value", schema, entity="sheet", pointer="", resolve_ref=lambda ref: None)
    entity = Entity("sheet", "sheet", "sheet", {"value": field}, None, "")
    model = Model("", {"sheet": entity}, {}, {})
    return reader(model, entity, field, Target("value", parse), {}), FIELD_TYPES[kind].checker(field)
