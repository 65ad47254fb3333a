"""What a column concern says of a field type."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy.types import TypeEngine

Order = Literal["value", "text", "none"]


@dataclass(frozen=True, slots=True)
class ColumnKind:
    """How one field type is stored.

    `type` is the main column's type. `companions` are further columns, by suffix: `price` with
    `price__currency`. `order` tells how people see it sorted: by value, as text (by a stored sort key), or
    not at all. `to_db` prepares a validated value where psycopg does not know its type by itself.
    """

    type: TypeEngine[Any]
    companions: tuple[tuple[str, TypeEngine[Any]], ...] = ()
    order: Order = "value"
    groupable: bool = True
    measurable: bool = False
    to_db: Callable[[Any], Any] | None = None
