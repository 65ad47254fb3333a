"""Values as COPY reads them (text format), a column at a time.

psycopg looks at every value of every row anew. A column has values of one kind nearly always, and most of its texts
need no escaping, so that a thousand values are often one comparison.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb

from fieldstone.engine.storage.json_values import dumps

NULL: Final = r"\N"
_SPECIAL: Final = re.compile(r"[\\\b\t\n\v\f\r]")
_ESCAPES: Final = str.maketrans(
    {"\\": r"\\", "\b": r"\b", "\t": r"\t", "\n": r"\n", "\v": r"\v", "\f": r"\f", "\r": r"\r"}
)


def copy_text(columns: Sequence[Sequence[Any]]) -> bytes:
    """The rows of some columns of equal length. Raises TypeError for a value of a kind that is not stored."""
    lines = map("\t".join, zip(*map(_texts, columns), strict=True))
    return ("\n".join(lines) + "\n").encode() if columns and columns[0] else b""


def _texts(values: Sequence[Any]) -> Sequence[str]:
    kinds = set(map(type, values))
    holes = type(None) in kinds
    kinds.discard(type(None))
    if not kinds:
        return [NULL] * len(values)
    if len(kinds) > 1:
        return [NULL if value is None else _text_of(type(value))(value) for value in values]
    kind = kinds.pop()
    if kind is str and _plain("".join(filter(None, values) if holes else values)):
        return [NULL if value is None else value for value in values] if holes else values
    text = _text_of(kind)
    return [NULL if value is None else text(value) for value in values] if holes else list(map(text, values))


def _text_of(kind: type) -> Callable[[Any], str]:
    found = TEXTS.get(kind)
    if found is None:
        raise TypeError(f"no column holds values of {kind.__name__}")
    return found


def _string(value: str) -> str:
    return value.translate(_ESCAPES) if _SPECIAL.search(value) else value


def _plain(text: str) -> bool:
    """Whether nothing of a text needs escaping. Printable characters are the quick answer to most texts."""
    return ("\\" not in text and text.isprintable()) or not _SPECIAL.search(text)


def _json(value: Jsonb) -> str:
    """JSON is written compactly here, and in its strings control characters are escaped: only `\\` needs it again."""
    made = (value.dumps or dumps)(value.obj)
    text = made.decode() if isinstance(made, bytes) else made
    return text.replace("\\", r"\\") if "\\" in text else text


def _array(values: Iterable[Any]) -> str:
    return _string("{" + ",".join(map(_item, values)) + "}")


def _item(value: Any) -> str:
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return "NULL" if value is None else _text_of(type(value))(value)


TEXTS: Final[Mapping[type, Callable[[Any], str]]] = {
    str: _string, bool: lambda value: "t" if value else "f", int: str, float: repr, Decimal: str,
    date: date.isoformat, datetime: datetime.isoformat, time: time.isoformat, UUID: lambda value: value.hex,
    Jsonb: _json, list: _array, tuple: _array,
}  # fmt: skip
"""One line per kind of value that columns hold."""
