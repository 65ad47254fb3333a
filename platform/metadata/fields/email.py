"""An e-mail address."""

from fieldstone.metadata.fields.strings import StringType


class Email(StringType):
    id = "email"
    title = "E-mail"
    description = "An e-mail address, kept as it is written."
    form = "email"
