"""What types share whose value is an object of two named parts that are read together (a range, a place).

The whole is kept as JSON, and its parts in columns beside it, so that an expression reads `rent.start`.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from fieldstone.metadata.definitions import Field
from fieldstone.metadata.fields.base import INVALID, NATIVE, Check, FieldType, Source, escaped
from fieldstone.metadata.fields.wording import problem, wrong_type
from fieldstone.metadata.json_text import parse_json_text
from fieldstone.problems import Problem, did_you_mean


class PairType(FieldType):
    """Base of these types: `parts` names the two parts, with the kind of each in expressions."""

    json_types: ClassVar[tuple[str, ...]] = ("object",)
    native: ClassVar[frozenset[str]] = NATIVE | {"properties", "additionalProperties", "anyOf", "required"}
    python_type: ClassVar[type] = dict
    operators: ClassVar[tuple[str, ...]] = ("isEmpty",)
    indexable: ClassVar[bool] = False
    parts: ClassVar[Mapping[str, str]]

    def shape(self) -> dict[str, Any]:
        """The keywords that say what the parts are."""
        raise NotImplementedError

    def part(self, name: str, value: Any, path: str, problems: list[Problem]) -> Any:
        """The value of one part, which is not null, or INVALID."""
        raise NotImplementedError

    def whole(self, value: dict[str, Any], path: str, problems: list[Problem]) -> Any:
        """The value of all parts (None for one that is missing), or INVALID."""
        raise NotImplementedError

    def words(self, text: str) -> dict[str, Any] | None:
        """The value that people mean by a text, or None."""
        raise NotImplementedError

    def wire_schema(self, source: Source) -> dict[str, Any]:
        shape = self.shape()
        for keyword in shape:
            if keyword in source.plain:
                message = f'the parts of a field of type "{self.id}" are given'
                source.refuse(keyword, "keyword.not_here", message)
        return {**super().wire_schema(source), **shape}

    def checker(self, definition: Field) -> Check:
        def check(value: Any, path: str, problems: list[Problem]) -> Any:
            if not isinstance(value, dict):
                problems.append(wrong_type(path, value, "an object"))
                return INVALID
            before = len(problems)
            found: dict[str, Any] = dict.fromkeys(self.parts)
            for name, each in value.items():
                at = f"{path}/{escaped(name)}"
                if name not in self.parts:
                    limit = did_you_mean(name, self.parts)
                    problems.append(problem("additionalProperties", at, limit=limit))
                elif each is not None:
                    found[name] = self.part(name, each, at, problems)
            return INVALID if len(problems) > before else self.whole(found, path, problems)

        return check

    def same(self, definition: Field, raw: Any, value: Any) -> bool:
        return bool(self.checker(definition)(raw, "", []) == value)

    def kind(self, definition: Field) -> dict[str, Any]:
        return {"kind": "parts", "parts": dict(self.parts)}

    def parse_text(self, definition: Field, text: str) -> Any:
        value = parse_json_text(text, otherwise=None)
        return value if isinstance(value, dict) else self.words(text.strip()) or text
