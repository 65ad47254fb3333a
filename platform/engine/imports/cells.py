"""One cell to one value of a body: guard off, value map, asked-for reading, then as the field's type reads
text.

Nothing fails here. What cannot be read stays text and is refused by validation, in its words and at its
field.
"""

import datetime
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from fieldstone.engine.imports.eras import era_date, republic_date
from fieldstone.engine.imports.guard import unguard
from fieldstone.engine.imports.options import Target
from fieldstone.engine.search import fold, plain
from fieldstone.metadata.definitions import Entity, Field, Model
from fieldstone.metadata.fields import FIELD_TYPES, date
from fieldstone.metadata.fields import datetime as moment
from fieldstone.metadata.fields.strings import StringType

Reader = Callable[[str], Any]
LINKS: Final = frozenset(("link", "parent", "user", "team"))
CHOICES: Final = frozenset(("select", "radio", "multi_select"))

_YEAR: Final = re.compile(r"\d{4}(?:\.0)?")
_MONTH: Final = re.compile(r"(?:(\d{4})[-/.年](\d{1,2})月?|(\d{1,2})[-/.](\d{4}))")
_DAY: Final = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{2}|\d{4})")
_COMMA: Final = re.compile(r"[+-]?\d{1,3}(?:[. '\u00a0\u202f]?\d{3})*(?:,\d+)?|[+-]?\d+(?:,\d+)?")
_CURRENCY: Final = re.compile(
    r"^(?:NT|US|HK|[A-Z]{3}\s*)?[\s$€£¥￥]*(?=[-+.\d０-９])|\s*(?:[$€£¥￥元円圓圆]|[A-Z]{3})$"
)
_TEXTS: Final = frozenset(
    name
    for name, kind in FIELD_TYPES.items()
    if isinstance(kind, StringType) and type(kind).parse_text is StringType.parse_text
)
_NUMBERS: Final = frozenset(("integer", "number", "decimal", "percent", "money", "rating"))
_EXACT: Final = frozenset(("decimal", "percent", "money"))
_WHOLE_DIGITS: Final = re.compile(r"-?[1-9][0-9]{0,14}|0")
_EXACT_DIGITS: Final = re.compile(r"(?:-?[1-9][0-9]{0,14}|0)(?:\.[0-9]{1,18})?")
_MOMENTS: Final = {"date": date.WIRE, "datetime": moment.COMMON}
"""Numbers, days and moments as programs write them, which need no closer look."""


def as_text(cell: str) -> str | None:
    """A cell of a field whose value is its text."""
    text = unguard(cell) if cell[:1] == "'" else cell
    return text if text and not text.isspace() else None


def as_they_are(cells: Sequence[str]) -> bool:
    """Whether `as_text` would give each of these cells back, empty ones aside."""
    guarded = "'" in "".join(cells) and any(cell[:1] == "'" for cell in cells)
    return not guarded and not any(map(str.isspace, cells))


def option_names(model: Model, entity: Entity, field: Field) -> dict[str, str]:
    """The constant of each way to name an option: constant and title, in every language, folded."""
    names: dict[str, str] = {}
    for option in field.options:
        titles = [option.title]
        for texts in model.translations.values():
            title = texts.get(f"option.{entity.name}.{field.name}.{option.const}")
            if title:
                titles.append(title)
        for title in titles:
            names.setdefault(fold(title).strip(), option.const)
    for option in field.options:
        names[fold(option.const).strip()] = option.const
    return names


def reader(model: Model, entity: Entity, field: Field, target: Target, values: Mapping[str, Any]) -> Reader:
    """How a column's cells are read for a field. A blank cell gives None."""
    parse = PARSE.get(target.parse or "")
    kind = FIELD_TYPES[field.type]
    names = option_names(model, entity, field) if field.type in CHOICES else {}
    mapped = {plain(text).strip(): value for text, value in values.items()} if field.type not in LINKS else {}
    factor = target.multiply
    if not mapped and parse is None and field.type in _TEXTS:
        return as_text
    short_way = not mapped and parse is None and factor is None
    written = _EXACT_DIGITS.fullmatch if short_way and field.type in _EXACT else None
    whole_digits = _WHOLE_DIGITS.fullmatch if short_way and field.type in ("integer", "rating") else None
    if short_way and field.type in _MOMENTS:
        written = _MOMENTS[field.type].fullmatch

    def read(cell: str) -> Any:
        if written is not None and written(cell):
            return cell
        if whole_digits is not None and whole_digits(cell):
            return int(cell)
        text = unguard(cell) if cell[:1] == "'" else cell
        short = text.strip()
        if not short:
            return None
        if mapped and (key := plain(short)) in mapped:
            value = mapped[key]
            return names.get(fold(value).strip(), value) if names and isinstance(value, str) else value
        if parse is not None:
            text = short = parse(short)
        if field.type in LINKS:
            return short
        if field.type in ("select", "radio"):
            return names.get(fold(short), short)
        if field.type == "multi_select":
            return [names.get(fold(item), item) for item in kind.parse_text(field, text)]
        if field.type in _NUMBERS:
            text = number_text(text, field, factor)
        elif field.type == "date":
            text = era_date(text)
        return kind.parse_text(field, text)

    return read


IMMUTABLE: Final = frozenset((str, int, float, bool, Decimal))
"""Kinds of values that may be kept for the next cell with the same text."""


def number_text(text: str, field: Field, factor: Decimal | None) -> str:
    """A number's text without currency sign, a percentage as the share it is, multiplied if asked for."""
    short = _CURRENCY.sub("", text.strip()) if field.type == "money" else text.strip()
    if field.type == "percent" and short.endswith(("%", "％")):
        short, factor = short[:-1].strip(), (factor or Decimal(1)) / 100
    if factor is None:
        return short
    read = FIELD_TYPES["decimal"].parse_text(field, short)
    try:
        product = Decimal(read) * factor
    except (InvalidOperation, TypeError, ValueError):
        return text
    return format(product.normalize(), "f") if product.is_finite() else text


def year(text: str) -> str:
    return f"{text[:4]}-01-01" if _YEAR.fullmatch(text) else text


def month(text: str) -> str:
    found = _MONTH.fullmatch(text)
    if not found:
        return text
    first, second, third, fourth = found.groups()
    return f"{first or fourth}-{int(second or third):02}-01"


def day_first(text: str) -> str:
    return _day(text, 0, 1)


def month_first(text: str) -> str:
    return _day(text, 1, 0)


def _day(text: str, day: int, month: int) -> str:
    found = _DAY.fullmatch(text.partition("T")[0].removesuffix(" 00:00:00"))
    if not found:
        return text
    parts = [int(part) for part in found.groups()]
    full = parts[2] if len(found.group(3)) == 4 else parts[2] + (2000 if parts[2] < 70 else 1900)
    try:
        return datetime.date(full, parts[month], parts[day]).isoformat()
    except ValueError:
        return text


def decimal_comma(text: str) -> str:
    if not _COMMA.fullmatch(text):
        return text
    return re.sub(r"[. '\u00a0\u202f]", "", text).replace(",", ".")


def hundredths(text: str) -> str:
    return text if text.endswith(("%", "％")) else text + "%"


def slug(text: str) -> str:
    return ".".join(re.findall(r"[^\W_]+", plain(text)))


PARSE: Final[Mapping[str, Callable[[str], str]]] = {
    "year": year, "month": month, "dmy": day_first, "mdy": month_first, "comma": decimal_comma,
    "percent": hundredths, "slug": slug, "lower": str.lower, "roc": republic_date,
}  # fmt: skip
