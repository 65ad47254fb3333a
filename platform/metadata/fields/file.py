"""A stored file: uploaded first, then named here by its id."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from fieldstone.metadata.definitions import Field
from fieldstone.metadata.fields.base import INVALID, NATIVE, Check, FieldType, JsonSchema, Source
from fieldstone.metadata.fields.link import uuid_check
from fieldstone.metadata.fields.wording import problem, wrong_type
from fieldstone.problems import Problem

ID = {"type": "string", "format": "uuid", "maxLength": 36}

ONE_FILE: Final = ("file", "image", "signature")
"""The types whose value is the id of one stored file; `files` holds several."""


class File(FieldType):
    id = "file"
    title = "File"
    description = (
        "One stored file. Written as its id or as an object with its id; answered with name, size and type."
    )
    native = NATIVE | {"anyOf"}
    vocabulary: ClassVar[Mapping[str, JsonSchema]] = {
        "accept": {
            "type": "array",
            "items": {"type": "string"},
            "description": (
                "The media types that may be stored, such as `image/png` or `image/*`; all if left out."
            ),
        },
        "maxSize": {"type": "integer", "minimum": 1, "description": "The most bytes that a file may have."},
    }
    python_type = object
    operators = ("isEmpty",)
    json_types = ("string", "object")

    def read(self, source: Source) -> dict[str, Any]:
        settings = {"accept": tuple(source.ours.get("accept", ())), "max_size": source.ours.get("maxSize")}
        return {"schema": self.wire_schema(source), "settings": settings}

    def wire_schema(self, source: Source) -> dict[str, Any]:
        return {
            **super().wire_schema(source),
            "anyOf": [ID, {"type": "object", "required": ["id"], "properties": {"id": ID}}],
        }

    def read_schema(self, definition: Field) -> JsonSchema:
        told = {"name": {"type": "string"}, "size": {"type": "integer"}, "type": {"type": "string"}}
        return {"type": "object", "required": ["id"], "properties": {"id": ID, **told}}

    def checker(self, definition: Field) -> Check:
        def check(value: Any, path: str, problems: list[Problem]) -> Any:
            if isinstance(value, dict):
                if "id" not in value:
                    problems.append(problem("required", f"{path}/id"))
                    return INVALID
                return uuid_check(value["id"], f"{path}/id", problems)
            if type(value) is str:
                return uuid_check(value, path, problems)
            problems.append(wrong_type(path, value, "a file's id, or an object with it"))
            return INVALID

        return check

    def same(self, definition: Field, raw: Any, value: Any) -> bool:
        sent = raw.get("id") if isinstance(raw, Mapping) else raw
        return isinstance(sent, str) and sent.lower() == self.format_text(definition, value)

    def to_wire(self, definition: Field, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {**value, "id": str(value["id"])}
        return str(value)

    def format_text(self, definition: Field, value: Any) -> str:
        return str(value["id"] if isinstance(value, Mapping) else value)
