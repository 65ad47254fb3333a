"""The checked tree: what an expression means, and what all three back ends run.

Every node knows its type. A node whose type is null is always the constant null, and a constant null takes
the type of the place where it stands, so that back ends never meet an untyped null.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from fieldstone.expressions.types import Type


@dataclass(frozen=True, slots=True)
class Typed:
    type: Type

    def children(self) -> tuple["Typed", ...]:
        return ()

    def walk(self) -> Iterator["Typed"]:
        yield self
        for child in self.children():
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class Const(Typed):
    """A constant: None, bool, int, Decimal, str, date or aware datetime."""

    value: Any


@dataclass(frozen=True, slots=True)
class FieldRef(Typed):
    """A field of the record `up` records further out (0: the innermost; lines are further in)."""

    path: tuple[str, ...]
    up: int = 0


@dataclass(frozen=True, slots=True)
class Context(Typed):
    """`now`, `today`, `user.id`, `user.teams`, `user.roles`, `user.locale` or `isNew`."""

    name: str


@dataclass(frozen=True, slots=True)
class Old(Typed):
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Changed(Typed):
    name: str


@dataclass(frozen=True, slots=True)
class Listed(Typed):
    """`[a, b]`, right of `in`."""

    items: tuple[Typed, ...]

    def children(self) -> tuple[Typed, ...]:
        return self.items


@dataclass(frozen=True, slots=True)
class Op(Typed):
    """An operator (`and or not eq ne lt le gt ge in add sub mul div neg if`) or a function, by its name."""

    op: str
    args: tuple[Typed, ...]

    def children(self) -> tuple[Typed, ...]:
        return self.args


@dataclass(frozen=True, slots=True)
class Over(Typed):
    """`sum`, `count`, `avg`, `min`, `max`, `any` or `all` over lines; `value` and `where` see the line."""

    fn: str
    lines: FieldRef
    value: Typed | None
    where: Typed | None

    def children(self) -> tuple[Typed, ...]:
        return (self.lines, *(node for node in (self.value, self.where) if node is not None))


@dataclass(frozen=True)
class Checked:
    """An expression that fits its record: what is stored, evaluated, made SQL and sent to the browser."""

    node: Typed
    type: Type
    deps: frozenset[tuple[str, ...]]
    """Paths of the fields read, from the record outwards; `old.x` and `changed(x)` read `x`."""
    functions: frozenset[str]
    source: str
    cost: int
    immutable: bool
    """Whether the SQL reads columns of the own row only and may stand in an index."""

    @cached_property
    def reads_context(self) -> frozenset[str]:
        """What is read besides the record: `now`, `today`, `user.id`, ..., `isNew`, `old`, `changed`."""
        names = {n.name for n in self.node.walk() if isinstance(n, Context)}
        names |= {"old" for n in self.node.walk() if isinstance(n, Old)}
        names |= {"user.roles" for n in self.node.walk() if isinstance(n, Op) and n.op == "hasRole"}
        names |= {"changed" for n in self.node.walk() if isinstance(n, Changed)}
        return frozenset(names)
