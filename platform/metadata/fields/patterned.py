"""What types share whose value is a short text of one exact form, kept in one way of writing it.

`form` is a pattern in JSON Schema's dialect. It ends in `(?!\\n)` where it is put into a schema, because `$`
of Python also matches before a last line end, and then two validators would differ.
"""

import re
from typing import Any, ClassVar

from fieldstone.metadata.definitions import Field
from fieldstone.metadata.fields.base import INVALID, NATIVE, Check, FieldType, Source
from fieldstone.metadata.fields.wording import problem, quoted, wrong_type
from fieldstone.problems import Problem


class PatternedType(FieldType):
    """Base of the types whose JSON value is a text of one form; equal values are equal texts."""

    native: ClassVar[frozenset[str]] = NATIVE | {"pattern"}
    operators: ClassVar[tuple[str, ...]] = ("==", "!=", "in", "isEmpty")
    form: ClassVar[str]
    longest: ClassVar[int]

    def form_of(self, source: Source) -> str:
        """The pattern of one field."""
        return self.form

    def canonical(self, definition: Field, text: str) -> str:
        """The one way in which a well-formed text is kept and answered."""
        return text

    def wrong(self, definition: Field, text: str, path: str) -> Problem | None:
        """What is wrong with a text of the right form."""
        return None

    def wire_schema(self, source: Source) -> dict[str, Any]:
        schema = super().wire_schema(source)
        if "pattern" in schema:
            schema["allOf"] = [*schema.get("allOf", ()), {"pattern": schema["pattern"]}]
        schema["pattern"] = self.form_of(source) + r"(?!\n)"
        return schema

    def checker(self, definition: Field) -> Check:
        pattern = re.compile(definition.schema["pattern"])

        def check(value: Any, path: str, problems: list[Problem]) -> Any:
            if type(value) is not str:
                problems.append(wrong_type(path, value, "text"))
                return INVALID
            if len(value) > self.longest or pattern.search(value) is None:
                problems.append(problem("pattern", path, quoted(value), pattern.pattern))
                return INVALID
            if wrong := self.wrong(definition, value, path):
                problems.append(wrong)
                return INVALID
            return self.canonical(definition, value)

        return check

    def same(self, definition: Field, raw: Any, value: Any) -> bool:
        found = raw if raw == value else self.checker(definition)(raw, "", [])
        return bool(found == value)

    def kind(self, definition: Field) -> dict[str, Any]:
        return {"kind": "text", "max_length": self.longest}
