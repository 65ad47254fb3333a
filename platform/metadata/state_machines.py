"""The compiled form of the keyword `transitions`: which changes of a select field are allowed, to whom and when.

A field with a state machine changes in no other way, on whatever path the change comes. A record begins at `initial`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from fieldstone.expressions import Checked

NO_VALUES: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Transition:
    """One allowed change.

    `from_`: the values it starts at; empty: any other than `to`, no value included. It may be done while `when` is true
    (null counts as false) by somebody with one of `roles` (empty: who may update the record). `set` are values stored with
    it. `workflow`: it does not happen at once; that approval is submitted, and sets the state when it is approved.
    `comment`: whoever does it must say why.
    """

    name: str
    title: str
    to: str
    from_: tuple[str, ...] = ()
    when: Checked | None = None
    roles: frozenset[str] = frozenset()
    set: Mapping[str, Checked] = field(default_factory=lambda: NO_VALUES)
    workflow: str | None = None
    comment: bool = False
    icon: str = "arrow-right"
    description: str = ""
    order: float = 0
    layer: str = ""

    def starts_at(self, value: str | None) -> bool:
        """Whether a record with this value can take the transition, as far as the value says."""
        return value in self.from_ if self.from_ else value != self.to


@dataclass(frozen=True, slots=True)
class StateMachine:
    """The allowed changes of one field, in effective order. `initial` None: a new record may begin anywhere."""

    transitions: tuple[Transition, ...]
    initial: str | None = None

    def transition(self, name: str) -> Transition | None:
        return next((each for each in self.transitions if each.name == name), None)

    def leaving(self, value: str | None) -> tuple[Transition, ...]:
        """What can be done with a record whose field has this value."""
        return tuple(each for each in self.transitions if each.starts_at(value))

    def between(self, old: str | None, new: str | None) -> tuple[Transition, ...]:
        """The transitions that make `new` of `old`; none: the change is refused."""
        return tuple(each for each in self.leaving(old) if each.to == new)
