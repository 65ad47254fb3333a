"""What all types share whose value is text: length, pattern, format, and characters that no text may hold."""

from collections.abc import Sequence
from typing import Any, ClassVar, Final

from fieldstone.metadata.definitions import Field
from fieldstone.metadata.fields.base import INVALID, NATIVE, Check, FieldType, Shortcut, Source, whole
from fieldstone.metadata.fields.jsonschema_bridge import conforms_to
from fieldstone.metadata.fields.patterns import PatternTooSlow, pattern_of
from fieldstone.metadata.fields.wording import problem, quoted, wrong_format, wrong_type
from fieldstone.problems import Problem

HARD_LIMIT: Final = 1_000_000
"""No text is longer than this many characters, whatever its schema says."""

UNSTORABLE: Final = r"[\u0000\ud800-\udfff]"
"""The characters that no text may hold, as a pattern in JSON Schema's dialect."""


def unstorable(text: str, path: str) -> Problem | None:
    """The problem of a text that PostgreSQL or UTF-8 cannot hold."""
    if "\x00" in text:
        return problem("text.null_character", path)
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return problem("text.surrogate", path)
    return None


class StringType(FieldType):
    """Base of the types whose JSON value is a string and whose Python value is that string."""

    native: ClassVar[frozenset[str]] = NATIVE | {"minLength", "maxLength", "pattern", "format"}
    operators: ClassVar[tuple[str, ...]] = ("==", "!=", "contains", "startsWith", "endsWith", "in", "isEmpty")
    length: ClassVar[int] = 255
    form: ClassVar[str | None] = None

    def wire_schema(self, source: Source) -> dict[str, Any]:
        schema = super().wire_schema(source)
        if self.form and schema.setdefault("format", self.form) != self.form:
            source.refuse("format", "format", f'a field of type "{self.id}" has the format "{self.form}"')
        schema["maxLength"] = min(whole(schema.get("maxLength", self.length)) or 0, HARD_LIMIT)
        return schema

    def checker(self, definition: Field) -> Check:
        schema = definition.schema
        maximum = schema["maxLength"]
        minimum = whole(schema.get("minLength")) or 0
        pattern = pattern_of(schema["pattern"]) if "pattern" in schema else None
        form = schema.get("format")
        plain_text = not minimum and pattern is None and form is None

        def check(value: Any, path: str, problems: list[Problem]) -> Any:
            if type(value) is not str:
                problems.append(wrong_type(path, value, "text"))
                return INVALID
            if plain_text and len(value) <= maximum and "\x00" not in value and value.isascii():
                return value
            wrong = unstorable(value, path)
            if wrong is None:
                if len(value) > maximum:
                    wrong = problem("maxLength", path, len(value), maximum)
                elif len(value) < minimum:
                    wrong = problem("minLength", path, len(value), minimum)
                elif pattern is not None and not pattern.found_in(value, path):
                    wrong = problem("pattern", path, quoted(value), pattern.text)
                elif form is not None and not conforms_to(form, value):
                    wrong = wrong_format(path, value, form)
            if wrong is None:
                return value
            problems.append(wrong)
            return INVALID

        return check

    def shortcut(self, definition: Field) -> Shortcut | None:
        if type(self).checker is not StringType.checker:
            return None
        schema = definition.schema
        maximum, minimum = schema["maxLength"], whole(schema.get("minLength")) or 0
        pattern = pattern_of(schema["pattern"]) if "pattern" in schema else None
        form = schema.get("format")

        def right(texts: Sequence[str]) -> bool:
            together = "".join(texts)
            if not together.isascii() or "\x00" in together:
                return False
            lengths = set(map(len, texts))
            if min(lengths) < minimum or max(lengths) > maximum:
                return False
            try:
                found = pattern is None or all(map(pattern.found_in, set(texts)))
            except PatternTooSlow:  # the check says where
                return False
            return found and (form is None or all(conforms_to(form, text) for text in set(texts)))

        return right

    def kind(self, definition: Field) -> dict[str, Any]:
        return {"kind": "text", "max_length": definition.schema.get("maxLength")}

    def format_text(self, definition: Field, value: Any) -> str:
        return str(value)
