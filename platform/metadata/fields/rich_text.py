"""Formatted text, as HTML that can do no harm.

Whatever path it comes by, only the tags below survive, without scripts, styles, classes or event handlers.
The cleaning is `nh3`'s (the ammonia library), which parses as browsers do.
"""

from typing import Any, Final

import nh3

from fieldstone.metadata.definitions import Field
from fieldstone.metadata.fields.base import INVALID, Check
from fieldstone.metadata.fields.multiline import Multiline
from fieldstone.problems import Problem

TAGS: Final = frozenset(
    ("a", "b", "blockquote", "br", "code", "div", "em", "h1", "h2", "h3", "h4", "hr", "i", "li", "ol", "p", "pre", "s",
     "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "u", "ul")
)  # fmt: skip
ATTRIBUTES: Final = {
    "a": {"href"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "ol": {"start"},
}
SCHEMES: Final = frozenset(("http", "https", "mailto", "tel"))


class RichText(Multiline):
    id = "rich_text"
    title = "Formatted text"
    description = (
        "Formatted text, as HTML. Only harmless tags are kept (headings, lists, links, tables, emphasis), whatever "
        "path it comes by; `a < b` becomes `a &lt; b`."
    )

    def checker(self, definition: Field) -> Check:
        plain = super().checker(definition)

        def check(value: Any, path: str, problems: list[Problem]) -> Any:
            kept = plain(value, path, problems)
            return INVALID if kept is INVALID else cleaned(kept)

        return check

    def same(self, definition: Field, raw: Any, value: Any) -> bool:
        return raw == value or (isinstance(raw, str) and cleaned(raw) == value)

    def kind(self, definition: Field) -> dict[str, Any]:
        return {"kind": "text", "max_length": None}


def cleaned(html: str) -> str:
    """The HTML without anything that could do harm."""
    if "<" not in html and "&" not in html and ">" not in html:
        return html
    return nh3.clean(
        html, tags=set(TAGS), attributes=ATTRIBUTES, url_schemes=set(SCHEMES), link_rel="noopener noreferrer"
    )


def text_of(html: str) -> str:
    """The text alone."""
    return " ".join(nh3.clean(html.replace("<", " <"), tags=set()).split())
