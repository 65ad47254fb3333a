"""Whether conditions leave a gap or overlap, found by trying them on one record of every kind that they tell apart.

Conditions that only compare fields with constants cannot tell apart two records whose values lie on the same sides of
these constants. So there are finitely many kinds of records, one of each is made, and every condition is evaluated for
it: what holds for these holds for all. Other conditions are not judged (`Undecided`), and neither is what would take too
many records. Fields that are computed may depend on each other: what is found about them is likely, not certain.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import product
from typing import Any, Final

from fieldstone.expressions import Bindings, Checked, compile_python
from fieldstone.expressions.python.closures import compile_node
from fieldstone.expressions.typed import Const, FieldRef, Listed, Op, Typed
from fieldstone.expressions.types import Decimal_, Select, Type
from fieldstone.metadata.definitions import Entity

MOST: Final = 40_000
"""Evaluations of one condition that are worth it."""
COMPARING: Final = ("eq", "ne", "lt", "le", "gt", "ge")
LOGIC: Final = ("and", "or", "not")
COMPUTED: Final = ("formula", "rollup", "related", "snapshot")
NUMBERS: Final = ("integer", "decimal")
TEXTS: Final = ("text", "select", "link")

Path = tuple[str, ...]
Row = Sequence[Checked]


@dataclass(frozen=True, slots=True)
class Undecided:
    """Nothing can be said of the conditions, and why."""

    why: str


@dataclass(frozen=True, slots=True)
class Case:
    """A kind of record, in words."""

    text: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """What was found: a case for which no row is true, two rows that are both true, rows that are never the first.

    `certain` is false when computed fields are compared, whose values may never come together like that.
    """

    gap: Case | None
    overlap: tuple[int, int, Case] | None
    never_first: frozenset[int]
    certain: bool


@dataclass(frozen=True, slots=True)
class _Value:
    """One value of a field that stands for all of its kind."""

    value: Any
    words: str


def coverage(rows: Sequence[Row], entity: Entity) -> Coverage | Undecided:
    """What rows of conditions (all of a row must be true) leave out and take twice."""
    compared: dict[Path, tuple[Type, set[Any]]] = {}
    for row in rows:
        for condition in row:
            wrong = _read(condition.node, compared)
            if wrong:
                return Undecided(wrong)
    axes = {path: _values(path, type_, found, entity) for path, (type_, found) in compared.items()}
    size = len(rows)
    for values in axes.values():
        size *= len(values)
    if size > MOST:
        return Undecided("there are too many cases to try")
    runs = [[compile_python(condition) for condition in row] for row in rows]
    gap: Case | None = None
    overlap: tuple[int, int, Case] | None = None
    first: set[int] = set()
    for record, words in _records(axes):
        true = [at for at, row in enumerate(runs) if all(run(record) is True for run in row)]
        if true:
            first.add(true[0])
            if len(true) > 1 and overlap is None:
                overlap = (true[0], true[1], Case(words))
        elif gap is None:
            gap = Case(words)
    certain = not any(_computed(path, entity) for path in axes)
    return Coverage(gap, overlap, frozenset(range(len(rows))) - first, certain)


def _read(node: Typed, compared: dict[Path, tuple[Type, set[Any]]]) -> str:
    """Note what fields are compared with; the reason when something else is in the condition."""
    match node:
        case Const():
            return ""
        case FieldRef(type=type_, path=path, up=0) if type_.kind == "boolean":
            compared.setdefault(path, (type_, set()))
            return ""
        case Op(op=op, args=args) if op in LOGIC:
            return next((wrong for arg in args if (wrong := _read(arg, compared))), "")
        case Op(op="isEmpty", args=(FieldRef(up=0) as field,)) if _comparable(field.type):
            compared.setdefault(field.path, (field.type, set()))
            return ""
        case Op(op=op, args=(a, b)) if op in COMPARING:
            one, other = (a, b) if isinstance(a, FieldRef) else (b, a)
            value = _constant(other)
            if not isinstance(one, FieldRef) or one.up or value is None or not _comparable(one.type):
                return _why(node)
            if op not in ("eq", "ne") and one.type.kind in TEXTS:
                return _why(node)
            compared.setdefault(one.path, (one.type, set()))[1].update(value)
            return ""
        case Op(op="in", args=(FieldRef(up=0) as field, Listed(items=items))) if _comparable(field.type):
            found = [_constant(item) for item in items]
            if any(value is None for value in found):
                return _why(node)
            values = compared.setdefault(field.path, (field.type, set()))[1]
            for value in found:
                values.update(value or ())
            return ""
    return _why(node)


def _why(node: Typed) -> str:
    name = f"{node.op}" if isinstance(node, Op) else type(node).__name__.lower()
    return f"more than fields and constants are compared: {name}"


def _comparable(type_: Type) -> bool:
    return type_.kind in (*NUMBERS, *TEXTS, "boolean", "date", "datetime")


def _constant(node: Typed) -> tuple[Any, ...] | None:
    """The value of a constant (or of a function of constants) in a tuple, an empty one for null; None for what is none."""
    if not all(isinstance(each, (Const, Op)) for each in node.walk()):
        return None
    value = compile_node(node)(({}, Bindings(), None))
    return () if value is None else (value,)


def _values(path: Path, type_: Type, compared: set[Any], entity: Entity) -> list[_Value]:
    """One value of every kind that the constants make of a field's values."""
    name = ".".join(path)
    field = entity.fields.get(path[0])
    may_be_empty = len(path) > 1 or field is None or not field.required or field.nullable
    found = [_Value(None, f"{name} is empty")] if may_be_empty else []
    if type_.kind == "boolean":
        return [_Value(True, f"{name} is true"), _Value(False, f"{name} is false"), *found]
    if isinstance(type_, Select):
        return [*(_Value(each, f'{name} is "{each}"') for each in type_.constants), *found]
    if type_.kind in TEXTS:
        same = [_Value(each, f'{name} is "{each}"') for each in sorted(map(str, compared))]
        other = "".join(each.value for each in same) + "?"
        return [*same, _Value(other, f"{name} is something else"), *found]
    schema = field.schema if field is not None and len(path) == 1 else {}
    return [*_points(name, type_, compared, schema), *found]


def _points(name: str, type_: Type, compared: set[Any], schema: Mapping[str, Any]) -> Iterator[_Value]:
    """The constants, and a value in every open interval between them."""
    step = _step(type_)
    points = sorted(map(_day, compared) if type_.kind == "date" else compared)
    if not points:
        yield _Value(_anything(type_), f"{name} has a value")
        return
    last = len(points) - 1
    made = [_Value(points[0] - step, f"{name} is less than {_shown(points[0])}")]
    for at, point in enumerate(points):
        made.append(_Value(point, f"{name} is {_shown(point)}"))
        if at < last and points[at + 1] - point > step:
            words = f"{name} is between {_shown(point)} and {_shown(points[at + 1])}"
            made.append(_Value(point + step, words))
    made.append(_Value(points[-1] + step, f"{name} is more than {_shown(points[-1])}"))
    for each in made:
        if type_.kind not in NUMBERS or _within(Decimal(str(each.value)), schema):
            yield each


def _step(type_: Type) -> Any:
    """The smallest difference between two values of a type."""
    match type_.kind:
        case "integer":
            return 1
        case "decimal":
            places = type_.places if isinstance(type_, Decimal_) and not type_.double else 10
            return Decimal(1).scaleb(-min(places, 10))
        case "date":
            return timedelta(days=1)
    return timedelta(microseconds=1)


def _within(value: Decimal, schema: Mapping[str, Any]) -> bool:
    """Whether the field's own bounds allow a number."""
    bound = {key: Decimal(str(schema[key])) for key in ("minimum", "maximum") if _number(schema.get(key))}
    outside = {
        key: Decimal(str(schema[key]))
        for key in ("exclusiveMinimum", "exclusiveMaximum")
        if _number(schema.get(key))
    }
    return (
        bound.get("minimum", value) <= value <= bound.get("maximum", value)
        and not value <= outside.get("exclusiveMinimum", value - 1)
        and not value >= outside.get("exclusiveMaximum", value + 1)
    )


def _number(value: Any) -> bool:
    return isinstance(value, (int, float, str)) and not isinstance(value, bool)


def _day(value: Any) -> Any:
    return value.date() if isinstance(value, datetime) else value


def _anything(type_: Type) -> Any:
    match type_.kind:
        case "integer":
            return 1
        case "decimal":
            return Decimal(1)
        case "date":
            return date(2001, 1, 1)
    return datetime.fromisoformat("2001-01-01T00:00:00+00:00")


def _shown(value: Any) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _computed(path: Path, entity: Entity) -> bool:
    field = entity.fields.get(path[0])
    return len(path) == 1 and field is not None and field.type in COMPUTED


def _records(axes: Mapping[Path, Sequence[_Value]]) -> Iterator[tuple[dict[str, Any], str]]:
    """A record of every kind, and what kind it is."""
    for chosen in product(*axes.values()):
        record: dict[str, Any] = {}
        for path, each in zip(axes, chosen, strict=True):
            holder = record
            for part in path[:-1]:
                inner = holder.get(part)
                if not isinstance(inner, dict):
                    inner = holder[part] = {"id": f"{part}?"}
                holder = inner
            if not isinstance(holder.get(path[-1]), dict):
                holder[path[-1]] = each.value
        yield record, " and ".join(each.words for each in chosen) or "anything at all"
