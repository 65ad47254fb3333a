"""The names that a caller may see and set in an entity, those of its lines included."""

from dataclasses import dataclass

from fieldstone.engine.permissions import EntityAccess, NotFound, access
from fieldstone.engine.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Names:
    """Field names, `items.price` for those of lines."""

    readable: frozenset[str]
    writable: frozenset[str]


def names_of(tx: Transaction, rights: EntityAccess) -> Names:
    """What `record_schema` is told of a caller's rights."""
    readable, writable = set(rights.readable), set(rights.writable)
    for field in rights.entity.fields.values():
        if field.lines is None:
            continue
        try:
            inner = access(tx, field.lines)
        except NotFound:
            continue
        readable |= {f"{field.name}.{name}" for name in ("id", *inner.readable)}
        writable |= {f"{field.name}.{name}" for name in ("id", *inner.writable)}
    return Names(frozenset(readable), frozenset(writable))
