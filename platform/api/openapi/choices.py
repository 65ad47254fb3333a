"""What a caller may write into the parameters of a list: names to sort by, to ask for, to expand."""

from collections.abc import Sequence
from dataclasses import dataclass

from fieldstone.engine.permissions import EntityAccess
from fieldstone.engine.query.columns import EntityColumns
from fieldstone.engine.query.errors import BadRequest
from fieldstone.engine.query.expand import expandable
from fieldstone.engine.query.gate import bindings, gate_for
from fieldstone.engine.query.order import sort_keys_of
from fieldstone.engine.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Choices:
    """Names of fields."""

    fields: Sequence[str]
    sort: Sequence[str]
    expand: Sequence[str]


def choices_of(tx: Transaction, rights: EntityAccess) -> Choices:
    """The choices in one entity; none for who may not read it."""
    if not rights.allows("read"):
        return Choices((), (), ())
    columns = EntityColumns(tx.model, rights.entity, bindings=bindings(tx), gate=gate_for(tx))

    def sortable(name: str) -> bool:
        try:
            sort_keys_of(tx, columns, (name,))
        except BadRequest:
            return False
        return True

    names = sorted(rights.readable)
    return Choices(names, [name for name in names if sortable(name)], expandable(tx, rights.entity))
