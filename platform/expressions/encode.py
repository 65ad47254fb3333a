"""The stored form: a checked expression as plain JSON, and back.

`{"format": 1, "source", "type", "deps", "node"}`. Each node carries its type's name, and the browser
evaluates the very same object. Reading it back builds the syntax tree again and checks it against the record
as it is now, so a stored expression can never mean something the checker has not seen. Numbers are strings.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from fieldstone.expressions.check import Checker
from fieldstone.expressions.errors import ExpressionError, problem_at
from fieldstone.expressions.limits import MAX_DEPTH, MAX_NODES
from fieldstone.expressions.syntax import (
    Binary,
    Call,
    Conditional,
    Items,
    Literal,
    Logic,
    Member,
    Name,
    Node,
    Unary,
)
from fieldstone.expressions.typed import (
    Changed,
    Checked,
    Const,
    Context,
    FieldRef,
    Listed,
    Old,
    Op,
    Over,
    Typed,
)
from fieldstone.expressions.types import RecordType, Type

FORMAT = 1
SIGNS = {
    "eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "in": "in",
    "add": "+", "sub": "-", "mul": "*", "div": "/",
}  # fmt: skip
CHAINS = {"and": "&&", "or": "||"}
UNARY = {"not": "!", "neg": "-"}


def to_json(checked: Checked) -> dict[str, Any]:
    """The stored form of `checked`."""
    return {
        "format": FORMAT,
        "source": checked.source,
        "type": checked.type.kind,
        "deps": sorted(list(path) for path in checked.deps),
        "node": _encode(checked.node),
    }


def from_json(data: Mapping[str, Any], env: RecordType, *, expect: Type | None = None) -> Checked:
    """The expression stored as `data`, checked against `env`; ExpressionError when it no longer fits."""
    source = data.get("source", "") if isinstance(data, Mapping) else ""
    if not isinstance(data, Mapping) or data.get("format") != FORMAT or not isinstance(source, str):
        raise _malformed("a stored expression has format 1")
    node = _Decoder().node(data.get("node"), 1)
    # Places in the source are unknown to stored nodes: problems are told without them.
    checked = Checker("", env).whole(node, expect, None)
    return Checked(
        checked.node, checked.type, checked.deps, checked.functions, source, checked.cost, checked.immutable
    )


def _malformed(message: str) -> ExpressionError:
    problem = problem_at("", 0, 0, "expression.syntax", message)
    return ExpressionError("", [problem], code="expression.syntax")


def _encode(node: Typed) -> dict[str, Any]:
    kind = node.type.kind
    match node:
        case Const(value=value):
            return {"const": _plain(value), "type": kind}
        case FieldRef(path=path, up=up):
            return {"field": list(path), **({"up": up} if up else {}), "type": kind}
        case Context(name=name):
            return {"context": name, "type": kind}
        case Old(path=path):
            return {"old": list(path), "type": kind}
        case Changed(name=name):
            return {"changed": name, "type": kind}
        case Listed(items=items):
            return {"items": [_encode(item) for item in items]}
        case Op(op=op, args=args):
            return {"op": op, "args": [_encode(a) for a in args], "type": kind}
        case Over(fn=fn, lines=lines, value=value, where=where):
            parts = {"value": value, "where": where}
            encoded = {name: _encode(part) for name, part in parts.items() if part is not None}
            return {"over": fn, "lines": _encode(lines), **encoded, "type": kind}
        case _:  # pragma: no cover - there are no other nodes
            raise TypeError(node)


def _plain(value: object) -> bool | str | None:
    match value:
        case None | bool() | str():
            return value
        case Decimal():
            return format(value, "f")
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case _:
            return str(value)


class _Decoder:
    """Stored nodes to syntax, within the same bounds as the parser."""

    def __init__(self) -> None:
        self.nodes = 0

    def node(self, data: Any, depth: int) -> Node:
        self.nodes += 1
        if depth > MAX_DEPTH or self.nodes > 2 * MAX_NODES:
            raise _malformed("the stored expression is too large")
        match data:
            case {"const": value, "type": str() as kind}:
                return _constant(value, kind)
            case {"field": [str() as head, *rest], **more}:
                up = more.get("up", 0)
                return _path(Name(0, 0, head, True, up if isinstance(up, int) else 0), rest)
            case {"context": "now" | "today" as name}:
                return Call(0, 0, name, ())
            case {"context": str() as name}:
                head, *rest = name.split(".")
                return _path(Name(0, 0, head), rest)
            case {"old": [str(), *_] as path}:
                return _path(Name(0, 0, "old"), path)
            case {"changed": str() as name}:
                return Call(0, 0, "changed", (Name(0, 0, name, True),))
            case {"items": list() as items}:
                return Items(0, 0, self.several(items, depth))
            case {"op": str() as op, "args": list() as args}:
                return self.op(op, self.several(args, depth))
            case {"over": str() as fn, "lines": lines, **more}:
                parts = [lines, *(more[name] for name in ("value", "where") if name in more)]
                return Call(0, 0, fn, self.several(parts, depth))
        raise _malformed("the stored expression cannot be read")

    def several(self, items: list[Any], depth: int) -> tuple[Node, ...]:
        return tuple(self.node(item, depth + 1) for item in items)

    def op(self, op: str, args: tuple[Node, ...]) -> Node:
        if op in SIGNS and len(args) == 2:
            return Binary(0, 0, SIGNS[op], *args)
        if op in CHAINS and args:
            return Logic(0, 0, CHAINS[op], args)
        if op in UNARY and len(args) == 1:
            return Unary(0, 0, UNARY[op], args[0])
        if op == "if" and len(args) == 3:
            return Conditional(0, 0, *args)
        return Call(0, 0, op, args)


def _constant(value: Any, kind: str) -> Node:
    if value is None or isinstance(value, bool):
        return Literal(0, 0, value)
    if isinstance(value, str) and kind in ("date", "datetime"):
        return Call(0, 0, kind, (Literal(0, 0, value),))
    if isinstance(value, str) and kind in ("integer", "decimal"):
        try:
            return Literal(0, 0, int(value) if kind == "integer" else Decimal(value))
        except (ValueError, ArithmeticError):
            raise _malformed(f"{value[:40]} is no number") from None
    if isinstance(value, str):
        return Literal(0, 0, value)
    raise _malformed("the stored expression cannot be read")


def _path(head: Node, rest: list[Any]) -> Node:
    for name in rest:
        if not isinstance(name, str):
            raise _malformed("the stored expression cannot be read")
        head = Member(0, 0, head, name)
    return head
