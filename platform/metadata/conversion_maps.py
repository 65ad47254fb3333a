"""How one record becomes others: the definitions of the keyword `conversions`.

A conversion makes one or several records in one step, fills them from its source, carries lines over, and may set
values of the source afterwards. What it makes it may refer to by name, in any order that is no circle.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from fieldstone.expressions import Checked

NO_MAP: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ValueFrom:
    """Where a value comes from: an expression over the source, a field of it as it stands, or a record made here.

    Exactly one of `expression`, `source` and `created` is set. `translate` gives other values for those of a select.
    """

    name: str
    expression: Checked | None = None
    source: str | None = None
    translate: Mapping[str, Any] = field(default_factory=lambda: NO_MAP)
    created: str | None = None


@dataclass(frozen=True, slots=True)
class LinesFrom:
    """Lines of a record made here, one for each line of the source's field `source` for which `where` is true."""

    name: str
    source: str
    where: Checked | None
    values: tuple[ValueFrom, ...]


@dataclass(frozen=True, slots=True)
class Creation:
    """One record that a conversion makes.

    `existing` is a link field of the source: where it leads to a record, that one is used and none is made. With
    `offer` people may choose a record that exists. `ask` are fields that the form shows beside those of `values`.
    """

    name: str
    entity: str
    title: str | None
    when: Checked | None
    existing: str | None
    offer: bool
    values: tuple[ValueFrom, ...]
    lines: tuple[LinesFrom, ...]
    ask: tuple[str, ...]
    order: float = 0
    layer: str = ""

    @property
    def shown(self) -> tuple[str, ...]:
        """The fields to be checked before the record is made: those that are filled, then those that are asked for."""
        filled = [value.name for value in self.values if value.created is None]
        return tuple(dict.fromkeys([*filled, *self.ask]))


@dataclass(frozen=True, slots=True)
class Conversion:
    """What makes other records of one. `creates` is in an order in which each refers only to those before it.

    It is offered while `when` is true. With `once` it cannot run again while something that it made is still there.
    """

    name: str
    entity: str
    title: str
    when: Checked | None
    once: bool
    creates: tuple[Creation, ...]
    set: tuple[ValueFrom, ...]
    icon: str = "transform"
    description: str = ""
    order: float = 0
    layer: str = ""

    def creation(self, name: str) -> Creation | None:
        return next((each for each in self.creates if each.name == name), None)
