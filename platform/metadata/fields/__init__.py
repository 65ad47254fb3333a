"""Field types, the rule concern: from property schema to Field, from JSON to value, from text to JSON and
back.

Imports `fieldstone.problems` and `fieldstone.metadata.definitions`; no SQL, no web. README.md says how the
compiler, the engine and the screens call it, and how a type is added.
"""

from fieldstone.metadata.fields.base import INVALID, Check, FieldType, Shortcut
from fieldstone.metadata.fields.keywords import STANDARD_KEYWORDS
from fieldstone.metadata.fields.reading import (
    compile_check,
    compile_shortcut,
    computed_field,
    expression_kind,
    field_vocabulary,
    read_field,
)
from fieldstone.metadata.fields.refs import localise
from fieldstone.metadata.fields.registry import FIELD_TYPES

__all__ = [
    "FIELD_TYPES",
    "INVALID",
    "STANDARD_KEYWORDS",
    "Check",
    "FieldType",
    "Shortcut",
    "compile_check",
    "compile_shortcut",
    "computed_field",
    "expression_kind",
    "field_vocabulary",
    "localise",
    "read_field",
]
