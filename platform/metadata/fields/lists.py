"""What lists share: the check of their entries, and, for texts, how a list is written in one cell of a table."""

import re
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final

from fieldstone.metadata.definitions import Field
from fieldstone.metadata.fields.base import INVALID, NATIVE, Check, FieldType, whole
from fieldstone.metadata.fields.wording import problem, wrong_type
from fieldstone.problems import Problem

MOST: Final = 1000
"""No list of texts has more entries than this."""

MARKS: Final = re.compile(r"([\\,;、，；|])")
SPLIT: Final = re.compile(r"(?:\\.|[^\\;；])+")
SPLIT_ALL: Final = re.compile(r"(?:\\.|[^\\,;、，；|])+")
UNUSUAL: Final = re.compile(r"[\\;、，；|]")
ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)


def entries_check(entry: Check, least: int, most: int, wanted: str) -> Check:
    """The check of a list of so many entries, each by a check of its own; `wanted` says what it is a list of."""

    def check(value: Any, path: str, problems: list[Problem]) -> Any:
        if type(value) is not list:
            problems.append(wrong_type(path, value, wanted))
            return INVALID
        if not least <= len(value) <= most:
            code, limit = ("minItems", least) if len(value) < least else ("maxItems", most)
            problems.append(problem(code, path, len(value), limit))
            return INVALID
        before = len(problems)
        entries = [entry(item, f"{path}/{index}", problems) for index, item in enumerate(value)]
        return entries if len(problems) == before else INVALID

    return check


class ListType(FieldType):
    """Base of the types whose value is a list of different texts."""

    json_types: ClassVar[tuple[str, ...]] = ("array",)
    native: ClassVar[frozenset[str]] = NATIVE | {"items", "uniqueItems", "minItems", "maxItems"}
    python_type: ClassVar[type] = list
    sortable: ClassVar[bool | None] = False
    operators: ClassVar[tuple[str, ...]] = ("contains", "isEmpty")

    def entry_check(self, definition: Field) -> Check:
        raise NotImplementedError

    def checker(self, definition: Field) -> Check:
        least, most = bounds(definition.schema)
        checked = entries_check(self.entry_check(definition), least, most, "a list")

        def check(value: Any, path: str, problems: list[Problem]) -> Any:
            entries = checked(value, path, problems)
            if entries is not INVALID and len(set(entries)) < len(entries):
                problems.append(problem("uniqueItems", path))
                return INVALID
            return entries

        return check

    def format_text(self, definition: Field, value: Any) -> str:
        return "; ".join(MARKS.sub(r"\\\1", item) for item in value)

    def parse_text(self, definition: Field, text: str) -> Any:
        return split_text(text)


def bounds(schema: Mapping[str, Any]) -> tuple[int, int]:
    return whole(schema.get("minItems")) or 0, whole(schema["maxItems"]) or 0


def split_text(text: str, known: Callable[[str], Any] | None = None) -> list[str]:
    """The entries of a cell: split at `;`, or where there is none at the other usual marks; `\\` escapes
    one."""
    if not UNUSUAL.search(text):
        parts = [text] if known and known(text) else text.split(",")
        return [entry for part in parts if (entry := part.strip())]
    parts = SPLIT.findall(text)
    if len(parts) == 1 and not (known and known(text)):
        parts = SPLIT_ALL.findall(text)
    return [ESCAPED.sub(r"\1", part.strip()) for part in parts if part.strip()]
