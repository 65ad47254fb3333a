"""What the SQL compiler asks its caller for: columns of the record, and where its lines come from."""

from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import ColumnElement, FromClause


class Columns(Protocol):
    """The only way from an expression to a column: nothing that is not given here can be read."""

    def column(self, path: tuple[str, ...]) -> ColumnElement[Any]:
        """The column at a path, with its SQLAlchemy type; joins of links must be LEFT OUTER."""
        ...

    def lines(self, path: tuple[str, ...]) -> "LinesSource":
        """The child records at a path."""
        ...


@dataclass(frozen=True)
class LinesSource:
    """The FROM of a sub-select over lines, the condition that ties them to their record, a line's columns.

    `from_` and `condition` are read after the body was compiled, so that its joins may be part of them.
    """

    from_: FromClause
    condition: ColumnElement[bool]
    columns: Columns
