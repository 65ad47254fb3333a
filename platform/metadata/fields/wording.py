"""What validation says: one English sentence per code, with what was found and what is allowed.

Codes are the JSON Schema keywords where one exists. `Problem.data` holds `found` and `limit` for translation.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from fieldstone.problems import Problem

SENTENCES: Final[Mapping[str, str]] = {
    "type": "must be {limit}, but is {found}",
    "required": "must be given",
    "null": "must not be empty",
    "dependentRequired": 'must be given when "{limit}" is given',
    "additionalProperties": "there is no such property{limit}",
    "propertyNames": "this name is not allowed for a property",
    "readOnly": "cannot be set: {limit}",
    "enum": "must be one of {limit}, but is {found}",
    "const": "must be {limit}, but is {found}",
    "format": "must be {limit}, but is {found}",
    "pattern": "must match the pattern {limit}, but is {found}",
    "pattern.slow": "takes too long to compare with the pattern {limit}; send another text, or have the pattern simplified",
    "minLength": "must be at least {limit} characters long, but has {found}",
    "maxLength": "must be at most {limit} characters long, but has {found}",
    "minimum": "must be {limit} or more, but is {found}",
    "maximum": "must be {limit} or less, but is {found}",
    "exclusiveMinimum": "must be more than {limit}, but is {found}",
    "exclusiveMaximum": "must be less than {limit}, but is {found}",
    "multipleOf": "must be a multiple of {limit}, but is {found}",
    "scale": "may have at most {limit} decimal places, but is {found}",
    "minItems": "must have at least {limit} entries, but has {found}",
    "maxItems": "may have at most {limit} entries, but has {found}",
    "uniqueItems": "must not have the same entry twice",
    "minProperties": "must have at least {limit} properties, but has {found}",
    "maxProperties": "may have at most {limit} properties, but has {found}",
    "contains": "must contain an entry of the kind that is asked for",
    "allOf": "does not have all the forms that are asked for",
    "anyOf": "has none of the allowed forms{limit}",
    "oneOf": "must have exactly one of the allowed forms{limit}",
    "not": "has a form that is not allowed here",
    "false": "is not allowed here",
    "unevaluatedProperties": "has properties that are not allowed here",
    "unevaluatedItems": "has entries that are not allowed here",
    "depth": "may be nested at most {limit} levels deep",
    "text.null_character": "must not contain the character U+0000",
    "text.surrogate": "contains half of a surrogate pair (U+D800 to U+DFFF), which is no character",
}

FORMATS: Final[Mapping[str, str]] = {
    "date": "a date like 2026-01-31",
    "date-time": "a date and time with zone, like 2026-01-31T09:30:00Z",
    "time": "a time with zone, like 09:30:00Z",
    "email": "an e-mail address",
    "uri": "a complete address like https://example.org/page",
    "uuid": "an id like 0190c6a0-8f5e-7cc3-98c5-1d2f3a4b5c6d",
    "duration": "a duration like P3DT4H",
}

JSON_TYPES: Final[Mapping[str, str]] = {
    "string": "text", "integer": "a whole number", "number": "a number", "boolean": "true or false",
    "array": "a list", "object": "an object", "null": "null",
}  # fmt: skip


def problem(code: str, path: str, found: object = None, limit: object = None) -> Problem:
    """The problem `code` at `path`, in words."""
    data = {key: value for key, value in (("found", found), ("limit", limit)) if value is not None}
    text = SENTENCES[code].format(found=shown(found), limit=limit_text(limit))
    return Problem(path, "required" if code == "null" else code, text, data)


def wrong_type(path: str, value: object, wanted: str) -> Problem:
    """A value of the wrong JSON type; `wanted` says in words which is right."""
    found = describe(value)
    return Problem(path, "type", f"must be {wanted}, but is {found}", {"found": found, "limit": wanted})


def wrong_format(path: str, value: str, name: str) -> Problem:
    found = quoted(value)
    limit = FORMATS.get(name, f'text of the format "{name}"')
    return Problem(
        path, "format", f"must be {limit}, but is {found}", {"found": found, "limit": limit, "format": name}
    )


def describe(value: object) -> str:
    """A JSON value in a few words: `the text "36"`, `a list of 3`, `true`."""
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, str):
        return f"the text {quoted(value)}"
    if isinstance(value, int | float | Decimal):
        return f"the number {shown(value)}"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    return "an object" if isinstance(value, Mapping) else f"a {type(value).__name__}"


def quoted(text: str) -> str:
    """`text` in quotes, cut after 40 characters, free of half surrogates."""
    short = text if len(text) <= 40 else text[:39] + "…"
    return '"' + short.encode("utf-8", "replace").decode() + '"'


def shown(value: object) -> str:
    """A value as it stands in a sentence; numbers are cut, since a caller may send thousands of digits."""
    if isinstance(value, bool) or value is None or isinstance(value, Mapping | list | tuple):
        return describe(value)
    if isinstance(value, int) and value.bit_length() > 200:
        return "a number of more than 60 digits"
    text = str(value)
    return text if len(text) <= 120 else text[:119] + "…"


def limit_text(limit: object) -> str:
    if isinstance(limit, list | tuple):
        names = [quoted(item) if isinstance(item, str) else shown(item) for item in limit]
        more = f" … ({len(names)} in all)" if len(names) > 12 else ""
        return ", ".join(names[:12]) + more
    return shown(limit)
