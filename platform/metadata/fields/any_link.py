"""A reference to one record of any of several entities."""

from collections.abc import Mapping
from typing import Any, ClassVar

from fieldstone.metadata.definitions import Field
from fieldstone.metadata.fields.base import INVALID, NATIVE, Check, FieldType, JsonSchema, Source
from fieldstone.metadata.fields.jsonschema_bridge import conforms_to
from fieldstone.metadata.fields.link import ON_DELETE
from fieldstone.metadata.fields.wording import problem, wrong_format, wrong_type
from fieldstone.metadata.json_text import parse_json_text
from fieldstone.problems import Problem, did_you_mean


class AnyLink(FieldType):
    id = "any_link"
    title = "Link to anything"
    description = (
        'A reference to a record of any of the entities that `targets` lists: `{"entity", "id"}`. Expressions read '
        "`about.entity` and `about.id`. Tables write `place/<id>`."
    )
    json_types = ("object",)
    native = NATIVE | {"properties", "required", "additionalProperties"}
    vocabulary: ClassVar[Mapping[str, JsonSchema]] = {
        "targets": {
            "type": "array",
            "minItems": 1,
            "items": {"type": "string"},
            "description": "The entities whose records can be linked.",
        },
        "onDelete": ON_DELETE,
    }
    python_type = dict
    operators = ("entity", "id", "isEmpty")
    indexable = False

    def read(self, source: Source) -> dict[str, Any]:
        targets = source.ours.get("targets")
        targets = tuple(targets) if isinstance(targets, list) else ()
        if not targets:
            source.refuse(
                "", "targets", 'a link to anything needs its "targets", the entities that it may link to'
            )
        settings = {"targets": targets}
        schema = self.wire_schema(source)
        schema["properties"] = {
            "entity": {"type": "string", "enum": list(targets)},
            "id": {"type": "string", "format": "uuid", "maxLength": 36},
        }
        schema |= {"required": ["entity", "id"], "additionalProperties": False}
        return {"schema": schema, "settings": settings, "on_delete": source.ours.get("onDelete", "clear")}

    def read_schema(self, definition: Field) -> JsonSchema:
        text = {"type": "string"}
        return {"type": "object", "required": ["entity", "id"], "properties": {"entity": text, "id": text}}

    def checker(self, definition: Field) -> Check:
        targets = definition.settings["targets"]

        def check(value: Any, path: str, problems: list[Problem]) -> Any:
            if not isinstance(value, dict):
                problems.append(wrong_type(path, value, "an object with entity and id"))
                return INVALID
            before = len(problems)
            for name in ("entity", "id"):
                if name not in value:
                    problems.append(problem("required", f"{path}/{name}"))
                elif type(value[name]) is not str:
                    problems.append(wrong_type(f"{path}/{name}", value[name], "text"))
            for name in value:
                if name not in ("entity", "id"):
                    limit = did_you_mean(name, ("entity", "id"))
                    problems.append(problem("additionalProperties", f"{path}/{name}", limit=limit))
            if len(problems) > before:
                return INVALID
            if value["entity"] not in targets:
                problems.append(problem("enum", f"{path}/entity", value["entity"], list(targets)))
            elif len(value["id"]) != 36 or not conforms_to("uuid", value["id"]):
                problems.append(wrong_format(f"{path}/id", value["id"], "uuid"))
            else:
                return {"entity": value["entity"], "id": value["id"].lower()}
            return INVALID

        return check

    def same(self, definition: Field, raw: Any, value: Any) -> bool:
        return isinstance(raw, Mapping) and {**raw, "id": str(raw.get("id", "")).lower()} == value

    def kind(self, definition: Field) -> dict[str, Any]:
        return {"kind": "parts", "parts": {"entity": "text", "id": "text"}}

    def parse_text(self, definition: Field, text: str) -> Any:
        value = parse_json_text(text, otherwise=None)
        if isinstance(value, dict):
            return value
        entity, mark, record = text.strip().partition("/")
        return {"entity": entity.strip(), "id": record.strip()} if mark else text

    def format_text(self, definition: Field, value: Any) -> str:
        return f"{value['entity']}/{value['id']}"
