"""Long texts with a form of their own: formatted, Markdown, code. A list shows the beginning as plain text."""

from typing import Final

from markdown_it import MarkdownIt
from markupsafe import Markup, escape

from fieldstone.metadata.fields.rich_text import cleaned, text_of
from fieldstone.ui.widgets.cell import Cell

EXCERPT: Final = 160

MARKDOWN: Final = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(
    ["table", "strikethrough"]
)


def rich_text(cell: Cell) -> Markup:
    """Cleaned again: what is stored by now stricter rules is shown by those."""
    html = str(cell.value)
    if cell.compact:
        return Markup(excerpt(text_of(html[: EXCERPT * 20])))
    return Markup('<div class="fs-prose">{}</div>').format(Markup(cleaned(html)))


def markdown(cell: Cell) -> Markup:
    html = cleaned(MARKDOWN.render(str(cell.value)))
    if cell.compact:
        return Markup(excerpt(text_of(html)))
    return Markup('<div class="fs-prose">{}</div>').format(Markup(html))


def code(cell: Cell) -> Markup:
    if cell.compact:
        return Markup("<code>{}</code>").format(" ".join(str(cell.value)[:EXCERPT].split()))
    language = cell.field.settings.get("language") or ""
    return Markup('<pre class="fs-code" tabindex="0" data-language="{}"><code>{}</code></pre>').format(
        language, cell.value
    )


def excerpt(html: str) -> str:
    """The beginning of an escaped text, cut between its characters."""
    text = Markup(html).unescape()
    return str(escape(text if len(text) <= EXCERPT else text[:EXCERPT].rstrip() + "…"))
