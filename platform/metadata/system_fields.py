"""The fields that every record has and no document may define, as Fields: for validation and the contract."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

from fieldstone.metadata.definitions import Field

ID: Final = {"type": "string", "format": "uuid", "maxLength": 36}
MOMENT: Final = {"type": "string", "format": "date-time"}

WRITABLE: Final = "owner_id"
"""The one system field that a body may set: whose record it is."""


@cache
def system_fields() -> Mapping[str, Field]:
    """By name, in the order of answers."""
    fields = [
        Field(
            "id", "link", "Id", ID, "The record's id, given by the platform.", required=True, read_only=True
        ),
        Field(
            "version",
            "integer",
            "Version",
            {"type": "integer", "minimum": 1, "maximum": 2**53 - 1},
            "Counts the record's changes; the ETag.",
            required=True,
            read_only=True,
        ),
        Field(
            "created_at",
            "datetime",
            "Created",
            MOMENT,
            "When the record was made.",
            required=True,
            read_only=True,
        ),
        Field("created_by", "user", "Created by", ID, "Who made the record.", read_only=True, target="user"),
        Field(
            "updated_at",
            "datetime",
            "Changed",
            MOMENT,
            "When it was last changed.",
            required=True,
            read_only=True,
        ),
        Field("updated_by", "user", "Changed by", ID, "Who changed it last.", read_only=True, target="user"),
        Field(
            "owner_id",
            "user",
            "Owner",
            ID,
            "Whose record it is; the one who makes it, if not given.",
            target="user",
        ),
        Field(
            "deleted_at",
            "datetime",
            "Deleted",
            MOMENT,
            "When it was deleted; null while it is not.",
            read_only=True,
        ),
    ]
    return MappingProxyType({field.name: field for field in fields})
