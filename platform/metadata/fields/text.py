"""One line of text."""

from fieldstone.metadata.fields.strings import StringType


class Text(StringType):
    id = "text"
    title = "Text"
    description = "One line of text, 255 characters long unless `maxLength` says otherwise."
