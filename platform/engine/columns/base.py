"""What a column concern says of a field type."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy.types import TypeEngine

Order = Literal["value", "text", "none"]


@dataclass(frozen=True, slots=True)
class ColumnKind:
    """How one field type is stored.

    `type` is the main column's type. `companions` are further columns, by suffix: `price` with
    `price__currency`. `order` tells how people see it sorted: by value, as text (by a stored sort key), or
    not at all. `to_db` prepares a validated value where psycopg does not know its type by itself, `from_db` makes
    the value of what is stored, where that is another one.
    `parts` are columns beside a whole that hold parts of it, for expressions and sorting (`rent.start`): by
    suffix, their type; `split` gives their values. The first part is what the field sorts by.
    `masked`: no statement reads the column but as a mark that it is set.
    """

    type: TypeEngine[Any]
    companions: tuple[tuple[str, TypeEngine[Any]], ...] = ()
    order: Order = "value"
    groupable: bool = True
    measurable: bool = False
    to_db: Callable[[Any], Any] | None = None
    from_db: Callable[[Any], Any] | None = None
    parts: tuple[tuple[str, TypeEngine[Any]], ...] = ()
    split: Callable[[Any], Mapping[str, Any]] | None = None
    masked: bool = False
