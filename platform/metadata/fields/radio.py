"""One of a few options, all of them in sight."""

from fieldstone.metadata.fields.select import Select


class Radio(Select):
    id = "radio"
    title = "Choice in sight"
    description = (
        "A choice like `select`, shown as radio buttons: for a few options that one wants to see at once."
    )
