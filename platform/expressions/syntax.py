"""The tree that the parser makes: what was written, not yet what it means."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Node:
    """One piece of an expression; `position` and `length` are its place in the source."""

    position: int
    length: int


@dataclass(frozen=True, slots=True)
class Literal(Node):
    value: bool | int | Decimal | str | None


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A name; `quoted` when it stood in backticks and is a field for certain.

    `up` is given only in stored trees: how many records further out the field was found.
    """

    name: str
    quoted: bool = False
    up: int | None = None


@dataclass(frozen=True, slots=True)
class Member(Node):
    of: Node
    name: str


@dataclass(frozen=True, slots=True)
class Unary(Node):
    sign: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Binary(Node):
    sign: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Logic(Node):
    """A whole chain of `&&` or of `||`: long chains are not deep."""

    sign: str
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Conditional(Node):
    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Items(Node):
    """`[a, b]`, right of `in` only."""

    items: tuple[Node, ...]
