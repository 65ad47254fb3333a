"""Which keywords a property schema may hold: those of JSON Schema, and ours for every type of field.

What only one type understands is in that type's `vocabulary`. Every keyword of ours has a JSON Schema with a
description: the entity meta-schema, the manual and Studio's help are made of them.
"""

from collections.abc import Mapping
from typing import Any, Final

ANNOTATIONS: Final = frozenset(
    ("title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly", "$comment",
     "contentMediaType", "contentEncoding", "contentSchema")
)  # fmt: skip

ASSERTIONS: Final = frozenset(
    ("type", "enum", "const", "format", "pattern", "minLength", "maxLength", "minimum", "maximum",
     "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minItems", "maxItems", "uniqueItems", "items",
     "prefixItems", "contains", "minContains", "maxContains", "unevaluatedItems", "properties", "required",
     "additionalProperties", "patternProperties", "propertyNames", "minProperties", "maxProperties",
     "dependentRequired", "dependentSchemas", "unevaluatedProperties", "allOf", "anyOf", "oneOf", "not", "if",
     "then", "else", "$ref")
)  # fmt: skip

STANDARD_KEYWORDS: Final = ANNOTATIONS | ASSERTIONS | {"$defs", "$anchor"}

REFUSED: Final = frozenset(("$id", "$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$vocabulary"))
"""Keywords of JSON Schema that we do not take: they say where a schema lives, and ours live in one
document."""

EXPRESSIONS: Final = ("formula", "defaultExpression", "requiredWhen", "readOnlyWhen", "when")

EXPRESSION: Final = {"type": "string", "minLength": 1, "maxLength": 4000}

COMMON: Final[Mapping[str, Mapping[str, Any]]] = {
    "field": {
        "type": "string",
        "description": "The type of the field; left out, it follows from the JSON Schema.",
    },
    "order": {"type": "number", "description": "Where the field stands among the entity's fields."},
    "unique": {"type": "boolean", "description": "No two records that are not deleted have the same value."},
    "index": {"type": "boolean", "description": "Keep an index, so that filters on this field stay fast."},
    "search": {"type": "boolean", "description": "The full-text search finds records by this field."},
    "sensitive": {"type": "boolean", "description": "Every read of the field is logged."},
    "defaultExpression": EXPRESSION
    | {"description": "An expression that gives the value of a new record, where the body gives none."},
    "requiredWhen": EXPRESSION
    | {"description": "The field must have a value while this expression is true."},
    "readOnlyWhen": EXPRESSION
    | {"description": "The field cannot be changed while this expression is true."},
    "renamedFrom": {
        "type": "string",
        "description": "The field's former name: its values are kept when it is renamed.",
    },
    "approval": {
        "type": "string",
        "description": "The workflow that must approve a change of the value; until then everybody sees the old one.",
    },
}
