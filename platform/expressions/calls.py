"""Checking a call: which function it is, whether its arguments fit, and what comes out."""

import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from fieldstone.expressions.functions import FUNCTION_NAMES, FUNCTIONS, OVER_LINES, Function
from fieldstone.expressions.syntax import Call, Node
from fieldstone.expressions.typed import Const, Context, FieldRef, Op, Over, Typed
from fieldstone.expressions.types import (
    BOOLEAN,
    DATE,
    DATETIME,
    DECIMAL,
    INTEGER,
    NULL,
    TEXT,
    UNKNOWN,
    Lines,
    Type,
)
from fieldstone.problems import did_you_mean, nearest

if TYPE_CHECKING:
    from fieldstone.expressions.check import Checker

RESULTS: dict[str, Type] = {
    "boolean": BOOLEAN, "integer": INTEGER, "decimal": DECIMAL, "text": TEXT, "date": DATE,
    "datetime": DATETIME,
}  # fmt: skip
DATE_TEXT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
DATETIME_TEXT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[Tt ]([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)(Z|z|[+-][0-9]{2}:[0-9]{2}))?"
)


def call(checker: "Checker", node: Call) -> Typed:
    if node.name not in FUNCTIONS and node.name not in OVER_LINES:
        checker.functions.discard(node.name)
        for argument in node.arguments:
            checker.node(argument)
        return checker.problem(
            node, f"there is no function {node.name}{did_you_mean(node.name, FUNCTION_NAMES)}",
            found=node.name, suggestion=nearest(node.name, FUNCTION_NAMES) or "",
        )  # fmt: skip
    checker.functions.add(node.name)
    if node.name == "changed":
        if len(node.arguments) != 1:
            return checker.problem(node, "changed(field) needs one argument")
        return checker.scopes.changed(node, node.arguments[0])
    if not node.arguments:
        return _plain(checker, node, FUNCTIONS.get(node.name), [])
    first = checker.node(node.arguments[0])
    if node.name in OVER_LINES and first.type.kind == "lines":
        return _over(checker, node, first)
    arguments = [first, *(checker.node(a) for a in node.arguments[1:])]
    if node.name == "count" and first.type.kind == "tags" and len(arguments) == 1:
        return Op(INTEGER, "count", (first,))
    return _plain(checker, node, FUNCTIONS.get(node.name), arguments)


def _over(checker: "Checker", node: Call, lines: Typed) -> Typed:
    function = OVER_LINES[node.name]
    most, least = 3, 1 if function.value_optional else 2
    if not least <= len(node.arguments) <= most:
        return checker.problem(node, f"write {function.usage}")
    assert isinstance(lines.type, Lines)
    record = lines.type.record()
    if not isinstance(lines, FieldRef) or record is None:
        return checker.problem(node.arguments[0], f"{node.name} needs a field that holds lines")
    checker.scopes.enter(lines, record)
    value: Typed | None = None
    where: Typed | None = None
    if len(node.arguments) > 1:
        at = node.arguments[1]
        value = checker.must(
            at, checker.node(at), function.value, f"write {function.usage}; the value may not be this"
        )
    if len(node.arguments) > 2:
        at = node.arguments[2]
        where = checker.must(at, checker.node(at), ("boolean",), "the last argument is a condition")
    checker.scopes.leave()
    result: Type = INTEGER
    if node.name in ("any", "all"):
        result = BOOLEAN
    elif node.name == "avg":
        result = DECIMAL
    elif node.name != "count" and value is not None:
        result = _result_of(value.type)
    return Over(result, node.name, lines, value, where)


def _result_of(type_: Type) -> Type:
    return RESULTS.get(type_.kind, type_)


def _plain(checker: "Checker", node: Call, function: Function | None, arguments: list[Typed]) -> Typed:
    if function is None and any(argument.type.kind == "unknown" for argument in arguments):
        return Const(UNKNOWN, None)
    if function is None:
        return checker.problem(node, f"write {OVER_LINES[node.name].usage}: the first argument must be lines")
    least = len(function.parameters) - function.optional
    most = len(node.arguments) if function.rest else len(function.parameters)
    if not least <= len(arguments) <= most:
        wanted = (
            f"write {function.usage}" if function.parameters else f"write {function.usage} without arguments"
        )
        return checker.problem(node, wanted)
    if node.name == "date":
        return _date(checker, node, arguments)
    kinds = [*function.parameters, *[function.rest] * len(arguments)]
    fitted = [
        checker.must(
            at, argument, allowed, f"{node.name} needs {_either(allowed)} here", _hint(node.name, argument)
        )
        for at, argument, allowed in zip(node.arguments, arguments, kinds, strict=False)
    ]
    if node.name in ("today", "now", "hasRole"):
        return _context(checker, node, fitted)
    if node.name == "datetime":
        return _datetime(checker, node, fitted[0])
    result = _result(checker, node, function, fitted)
    if result.kind == "null":
        return Const(NULL, None)
    if function.result == "joined":
        fitted = [Const(result, None) if isinstance(a, Const) and a.value is None else a for a in fitted]
    return Op(result, node.name, tuple(fitted))


def _either(kinds: tuple[str, ...]) -> str:
    return kinds[0] if len(kinds) == 1 else f"{', '.join(kinds[:-1])} or {kinds[-1]}"


def _hint(name: str, argument: Typed) -> str:
    if argument.type.kind == "tags" and name in ("contains", "isIn"):
        return '; write "x" in tags'
    if name == "concat":
        return "; use text(...)"
    if argument.type.kind == "decimal":
        return "; use round(...), floor(...) or ceil(...)"
    if argument.type.kind == "text" and name != "isEmpty":
        return '; use date("..."), datetime("...") or number(...)'
    return ""


def _result(checker: "Checker", node: Call, function: Function, arguments: list[Typed]) -> Type:
    if function.result == "first":
        return _result_of(arguments[0].type)
    if function.result == "rounded":
        return INTEGER if len(arguments) == 1 else _result_of(arguments[0].type)
    if function.result == "joined":
        # Parameters gave untyped nulls the type of the first kind allowed: leave them out of the joining.
        known = [a for a in arguments if not (isinstance(a, Const) and a.value is None)]
        joined = checker.join(node, known, f"{node.name} cannot take")
        return TEXT if joined.kind == "link" else _result_of(joined)
    return RESULTS[function.result]


def _context(checker: "Checker", node: Call, arguments: list[Typed]) -> Typed:
    allowed = checker.scopes.env.allowed
    if node.name == "hasRole":
        if not allowed.user:
            return checker.problem(node, "hasRole cannot be used here")
        return Op(BOOLEAN, "hasRole", (arguments[0],))
    if not allowed.clock:
        return checker.problem(node, f"{node.name}() cannot be used here")
    return Context(DATE if node.name == "today" else DATETIME, node.name)


def _date(checker: "Checker", node: Call, arguments: list[Typed]) -> Typed:
    if len(arguments) == 3:
        parts = [
            checker.must(at, argument, ("integer",), "date(year, month, day) needs whole numbers")
            for at, argument in zip(node.arguments, arguments, strict=True)
        ]
        return Op(DATE, "date", tuple(parts))
    usage = "write date(text), date(datetime) or date(year, month, day)"
    if len(arguments) != 1:
        return checker.problem(node, usage)
    argument = checker.must(node.arguments[0], arguments[0], ("text", "select", "date", "datetime"), usage)
    if isinstance(argument, Const) and isinstance(argument.value, str):
        found = read_date(argument.value)
        if found is None:
            return _no_date(checker, node.arguments[0], argument.value, "date", "2026-01-31")
        return Const(DATE, found)
    return Op(DATE, "date", (argument,))


def _datetime(checker: "Checker", node: Call, argument: Typed) -> Typed:
    if isinstance(argument, Const) and isinstance(argument.value, str):
        found = read_datetime(argument.value)
        if found is None:
            return _no_date(checker, node.arguments[0], argument.value, "datetime", "2026-01-31T09:30:00Z")
        return Const(DATETIME, found)
    if argument.type.is_text and argument.type is not UNKNOWN and not isinstance(argument, Const):
        return checker.problem(
            node, 'datetime reads a written text only, like datetime("2026-01-31T09:30:00Z")'
        )
    if argument.type.is_text:
        return Const(DATETIME, None)
    return Op(DATETIME, "datetime", (argument,))


def _no_date(checker: "Checker", at: Node, value: str, kind: str, example: str) -> Typed:
    return checker.problem(at, f'"{value}" is no {kind}; it is written like "{example}"', found=value)


def read_date(text: str) -> date | None:
    """The date that YYYY-MM-DD shows; None when there is no such day."""
    if DATE_TEXT.fullmatch(text) is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def read_datetime(text: str) -> datetime | None:
    """The moment an RFC 3339 text shows; a date alone is its midnight in UTC."""
    match = DATETIME_TEXT.fullmatch(text)
    if match is None:
        return None
    day, time, zone = match.groups()
    try:
        zone = "+00:00" if zone is None or zone in "Zz" else zone
        return datetime.fromisoformat(f"{day}T{time or '00:00'}{zone}").astimezone(UTC)
    except (ValueError, OverflowError):
        return None
