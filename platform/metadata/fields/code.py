"""Source text of a program, a query, a configuration."""

from collections.abc import Mapping
from typing import Any, ClassVar

from fieldstone.metadata.fields.base import JsonSchema, Source
from fieldstone.metadata.fields.multiline import Multiline


class Code(Multiline):
    id = "code"
    title = "Code"
    description = "Source text, kept exactly and shown in letters of one width."
    vocabulary: ClassVar[Mapping[str, JsonSchema]] = {
        "language": {
            "type": "string",
            "pattern": "^[a-z][a-z0-9+#.-]{0,29}$",
            "description": "The language that the text is written in, such as `sql`, `json` or `python`.",
        }
    }

    def read(self, source: Source) -> dict[str, Any]:
        return {**super().read(source), "settings": {"language": source.ours.get("language")}}
