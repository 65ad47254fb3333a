"""How a name is found: in the record, in lines inside it, in the user, in the record as it was before.

Inside lines, the line's own names come first, then those of the record around it.
"""

from typing import TYPE_CHECKING

from fieldstone.expressions.functions import CONTEXT_NAMES, FUNCTION_NAMES, USER_FIELDS
from fieldstone.expressions.syntax import Call, Member, Name, Node
from fieldstone.expressions.typed import Changed, Const, Context, FieldRef, Old, Typed
from fieldstone.expressions.types import BOOLEAN, TAGS, TEXT, UNKNOWN, Lines, Link, Parts, RecordType, Type
from fieldstone.problems import did_you_mean, nearest

if TYPE_CHECKING:
    from fieldstone.expressions.check import Checker

USER_TYPES: dict[str, Type] = {"id": TEXT, "teams": TAGS, "roles": TAGS, "locale": TEXT}


class Scopes:
    """The records a name may belong to, innermost last, each with its path from the outermost record."""

    def __init__(self, checker: "Checker", env: RecordType) -> None:
        self.checker = checker
        self.env = env
        self.records: list[tuple[RecordType, tuple[str, ...]]] = [(env, ())]
        self.deps: set[tuple[str, ...]] = set()

    def enter(self, lines: FieldRef, record: RecordType) -> None:
        self.records.append((record, self.records[-1 - lines.up][1] + lines.path))

    def leave(self) -> None:
        self.records.pop()

    def resolve(self, node: Name | Member) -> Typed:
        parts, head = _chain(node)
        if head is None:
            return self.checker.problem(node, "only a field can be followed by a point and a name")
        if not head.quoted and head.up is None:
            if head.name == "user":
                return self._user(node, parts)
            if head.name == "old":
                return self._old(node, parts)
            if head.name == "isNew" and len(parts) == 1:
                if not self.env.allowed.change:
                    return self._not_here(node, "isNew")
                return Context(BOOLEAN, "isNew")
        return self._field(node, head, parts)

    def changed(self, node: Call, argument: Node) -> Typed:
        if not self.env.allowed.change:
            return self._not_here(node, "changed(...)")
        if not isinstance(argument, Name) or self.env.field(argument.name) is None:
            names = self.env.all_fields()
            name = argument.name if isinstance(argument, Name) else ""
            return self.checker.problem(
                argument,
                f"changed(...) needs the name of a field of {self.env.name}{did_you_mean(name, names)}",
                found=name, suggestion=nearest(name, names) or "",
            )  # fmt: skip
        self.deps.add((argument.name,))
        return Changed(BOOLEAN, argument.name)

    def _not_here(self, node: Node, what: str) -> Typed:
        return self.checker.problem(node, f"{what} cannot be used here", found=what)

    def _user(self, node: Node, parts: list[str]) -> Typed:
        if not self.env.allowed.user:
            hint = "; for the field of that name write `user`" if self.env.field("user") else ""
            return self.checker.problem(node, f"user cannot be used here{hint}", found="user")
        if len(parts) != 2 or parts[1] not in USER_TYPES:
            known = ", ".join(f"user.{name}" for name in USER_FIELDS)
            hint = did_you_mean(parts[1], USER_FIELDS) if len(parts) > 1 else ""
            return self.checker.problem(node, f"the user has {known}{hint}", found=".".join(parts))
        return Context(USER_TYPES[parts[1]], f"user.{parts[1]}")

    def _old(self, node: Node, parts: list[str]) -> Typed:
        if not self.env.allowed.change:
            hint = "; for the field of that name write `old`" if self.env.field("old") else ""
            return self.checker.problem(node, f"old cannot be used here{hint}", found="old")
        if len(parts) == 1:
            return self.checker.problem(node, "write old.field for a field as it was before the change")
        found = self._walk(node, self.env, parts[1:])
        if isinstance(found, Lines):
            return self.checker.problem(node, "lines can be read only as they are now, not under old")
        if found is None:
            return _unknown()
        self.deps.add(whole(self.env, parts[1:]))
        return Old(found, tuple(parts[1:]))

    def _field(self, node: Node, head: Name, parts: list[str]) -> Typed:
        if head.up is not None:
            ups = [head.up] if 0 <= head.up < len(self.records) else []
        else:
            ups = list(range(len(self.records)))
        for up in ups:
            record, prefix = self.records[-1 - up]
            if record.field(parts[0]) is not None:
                found = self._walk(node, record, parts)
                if found is None:
                    return _unknown()
                self.deps.add(prefix + whole(record, parts))
                return FieldRef(found, tuple(parts), up)
        known = [name for record, _ in self.records for name in record.all_fields()]
        return self._unknown_name(node, parts[0], known, self.records[-1][0].name)

    def _unknown_name(self, node: Node, name: str, known: list[str], owner: str) -> Typed:
        if name in FUNCTION_NAMES:
            return self.checker.problem(
                node, f"{name} is a function; write {name}(...)", found=name, suggestion=f"{name}("
            )
        candidates = [*known, *(word for word in CONTEXT_NAMES if self._may(word))]
        return self.checker.problem(
            node, f"{owner} has no field {name}{did_you_mean(name, candidates)}",
            found=name, suggestion=nearest(name, candidates) or "",
        )  # fmt: skip

    def _may(self, word: str) -> bool:
        return self.env.allowed.user if word == "user" else self.env.allowed.change

    def _walk(self, node: Node, record: RecordType, parts: list[str]) -> Type | None:
        """The type at the end of a path; None when it was reported as wrong."""
        current: RecordType | Parts = record
        found: Type | None = None
        for index, name in enumerate(parts):
            found = current.field(name)
            if found is None:
                self._unknown_name(node, name, list(current.all_fields()), current.name)
                return None
            if index + 1 < len(parts):
                target = (
                    found.record() if isinstance(found, Link) else found if isinstance(found, Parts) else None
                )
                if target is None:
                    hint = "; use sum, count, any, ... over lines" if isinstance(found, Lines) else ""
                    self.checker.problem(node, f"{name} is {found} and has no fields{hint}", found=name)
                    return None
                current = target
        return found


def whole(record: RecordType, parts: list[str]) -> tuple[str, ...]:
    """The path without the part of a value at its end: what is read is the field as a whole."""
    current: RecordType | None = record
    for index, name in enumerate(parts):
        found = current.field(name) if current is not None else None
        if isinstance(found, Parts):
            return tuple(parts[: index + 1])
        current = found.record() if isinstance(found, Link) else None
    return tuple(parts)


def _chain(node: Node) -> tuple[list[str], Name | None]:
    parts: list[str] = []
    while isinstance(node, Member):
        parts.append(node.name)
        node = node.of
    if not isinstance(node, Name):
        return [], None
    return [node.name, *reversed(parts)], node


def _unknown() -> Typed:
    return Const(UNKNOWN, None)
