"""What the decisions of an import look like in the document: columns that go to fields, texts that stand for values."""

from typing import Any, Final

from fieldstone.api.fields import STORABLE
from fieldstone.engine.imports.options import FACTOR, PARSERS

STORED: Final = {"type": "string", "pattern": STORABLE}
NAMED: Final = {"pattern": STORABLE}
"""Names of columns and fields as properties of an object."""

_FIELD: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["field"],
    "additionalProperties": False,
    "properties": {
        "field": STORED,
        "parse": {"type": ["string", "null"], "enum": [*PARSERS, None]},
        "multiply": {"type": ["number", "string", "null"], "pattern": f"^{FACTOR}$"},
        "const": {"type": ["string", "number", "boolean", "null"], "pattern": STORABLE},
    },
}
_GOES_TO: Final[list[dict[str, Any]]] = [{"type": "null"}, STORED, _FIELD]
COLUMNS: Final[dict[str, Any]] = {
    "type": "object",
    "minProperties": 1,
    "propertyNames": NAMED,
    "additionalProperties": {"anyOf": [*_GOES_TO, {"type": "array", "items": {"anyOf": _GOES_TO}}]},
    "description": "What each column of a file goes to: nothing, a field, or several.",
}
MEANINGS: Final[dict[str, Any]] = {
    "type": "object",
    "propertyNames": NAMED,
    "additionalProperties": {
        "type": "object",
        "propertyNames": NAMED,
        "additionalProperties": {"type": ["string", "number", "boolean", "null"], "pattern": STORABLE},
    },
    "description": "By field: what texts of the file stand for.",
}
