"""Says quickly that an ordinary schema is legal, so that jsonschema need not be asked about every field.

Asking the meta-schema of JSON Schema takes about a millisecond per field, which is most of the time of
compiling a package. `plainly_legal` may say no to a legal schema (then jsonschema is asked), never yes to
an illegal one.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

_TYPES: Final = frozenset(("string", "number", "integer", "boolean", "object", "array", "null"))


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _count(value: Any) -> bool:
    return type(value) is int and value >= 0


def _number(value: Any) -> bool:
    return type(value) in (int, float)


def _anything(value: Any) -> bool:
    return True


def _type(value: Any) -> bool:
    return isinstance(value, str) and value in _TYPES


def _schemas(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(map(plainly_legal, value))


def _list(value: Any) -> bool:
    return isinstance(value, list)


_KEYWORDS: Final[Mapping[str, Callable[[Any], bool]]] = {
    "type": _type,
    "title": _text,
    "description": _text,
    "$comment": _text,
    "default": _anything,
    "const": _anything,
    "enum": _list,
    "examples": _list,
    "readOnly": _flag,
    "writeOnly": _flag,
    "deprecated": _flag,
    "uniqueItems": _flag,
    "minLength": _count,
    "maxLength": _count,
    "minItems": _count,
    "maxItems": _count,
    "minimum": _number,
    "maximum": _number,
    "exclusiveMinimum": _number,
    "exclusiveMaximum": _number,
    "format": _text,
    "oneOf": _schemas,
    "color": _anything,
    "order": _anything,
    "when": _anything,  # the last three are ours, of options
}


def plainly_legal(schema: Any) -> bool:
    """Whether the schema uses only the keywords of ordinary fields, each with a legal value."""
    if not isinstance(schema, Mapping):
        return False
    for key, value in schema.items():
        legal = plainly_legal if key == "items" else _KEYWORDS.get(key)
        if legal is None or not legal(value):
            return False
    return True
