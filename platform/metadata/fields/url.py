"""A web address."""

from fieldstone.metadata.fields.strings import StringType


class Url(StringType):
    id = "url"
    title = "Web address"
    description = "A complete address with its scheme, up to 2,000 characters long."
    form = "uri"
    length = 2000
