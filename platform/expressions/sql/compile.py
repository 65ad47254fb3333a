"""Typed tree to SQLAlchemy Core: one method per kind of node, exact three-valued answers.

Rules: every value is bound; every column comes from `Columns`; each operand appears once (see `guards.once`);
nothing can raise at run time as long as columns hold what their types say.
"""

from collections.abc import Callable, Mapping
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Double,
    Float,
    Integer,
    Text,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB

from fieldstone.expressions.bounds import concat_fits, number_bounds, replace_fits
from fieldstone.expressions.errors import ExpressionError, problem_at
from fieldstone.expressions.limits import NUMBER_DIGITS, NUMBER_PLACES
from fieldstone.expressions.python import Bindings
from fieldstone.expressions.python.closures import compile_node
from fieldstone.expressions.sql import dates, texts
from fieldstone.expressions.sql.columns import Columns
from fieldstone.expressions.sql.guards import (
    INT,
    NUMERIC,
    SQL_TYPES,
    Element,
    bound,
    guarded,
    in_range,
    index,
    is_uuid,
    numeric,
    once,
    own,
)
from fieldstone.expressions.sql.texts import by_code_point
from fieldstone.expressions.typed import Changed, Const, Context, FieldRef, Listed, Old, Op, Over, Typed
from fieldstone.expressions.types import TEXT, Decimal_

COMPARE: Mapping[str, str] = {"lt": "<", "le": "<=", "gt": ">", "ge": ">="}
TWICE_DIVISION = 2 * 10**10
HALF_PLACE = literal_column("0.00000000005", NUMERIC)
DIVISION_PLACES = literal_column("10", INT)


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
        match node.type:
            case Decimal_(double=True) if isinstance(element.type, (Float, Double)):
                return texts.of_double(element)
            case type_ if type_.kind == "link":
                return cast(element, Text()) if is_uuid(element) else element
        return element

    def known(self, node: Typed) -> Element:
        """What the bindings already tell, bound."""
        value = compile_node(node)(({}, self.bindings, None))
        return bound(list(value or ()) if node.type.kind == "tags" else value, node.type.kind)

    def raw_link(self, node: Typed) -> Element | None:
        """The column of a link field that holds uuids, to be compared as such."""
        if isinstance(node, FieldRef) and node.type.kind == "link":
            element = self.scopes[-1 - node.up].column(node.path)
            return element if is_uuid(element) else None
        return None

    def number(self, node: Typed) -> Element:
        return numeric(self.value(node))

    # -- logic

    def conjunction(self, node: Op) -> Element:
        return and_(*(self.value(a) for a in node.args))

    def disjunction(self, node: Op) -> Element:
        return or_(*(self.value(a) for a in node.args))

    def negation(self, node: Op) -> Element:
        return not_(self.value(node.args[0]))

    def conditional(self, node: Op) -> Element:
        condition, then, otherwise = node.args
        return case((self.value(condition), self.branch(then, node)), else_=self.branch(otherwise, node))

    def branch(self, part: Typed, whole: Typed) -> Element:
        """A value where several meet: all of them must have the same SQL type."""
        return self.number(part) if whole.type.is_number else self.value(part)

    # -- comparison

    def equality(self, node: Op) -> Element:
        left, right = node.args
        if _is_null(right) or _is_null(left):
            other = left if _is_null(right) else right
            return self.null_test(other, node.op == "eq")
        a, b = self.comparable(left, right)
        return a.is_not_distinct_from(b) if node.op == "eq" else a.is_distinct_from(b)

    def null_test(self, node: Typed, wanted: bool) -> Element:
        raw = self.raw_link(node)
        element = self.value(node) if raw is None else raw
        if node.type.kind == "json":
            return self.json_among(element, ("null",), wanted)
        return element.is_(None) if wanted else element.is_not(None)

    def json_among(self, element: Element, shown: tuple[str, ...], wanted: bool = True) -> Element:
        empty = [cast(literal(text, Text()), JSONB()) for text in shown]
        whole = func.coalesce(cast(element, JSONB()), cast(literal("null", Text()), JSONB()))
        return whole.in_(empty) if wanted else whole.not_in(empty)

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
        if left.type.is_text or left.type.kind == "link":
            return by_code_point(a), b
        return a, b

    def known_uuid(self, node: Typed, like: Element) -> Element | None:
        """A known text as a uuid, when it is one in canonical form; otherwise the texts are compared."""
        if not isinstance(node, (Const, Context, Old)):
            return None
        text = node.value if isinstance(node, Const) else compile_node(node)(({}, self.bindings, None))
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
        left, right = node.args
        a, b = self.comparable(left, right)
        return a.op(COMPARE[node.op], is_comparison=True, return_type=Boolean())(b)

    def membership(self, node: Op) -> Element:
        """Exact: never null."""
        left, listed = node.args
        if not isinstance(listed, Listed):
            return func.coalesce(self.in_tags(left, listed), false(), type_=Boolean())
        if not listed.items:
            return false()
        if len(listed.items) == 1:
            return self.equality(Op(node.type, "eq", (left, listed.items[0])))
        known = [item for item in listed.items if isinstance(item, Const) and item.value is not None]
        others = [item for item in listed.items if item not in known]

        def test(whole: Element, *elements: Element) -> Element:
            tests: list[Element] = []
            if known:
                tests.append(func.coalesce(self.among(left, whole, known), false(), type_=Boolean()))
            for item, element in zip(others, elements, strict=True):
                tests.append(whole.is_(None) if _is_null(item) else whole.is_not_distinct_from(element))
            return or_(*tests)

        operands = [self.branch_like(left, left), *(self.branch_like(item, left) for item in others)]
        return once(operands, test) if len(others) + bool(known) > 1 else test(*operands)

    def branch_like(self, node: Typed, like: Typed) -> Element:
        element = self.number(node) if like.type.is_number or node.type.is_number else self.value(node)
        return by_code_point(element) if node.type.is_text or node.type.kind == "link" else element

    def among(self, left: Typed, whole: Element, items: list[Const]) -> Element:
        """`whole` IN the known items; null when `whole` is."""
        return whole.in_([self.branch_like(item, left) for item in items])

    def in_tags(self, left: Typed, tags: Typed) -> Element:
        """Whether a text is among tags; null or false when not."""
        if isinstance(tags, Context):
            known = compile_node(tags)(({}, self.bindings, None))
            if not known:
                return false()
            raw = self.raw_link(left)
            if raw is not None:
                ids = [self.known_uuid(Const(TEXT, text), raw) for text in known]
                return (
                    raw.in_([i for i in ids if i is not None]) if any(i is not None for i in ids) else false()
                )
            return by_code_point(self.value(left)).in_([bound(text, "text") for text in known])
        return by_code_point(self.value(left)) == func.any(self.value(tags))

    def has_role(self, node: Op) -> Element:
        roles = self.bindings.user.roles
        if not roles:
            return false()
        test = by_code_point(self.value(node.args[0])).in_([bound(role, "text") for role in roles])
        return func.coalesce(test, false(), type_=Boolean())

    # -- numbers

    def arithmetic(self, node: Op) -> Element:
        left, right = (self.number(a) for a in node.args)
        sign = {"add": "+", "sub": "-", "mul": "*"}[node.op]
        return guarded(left.op(sign, return_type=NUMERIC)(right), number_bounds(node))

    def divided(self, left: Element, right: Element, bounds: tuple[int, int]) -> Element:
        """Half away from zero at 10 places: the doubled quotient is truncated to an integer, which is exact."""
        twice = func.div(
            left.op("*", return_type=NUMERIC)(own(TWICE_DIVISION)), func.nullif(right, own(0), type_=NUMERIC),
            type_=NUMERIC,
        )  # fmt: skip
        quotient = func.round(twice.op("*", return_type=NUMERIC)(HALF_PLACE), DIVISION_PLACES, type_=NUMERIC)
        return guarded(quotient, bounds)

    def division(self, node: Op) -> Element:
        left, right = (self.number(a) for a in node.args)
        return self.divided(left, right, number_bounds(node))

    def negative(self, node: Op) -> Element:
        return func.numeric_uminus(self.number(node.args[0]), type_=NUMERIC)

    def absolute(self, node: Op) -> Element:
        return func.abs(self.number(node.args[0]), type_=NUMERIC)

    def rounded(self, node: Op) -> Element:
        value = self.number(node.args[0])
        if len(node.args) == 1:
            return guarded(func.round(value, type_=NUMERIC), number_bounds(node))
        places = index(self.number(node.args[1]), -NUMBER_DIGITS - 1, NUMBER_PLACES + 1)
        return in_range(func.round(value, places, type_=NUMERIC))

    def whole(self, node: Op) -> Element:
        name = "floor" if node.op == "floor" else "ceil"
        return guarded(getattr(func, name)(self.number(node.args[0]), type_=NUMERIC), number_bounds(node))

    # -- functions that see nulls

    def coalesce(self, node: Op) -> Element:
        return func.coalesce(*(self.branch(a, node) for a in node.args), type_=SQL_TYPES[node.type.kind])

    def extreme(self, node: Op) -> Element:
        values = [self.branch(a, node) for a in node.args]
        if node.type.is_text:
            values[0] = by_code_point(values[0])
        name = "least" if node.op == "min" else "greatest"
        return getattr(func, name)(*values, type_=SQL_TYPES[node.type.kind])  # type: ignore[no-any-return]

    def is_empty(self, node: Op) -> Element:
        argument = node.args[0]
        match argument.type.kind:
            case "text" | "select":
                return func.coalesce(self.value(argument), texts.EMPTY, type_=Text()) == texts.EMPTY
            case "tags":
                return self.size(argument) == own(0)
            case "lines":
                return self.over(Over(node.type, "count", _lines(argument), None, None)) == own(0)
            case "json":
                return self.json_among(self.value(argument), ("null", "{}", "[]", '""'))
            case _:
                return self.null_test(argument, True)

    def size(self, node: Typed) -> Element:
        return cast(func.coalesce(func.cardinality(self.value(node)), texts.ZERO, type_=INT), NUMERIC)

    def length(self, node: Op) -> Element:
        argument = node.args[0]
        return self.size(argument) if argument.type.kind == "tags" else texts.length(self.value(argument))

    # -- functions of values that are there

    def text(self, node: Op) -> Element:
        argument = node.args[0]
        match argument.type.kind:
            case "integer" | "decimal":
                return texts.of_number(self.number(argument))
            case "boolean":
                return cast(self.value(argument), Text())
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
        where = None if node.where is None else self.predicate(node.where)
        if node.fn in ("any", "all"):
            assert node.value is not None and value is not None
            true_ = self.predicate(node.value) if node.fn == "any" else value.is_not(true())
            where = true_ if where is None else and_(where, true_)
        self.scopes.pop()
        # The caller's FROM and condition are taken last: the body may have joined to them.
        conditions = [source.condition] if where is None else [source.condition, where]
        if node.fn in ("any", "all"):
            rows = select(literal_column("1")).select_from(source.from_).where(*conditions)
            found = exists(rows.correlate_except(source.from_))
            return found if node.fn == "any" else not_(found)
        if value is None:
            result = select(cast(func.count(), NUMERIC)).select_from(source.from_).where(*conditions)
            return result.correlate_except(source.from_).scalar_subquery()
        # PostgreSQL gives an aggregate of outer columns only to the outer query: the value gets a row of its own.
        rows = select(value.label("value")).select_from(source.from_).where(*conditions)
        each = rows.correlate_except(source.from_).subquery()
        return select(self.aggregate(node, each.c.value)).select_from(each).scalar_subquery()

    def aggregate(self, node: Over, value: Element) -> Element:
        match node.fn:
            case "count" if node.value is not None and node.value.type.kind == "boolean":
                return cast(func.count().filter(value), NUMERIC)
            case "count":
                return cast(func.count(value), NUMERIC)
            case "sum":
                return in_range(func.coalesce(func.sum(numeric(value), type_=NUMERIC), own(0), type_=NUMERIC))
            case "avg":
                count = cast(func.count(value), NUMERIC)
                return self.divided(func.sum(numeric(value), type_=NUMERIC), count, (NUMBER_DIGITS + 1, 10))
        if node.type.is_text:
            value = by_code_point(value)
        elif node.type.is_number:
            value = numeric(value)
        return getattr(func, node.fn)(value, type_=SQL_TYPES[node.type.kind])  # type: ignore[no-any-return]

    # -- conditions

    def predicate(self, node: Typed) -> ColumnElement[bool]:
        """For WHERE, where null is as good as false: plain `=`, IN and @>, which indexes serve."""
        match node:
            case Op(op="and", args=args):
                return and_(*(self.predicate(a) for a in args))
            case Op(op="or", args=args):
                return or_(*(self.predicate(a) for a in args))
            case Op(op="eq", args=(left, right)) if _never_null(left) or _never_null(right):
                a, b = self.comparable(left, right)
                return a == b
            case Op(op="in", args=(left, Listed(items=items))) if len(items) > 1 and all(
                isinstance(item, Const) and item.value is not None for item in items
            ):
                return self.known_among(left, [item for item in items if isinstance(item, Const)])
            case Op(op="in", args=(Const(value=str() as text), FieldRef() as tags)):
                return self.holds(self.value(tags), text)
            case Op(op="in", args=(left, Context() as tags)):
                return self.in_tags(left, tags)
        return self.value(node)

    def holds(self, tags: Element, text: str) -> Element:
        """The containment that a GIN index on tags serves."""
        return tags.op("@>", is_comparison=True, return_type=Boolean())(literal([text], tags.type))

    def known_among(self, left: Typed, items: list[Const]) -> ColumnElement[bool]:
        raw = self.raw_link(left)
        if raw is not None:
            ids = [id_ for id_ in (self.known_uuid(item, raw) for item in items) if id_ is not None]
            return raw.in_(ids) if ids else false()
        value = self.value(left)
        if isinstance(value.type, Integer) and all(isinstance(item.value, int) for item in items):
            return value.in_([self.value(item) for item in items])
        return self.among(left, self.branch_like(left, left), items)


def _is_null(node: Typed) -> bool:
    return isinstance(node, Const) and node.value is None


def _never_null(node: Typed) -> bool:
    return isinstance(node, Const) and node.value is not None


def _lines(node: Typed) -> FieldRef:
    if not isinstance(node, FieldRef):  # pragma: no cover - the checker lets no other lines pass
        raise ExpressionError("", [problem_at("", 0, 0, "expression.invalid", "lines must be a field")])
    return node


_SPECIAL: Mapping[str, Callable[[Compiler, Op], Element]] = {
    "and": Compiler.conjunction, "or": Compiler.disjunction, "not": Compiler.negation, "if": Compiler.conditional,
    "eq": Compiler.equality, "ne": Compiler.equality, "lt": Compiler.ordering, "le": Compiler.ordering,
    "gt": Compiler.ordering, "ge": Compiler.ordering, "in": Compiler.membership, "hasRole": Compiler.has_role,
    "add": Compiler.arithmetic, "sub": Compiler.arithmetic, "mul": Compiler.arithmetic, "div": Compiler.division,
    "neg": Compiler.negative, "abs": Compiler.absolute, "round": Compiler.rounded, "floor": Compiler.whole,
    "ceil": Compiler.whole, "coalesce": Compiler.coalesce, "min": Compiler.extreme, "max": Compiler.extreme,
    "isEmpty": Compiler.is_empty, "length": Compiler.length, "count": Compiler.length, "text": Compiler.text,
    "date": Compiler.date, "datetime": Compiler.datetime, "year": Compiler.date_part, "month": Compiler.date_part,
    "day": Compiler.date_part, "weekday": Compiler.date_part, "hour": Compiler.date_part,
    "addDays": Compiler.shifted, "addMonths": Compiler.shifted, "addHours": Compiler.shifted,
    "daysBetween": Compiler.between, "monthsBetween": Compiler.between, "startOfMonth": Compiler.month,
    "endOfMonth": Compiler.month,
}  # fmt: skip

_TEXTS: Mapping[str, Callable[..., Element]] = {
    "contains": texts.contains, "startsWith": texts.starts_with, "endsWith": texts.ends_with, "lower": texts.lower,
    "upper": texts.upper, "trim": texts.trim, "number": texts.to_number,
}  # fmt: skip
