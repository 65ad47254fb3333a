"""What the person who imports has decided: mode, keys, mapping, and what unmatched values stand for.

Options are plain data: they travel as query parameters, as the screen's form, as the CLI's mapping file,
and are stored with the run, so that a stopped run continues with the same decisions.

The mapping file: {"mapping": {column: target or null}, "values": {field: {source text: value or null}}},
where a target is a field name, an object {"field", "parse", "multiply", "const"}, or a list of those.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, Literal, cast

from fieldstone.engine.imports.errors import BadImportOptions
from fieldstone.problems import Problem, did_you_mean

Mode = Literal["create", "update", "upsert"]
MODES: Final = ("create", "update", "upsert")
FORMAT: Final = 1
FACTOR: Final = r"-?[0-9]{1,20}([.][0-9]{1,20})?"
"""A number to multiply with, as text."""
SCALARS: Final = (str, int, float, Decimal, bool, type(None))

PARSERS: Final = {
    "year": "a year such as 1996 is 1 January of it",
    "month": "a month such as 2017-03 or 03/2017 is its first day",
    "dmy": "dates with the day first, such as 31.01.2026 or 31/1/26",
    "mdy": "dates with the month first, such as 1/31/2026",
    "comma": "numbers with a decimal comma, such as 1.234,50",
    "percent": "numbers that count hundredths: 15 and 15 % are 0.15",
    "slug": "a name as an identifier: `Ana de Souza` is `ana.de.souza`",
    "lower": "in small letters",
    "roc": "dates with years of the Republic of China, such as 113/05/01 or 1130501",
}
"""Readings that a mapping may ask for; everything else is read as the field's type reads it."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a column goes. `field` may name a part (`address.city`); with `const` the column is not read."""

    field: str
    parse: str | None = None
    multiply: Decimal | None = None
    const: Any = None


EMPTY: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """The decisions of one import.

    `mapping` is None when it shall be suggested from the column names; a column mapped to () is left out.
    `values` says per field what a source text stands for: an id, a title, a constant, or None for nothing.
    `partial` writes the good rows and lists the bad ones; otherwise one bad row refuses all. `clear_blanks`
    lets a blank cell of an update clear the field; otherwise it leaves the field alone. `header` is the row
    that names the columns, where it shall not be found out.
    """

    mode: Mode = "create"
    key: tuple[str, ...] = ()
    mapping: Mapping[str, tuple[Target, ...]] | None = None
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: EMPTY)
    partial: bool = False
    dry_run: bool = False
    clear_blanks: bool = False
    sheet: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    header: int | None = None

    def to_json(self) -> dict[str, Any]:
        """The options as stored with a run."""
        mapping = None
        if self.mapping is not None:
            mapping = {column: [_target_json(t) for t in targets] for column, targets in self.mapping.items()}
        return {
            "format": FORMAT,
            "mode": self.mode,
            "key": list(self.key),
            "mapping": mapping,
            "values": {name: dict(texts) for name, texts in self.values.items()},
            "partial": self.partial,
            "dry_run": self.dry_run,
            "clear_blanks": self.clear_blanks,
            "sheet": self.sheet,
            "encoding": self.encoding,
            "delimiter": self.delimiter,
            "header": self.header,
        }

    @classmethod
    def from_json(cls, data: Any) -> "ImportOptions":
        """Options from JSON, a mapping file included. Raises BadImportOptions with every problem."""
        problems: list[Problem] = []
        if not isinstance(data, Mapping):
            raise BadImportOptions("Import options are a JSON object.")
        known = {*cls.__dataclass_fields__, "links", "format"}
        for name in data:
            if name not in known:
                message = f'There is no option "{name}"{did_you_mean(name, known)}'
                problems.append(Problem(f"/{name}", "option.unknown", message))
        mode = data.get("mode") or "create"
        if mode not in MODES:
            problems.append(Problem("/mode", "enum", f'The mode is one of {", ".join(MODES)}, not "{mode}".'))
        values = _values(data.get("values") or data.get("links") or {}, problems)
        if not _storable(data.get("mapping"), data.get("values")):
            problems.append(Problem("", "text.null_character", "U+0000 is not accepted in names and values."))
        header = data.get("header")
        if header is not None and (type(header) is not int or not 1 <= header <= 1000):
            problems.append(Problem("/header", "type", "`header` is the number of a row, 1 to 1000."))
        mapping = _mapping(data["mapping"], problems) if data.get("mapping") is not None else None
        key = data.get("key") or ()
        keys = (
            tuple(part.strip() for part in key.split(",")) if isinstance(key, str) else tuple(map(str, key))
        )
        if problems:
            raise BadImportOptions(problems[0].message, problems=problems)
        return cls(
            mode=cast(Mode, mode),
            key=tuple(name for name in keys if name),
            mapping=mapping,
            values=values,
            partial=bool(data.get("partial")),
            dry_run=bool(data.get("dry_run")),
            clear_blanks=bool(data.get("clear_blanks")),
            sheet=data.get("sheet"),
            encoding=data.get("encoding"),
            delimiter=data.get("delimiter"),
            header=data.get("header"),
        )


def _target_json(target: Target) -> dict[str, Any]:
    found: dict[str, Any] = {"field": target.field}
    if target.parse:
        found["parse"] = target.parse
    if target.multiply is not None:
        found["multiply"] = str(target.multiply)
    if target.const is not None:
        found["const"] = target.const
    return found


def _storable(*data: Any) -> bool:
    """Whether no name and no text inside has a U+0000, which no column can hold."""
    for each in data:
        if isinstance(each, str):
            good = "\0" not in each
        elif isinstance(each, Mapping):
            good = _storable(*each, *each.values())
        else:
            good = not isinstance(each, list | tuple) or _storable(*each)
        if not good:
            return False
    return True


def _values(data: Any, problems: list[Problem]) -> dict[str, dict[str, Any]]:
    if not isinstance(data, Mapping) or not all(isinstance(texts, Mapping) for texts in data.values()):
        problems.append(
            Problem("/values", "type", "`values` maps fields to objects of source text and value.")
        )
        return {}
    for name, texts in data.items():
        problems += [
            Problem(
                f"/values/{name}/{text}", "type", "What a text stands for is one value, or null for nothing."
            )
            for text, value in texts.items()
            if not isinstance(value, SCALARS)
        ]
    return {str(name): dict(texts) for name, texts in data.items()}


def _mapping(data: Any, problems: list[Problem]) -> dict[str, tuple[Target, ...]]:
    if not isinstance(data, Mapping):
        problems.append(Problem("/mapping", "type", "`mapping` is an object of columns."))
        return {}
    return {str(column): _targets(value, f"/mapping/{column}", problems) for column, value in data.items()}


def _targets(value: Any, path: str, problems: list[Problem]) -> tuple[Target, ...]:
    if value is None:
        return ()
    if isinstance(value, str):
        return (Target(value),) if value else ()
    if isinstance(value, Mapping):
        return _target(value, path, problems)
    if isinstance(value, list | tuple) and not any(isinstance(each, list | tuple) for each in value):
        return tuple(target for each in value for target in _targets(each, path, problems))
    problems.append(
        Problem(path, "type", "A column goes to a field, an object with `field`, a list, or null.")
    )
    return ()


def _factor(value: Any) -> Decimal | None:
    if isinstance(value, str):
        return Decimal(value) if re.fullmatch(FACTOR, value) else None
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return Decimal(str(value))
    return None


def _target(value: Mapping[str, Any], path: str, problems: list[Problem]) -> tuple[Target, ...]:
    known = ("field", "parse", "multiply", "const")
    for name in value:
        if name not in known:
            suggestion = did_you_mean(name, known)
            problems.append(Problem(f"{path}/{name}", "option.unknown", f'Unknown key "{name}"{suggestion}'))
    parse = value.get("parse")
    if parse is not None and parse not in PARSERS:
        suggestion = did_you_mean(str(parse), PARSERS)
        message = f'"{parse}" is no way to read a cell{suggestion or "; there are " + ", ".join(PARSERS)}'
        problems.append(Problem(f"{path}/parse", "enum", message))
    if not isinstance(value.get("field"), str):
        problems.append(Problem(path, "required", "A mapping names its `field`."))
        return ()
    multiply = None
    if value.get("multiply") is not None:
        multiply = _factor(value["multiply"])
        if multiply is None:
            problems.append(Problem(f"{path}/multiply", "type", "`multiply` is a number."))
    if not isinstance(value.get("const"), SCALARS):
        problems.append(Problem(f"{path}/const", "type", "`const` is one value."))
    return (Target(value["field"], parse, multiply, value.get("const")),)
