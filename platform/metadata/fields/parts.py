"""What types share whose value is an object of named texts, such as an address."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from fieldstone.metadata.definitions import Field
from fieldstone.metadata.fields.base import INVALID, NATIVE, Check, FieldType, Source, escaped
from fieldstone.metadata.fields.strings import unstorable
from fieldstone.metadata.fields.wording import problem, wrong_type
from fieldstone.metadata.json_text import parse_json_text, write_json
from fieldstone.problems import Problem, did_you_mean

LONGEST: Final = 255


class PartsType(FieldType):
    """Base of the types whose value is an object of optional texts; `parts` names them, with what they
    are."""

    json_types: ClassVar[tuple[str, ...]] = ("object",)
    native: ClassVar[frozenset[str]] = NATIVE | {"properties", "additionalProperties"}
    python_type: ClassVar[type] = dict
    operators: ClassVar[tuple[str, ...]] = ("isEmpty",)
    indexable: ClassVar[bool] = False
    parts: ClassVar[Mapping[str, str]]

    def wire_schema(self, source: Source) -> dict[str, Any]:
        for keyword in ("properties", "additionalProperties"):
            if keyword in source.plain:
                source.refuse(
                    keyword, "keyword.not_here", f'the parts of a field of type "{self.id}" are given'
                )
        schema = super().wire_schema(source)
        text = {"type": ["string", "null"], "maxLength": LONGEST}
        schema["properties"] = {name: {"title": title, **text} for name, title in self.parts.items()}
        schema["additionalProperties"] = False
        return schema

    def checker(self, definition: Field) -> Check:
        parts = self.parts

        def check(value: Any, path: str, problems: list[Problem]) -> Any:
            if not isinstance(value, dict):
                problems.append(wrong_type(path, value, "an object"))
                return INVALID
            before = len(problems)
            for name, text in value.items():
                if (wrong := part_problem(parts, name, text, path)) is not None:
                    problems.append(wrong)
            if len(problems) > before:
                return INVALID
            return {name: text for name, text in value.items() if text is not None}

        return check

    def parse_text(self, definition: Field, text: str) -> Any:
        value = parse_json_text(text, otherwise=None)
        return value if isinstance(value, dict) else self.parse_words(text.strip()) or text

    def format_text(self, definition: Field, value: Any) -> str:
        words = self.format_words(value)
        return words if words and self.parse_words(words) == value else write_json(value)

    def parse_words(self, text: str) -> dict[str, str] | None:
        """The parts that people mean when they write no JSON."""
        return None

    def format_words(self, value: Mapping[str, str]) -> str | None:
        return None


def part_problem(parts: Mapping[str, str], name: str, text: Any, path: str) -> Problem | None:
    path = f"{path}/{escaped(name)}"
    if name not in parts:
        return problem("additionalProperties", path, limit=did_you_mean(name, parts))
    if text is None:
        return None
    if type(text) is not str:
        return wrong_type(path, text, "text")
    if len(text) > LONGEST:
        return problem("maxLength", path, len(text), LONGEST)
    return unstorable(text, path)
