"""A copy of some fields of a linked record, taken once."""

from collections.abc import Mapping
from typing import Any, ClassVar

from fieldstone.metadata.fields.base import JsonSchema, Source
from fieldstone.metadata.fields.computed import ComputedType
from fieldstone.metadata.json_text import write_json


class Snapshot(ComputedType):
    id = "snapshot"
    title = "Snapshot"
    description = (
        "A copy of some `fields` of the record that the link field `of` leads to, as they were at one moment: when the "
        "link is first given, or with `when`, when that condition is first true. Afterwards nothing changes it: an "
        'address or a price stays as it was. Answered as an object: `{"address": ..., "phone": ...}`.'
    )
    vocabulary: ClassVar[Mapping[str, JsonSchema]] = {
        "of": {"type": "string", "description": "The link field whose record is copied."},
        "fields": {
            "type": "array",
            "minItems": 1,
            "items": {"type": "string"},
            "description": "The fields of the linked record that are copied.",
        },
        "when": {
            "type": "string",
            "minLength": 1,
            "maxLength": 4000,
            "description": "The copy is taken when this condition is first true; left out: when the link is given.",
        },
    }
    operators = ("isEmpty",)
    indexable = False

    def read(self, source: Source) -> dict[str, Any]:
        attributes = super().read(source)
        of, fields = source.ours.get("of"), source.ours.get("fields")
        if not isinstance(of, str) or not isinstance(fields, list) or not fields:
            source.refuse(
                "", "snapshot", 'a snapshot needs "of", a link field, and the "fields" to be copied'
            )
        attributes["schema"] = {"type": "object"}
        attributes["settings"] |= {"of": of if isinstance(of, str) else "", "fields": tuple(fields or ())}
        return attributes

    def format_text(self, definition: Any, value: Any) -> str:
        return write_json(value)
