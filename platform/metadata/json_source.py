"""Reads JSON text into values and remembers on which line each JSON pointer begins.

Stricter than `json.loads`, because a document is read by several programs and must mean the same to each:
duplicate keys, NaN and infinities, U+0000, lone surrogates, numbers outside a double and nesting beyond 60
are problems. Reading goes on after a duplicate key or a bad string, so that one pass names them all; it
stops at the first error of syntax.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from typing import Any, Final

from fieldstone.problems import Problem

MAX_DEPTH: Final = 60
MAX_BYTES: Final = 20_000_000

_SPACE: Final = re.compile(r"[ \t\r\n]*")
_CHUNK: Final = re.compile(r'[^"\\\x00-\x1f]*')
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_HEX: Final = re.compile(r"[0-9A-Fa-f]{4}")
_WORDS: Final = {"true": True, "false": False, "null": None}
_ESCAPES: Final = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


@dataclass(frozen=True, slots=True)
class JsonSource:
    """What a text held: its value (None when it could not be read), pointer -> line, and what is wrong."""

    value: Any
    lines: dict[str, int]
    problems: tuple[Problem, ...]


def escape(key: str | int) -> str:
    """One reference token of a JSON pointer (RFC 6901)."""
    return str(key).replace("~", "~0").replace("/", "~1")


def decode(data: bytes) -> tuple[str, Problem | None]:
    """UTF-8 text of a file (a byte order mark is dropped), or the problem that says why not."""
    if len(data) > MAX_BYTES:
        return "", Problem("", "json.too_large", f"the file has {len(data)} bytes; the limit is {MAX_BYTES}")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "", Problem("", "json.encoding", "the file is UTF-16; save it as UTF-8")
    try:
        return data.decode("utf-8-sig"), None
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        found = f"byte 0x{data[error.start]:02x} is not UTF-8; save the file as UTF-8"
        return "", Problem("", "json.encoding", found, line=line)


def read_json(data: bytes | str) -> JsonSource:
    """Read one JSON text; never raises."""
    text, trouble = decode(data) if isinstance(data, bytes) else (data, None)
    if trouble is not None:
        return JsonSource(None, {}, (trouble,))
    reader = _Reader(text)
    try:
        value = reader.document()
    except _Stop as stop:
        return JsonSource(None, reader.lines, (*reader.problems, stop.problem))
    return JsonSource(value, reader.lines, tuple(reader.problems))


class _Stop(Exception):
    """Reading cannot go on."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem


class _Reader:
    """A recursive descent over one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines: dict[str, int] = {}
        self.problems: list[Problem] = []
        self._counted = (0, 1)

    def document(self) -> Any:
        value, at = self.value(self.skip(0), "", 0)
        at = self.skip(at)
        if at != len(self.text):
            self.stop(at, "", "json.syntax", f"expected the end, found {self.found(at)}")
        return value

    def line(self, at: int) -> int:
        """Line of a position; positions mostly grow, so it counts on from the last one."""
        position, line = self._counted
        if at < position:
            return self.text.count("\n", 0, at) + 1
        line += self.text.count("\n", position, at)
        self._counted = (at, line)
        return line

    def skip(self, at: int) -> int:
        match = _SPACE.match(self.text, at)
        return match.end() if match else at

    def found(self, at: int) -> str:
        return (
            f'"{self.text[at : at + 12]}"'.replace("\n", " ")
            if at < len(self.text)
            else "the end of the file"
        )

    def stop(self, at: int, pointer: str, code: str, message: str) -> None:
        raise _Stop(Problem(pointer, code, message, line=self.line(at)))

    def note(self, at: int, pointer: str, code: str, message: str) -> None:
        self.problems.append(Problem(pointer, code, message, line=self.line(at)))

    def value(self, at: int, pointer: str, depth: int) -> tuple[Any, int]:
        self.lines.setdefault(pointer, self.line(at))
        first = self.text[at : at + 1]
        if first == '"':
            return self.string(at, pointer)
        if first in ("{", "["):
            if depth >= MAX_DEPTH:
                self.stop(at, pointer, "json.depth", f"nested deeper than {MAX_DEPTH} levels")
            read: Callable[[int, str, int], tuple[Any, int]] = self.object if first == "{" else self.array
            return read(at + 1, pointer, depth + 1)
        for word, constant in _WORDS.items():
            if self.text.startswith(word, at):
                return constant, at + len(word)
        return self.number(at, pointer)

    def object(self, at: int, pointer: str, depth: int) -> tuple[dict[str, Any], int]:
        result: dict[str, Any] = {}
        at = self.skip(at)
        if self.text[at : at + 1] == "}":
            return result, at + 1
        while True:
            if self.text[at : at + 1] != '"':
                self.stop(
                    at, pointer, "json.syntax", f"expected a key in double quotes, found {self.found(at)}"
                )
            start = at
            key, at = self.string(at, pointer)
            below = f"{pointer}/{escape(key)}"
            if key in result:
                first = self.lines[below]
                self.note(
                    start, below, "json.duplicate", f'the key "{key}" stands twice (first on line {first})'
                )
            self.lines.setdefault(below, self.line(start))
            at = self.skip(at)
            if self.text[at : at + 1] != ":":
                self.stop(at, below, "json.syntax", f'expected ":", found {self.found(at)}')
            result[key], at = self.value(self.skip(at + 1), below, depth)
            at = self.skip(at)
            mark = self.text[at : at + 1]
            if mark == "}":
                return result, at + 1
            if mark != ",":
                self.stop(at, pointer, "json.syntax", f'expected "," or "}}", found {self.found(at)}')
            at = self.skip(at + 1)

    def array(self, at: int, pointer: str, depth: int) -> tuple[list[Any], int]:
        result: list[Any] = []
        at = self.skip(at)
        if self.text[at : at + 1] == "]":
            return result, at + 1
        while True:
            item, at = self.value(at, f"{pointer}/{len(result)}", depth)
            result.append(item)
            at = self.skip(at)
            mark = self.text[at : at + 1]
            if mark == "]":
                return result, at + 1
            if mark != ",":
                self.stop(at, pointer, "json.syntax", f'expected "," or "]", found {self.found(at)}')
            at = self.skip(at + 1)

    def number(self, at: int, pointer: str) -> tuple[int | float, int]:
        match = _NUMBER.match(self.text, at)
        if match is None:
            self.stop(at, pointer, "json.syntax", f"expected a value, found {self.found(at)}")
        assert match is not None
        word = match.group()
        if match.lastindex is None:
            if len(word) > 400:
                self.note(
                    at, pointer, "json.number", f"a number of {len(word)} digits is outside the range of JSON"
                )
                return 0, match.end()
            return int(word), match.end()
        value = float(word)
        if not isfinite(value):
            self.note(at, pointer, "json.number", f"{word} is outside the range of a double")
            return 0, match.end()
        return value, match.end()

    def string(self, at: int, pointer: str) -> tuple[str, int]:
        start, parts = at, []
        at += 1
        while True:
            match = _CHUNK.match(self.text, at)
            assert match is not None
            parts.append(match.group())
            at = match.end()
            mark = self.text[at : at + 1]
            if mark == '"':
                break
            if mark != "\\":
                what = f"U+{ord(mark):04X} in a string; escape it" if mark else "a string without an end"
                self.stop(at, pointer, "json.syntax", what)
            part, at = self.escaped(at + 1, pointer)
            parts.append(part)
        value = "".join(parts)
        if "\x00" in value:
            self.note(start, pointer, "json.character", "U+0000 in a text; remove it")
        if any("\ud800" <= c <= "\udfff" for c in value):
            self.note(
                start, pointer, "json.character", "a lone surrogate in a text; write the whole character"
            )
            value = value.encode("utf-8", "replace").decode()
        return value, at + 1

    def escaped(self, at: int, pointer: str) -> tuple[str, int]:
        mark = self.text[at : at + 1]
        if mark in _ESCAPES:
            return _ESCAPES[mark], at + 1
        if mark != "u" or _HEX.match(self.text, at + 1) is None:
            self.stop(at, pointer, "json.syntax", f'"\\{self.text[at : at + 5]}" is no escape of JSON')
        code = int(self.text[at + 1 : at + 5], 16)
        at += 5
        if 0xD800 <= code < 0xDC00 and self.text.startswith("\\u", at) and _HEX.match(self.text, at + 2):
            low = int(self.text[at + 2 : at + 6], 16)
            if 0xDC00 <= low < 0xE000:
                return chr(0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)), at + 6
        return chr(code), at
