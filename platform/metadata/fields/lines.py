"""Child records that live and die with their parent."""

from collections.abc import Mapping
from typing import Any, ClassVar

from fieldstone.metadata.definitions import Field
from fieldstone.metadata.fields.base import NATIVE, Check, FieldType, JsonSchema, Source, whole
from fieldstone.metadata.json_text import parse_json_text, write_json

MOST = 5000


class Lines(FieldType):
    id = "lines"
    title = "Lines"
    description = (
        "Child records in an order, each with an id. `properties` (and `required`, `rules` ...) define them "
        "as an entity's do. A PATCH replaces the list: known ids are updated, new lines made, "
        "missing ones deleted."
    )
    json_types = ("array",)
    native = NATIVE | {"minItems", "maxItems", "items", "properties", "required", "additionalProperties"}
    vocabulary: ClassVar[Mapping[str, JsonSchema]] = {
        "rules": {"type": "array", "description": "Rules of each line, as an entity has them."},
        "titleField": {"type": "string", "description": "The property that names a line."},
    }
    python_type = list
    operators = ("isEmpty",)
    indexable = False

    def read(self, source: Source) -> dict[str, Any]:
        if "properties" not in source.plain:
            source.refuse(
                "", "lines.properties", 'lines need "properties", which define the columns of a line'
            )
        return {"schema": self.wire_schema(source), "lines": f"{source.entity}__{source.name}"}

    def wire_schema(self, source: Source) -> dict[str, Any]:
        counts: dict[str, Any] = {
            name: whole(source.plain[name]) for name in ("minItems", "maxItems") if name in source.plain
        }
        return {"type": "array", "maxItems": MOST, **counts, "items": {"type": "object"}}

    def checker(self, definition: Field) -> Check:
        raise TypeError("lines are checked by their own entity's validator")

    def kind(self, definition: Field) -> dict[str, Any]:
        return {"kind": "lines", "entity": definition.lines}

    def parse_text(self, definition: Field, text: str) -> Any:
        return parse_json_text(text, otherwise=text)

    def format_text(self, definition: Field, value: Any) -> str:
        return write_json(value)
