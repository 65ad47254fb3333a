"""The column concern of each field type: which columns hold a value, and how it gets in and out.

`COLUMNS` maps a field type's id to its `ColumnKind`. Reading gives wire-ready Python values (`Decimal`, `date`,
`UUID` ...) without a conversion step wherever PostgreSQL's own type already is the value.
"""

from fieldstone.engine.columns.base import ColumnKind
from fieldstone.engine.columns.kinds import COLUMNS, column_kind

__all__ = ["COLUMNS", "ColumnKind", "column_kind"]
