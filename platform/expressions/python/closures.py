"""A checked tree made into nested Python closures: what is known before the values come is decided once.

A closure takes a scope, the triple (values, bindings, scope around it). Rules run on every write, so the
common shapes (a field against a constant) have closures of their own.
"""

import operator
from collections.abc import Callable, Mapping
from typing import Any

from fieldstone.expressions.bounds import guarded_bounds
from fieldstone.expressions.calls import read_date
from fieldstone.expressions.currencies import currency_digits
from fieldstone.expressions.limits import NUMBER_PLACES
from fieldstone.expressions.python import dates, numbers, texts
from fieldstone.expressions.python.over import over
from fieldstone.expressions.python.values import read_double, read_seconds, reader
from fieldstone.expressions.typed import Changed, Const, Context, FieldRef, Listed, Old, Op, Over, Typed
from fieldstone.expressions.types import BY_KIND, Decimal_, Integer, Type

Scope = tuple[Any, Any, Any]
Run = Callable[[Scope], Any]


def compile_node(node: Typed) -> Run:
    match node:
        case Const(value=value):
            return lambda s: value
        case FieldRef(type=type_, path=path, up=up):
            return field(type_, path, up)
        case Context(name=name):
            return context(name)
        case Old(type=type_, path=path):
            return old(type_, path)
        case Changed(name=name):
            return lambda s: name in s[1].changed
        case Over():
            return over(node, compile_node)
        case Op(op=op) if op in _SPECIAL:
            return _SPECIAL[op](node)
        case Op():
            return strict(function(node), [compile_node(a) for a in node.args])
        case _:  # pragma: no cover - a list is compiled by "in"
            raise TypeError(node)


# -- reading


def field(type_: Type, path: tuple[str, ...], up: int) -> Run:
    if up:
        inner = field(type_, path, up - 1)
        return lambda s: inner(s[2])
    read = _reader(type_)
    name = path[0]
    if len(path) > 1:

        def hop(s: Scope) -> Any:
            value = follow(s[0], path)
            return value if value is None or read is None else read(value)

        return hop
    if read is None:
        return lambda s: s[0].get(name)
    reading = read

    def get(s: Scope) -> Any:
        value = s[0].get(name)
        return None if value is None else reading(value)

    return get


def _reader(type_: Type) -> Callable[[Any], Any] | None:
    if isinstance(type_, Decimal_) and type_.double:
        return lambda v: read_double(v) if isinstance(v, float) else reader(type_)(v)  # type: ignore[misc]
    if isinstance(type_, Integer) and type_.seconds:
        return read_seconds
    return reader(type_)


def follow(values: Any, path: tuple[str, ...]) -> Any:
    for index, name in enumerate(path):
        if values is None:
            return None
        if not isinstance(values, Mapping):
            whole, link = ".".join(path), ".".join(path[:index])
            raise TypeError(
                f"{whole} is read, so the value of {link} must be the linked record, not {values!r}"
            )
        values = values.get(name)
    return values


def old(type_: Type, path: tuple[str, ...]) -> Run:
    read = _reader(type_)

    def run(s: Scope) -> Any:
        value = follow(s[1].old, path)
        return value if value is None or read is None else read(value)

    return run


def context(name: str) -> Run:
    match name:
        case "now":
            reads = reader_of("datetime")
            return lambda s: None if s[1].now is None else reads(s[1].now)
        case "today":
            return lambda s: s[1].today
        case "isNew":
            return lambda s: s[1].is_new
        case "user.id":
            return lambda s: s[1].user.id
        case "user.teams":
            return lambda s: s[1].user.teams
        case "user.roles":
            return lambda s: s[1].user.roles
        case _:
            return lambda s: s[1].user.locale


def reader_of(kind: str) -> Callable[[Any], Any]:
    read = reader(BY_KIND[kind])
    assert read is not None
    return read


# -- operators


def logic_and(node: Op) -> Run:
    runs = [compile_node(a) for a in node.args]
    if len(runs) == 2:
        first, second = runs

        def both(s: Scope) -> Any:
            a = first(s)
            if a is False:
                return False
            b = second(s)
            return b if a is True or b is False else None

        return both

    def run(s: Scope) -> Any:
        answer: bool | None = True
        for each in runs:
            value = each(s)
            if value is False:
                return False
            if value is None:
                answer = None
        return answer

    return run


def logic_or(node: Op) -> Run:
    runs = [compile_node(a) for a in node.args]
    if len(runs) == 2:
        first, second = runs

        def either(s: Scope) -> Any:
            a = first(s)
            if a is True:
                return True
            b = second(s)
            return b if a is False or b is True else None

        return either

    def run(s: Scope) -> Any:
        answer: bool | None = False
        for each in runs:
            value = each(s)
            if value is True:
                return True
            if value is None:
                answer = None
        return answer

    return run


def equality(node: Op) -> Run:
    compare = operator.eq if node.op == "eq" else operator.ne
    left, right = node.args
    a = compile_node(left)
    if isinstance(right, Const):
        value = right.value
        if node.op == "eq":
            return lambda s: a(s) == value
        return lambda s: a(s) != value
    b = compile_node(right)
    return lambda s: compare(a(s), b(s))


def ordering(node: Op) -> Run:
    compare = {"lt": operator.lt, "le": operator.le, "gt": operator.gt, "ge": operator.ge}[node.op]
    left, right = node.args
    a = compile_node(left)
    if isinstance(right, Const) and right.value is not None:
        value = right.value

        def against(s: Scope) -> Any:
            x = a(s)
            return None if x is None else compare(x, value)

        return against
    return strict(compare, [a, compile_node(right)])


def membership(node: Op) -> Run:
    a = compile_node(node.args[0])
    listed = node.args[1]
    if isinstance(listed, Listed):
        if all(isinstance(item, Const) for item in listed.items):
            constants = frozenset(item.value for item in listed.items if isinstance(item, Const))
            return lambda s: a(s) in constants
        runs = [compile_node(item) for item in listed.items]

        def among(s: Scope) -> Any:
            x = a(s)
            return any(x == each(s) for each in runs)

        return among
    b = compile_node(listed)

    def inside(s: Scope) -> Any:
        x, tags = a(s), b(s)
        return x is not None and tags is not None and x in tags

    return inside


def has_role(node: Op) -> Run:
    a = compile_node(node.args[0])

    def run(s: Scope) -> Any:
        x = a(s)
        return x is not None and x in s[1].user.roles

    return run


def conditional(node: Op) -> Run:
    condition, then, otherwise = (compile_node(a) for a in node.args)
    return lambda s: then(s) if condition(s) is True else otherwise(s)


def strict(fn: Callable[..., Any], runs: list[Run]) -> Run:
    """`fn` of the arguments, null when one of them is."""
    if len(runs) == 1:
        (only,) = runs

        def one(s: Scope) -> Any:
            x = only(s)
            return None if x is None else fn(x)

        return one
    if len(runs) == 2:
        first, second = runs

        def two(s: Scope) -> Any:
            x = first(s)
            if x is None:
                return None
            y = second(s)
            return None if y is None else fn(x, y)

        return two

    def many(s: Scope) -> Any:
        values = [run(s) for run in runs]
        return None if None in values else fn(*values)

    return many


# -- functions that see nulls


def concat(node: Op) -> Run:
    runs = [compile_node(a) for a in node.args]
    return lambda s: texts.joined([run(s) or "" for run in runs])


def coalesce(node: Op) -> Run:
    runs = [compile_node(a) for a in node.args]

    def run(s: Scope) -> Any:
        for each in runs:
            value = each(s)
            if value is not None:
                return value
        return None

    return run


def extreme(node: Op) -> Run:
    runs = [compile_node(a) for a in node.args]
    pick: Callable[[list[Any]], Any] = min if node.op == "min" else max

    def run(s: Scope) -> Any:
        values = [value for value in (each(s) for each in runs) if value is not None]
        return pick(values) if values else None

    return run


def is_empty(node: Op) -> Run:
    a = compile_node(node.args[0])
    kind = node.args[0].type.kind
    if kind in ("text", "select", "tags", "lines"):
        return lambda s: not a(s)
    if kind == "json":

        def nothing(s: Scope) -> bool:
            value = a(s)
            return value is None or (isinstance(value, (str, list, tuple, Mapping)) and not value)

        return nothing
    return lambda s: a(s) is None


def size(node: Op) -> Run:
    a = compile_node(node.args[0])
    if node.args[0].type.kind == "tags":
        return lambda s: len(a(s) or ())
    return strict(len, [a])


_SPECIAL: Mapping[str, Callable[[Op], Run]] = {
    "and": logic_and, "or": logic_or, "eq": equality, "ne": equality, "lt": ordering, "le": ordering,
    "gt": ordering, "ge": ordering, "in": membership, "hasRole": has_role, "if": conditional,
    "concat": concat, "coalesce": coalesce, "min": extreme, "max": extreme, "isEmpty": is_empty,
    "length": size, "count": size,
}  # fmt: skip


# -- functions of values that are there


def function(node: Op) -> Callable[..., Any]:
    """The plain function behind a strict operator or function; overloads are chosen by type, once."""
    kind = node.args[0].type.kind
    match node.op:
        case "add" | "sub" | "mul":
            return arithmetic(node)
        case "abs" | "neg":
            return numbers.negate if node.op == "neg" else numbers.absolute
        case "round" if len(node.args) == 2:
            return numbers.round_integer_places if kind == "integer" else numbers.round_places
        case "text":
            return _TEXT_OF.get(kind, _same)
        case "date" if len(node.args) == 3:
            return dates.from_parts
        case "date":
            return read_date if kind in ("text", "select") else dates.day_of
        case _:
            return _STRICT[node.op]


def arithmetic(node: Op) -> Callable[..., Any]:
    whole = node.type.kind == "integer"
    if node.op == "add":
        return numbers.add_integers if whole else numbers.add
    if node.op == "sub":
        return numbers.subtract_integers if whole else numbers.subtract
    if whole:
        return numbers.multiply_integers
    places = sum(guarded_bounds(a)[1] for a in node.args)
    return numbers.multiply if places <= NUMBER_PLACES else numbers.multiply_rounded


def _same(value: Any) -> Any:
    return value


def _truth(value: bool) -> str:
    return "true" if value else "false"


_TEXT_OF: Mapping[str, Callable[[Any], str]] = {
    "integer": numbers.shown, "decimal": numbers.shown, "boolean": _truth,
    "date": dates.shown, "datetime": dates.shown,
}  # fmt: skip

_STRICT: Mapping[str, Callable[..., Any]] = {
    "not": operator.not_,
    "div": numbers.divide,
    "contains": texts.contains,
    "startsWith": str.startswith,
    "endsWith": str.endswith,
    "lower": str.lower,
    "upper": str.upper,
    "trim": texts.trim,
    "substring": texts.substring,
    "replace": texts.replace,
    "number": texts.to_number,
    "currencyDigits": currency_digits,
    "round": numbers.round_whole,
    "floor": numbers.floor,
    "ceil": numbers.ceil,
    "datetime": dates.midnight,
    "year": operator.attrgetter("year"),
    "month": operator.attrgetter("month"),
    "day": operator.attrgetter("day"),
    "hour": operator.attrgetter("hour"),
    "weekday": operator.methodcaller("isoweekday"),
    "addDays": dates.add_days,
    "addMonths": dates.add_months,
    "addHours": dates.add_hours,
    "daysBetween": dates.days_between,
    "monthsBetween": dates.months_between,
    "startOfMonth": dates.start_of_month,
    "endOfMonth": dates.end_of_month,
}
