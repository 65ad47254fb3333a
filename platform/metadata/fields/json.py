"""What has no column form of its own: nested objects, free lists, alternatives. Kept and checked as a
whole."""

from typing import Any, Final

from fieldstone.metadata.definitions import Field
from fieldstone.metadata.fields.base import INVALID, Check, FieldType, Source, escaped
from fieldstone.metadata.fields.jsonschema_bridge import plain
from fieldstone.metadata.fields.keywords import ANNOTATIONS, ASSERTIONS
from fieldstone.metadata.fields.numbers import SAFE_INTEGER
from fieldstone.metadata.fields.strings import unstorable
from fieldstone.metadata.fields.wording import problem
from fieldstone.metadata.json_text import parse_json_text, write_json
from fieldstone.problems import Problem

DEEPEST: Final = 64


class Json(FieldType):
    id = "json"
    title = "JSON"
    description = (
        "Any JSON that its schema allows, checked as a whole. Numbers in it are read as doubles within "
        "±9,007,199,254,740,991."
    )
    json_types = ("string", "number", "boolean", "object", "array")
    native = frozenset()
    python_type = object
    operators = ("isEmpty",)
    indexable = False

    def wire_schema(self, source: Source) -> dict[str, Any]:
        return {key: value for key, value in source.plain.items() if key in ASSERTIONS | ANNOTATIONS}

    def checker(self, definition: Field) -> Check:
        return storable

    def same(self, definition: Field, raw: Any, value: Any) -> bool:
        return bool(plain(raw) == plain(value))

    def to_wire(self, definition: Field, value: Any) -> Any:
        return plain(value)

    def parse_text(self, definition: Field, text: str) -> Any:
        return parse_json_text(text, otherwise=text)

    def format_text(self, definition: Field, value: Any) -> str:
        return write_json(value)


def storable(value: Any, path: str, problems: list[Problem]) -> Any:
    """The value as it is kept, when every text in it can be stored and every number can be read back
    exactly."""
    before = len(problems)
    kept = walk(value, path, problems, 0)
    return kept if len(problems) == before else INVALID


def walk(value: Any, path: str, problems: list[Problem], depth: int) -> Any:
    if isinstance(value, str):
        if wrong := unstorable(value, path):
            problems.append(wrong)
        return value
    if value is None or isinstance(value, bool):
        return value
    if depth > DEEPEST:
        problems.append(problem("depth", path, limit=DEEPEST))
        return None
    if isinstance(value, dict):
        for key in value:
            if wrong := unstorable(key, path):
                problems.append(wrong)
        return {key: walk(item, f"{path}/{escaped(key)}", problems, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [walk(item, f"{path}/{index}", problems, depth + 1) for index, item in enumerate(value)]
    if not -SAFE_INTEGER <= value <= SAFE_INTEGER:
        code, limit = ("minimum", -SAFE_INTEGER) if value < 0 else ("maximum", SAFE_INTEGER)
        problems.append(problem(code, path, value, limit))
        return None
    return plain(value)
