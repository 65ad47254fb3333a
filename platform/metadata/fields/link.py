"""A reference to one record: any entity's, or for its subclasses a parent, user or team."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final
from uuid import UUID

from fieldstone.metadata.definitions import Field
from fieldstone.metadata.fields.base import INVALID, NATIVE, Check, FieldType, JsonSchema, Source
from fieldstone.metadata.fields.jsonschema_bridge import conforms_to
from fieldstone.metadata.fields.wording import wrong_format, wrong_type
from fieldstone.problems import Problem

ON_DELETE: Final[JsonSchema] = {
    "enum": ["restrict", "clear", "cascade"],
    "description": (
        "What deleting the linked record does: it is refused, empties this field, or takes this record too."
    ),
}


class Link(FieldType):
    id = "link"
    title = "Link"
    description = "A reference to a record of the entity that `target` names; its value is that record's id."
    native = NATIVE | {"format", "maxLength"}
    vocabulary: ClassVar[Mapping[str, JsonSchema]] = {
        "target": {"type": "string", "description": "The entity whose records can be linked."},
        "onDelete": ON_DELETE,
    }
    python_type = UUID
    target: ClassVar[str | None] = None

    def read(self, source: Source) -> dict[str, Any]:
        target = self.target_of(source)
        if target is None:
            source.refuse("", "target", 'a link needs a "target", the entity that it links to')
        on_delete = source.ours.get("onDelete", "clear")
        return {"schema": self.wire_schema(source), "target": target, "on_delete": on_delete}

    def target_of(self, source: Source) -> str | None:
        named = self.target or source.ours.get("target")
        return named if isinstance(named, str) else None

    def wire_schema(self, source: Source) -> dict[str, Any]:
        return {**super().wire_schema(source), "format": "uuid", "maxLength": 36}

    def checker(self, definition: Field) -> Check:
        return uuid_check

    def same(self, definition: Field, raw: Any, value: Any) -> bool:
        return isinstance(raw, str) and raw.lower() == str(value)

    def to_wire(self, definition: Field, value: Any) -> Any:
        return str(value)

    def kind(self, definition: Field) -> dict[str, Any]:
        return {"kind": "link", "target": definition.target}

    def parse_text(self, definition: Field, text: str) -> Any:
        return text.strip()


def uuid_check(value: Any, path: str, problems: list[Problem]) -> Any:
    """The check of a record's id."""
    if type(value) is not str:
        problems.append(wrong_type(path, value, "a record's id as text"))
        return INVALID
    if len(value) == 36 and conforms_to("uuid", value):
        return UUID(value)
    problems.append(wrong_format(path, value, "uuid"))
    return INVALID
