"""Functions over lines: one pass, null values skipped, the condition must be true."""

from collections.abc import Callable, Iterator
from typing import Any

from fieldstone.expressions.python import numbers
from fieldstone.expressions.typed import Over, Typed

Scope = tuple[Any, Any, Any]
Run = Callable[[Scope], Any]


def over(node: Over, compile_node: Callable[[Typed], Run]) -> Run:
    lines = compile_node(node.lines)
    value = None if node.value is None else compile_node(node.value)
    where = None if node.where is None else compile_node(node.where)

    def scopes(s: Scope) -> Iterator[Scope]:
        for line in lines(s) or ():
            inner = (line, s[1], s)
            if where is None or where(inner) is True:
                yield inner

    if value is None:
        return lambda s: sum(1 for _ in scopes(s))
    each = value

    def values(s: Scope) -> list[Any]:
        return [v for v in map(each, scopes(s)) if v is not None]

    match node.fn:
        case "any":
            return lambda s: any(each(inner) is True for inner in scopes(s))
        case "all":
            return lambda s: all(each(inner) is True for inner in scopes(s))
        case "count" if node.value is not None and node.value.type.kind == "boolean":
            return lambda s: sum(1 for inner in scopes(s) if each(inner) is True)
        case "count":
            return lambda s: len(values(s))
        case "sum":
            return lambda s: numbers.in_range(total(values(s)))
        case "avg":
            return lambda s: mean(values(s))
        case "min":
            return lambda s: min(values(s), default=None)
        case _:
            return lambda s: max(values(s), default=None)


def total(values: list[Any]) -> Any:
    result: Any = 0
    for value in values:
        result = (
            result + value
            if isinstance(result, int) and isinstance(value, int)
            else numbers.EXACT.add(result, value)
        )
    return result


def mean(values: list[Any]) -> Any:
    if not values:
        return None
    whole = total(values)
    return numbers.divide(whole, len(values))
