"""A phone number."""

from typing import Any, Final

from fieldstone.metadata.fields.base import Source
from fieldstone.metadata.fields.strings import StringType

NUMBER: Final = r"^[^A-Za-z]*[0-9][^A-Za-z]*((ext\.?|x|#)[ 0-9]+)?$"


class Phone(StringType):
    id = "phone"
    title = "Phone"
    description = (
        "A phone number as people write it: digits, spaces, brackets and an extension; at least one digit."
    )
    length = 50

    def wire_schema(self, source: Source) -> dict[str, Any]:
        schema = super().wire_schema(source)
        schema.setdefault("pattern", NUMBER)
        return schema
