"""References to several records, each with attributes of its own.

The links are kept like lines, in a table of their own: a row holds the linked record in `link`, and the attributes.
Expressions read them so (`any(places, link.country == "DE")`); on the wire a row is the linked record's id with the
attributes beside it.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from fieldstone.metadata.definitions import Entity, Field
from fieldstone.metadata.fields.base import NATIVE, Check, FieldType, JsonSchema, Source, whole
from fieldstone.metadata.json_text import parse_json_text, write_json

LINK: Final = "link"
"""The name under which expressions read the linked record of a row; no attribute may have it."""

MOST: Final = 1000


class MultiLink(FieldType):
    id = "multi_link"
    title = "Several links"
    description = (
        "References to any number of different records of the entity that `target` names, in an order, each with "
        'the `attributes` that the field defines: `[{"id", ...attributes}]`. A PATCH replaces the list; links to '
        "records that the caller may not see are neither shown nor lost. Filters and rules read it as lines whose "
        '`link` is the record: `any(places, link.country == "DE")`, `count(places)`.'
    )
    json_types = ("array",)
    native = NATIVE | {"minItems", "maxItems", "items", "required"}
    vocabulary: ClassVar[Mapping[str, JsonSchema]] = {
        "target": {"type": "string", "description": "The entity whose records can be linked."},
        "attributes": {
            "type": "object",
            "description": "What is said of each link: name -> schema, like the columns of lines.",
        },
        "onDelete": {
            "enum": ["restrict", "clear", "cascade"],
            "description": (
                "What deleting the linked record does: it is refused, empties this field, or takes this record too."
            ),
        },
    }
    python_type = list
    operators = ("isEmpty",)
    indexable = False

    def read(self, source: Source) -> dict[str, Any]:
        target = source.ours.get("target")
        if not isinstance(target, str):
            source.refuse("", "target", 'links need a "target", the entity that they link to')
        if source.ours.get("onDelete") == "cascade":
            source.refuse(
                "onDelete", "onDelete", "of several links, one record's end cannot be that of this one"
            )
        attributes = source.ours.get("attributes", {})
        for name in (LINK, "record"):
            if isinstance(attributes, Mapping) and name in attributes:
                source.refuse(
                    "attributes", "field.taken", f'"{name}" is taken: no attribute can have this name'
                )
        return {
            "schema": self.wire_schema(source),
            "target": target if isinstance(target, str) else None,
            "on_delete": source.ours.get("onDelete", "clear"),
            "lines": f"{source.entity}__{source.name}",
        }

    def wire_schema(self, source: Source) -> dict[str, Any]:
        counts: dict[str, Any] = {
            name: whole(source.plain[name]) for name in ("minItems", "maxItems") if name in source.plain
        }
        return {"type": "array", "maxItems": MOST, **counts, "items": {"type": "object"}}

    def checker(self, definition: Field) -> Check:
        raise TypeError("links are checked by the validator of their rows")

    def kind(self, definition: Field) -> dict[str, Any]:
        return {"kind": "lines", "entity": definition.lines}

    def to_wire(self, definition: Field, value: Any) -> Any:
        return [as_wire(row) for row in value]

    def parse_text(self, definition: Field, text: str) -> Any:
        """Ids with `;` between two, or the JSON of links with attributes."""
        found = parse_json_text(text, otherwise=None)
        if isinstance(found, list):
            return found
        return [{"id": part.strip()} for part in text.split(";") if part.strip()]

    def format_text(self, definition: Field, value: Any) -> str:
        rows = [as_wire(row) for row in value]
        if all(set(row) == {"id"} for row in rows):
            return "; ".join(row["id"] for row in rows)
        return write_json(rows)


def as_wire(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as it travels: the linked record's id under `id`, then the attributes that have a value."""
    linked = row[LINK] if LINK in row else row["id"]
    kept = {name: value for name, value in row.items() if name not in ("id", LINK) and name[:1] != "_"}
    return {"id": str(linked), **{name: value for name, value in kept.items() if value is not None}}


def row_schema(schema: Mapping[str, Any], title: str, on_delete: str) -> dict[str, Any]:
    """The entity of a field's rows, as an object schema: the link, then the attributes."""
    # A row that loses its record goes, where a field that holds one link is emptied.
    gone = "restrict" if on_delete == "restrict" else "cascade"
    link = {"field": "link", "title": title, "target": schema.get("target"), "onDelete": gone, "order": -1}
    attributes = schema.get("attributes")
    required = [name for name in schema.get("required", ()) if name in (attributes or ())]
    return {
        "properties": {LINK: link, **(attributes if isinstance(attributes, Mapping) else {})},
        "required": [LINK, *required],
    }


def is_joining(entity: Entity) -> bool:
    """Whether an entity is that of the rows of such a field."""
    return entity.settings.get("joins") is True
