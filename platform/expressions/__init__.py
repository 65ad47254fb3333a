"""The one expression language: parse, check, evaluate, store; `fieldstone.expressions.sql` turns it into SQL.

Imports `fieldstone.problems` and the standard library; SQLAlchemy in `sql/` only. Python, PostgreSQL and the
browser give the same answer for every expression: see `docs/expressions.md`, and README.md for callers.
"""

from fieldstone.expressions.check import check
from fieldstone.expressions.currencies import currency_digits
from fieldstone.expressions.encode import from_json, to_json
from fieldstone.expressions.errors import ExpressionError
from fieldstone.expressions.functions import FUNCTION_NAMES, FUNCTIONS, OVER_LINES
from fieldstone.expressions.limits import FILTER_COST
from fieldstone.expressions.parser import parse
from fieldstone.expressions.python import Bindings, User, compile_python, evaluate
from fieldstone.expressions.typed import Checked
from fieldstone.expressions.types import (
    BOOLEAN,
    DATE,
    DATETIME,
    DECIMAL,
    DEFAULT,
    FILTER,
    FORMULA,
    INTEGER,
    JSON,
    NULL,
    NUMBER,
    RULE,
    SECONDS,
    TAGS,
    TEXT,
    Allowed,
    Decimal_,
    Integer,
    Lines,
    Link,
    Parts,
    RecordType,
    Select,
    Tags,
    Text,
    Type,
)

__all__ = [
    "BOOLEAN",
    "DATE",
    "DATETIME",
    "DECIMAL",
    "DEFAULT",
    "FILTER",
    "FILTER_COST",
    "FORMULA",
    "FUNCTIONS",
    "FUNCTION_NAMES",
    "INTEGER",
    "JSON",
    "NULL",
    "NUMBER",
    "OVER_LINES",
    "RULE",
    "SECONDS",
    "TAGS",
    "TEXT",
    "Allowed",
    "Bindings",
    "Checked",
    "Decimal_",
    "ExpressionError",
    "Integer",
    "Lines",
    "Link",
    "Parts",
    "RecordType",
    "Select",
    "Tags",
    "Text",
    "Type",
    "User",
    "check",
    "compile_python",
    "currency_digits",
    "evaluate",
    "from_json",
    "parse",
    "to_json",
]  # fmt: skip
