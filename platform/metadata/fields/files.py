"""Several stored files in an order."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from fieldstone.metadata.definitions import Field
from fieldstone.metadata.fields.base import INVALID, NATIVE, Check, FieldType, JsonSchema, Source, whole
from fieldstone.metadata.fields.file import ID, File
from fieldstone.metadata.fields.lists import entries_check
from fieldstone.problems import Problem

MOST: Final = 100

ONE: Final = File()


class Files(FieldType):
    id = "files"
    title = "Files"
    description = (
        "Any number of stored files, at most 100, in an order. Each is written as its id or as an object with "
        "its id, and answered with name, size and type. A PATCH replaces the list."
    )
    json_types = ("array",)
    native = NATIVE | {"items", "uniqueItems", "minItems", "maxItems"}
    vocabulary: ClassVar[Mapping[str, JsonSchema]] = File.vocabulary
    python_type = list
    operators = ("isEmpty",)
    indexable = False

    def read(self, source: Source) -> dict[str, Any]:
        return {"schema": self.wire_schema(source), "settings": ONE.read(source)["settings"]}

    def wire_schema(self, source: Source) -> dict[str, Any]:
        if "items" in source.plain or "uniqueItems" in source.plain:
            source.refuse("items", "keyword.not_here", "the entries of a field of files are given: files")
        counts = {name: whole(source.plain[name]) for name in ("minItems",) if name in source.plain}
        most = min(whole(source.plain.get("maxItems", MOST)) or 0, MOST)
        one = {
            "type": ["string", "object"],
            "anyOf": [ID, {"type": "object", "required": ["id"], "properties": {"id": ID}}],
        }
        return {"type": "array", "items": one, **counts, "maxItems": most}

    def read_schema(self, definition: Field) -> JsonSchema:
        return {"type": "array", "items": ONE.read_schema(definition)}

    def checker(self, definition: Field) -> Check:
        schema = definition.schema
        least, most = schema.get("minItems") or 0, schema["maxItems"]
        checked = entries_check(ONE.checker(definition), least, most, "a list of files")

        def check(value: Any, path: str, problems: list[Problem]) -> Any:
            ids = checked(value, path, problems)
            return ids if ids is INVALID else list(dict.fromkeys(ids))

        return check

    def same(self, definition: Field, raw: Any, value: Any) -> bool:
        return (
            isinstance(raw, list)
            and len(raw) == len(value)
            and all(ONE.same(definition, sent, kept) for sent, kept in zip(raw, value, strict=True))
        )

    def to_wire(self, definition: Field, value: Any) -> Any:
        return [ONE.to_wire(definition, item) for item in value]

    def parse_text(self, definition: Field, text: str) -> Any:
        return [part for part in re.split(r"[;,\s]+", text) if part]

    def format_text(self, definition: Field, value: Any) -> str:
        return "; ".join(ONE.format_text(definition, item) for item in value)
