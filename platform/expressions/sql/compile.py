"""Typed tree to SQL: one method per kind of node, exact three-valued answers.

Rules: every value is bound; every column comes from `Columns`; each operand appears once (see `pieces.once`);
nothing can raise at run time as long as columns hold what their types say.
"""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Double,
    Float,
    Integer,
    Uuid,
    exists,
    literal,
    literal_column,
    select,
)

from fieldstone.expressions.bounds import concat_fits, number_bounds, replace_fits
from fieldstone.expressions.limits import NUMBER_DIGITS, NUMBER_PLACES
from fieldstone.expressions.python import Bindings
from fieldstone.expressions.python.closures import compile_node
from fieldstone.expressions.sql import dates, texts
from fieldstone.expressions.sql.columns import Columns
from fieldstone.expressions.sql.guards import (
    BOOLEAN,
    NUMERIC,
    SQL_TYPES,
    TEXT,
    bound,
    false,
    guarded,
    in_range,
    index,
    is_uuid,
    numeric,
)
from fieldstone.expressions.sql.pieces import Element, listed, once, piece
from fieldstone.expressions.sql.texts import by_code_point
from fieldstone.expressions.typed import Changed, Const, Context, FieldRef, Listed, Old, Op, Over, Typed
from fieldstone.expressions.types import TEXT as TEXT_TYPE
from fieldstone.expressions.types import Decimal_

SIGNS: Mapping[str, str] = {
    "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "add": "+", "sub": "-", "mul": "*",
    "and": "AND", "or": "OR",
    "eq": "IS NOT DISTINCT FROM", "ne": "IS DISTINCT FROM",
}  # fmt: skip


class Compiler:
    """One compilation: the columns of the records in scope, innermost last, and what is bound."""

    def __init__(self, columns: Columns, bindings: Bindings) -> None:
        self.scopes: list[Columns] = [columns]
        self.bindings = bindings

    # -- nodes

    def value(self, node: Typed) -> Element:
        """The exact value of a node, with the SQL type of its own type (integers may be numeric)."""
        match node:
            case Const(value=value, type=type_):
                return bound(value, type_.kind)
            case FieldRef():
                return self.field(node)
            case Context() | Old() | Changed():
                return self.known(node)
            case Over():
                return self.over(node)
            case Op(op=op) if op in _SPECIAL:
                return _SPECIAL[op](self, node)
            case Op():
                return self.function(node)
            case _:  # pragma: no cover - a list is compiled by "in"
                raise TypeError(node)

    def field(self, node: FieldRef) -> Element:
        element = self.scopes[-1 - node.up].column(node.path)
        if isinstance(node.type, Decimal_) and node.type.double and isinstance(element.type, (Float, Double)):
            return texts.of_double(element)
        if node.type.kind == "link" and is_uuid(element):
            return piece("CAST({0} AS TEXT)", TEXT, element)
        return element

    def known(self, node: Typed) -> Element:
        """What the bindings already tell, bound."""
        value = self.told(node)
        return bound(list(value or ()) if node.type.kind == "tags" else value, node.type.kind)

    def told(self, node: Typed) -> Any:
        return compile_node(node)(({}, self.bindings, None))

    def raw_link(self, node: Typed) -> Element | None:
        """The column of a link field that holds uuids, to be compared as such."""
        if isinstance(node, FieldRef) and node.type.kind == "link":
            element = self.scopes[-1 - node.up].column(node.path)
            return element if is_uuid(element) else None
        return None

    def number(self, node: Typed) -> Element:
        return numeric(self.value(node))

    def branch(self, part: Typed, whole: Typed) -> Element:
        """A value where several meet: all of them must have the same SQL type."""
        return self.number(part) if whole.type.is_number else self.value(part)

    # -- logic

    def chain(self, node: Op) -> Element:
        return self.joined(node.op, [self.value(a) for a in node.args])

    def joined(self, op: str, conditions: list[Element]) -> Element:
        return piece(f"({listed(conditions, f' {SIGNS[op]} ')})", BOOLEAN, *conditions)

    def negation(self, node: Op) -> Element:
        return piece("(NOT {0})", BOOLEAN, self.value(node.args[0]))

    def conditional(self, node: Op) -> Element:
        condition, then, otherwise = node.args
        return piece(
            "CASE WHEN {0} THEN {1} ELSE {2} END", SQL_TYPES[node.type.kind],
            self.value(condition), self.branch(then, node), self.branch(otherwise, node),
        )  # fmt: skip

    # -- comparison

    def equality(self, node: Op) -> Element:
        left, right = node.args
        if _is_null(right) or _is_null(left):
            return self.null_test(left if _is_null(right) else right, node.op == "eq")
        return piece(f"({{0}} {SIGNS[node.op]} {{1}})", BOOLEAN, *self.comparable(left, right))

    def null_test(self, node: Typed, wanted: bool) -> Element:
        raw = self.raw_link(node)
        element = self.value(node) if raw is None else raw
        if node.type.kind == "json":
            return self.json_among(element, ("null",), wanted)
        return piece("({0} IS NULL)" if wanted else "({0} IS NOT NULL)", BOOLEAN, element)

    def json_among(self, element: Element, shown: tuple[str, ...], wanted: bool = True) -> Element:
        values = ", ".join(f"'{text}'::jsonb" for text in shown)
        test = "IN" if wanted else "NOT IN"
        # a file is json to expressions, and an id or a list of ids in its column
        stored_as_ids = isinstance(element.type, (Uuid, ARRAY))
        value = "to_jsonb({0})" if stored_as_ids else "CAST({0} AS JSONB)"
        return piece(f"(coalesce({value}, 'null'::jsonb) {test} ({values}))", BOOLEAN, element)

    def comparable(self, left: Typed, right: Typed) -> tuple[Element, Element]:
        """Both sides in types that one index-friendly operator takes."""
        a_raw, b_raw = self.raw_link(left), self.raw_link(right)
        if a_raw is not None and b_raw is not None:
            return a_raw, b_raw
        if a_raw is not None and (id_ := self.known_uuid(right, a_raw)) is not None:
            return a_raw, id_
        if b_raw is not None and (id_ := self.known_uuid(left, b_raw)) is not None:
            return id_, b_raw
        if left.type.is_number:
            return self.comparable_numbers(left, right)
        a, b = self.value(left), self.value(right)
        return (by_code_point(a), b) if _is_text(left) else (a, b)

    def known_uuid(self, node: Typed, like: Element) -> Element | None:
        """A known text as a uuid, when it is one in canonical form; otherwise the texts are compared."""
        if not isinstance(node, (Const, Context, Old)):
            return None
        text = node.value if isinstance(node, Const) else self.told(node)
        try:
            found = UUID(text)
        except (ValueError, TypeError, AttributeError):
            return None
        if str(found) != text:
            return None
        return literal(found if getattr(like.type, "as_uuid", True) else text, like.type)

    def comparable_numbers(self, left: Typed, right: Typed) -> tuple[Element, Element]:
        """Integers against integers stay what they are, so that their index serves; all else is numeric."""
        a, b = self.value(left), self.value(right)
        if isinstance(a.type, Integer) and isinstance(b.type, Integer):
            return a, b
        return numeric(a), numeric(b)

    def ordering(self, node: Op) -> Element:
        return piece(f"({{0}} {SIGNS[node.op]} {{1}})", BOOLEAN, *self.comparable(*node.args))

    def membership(self, node: Op) -> Element:
        """Exact: never null."""
        left, right = node.args
        if not isinstance(right, Listed):
            return piece("coalesce({0}, false)", BOOLEAN, self.in_tags(left, right))
        if not right.items:
            return false()
        if len(right.items) == 1:
            return self.equality(Op(node.type, "eq", (left, right.items[0])))
        operands = [self.like(left, left), *(self.like(item, left) for item in right.items)]
        known = [
            at for at, item in enumerate(right.items, 1) if isinstance(item, Const) and item.value is not None
        ]
        others = [f"{{0}} IS NOT DISTINCT FROM {{{at}}}" for at in range(1, len(operands)) if at not in known]
        among = ", ".join(f"{{{at}}}" for at in known)
        tests = [f"coalesce({{0}} IN ({among}), false)"] if known else []
        template = f"({' OR '.join(tests + others)})"
        return once(template, BOOLEAN, *operands) if others else piece(template, BOOLEAN, *operands)

    def like(self, node: Typed, like: Typed) -> Element:
        element = self.number(node) if like.type.is_number or node.type.is_number else self.value(node)
        return by_code_point(element) if _is_text(node) and node is like else element

    def in_tags(self, left: Typed, tags: Typed) -> Element:
        """Whether a text is among tags; null or false when not."""
        if not isinstance(tags, Context):
            return piece("({0} = ANY ({1}))", BOOLEAN, by_code_point(self.value(left)), self.value(tags))
        raw = self.raw_link(left)
        if raw is None:
            return self.among(by_code_point(self.value(left)), [bound(t, "text") for t in self.told(tags)])
        ids = [self.known_uuid(Const(TEXT_TYPE, text), raw) for text in self.told(tags)]
        return self.among(raw, [id_ for id_ in ids if id_ is not None])

    def among(self, element: Element, values: list[Element]) -> Element:
        """`element` IN the values; null when the element is."""
        if not values:
            return false()
        places = ", ".join(f"{{{at}}}" for at in range(1, len(values) + 1))
        return piece(f"({{0}} IN ({places}))", BOOLEAN, element, *values)

    def has_role(self, node: Op) -> Element:
        role = by_code_point(self.value(node.args[0]))
        test = self.among(role, [bound(each, "text") for each in self.bindings.user.roles])
        return piece("coalesce({0}, false)", BOOLEAN, test)

    # -- numbers

    def arithmetic(self, node: Op) -> Element:
        left, right = (self.number(a) for a in node.args)
        return guarded(piece(f"({{0}} {SIGNS[node.op]} {{1}})", NUMERIC, left, right), number_bounds(node))

    def division(self, node: Op) -> Element:
        left, right = (self.number(a) for a in node.args)
        return guarded(piece(QUOTIENT, NUMERIC, left, right), number_bounds(node))

    def negative(self, node: Op) -> Element:
        return piece("(- {0})", NUMERIC, self.number(node.args[0]))

    def absolute(self, node: Op) -> Element:
        return piece("abs({0})", NUMERIC, self.number(node.args[0]))

    def rounded(self, node: Op) -> Element:
        value = self.number(node.args[0])
        if len(node.args) == 1:
            return guarded(piece("round({0})", NUMERIC, value), number_bounds(node))
        places = index(self.number(node.args[1]), -NUMBER_DIGITS - 1, NUMBER_PLACES + 1)
        return in_range(piece("round({0}, {1})", NUMERIC, value, places))

    def whole(self, node: Op) -> Element:
        template = "floor({0})" if node.op == "floor" else "ceil({0})"
        return guarded(piece(template, NUMERIC, self.number(node.args[0])), number_bounds(node))

    # -- functions that see nulls

    def coalesce(self, node: Op) -> Element:
        return self.called("coalesce", node)

    def extreme(self, node: Op) -> Element:
        return self.called("least" if node.op == "min" else "greatest", node)

    def called(self, name: str, node: Op) -> Element:
        values = [self.branch(a, node) for a in node.args]
        if _is_text(node):
            values[0] = by_code_point(values[0])
        return piece(f"{name}({listed(values, ', ')})", SQL_TYPES[node.type.kind], *values)

    def is_empty(self, node: Op) -> Element:
        argument = node.args[0]
        match argument.type.kind:
            case "text" | "select":
                return piece("(coalesce({0}, '') = '')", BOOLEAN, by_code_point(self.value(argument)))
            case "tags":
                return piece("(coalesce(cardinality({0}), 0) = 0)", BOOLEAN, self.value(argument))
            case "lines":
                assert isinstance(argument, FieldRef)
                some = Over(node.type, "any", argument, Const(node.type, True), None)
                return piece("(NOT {0})", BOOLEAN, self.over(some))
            case "json":
                return self.json_among(self.value(argument), ("null", "{}", "[]", '""'))
            case _:
                return self.null_test(argument, True)

    def length(self, node: Op) -> Element:
        value = self.value(node.args[0])
        if node.args[0].type.kind == "tags":
            return piece("CAST(coalesce(cardinality({0}), 0) AS NUMERIC)", NUMERIC, value)
        return texts.length(value)

    # -- functions of values that are there

    def text(self, node: Op) -> Element:
        argument = node.args[0]
        match argument.type.kind:
            case "integer" | "decimal":
                return texts.of_number(self.number(argument))
            case "boolean":
                return piece("CAST({0} AS TEXT)", TEXT, self.value(argument))
            case "date" | "datetime" as kind:
                return dates.shown(self.value(argument), kind)
            case _:
                return self.value(argument)

    def date(self, node: Op) -> Element:
        first = node.args[0]
        if len(node.args) == 3:
            year, month, day = (self.number(a) for a in node.args)
            return dates.from_parts(year, month, day)
        if first.type.is_text:
            return dates.from_text(self.value(first))
        return dates.day(self.value(first), first.type.kind)

    def datetime(self, node: Op) -> Element:
        argument = node.args[0]
        value = self.value(argument)
        return value if argument.type.kind == "datetime" else dates.midnight(value)

    def shifted(self, node: Op) -> Element:
        move = {"addDays": dates.add_days, "addMonths": dates.add_months, "addHours": dates.add_hours}[
            node.op
        ]
        value, amount = node.args
        return move(self.value(value), value.type.kind, self.number(amount))

    def between(self, node: Op) -> Element:
        count = dates.days_between if node.op == "daysBetween" else dates.months_between
        a, b = node.args
        return count(self.value(a), a.type.kind, self.value(b), b.type.kind)

    def date_part(self, node: Op) -> Element:
        argument = node.args[0]
        name = {"weekday": "isodow"}.get(node.op, node.op)
        return dates.part(name, self.value(argument), argument.type.kind)

    def month(self, node: Op) -> Element:
        edge = dates.start_of_month if node.op == "startOfMonth" else dates.end_of_month
        return edge(self.value(node.args[0]), node.args[0].type.kind)

    def function(self, node: Op) -> Element:
        values = [self.value(a) for a in node.args]
        match node.op, values:
            case "replace", [text, part, by]:
                return texts.replace(text, part, by, replace_fits(node.args[0], node.args[2]))
            case "concat", parts:
                return texts.concat(parts, concat_fits(node.args))
            case "substring", [text, start, *size]:
                return texts.substring(text, numeric(start), numeric(size[0]) if size else None)
        return _TEXTS[node.op](*values)

    # -- lines

    def over(self, node: Over) -> Element:
        source = self.scopes[-1 - node.lines.up].lines(node.lines.path)
        self.scopes.append(source.columns)
        value = None if node.value is None else self.value(node.value)
        conditions: list[Element] = [] if node.where is None else [self.predicate(node.where)]
        if node.fn == "any" and node.value is not None:
            conditions.append(self.predicate(node.value))
        elif node.fn == "all" and value is not None:
            conditions.append(piece("({0} IS NOT TRUE)", BOOLEAN, value))
        self.scopes.pop()
        # The caller's FROM and condition are taken last: the body may have joined to them.
        conditions.insert(0, source.condition)
        if node.fn in ("any", "all"):
            rows: Any = select(literal_column("1")).select_from(source.from_).where(*conditions)
            found = exists(rows.correlate_except(source.from_))
            return found if node.fn == "any" else piece("(NOT {0})", BOOLEAN, found)
        if value is None:
            counted = select(piece("CAST(count(*) AS NUMERIC)", NUMERIC)).select_from(source.from_)
            return counted.where(*conditions).correlate_except(source.from_).scalar_subquery()
        # PostgreSQL gives an aggregate of outer columns alone to the outer query: the value gets its own row.
        values = select(value.label("value")).select_from(source.from_).where(*conditions)
        each = values.correlate_except(source.from_).subquery()
        return select(self.aggregate(node, each.c.value)).select_from(each).scalar_subquery()

    def aggregate(self, node: Over, value: Element) -> Element:
        match node.fn:
            case "count" if node.value is not None and node.value.type.kind == "boolean":
                return piece("CAST(count(*) FILTER (WHERE {0}) AS NUMERIC)", NUMERIC, value)
            case "count":
                return piece("CAST(count({0}) AS NUMERIC)", NUMERIC, value)
            case "sum":
                return in_range(piece("coalesce(sum({0}), 0)", NUMERIC, numeric(value)))
            case "avg":
                total = piece("sum({0})", NUMERIC, numeric(value))
                count = piece("CAST(count({0}) AS NUMERIC)", NUMERIC, value)
                return in_range(piece(QUOTIENT, NUMERIC, total, count))
        if _is_text(node):
            value = by_code_point(value)
        elif node.type.is_number:
            value = numeric(value)
        return piece(f"{node.fn}({{0}})", SQL_TYPES[node.type.kind], value)

    # -- conditions

    def predicate(self, node: Typed) -> ColumnElement[bool]:
        """For WHERE, where null is as good as false: plain `=`, IN and @>, which indexes serve."""
        match node:
            case Op(op="and" | "or" as op, args=args):
                return self.joined(op, [self.predicate(a) for a in args])
            case Op(op="eq", args=(left, right)) if self.is_known(left) or self.is_known(right):
                return piece("({0} = {1})", BOOLEAN, *self.comparable(left, right))
            case Op(op="in", args=(left, Listed(items=items))) if len(items) > 1 and all(
                map(_never_null, items)
            ):
                return self.known_among(left, [item for item in items if isinstance(item, Const)])
            case Op(op="in", args=(Const(value=str() as text), FieldRef() as tags)):
                element = self.value(tags)
                return piece("({0} @> {1})", BOOLEAN, element, literal([text], element.type))
            case Op(op="in", args=(left, Context() as tags)):
                return self.in_tags(left, tags)
        return self.value(node)

    def is_known(self, node: Typed) -> bool:
        """Whether a value is known now and not null."""
        return _never_null(node) or (isinstance(node, (Context, Old)) and self.told(node) is not None)

    def known_among(self, left: Typed, items: list[Const]) -> ColumnElement[bool]:
        raw = self.raw_link(left)
        if raw is not None:
            ids = [self.known_uuid(item, raw) for item in items]
            return self.among(raw, [id_ for id_ in ids if id_ is not None])
        value = self.value(left)
        if isinstance(value.type, Integer) and all(isinstance(item.value, int) for item in items):
            return self.among(value, [self.value(item) for item in items])
        return self.among(self.like(left, left), [self.like(item, left) for item in items])


QUOTIENT = "round(div({0} * 20000000000, nullif({1}, 0)) * 0.00000000005, 10)"
"""Half away from zero at 10 places: the doubled quotient is truncated to an integer, which is exact."""


def _is_null(node: Typed) -> bool:
    return isinstance(node, Const) and node.value is None


def _never_null(node: Typed) -> bool:
    return isinstance(node, Const) and node.value is not None


def _is_text(node: Typed) -> bool:
    return node.type.is_text or node.type.kind == "link"


_SPECIAL: Mapping[str, Callable[[Compiler, Op], Element]] = {
    "and": Compiler.chain, "or": Compiler.chain, "not": Compiler.negation, "if": Compiler.conditional,
    "eq": Compiler.equality, "ne": Compiler.equality, "lt": Compiler.ordering, "le": Compiler.ordering,
    "gt": Compiler.ordering, "ge": Compiler.ordering, "in": Compiler.membership, "hasRole": Compiler.has_role,
    "add": Compiler.arithmetic, "sub": Compiler.arithmetic, "mul": Compiler.arithmetic,
    "div": Compiler.division, "neg": Compiler.negative, "abs": Compiler.absolute, "round": Compiler.rounded,
    "floor": Compiler.whole, "ceil": Compiler.whole, "coalesce": Compiler.coalesce, "min": Compiler.extreme,
    "max": Compiler.extreme, "isEmpty": Compiler.is_empty, "length": Compiler.length,
    "count": Compiler.length, "text": Compiler.text, "date": Compiler.date, "datetime": Compiler.datetime,
    "year": Compiler.date_part, "month": Compiler.date_part, "day": Compiler.date_part,
    "weekday": Compiler.date_part, "hour": Compiler.date_part, "addDays": Compiler.shifted,
    "addMonths": Compiler.shifted, "addHours": Compiler.shifted, "daysBetween": Compiler.between,
    "monthsBetween": Compiler.between, "startOfMonth": Compiler.month, "endOfMonth": Compiler.month,
}  # fmt: skip

_TEXTS: Mapping[str, Callable[..., Element]] = {
    "contains": texts.contains, "startsWith": texts.starts_with, "endsWith": texts.ends_with,
    "lower": texts.lower, "upper": texts.upper, "trim": texts.trim, "number": texts.to_number,
    "currencyDigits": texts.currency_digits,
}  # fmt: skip
