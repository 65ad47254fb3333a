"""Controls of long texts with a form of their own: formatted text, Markdown, code."""

from typing import Final

from markupsafe import Markup

from fieldstone.ui.forms.place import Place, multiline
from fieldstone.ui.widgets.cell import BLANK
from fieldstone.ui.widgets.controls import attributes
from fieldstone.ui.widgets.marks import shapes

TOOLS: Final = (
    ("bold", "bold"), ("italic", "italic"), ("underline", "underline"), ("heading", "heading"), ("list", "list"),
    ("numbers", "list-numbers"), ("quote", "quote"), ("link", "link"), ("plain", "clear-formatting"),
)  # fmt: skip


def rich_text(place: Place) -> Markup:
    """A field that is edited as it will look, with a toolbar over it; plain text in a grid's cell."""
    if place.in_grid:
        return multiline(place)
    texts = place.visit.texts
    buttons = BLANK.join(
        Markup(
            '<button type="button" class="btn btn-quiet btn-icon btn-sm" data-tool="{0}" title="{1}" aria-label="{1}"{3}>{2}</button>'
        ).format(
            name, texts(f"form.tool.{name}"), shapes().icon(shape), Markup(' tabindex="-1"') if at else BLANK
        )
        for at, (name, shape) in enumerate(TOOLS)
    )
    given = {
        **place.common, "class": "fs-rich-text fs-prose", "contenteditable": "true", "role": "textbox",
        "aria-multiline": "true", "aria-label": place.title, "data-placeholder": place.placeholder, "placeholder": None,
    }  # fmt: skip
    return Markup(
        '<div class="fs-rich" data-rich data-link="{}"><div role="toolbar" aria-label="{}">{}</div><div {}></div></div>'
    ).format(
        texts("form.tool.link_address"), texts("form.tools", title=place.title), buttons, attributes(given)
    )


def markdown(place: Place) -> Markup:
    return multiline(place)


def code(place: Place) -> Markup:
    given = {
        "class": "form-control font-monospace fs-code-edit", "rows": 1 if place.in_grid else 8, "spellcheck": "false",
        "autocapitalize": "none", "autocomplete": "off", "wrap": "off", **place.common,
    }  # fmt: skip
    return Markup("<textarea {}></textarea>").format(attributes(given))
