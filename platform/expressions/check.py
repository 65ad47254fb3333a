"""The checker: a tree and a record's types give what the expression means, or everything wrong with it.

Nothing is converted in silence but integer to decimal. What was reported once becomes `UNKNOWN`, which fits
everywhere, so that one mistake is one problem.
"""

from decimal import Decimal

from fieldstone.expressions import calls
from fieldstone.expressions.bounds import is_immutable
from fieldstone.expressions.cost import cost_of
from fieldstone.expressions.errors import ExpressionError, problem_at
from fieldstone.expressions.names import Scopes
from fieldstone.expressions.parser import parse
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
from fieldstone.expressions.typed import Checked, Const, Listed, Op, Typed
from fieldstone.expressions.types import (
    BOOLEAN,
    BY_KIND,
    DECIMAL,
    INTEGER,
    NULL,
    TEXT,
    UNKNOWN,
    Decimal_,
    Link,
    RecordType,
    Select,
    Tags,
    Type,
)
from fieldstone.problems import Problem, did_you_mean, nearest

OPERATORS = {
    "==": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge", "in": "in",
    "+": "add", "-": "sub", "*": "mul", "/": "div", "&&": "and", "||": "or",
}  # fmt: skip
WHOLE = ("tags", "lines", "json")


def check(
    source: str | Node, env: RecordType, *, expect: Type | None = None, max_cost: int | None = None
) -> Checked:
    """What `source` means over records of type `env`.

    `expect` is a type the result must be usable as. Raises ExpressionError with every problem found; with
    code `expression.limit` when the expression is too large or costs more than `max_cost`.
    """
    text = source if isinstance(source, str) else ""
    node = parse(source) if isinstance(source, str) else source
    return Checker(text, env).whole(node, expect, max_cost)


class Checker:
    """One check: the scopes that names are found in, and what was found wrong so far."""

    def __init__(self, source: str, env: RecordType) -> None:
        self.source = source
        self.scopes = Scopes(self, env)
        self.problems: list[Problem] = []
        self.functions: set[str] = set()

    def whole(self, node: Node, expect: Type | None, max_cost: int | None) -> Checked:
        typed = self.node(node)
        if expect is not None:
            typed = self.expected(node, typed, expect)
        elif typed.type.kind == "lines":
            self.problem(node, "lines are no value; use sum, count, any, ... over them")
        if self.problems:
            raise ExpressionError(self.source, self.problems)
        cost = cost_of(typed)
        if max_cost is not None and cost > max_cost:
            message = f"the expression costs {cost} units of work; {max_cost} are allowed here"
            problem = problem_at("", 0, node.length, "expression.limit", message)
            raise ExpressionError(self.source, [problem], code="expression.limit")
        return Checked(
            typed, typed.type, frozenset(self.scopes.deps), frozenset(self.functions), self.source, cost,
            is_immutable(typed),
        )  # fmt: skip

    def problem(self, at: Node, message: str, *, found: str = "", suggestion: str = "") -> Typed:
        self.problems.append(
            problem_at(
                self.source,
                at.position,
                at.length,
                "expression.invalid",
                message,
                found=found,
                suggestion=suggestion,
            )
        )
        return Const(UNKNOWN, None)

    # -- one method per kind of node

    def node(self, node: Node) -> Typed:
        match node:
            case Literal(value=value):
                return Const(type_of_literal(value), value)
            case Name() | Member():
                return self.scopes.resolve(node)
            case Unary():
                return self.unary(node)
            case Logic():
                return self.logic(node)
            case Binary(sign="==" | "!="):
                return self.equality(node)
            case Binary(sign="<" | "<=" | ">" | ">="):
                return self.ordering(node)
            case Binary(sign="in"):
                return self.membership(node)
            case Binary():
                return self.arithmetic(node)
            case Conditional():
                return self.conditional(node)
            case Call():
                return calls.call(self, node)
            case Items():
                return self.problem(node, 'a list can stand only right of "in"')
            case _:  # pragma: no cover - the parser makes no other nodes
                raise TypeError(node)

    def unary(self, node: Unary) -> Typed:
        operand = self.node(node.operand)
        if node.sign == "!":
            operand = self.must(node.operand, operand, ("boolean",), '"!" needs a condition')
            return Op(BOOLEAN, "not", (operand,))
        operand = self.must(node.operand, operand, ("integer", "decimal"), '"-" needs a number')
        if isinstance(operand, Const) and operand.value is not None:
            value = operand.value
            return Const(operand.type, -value if isinstance(value, int) else value.copy_negate())
        return Op(plain(operand.type), "neg", (operand,))

    def logic(self, node: Logic) -> Typed:
        operands = tuple(
            self.must(o, self.node(o), ("boolean",), f'"{node.sign}" needs conditions') for o in node.operands
        )
        return Op(BOOLEAN, OPERATORS[node.sign], operands)

    def arithmetic(self, node: Binary) -> Typed:
        sides = [(node.left, self.node(node.left)), (node.right, self.node(node.right))]
        kinds = {typed.type.kind for _, typed in sides}
        hint = ""
        if node.sign == "+" and kinds <= {"text", "select"}:
            return self.problem(node, '"+" needs numbers; texts are joined with concat(a, b)')
        if node.sign == "+" and kinds & {"text", "select"}:
            hint = "; texts are joined with concat(a, b)"
        elif kinds & {"date", "datetime"}:
            hint = "; use addDays, addMonths, addHours or daysBetween"
        needs = f'"{node.sign}" needs numbers'
        left, right = (self.must(at, typed, ("integer", "decimal"), needs, hint) for at, typed in sides)
        whole = node.sign != "/" and left.type.kind == right.type.kind == "integer"
        return Op(INTEGER if whole else DECIMAL, OPERATORS[node.sign], (left, right))

    def ordering(self, node: Binary) -> Typed:
        left, right = self.node(node.left), self.node(node.right)
        joined = self.join(node, [left, right], f'"{node.sign}" cannot compare')
        if joined.kind not in ("integer", "decimal", "text", "select", "date", "datetime", "null", "unknown"):
            self.problem(node, f'"{node.sign}" cannot order {joined} values')
        if joined.kind == "null":
            joined = TEXT
        return Op(BOOLEAN, OPERATORS[node.sign], (retyped(left, joined), retyped(right, joined)))

    def equality(self, node: Binary) -> Typed:
        left, right = self.node(node.left), self.node(node.right)
        for at, side in ((node.left, left), (node.right, right)):
            if side.type.kind in ("tags", "lines"):
                self.problem(at, f'{side.type} cannot be compared with "{node.sign}"; use isEmpty or in')
                return Const(UNKNOWN, None)
        kinds = (left.type.kind, right.type.kind)
        if "json" in kinds and kinds.count("null") == 0 and "unknown" not in kinds:
            return self.problem(node, "a json value can be compared with null only")
        if "link" in kinds and set(kinds) <= {"link", "text", "null", "unknown"}:
            return Op(BOOLEAN, OPERATORS[node.sign], (retyped(left, right.type), retyped(right, left.type)))
        joined = self.join(node, [left, right], f'"{node.sign}" cannot compare')
        self.constants(node.right, right, left.type)
        self.constants(node.left, left, right.type)
        if joined.kind == "null":
            joined = TEXT
        return Op(BOOLEAN, OPERATORS[node.sign], (retyped(left, joined), retyped(right, joined)))

    def membership(self, node: Binary) -> Typed:
        left = self.node(node.left)
        if isinstance(node.right, Items):
            items = [self.node(item) for item in node.right.items]
            for at, item in zip(node.right.items, items, strict=True):
                if item.type.kind in WHOLE:
                    self.problem(at, f'{item.type} cannot stand in a list of "in"')
                else:
                    self.constants(at, item, left.type)
            if left.type.kind in WHOLE:
                return self.problem(node.left, f'{left.type} cannot stand left of "in"')
            joined = self.join(node, [left, *items], '"in" cannot compare')
            joined = TEXT if joined.kind in ("null", "link") else joined
            listed = Listed(NULL, tuple(retyped(item, joined) for item in items))
            return Op(BOOLEAN, "in", (retyped(left, joined), listed))
        right = self.node(node.right)
        if right.type.kind == "unknown":
            return right
        if not isinstance(right.type, Tags):
            return self.problem(node.right, f'right of "in" stands a list, not {right.type}')
        left = self.must(node.left, left, ("text", "select", "link"), f"{right.type} hold texts")
        if right.type.constants is not None:
            self.constants(node.left, left, Select(right.type.constants))
        return Op(BOOLEAN, "in", (left, right))

    def conditional(self, node: Conditional) -> Typed:
        condition = self.must(
            node.condition, self.node(node.condition), ("boolean",), '"?" needs a condition on its left'
        )
        then, otherwise = self.node(node.then), self.node(node.otherwise)
        for at, side in ((node.then, then), (node.otherwise, otherwise)):
            if side.type.kind in WHOLE:
                return self.problem(at, f"{side.type} cannot be chosen with ? :")
        joined = plain(self.join(node, [then, otherwise], '"? :" cannot choose between'))
        if joined.kind == "null":
            return Const(NULL, None)
        return Op(joined, "if", (condition, retyped(then, joined), retyped(otherwise, joined)))

    # -- fitting types

    def must(self, at: Node, typed: Typed, kinds: tuple[str, ...], needs: str, hint: str = "") -> Typed:
        """`typed` where one of `kinds` is needed; null takes the first of them."""
        kind = typed.type.kind
        if kind == "null":
            return Const(type_of_kind(kinds[0]), None)
        if kind not in kinds and kind != "unknown":
            return self.problem(at, f"{needs}, found {typed.type}{hint}", found=kind)
        return typed

    def join(self, at: Node, nodes: list[Typed], what: str) -> Type:
        """The type that all nodes have in common; null fits every type."""
        joined: Type = NULL
        for typed in nodes:
            following = join_types(joined, typed.type)
            if following is None:
                hint = ""
                kinds = {joined.kind, typed.type.kind}
                if "text" in kinds and kinds & {"date", "datetime"}:
                    hint = f'; write {min(kinds - {"text"})}("...")'
                elif kinds == {"date", "datetime"}:
                    hint = "; write date(...) of the datetime"
                elif "text" in kinds and kinds & {"integer", "decimal"}:
                    hint = "; use number(...) or text(...)"
                self.problem(at, f"{what} {joined} and {typed.type}{hint}")
                return UNKNOWN
            joined = following
        return joined

    def constants(self, at: Node, typed: Typed, other: Type) -> None:
        """Texts that `typed` can be must be among the constants of `other`, if it has any."""
        if not isinstance(other, Select):
            return
        for value in possible_constants(typed):
            if value not in other.constants:
                known = ", ".join(f'"{c}"' for c in other.constants[:12])
                self.problem(
                    at, f'"{value}" is not among the values {known}{did_you_mean(value, other.constants)}',
                    found=value, suggestion=nearest(value, other.constants) or "",
                )  # fmt: skip

    def expected(self, at: Node, typed: Typed, expect: Type) -> Typed:
        kind, wanted = typed.type.kind, expect.kind
        if kind == "unknown":
            return typed
        if kind == "null":
            return Const(expect, None)
        fits = kind == wanted or (kind, wanted) in (
            ("integer", "decimal"),
            ("select", "text"),
            ("link", "text"),
        )
        if (kind, wanted) == ("text", "select") and isinstance(expect, Select):
            self.constants(at, typed, expect)
            fits = True
        if kind == wanted == "select":
            assert isinstance(typed.type, Select)
            assert isinstance(expect, Select)
            for constant in typed.type.constants:
                self.constants(at, Const(TEXT, constant), expect)
        if (kind, wanted) == ("text", "link"):
            fits = True
        if not fits:
            return self.problem(at, f"the result must be {expect}, but it is {typed.type}", found=kind)
        return typed


def plain(type_: Type) -> Type:
    """The type of a result: what a field's type promises about storage is not said of results."""
    match type_:
        case Decimal_():
            return DECIMAL
        case Link():
            return TEXT
        case _:
            return INTEGER if type_.kind == "integer" else TEXT if type_.kind == "text" else type_


def join_types(a: Type, b: Type) -> Type | None:
    if "unknown" in (a.kind, b.kind):
        return UNKNOWN
    if a.kind == "null":
        return b
    if b.kind == "null":
        return a
    if a.is_number and b.is_number:
        return INTEGER if a.kind == b.kind == "integer" else DECIMAL
    if isinstance(a, Select) and a == b:
        return a
    if a.kind in ("text", "select", "link") and b.kind in ("text", "select", "link"):
        return TEXT
    return a if a.kind == b.kind else None


def retyped(node: Typed, type_: Type) -> Typed:
    """A null becomes a null of `type_`; everything else stays what it is."""
    if node.type.kind == "null":
        return Const(plain(type_) if type_.kind != "null" else TEXT, None)
    return node


def type_of_literal(value: object) -> Type:
    match value:
        case None:
            return NULL
        case bool():
            return BOOLEAN
        case int():
            return INTEGER
        case Decimal():
            return DECIMAL
        case _:
            return TEXT


def type_of_kind(kind: str) -> Type:
    return BY_KIND.get(kind, TEXT)


def possible_constants(node: Typed) -> list[str]:
    match node:
        case Const(value=str() as value):
            return [value]
        case Op(op="if", args=(_, then, otherwise)):
            return possible_constants(then) + possible_constants(otherwise)
        case Op(op="coalesce", args=args):
            return [value for arg in args for value in possible_constants(arg)]
        case _:
            return []
