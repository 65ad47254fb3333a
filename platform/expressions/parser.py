"""Tokens to tree: precedence climbing, bounded in nodes and depth before anything recurses deeply.

From loose to tight: `c ? a : b`, `||`, `&&`, comparison and `in` (no chains), `+ -`, `* /`, `! -`, `.`.
"""

from decimal import Decimal

from fieldstone.expressions.errors import ExpressionError, problem_at
from fieldstone.expressions.lexer import INSTEAD, Token, fail, tokens
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

COMPARISONS = ("==", "!=", "<", "<=", ">", ">=", "in")
CONSTANTS = {"true": True, "false": False, "null": None}


def parse(source: str) -> Node:
    """The tree of `source`; raises ExpressionError with the place of the first mistake."""
    return _Parser(source).whole()


class _Parser:
    def __init__(self, source: str) -> None:
        self.source = source
        self.tokens = tokens(source)
        self.index = 0
        self.nodes = 0
        self.depth = 0
        self.heights: dict[int, int] = {}

    def whole(self) -> Node:
        if self.peek.kind == "end":
            raise self.fail("the expression is empty")
        node = self.expression()
        if self.index + 1 < len(self.tokens):
            raise self.unexpected("an operator or the end")
        return node

    # -- reading tokens

    @property
    def peek(self) -> Token:
        return self.tokens[self.index]

    def take(self) -> Token:
        token = self.tokens[self.index]
        self.index += 1
        return token

    def accept(self, *values: str) -> Token | None:
        token = self.peek
        if token.value in values and (token.kind == "sign" or (token.kind == "name" and token.value == "in")):
            return self.take()
        return None

    def expect(self, value: str) -> Token:
        token = self.accept(value)
        if token is None:
            raise self.unexpected(f'"{value}"')
        return token

    def fail(self, message: str, suggestion: str = "") -> ExpressionError:
        return fail(self.source, self.peek.position, max(self.peek.length, 1), message, suggestion)

    def unexpected(self, wanted: str) -> ExpressionError:
        token = self.peek
        if token.kind == "end":
            return self.fail(f"the expression ends where {wanted} was expected")
        if token.kind == "name" and token.value in INSTEAD:
            return self.fail(
                f'there is no "{token.value}"; did you mean "{INSTEAD[token.value]}"?', INSTEAD[token.value]
            )
        text = self.source[token.position : token.position + token.length]
        return self.fail(f"found {text} where {wanted} was expected")

    # -- making nodes, within the bounds

    def made(self, node: Node, *children: Node) -> Node:
        height = 1 + max((self.heights.pop(id(child), 1) for child in children), default=0)
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise self.limit(f"the expression has more than {MAX_NODES} parts", node)
        if height > MAX_DEPTH:
            raise self.limit(f"the expression is nested more than {MAX_DEPTH} deep", node)
        self.heights[id(node)] = height
        return node

    def limit(self, message: str, at: Node | Token) -> ExpressionError:
        problem = problem_at(self.source, at.position, at.length, "expression.limit", message)
        return ExpressionError(self.source, [problem], code="expression.limit")

    def span(self, start: int) -> tuple[int, int]:
        last = self.tokens[self.index - 1]
        return start, last.position + last.length - start

    # -- the grammar

    def expression(self) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.limit(f"the expression is nested more than {MAX_DEPTH} deep", self.peek)
        # `a ? b : c ? d : e` is a loop here: only what stands in brackets or between ? and : is recursion.
        choices: list[tuple[int, Node, Node]] = []
        while True:
            start = self.peek.position
            node = self.chain("||")
            if not self.accept("?"):
                break
            choices.append((start, node, self.expression()))
            self.expect(":")
        for start, condition, then in reversed(choices):
            choice = Conditional(*self.span(start), condition, then, node)
            node = self.made(choice, condition, then, node)
        self.depth -= 1
        return node

    def chain(self, sign: str) -> Node:
        start = self.peek.position
        operands = [self.chain("&&") if sign == "||" else self.comparison()]
        while self.accept(sign):
            operands.append(self.chain("&&") if sign == "||" else self.comparison())
        if len(operands) == 1:
            return operands[0]
        return self.made(Logic(*self.span(start), sign, tuple(operands)), *operands)

    def comparison(self) -> Node:
        start = self.peek.position
        left = self.sum()
        sign = self.accept(*COMPARISONS)
        if sign is None:
            return left
        right = self.items() if sign.value == "in" and self.peek.value == "[" else self.sum()
        node = self.made(Binary(*self.span(start), sign.value, left, right), left, right)
        if self.peek.kind in ("sign", "name") and self.peek.value in COMPARISONS:
            raise self.fail("comparisons do not chain; join them with &&")
        return node

    def items(self) -> Node:
        start = self.expect("[").position
        items: list[Node] = []
        while not self.accept("]"):
            if items:
                self.expect(",")
            items.append(self.expression())
        return self.made(Items(*self.span(start), tuple(items)), *items)

    def sum(self) -> Node:
        start = self.peek.position
        left = self.product()
        while sign := self.accept("+", "-"):
            right = self.product()
            left = self.made(Binary(*self.span(start), sign.value, left, right), left, right)
        return left

    def product(self) -> Node:
        start = self.peek.position
        left = self.unary()
        while sign := self.accept("*", "/"):
            right = self.unary()
            left = self.made(Binary(*self.span(start), sign.value, left, right), left, right)
        return left

    def unary(self) -> Node:
        signs: list[Token] = []
        while sign := self.accept("!", "-"):
            signs.append(sign)
        node = self.postfix()
        for sign in reversed(signs):
            node = self.made(Unary(*self.span(sign.position), sign.value, node), node)
        return node

    def postfix(self) -> Node:
        start = self.peek.position
        node = self.primary()
        while self.accept("."):
            token = self.peek
            if token.kind not in ("name", "quoted"):
                raise self.unexpected("a name")
            self.take()
            if self.peek.value == "(" and self.peek.kind == "sign":
                raise fail(
                    self.source, token.position, token.length,
                    f"functions are written {token.value}(x, ...), not x.{token.value}(...)",
                )  # fmt: skip
            node = self.made(Member(*self.span(start), node, token.value), node)
        return node

    def primary(self) -> Node:
        token = self.peek
        if token.kind == "number":
            self.take()
            value = Decimal(token.value) if "." in token.value else int(token.value)
            return self.made(Literal(token.position, token.length, value))
        if token.kind == "text":
            self.take()
            return self.made(Literal(token.position, token.length, token.value))
        if token.kind == "quoted":
            self.take()
            return self.made(Name(token.position, token.length, token.value, True))
        if token.kind == "name" and token.value not in INSTEAD and token.value != "in":
            self.take()
            if token.value in CONSTANTS:
                return self.made(Literal(token.position, token.length, CONSTANTS[token.value]))
            if self.accept("("):
                return self.call(token)
            return self.made(Name(token.position, token.length, token.value))
        if self.accept("("):
            node = self.expression()
            self.expect(")")
            return node
        if token.kind == "sign" and token.value == "[":
            raise self.fail('a list can stand only right of "in"')
        raise self.unexpected("a value")

    def call(self, name: Token) -> Node:
        arguments: list[Node] = []
        while not self.accept(")"):
            if arguments:
                self.expect(",")
            arguments.append(self.expression())
        return self.made(Call(*self.span(name.position), name.value, tuple(arguments)), *arguments)
