"""JSON text to values, strictly: what is ambiguous or cannot be kept is refused, with its line and column.

Refused are: other encodings than UTF-8, NaN and Infinity, a key that stands twice in one object, half
surrogates, more than 64 levels, numbers of more than 400 characters. Fractions become Decimals, so that
amounts are what was written; U+0000 is legal JSON and is refused later, with a pointer, where it would be
stored.
"""

import json
import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NoReturn

from fieldstone.problems import FieldstoneError, Kind

DEEPEST: Final = 64
LONGEST_NUMBER: Final = 400

TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},]', re.DOTALL)
COLON: Final = re.compile(r"[ \t\r\n]*:")
HALF: Final = re.compile(r"[\ud800-\udfff]")
ESCAPED_HALF: Final = re.compile(rb"\\u[dD][89a-fA-F]")


class MalformedJson(FieldstoneError):
    """The text is no JSON, or JSON that nobody should send; `data` has `line` and `column`, counted from
    1."""

    code = "json.malformed"
    kind: Kind = "malformed"


class Duplicate(ValueError):
    """A key stands twice in one object."""


class Unreadable(ValueError):
    """A number or constant that is not taken."""


def parse_json(raw: bytes) -> Any:
    """The value of a JSON text: dict, list, str, int, Decimal, bool or None. Raises MalformedJson."""
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode(errors="replace")
        raise malformed("the text is not UTF-8", before, len(before)) from error
    if raw.count(b"[") + raw.count(b"{") > DEEPEST:
        check_depth(text)
    try:
        value = DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise malformed(reason(error, text), text, error.pos) from error
    except Duplicate as error:
        raise duplicate(str(error), text) from error
    except Unreadable as error:
        raise malformed(f"{error} is not accepted", text, text.find(str(error))) from error
    except ValueError as error:  # int() refuses more than 4,300 digits
        found = re.search(r"\d{1000}", text)
        raise malformed("a number has too many digits", text, found.start() if found else 0) from error
    if ESCAPED_HALF.search(raw):
        check_surrogates(text)
    return value


def parse_json_text(text: str, otherwise: Any) -> Any:
    """The value of a JSON text that somebody typed, or `otherwise` when it is none."""
    try:
        return parse_json(text.encode())
    except (MalformedJson, UnicodeEncodeError):
        return otherwise


def write_json(value: Any) -> str:
    """Compact JSON; ids, dates and exact numbers inside become text."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


def unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise Duplicate(next(name for name in names if names.count(name) > 1))
    return found


def read_fraction(text: str) -> Decimal:
    if len(text) > LONGEST_NUMBER:
        raise Unreadable(text[:30])
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise Unreadable(text[:30]) from error


def refuse_constant(name: str) -> NoReturn:
    raise Unreadable(name)


DECODER: Final = json.JSONDecoder(
    object_pairs_hook=unique_keys, parse_float=read_fraction, parse_constant=refuse_constant
)


def reason(error: json.JSONDecodeError, text: str) -> str:
    if not text.strip():
        return "there is no JSON here: the text is empty"
    found = f"found {text[error.pos : error.pos + 10]!r}" if error.pos < len(text) else "the text ends"
    return f"{error.msg[:1].lower()}{error.msg[1:]}, but {found}"


def malformed(what: str, text: str, position: int) -> MalformedJson:
    position = max(position, 0)
    line = text.count("\n", 0, position) + 1
    column = position - text.rfind("\n", 0, position)
    return MalformedJson(f"line {line}, column {column}: {what}", line=line, column=column)


def check_depth(text: str) -> None:
    depth = 0
    for found in TOKEN.finditer(text):
        if found[0] in "[{":
            depth += 1
            if depth > DEEPEST:
                raise malformed(f"more than {DEEPEST} levels of lists and objects", text, found.start())
        elif found[0] in "]}":
            depth -= 1


def check_surrogates(text: str) -> None:
    for found in TOKEN.finditer(text):
        if found[0][0] == '"' and HALF.search(json.loads(found[0], strict=False)):
            raise malformed(
                "half of a surrogate pair (U+D800 to U+DFFF) is no character", text, found.start()
            )


def duplicate(name: str, text: str) -> MalformedJson:
    """The error for the second place of a key: found by reading once more, since the fast parser does not
    tell."""
    position = next((at for key, at in second_keys(text) if key == name), 0)
    return malformed(f'the key "{name}" stands twice in one object', text, position)


def second_keys(text: str) -> Iterator[tuple[str, int]]:
    stack: list[set[str] | None] = []
    for found in TOKEN.finditer(text):
        token = found[0]
        if token == "{":
            stack.append(set())
        elif token == "[":
            stack.append(None)
        elif token in "]}":
            stack.pop()
        elif token[0] == '"' and stack and stack[-1] is not None and COLON.match(text, found.end()):
            key = json.loads(token)
            if key in stack[-1]:
                yield key, found.start()
            stack[-1].add(key)
