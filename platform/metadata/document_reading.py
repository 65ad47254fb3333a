"""One document of the presentation being read: what it may name, and what is wrong with it."""

from collections.abc import Mapping, Sequence
from typing import Any

from fieldstone.expressions import BOOLEAN, RULE, Allowed, Checked
from fieldstone.expressions.types import Link
from fieldstone.metadata.checking import Checking
from fieldstone.metadata.definitions import Document, Entity
from fieldstone.metadata.layers import layer_of
from fieldstone.problems import Problem, did_you_mean


class Reading:
    """One document being read: what it may name, and what is wrong with it."""

    def __init__(
        self, document: Document, checking: Checking, roles: Sequence[str], problems: list[Problem]
    ) -> None:
        self.document = document
        self.body = document.body
        self.checking = checking
        self.roles_known = roles
        self.problems = problems
        self.entities: dict[str, Entity] = {
            name: draft.entity for name, draft in checking.drafts.items() if draft.entity.parent is None
        }

    def unknown(self, pointer: str, code: str, word: str, what: str, known: Sequence[str]) -> None:
        message = f'"{word}" is no {what}{did_you_mean(word, known)}'
        self.problems.append(Problem(pointer, code, message))

    def entity(self, pointer: str, name: str) -> Entity | None:
        if name not in self.entities:
            self.unknown(pointer, "entity.unknown", name, "entity", list(self.entities))
        return self.entities.get(name)

    def roles(self, holder: Mapping[str, Any], pointer: str) -> frozenset[str]:
        for at, role in enumerate(holder.get("roles", ())):
            if role not in self.roles_known:
                self.unknown(f"{pointer}/roles/{at}", "role.unknown", role, "role", self.roles_known)
        return frozenset(holder.get("roles", ()))

    def expression(
        self,
        holder: Mapping[str, Any],
        keyword: str,
        pointer: str,
        entity: Entity | None,
        allowed: Allowed = RULE,
    ) -> Checked | None:
        if keyword not in holder or entity is None:
            return None
        found = self.checking.problems
        before = len(found)
        checked = self.checking.expression(
            entity.name, holder[keyword], f"{pointer}/{keyword}", allowed, BOOLEAN
        )
        self.problems += [problem for _, problem in found[before:]]
        del found[before:]
        return checked

    def layer(self, pointer: str) -> str:
        return layer_of(self.document, pointer)

    def path(self, entity: Entity, name: str, pointer: str) -> tuple[str, ...]:
        """A field, or links and a field with dots between; a field whose name has dots is taken as it is."""
        if self.checking.types.field(entity.name, name) is not None:
            return (name,)
        steps, at = tuple(name.split(".")), entity.name
        for index, step in enumerate(steps):
            type_ = self.checking.types.field(at, step)
            if type_ is None:
                known = list(self.checking.types.of(at).all_fields())
                self.unknown(pointer, "field.unknown", step, f'field of "{at}"', known)
                break
            record = type_.record() if isinstance(type_, Link) else None
            if index < len(steps) - 1:
                if record is None:
                    message = f'"{step}" of "{at}" is no link, so "{name}" leads nowhere'
                    self.problems.append(Problem(pointer, "field.no_link", message))
                    break
                at = record.name
        return steps


def ordered(items: Sequence[Mapping[str, Any]]) -> list[tuple[float, int, Mapping[str, Any]]]:
    """(order, position in the document, item) by order, which is ten times the position when left out."""
    places = [(float(item.get("order", at * 10 + 10)), at, item) for at, item in enumerate(items)]
    return sorted(places, key=lambda place: place[:2])
