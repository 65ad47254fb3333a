"""When two records of an entity are likely the same thing: the definitions of the keyword `duplicates`.

A rule speaks of a record's own plain fields only, because its match keys are stored with the record: what is computed
from elsewhere could change without the record being written.
"""

from dataclasses import dataclass
from typing import Final, Literal

from fieldstone.expressions import Checked

Compare = Literal["company_name", "person_name", "phone", "email", "tax_number", "text", "exact"]
COMPARISONS: Final = ("company_name", "person_name", "phone", "email", "tax_number", "text", "exact")


@dataclass(frozen=True, slots=True)
class MatchField:
    """A field that must agree, and how it is compared.

    `also` names further fields that hold the same kind of value: any of them may agree with any of the other record's.
    """

    name: str
    compare: Compare = "text"
    also: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, *self.also)


@dataclass(frozen=True, slots=True)
class DuplicateRule:
    """Records that agree in all `fields` are likely duplicates, among those for which `when` is true.

    `action` is `warn` (people are asked before they save) or `block` (the write is refused). With `reveal` `owner`,
    somebody who may not see the other record is told whose it is, and no more; else nothing.
    """

    name: str
    title: str
    fields: tuple[MatchField, ...]
    when: Checked | None = None
    action: Literal["warn", "block"] = "warn"
    reveal: Literal["", "owner"] = ""
    layer: str = ""

    @property
    def names(self) -> frozenset[str]:
        """Every field that the rule's keys are made of."""
        read = {path[0] for path in self.when.deps} if self.when is not None else set()
        return frozenset(read.union(*(field.names for field in self.fields)))
