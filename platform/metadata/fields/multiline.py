"""Text of several lines."""

from fieldstone.metadata.fields.strings import HARD_LIMIT, StringType


class Multiline(StringType):
    id = "multiline"
    title = "Long text"
    description = "Text of several lines, up to a million characters."
    length = HARD_LIMIT
    operators = ("contains", "isEmpty")
    indexable = False
