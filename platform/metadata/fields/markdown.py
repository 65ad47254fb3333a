"""Text with Markdown in it."""

from fieldstone.metadata.fields.multiline import Multiline


class Markdown(Multiline):
    id = "markdown"
    title = "Markdown"
    description = (
        "Text in Markdown (CommonMark with tables), kept as it was written and shown formatted. HTML in it is shown "
        "as text, never run."
    )
