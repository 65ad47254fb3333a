"""Texts with places for values, written by administrators: Jinja2's syntax, and the one place where it is rendered.

What people write in a message template runs on our server, so it may do little: show values, choose, repeat. Three
fences stand behind each other. `grammar` refuses every construct that is not on its list, when a template is published
and again when it is rendered: nothing can be called, defined, included or assigned. The sandbox reaches nothing but keys
of plain data. `limits` bound the steps, the length and the time of what is left.

Pure: no SQL, no web. Public names are those below.
"""

from typing import Final

from fieldstone.metadata.text_templates.grammar import Finding, check_source, names_used
from fieldstone.metadata.text_templates.limits import LIMITS, Limits, TemplateFailed
from fieldstone.metadata.text_templates.rendering import TemplateRefused, render

COMMON: Final = (
    "receiver", "company", "kind", "group", "actor", "record", "record_title", "entity_title", "options", "action_url",
)  # fmt: skip
"""The names that every message template may use, besides its own `variables`: who is told, the company's name, the kind
of notice, who caused it, the record (what the receiver may see of it), titles of its select values by field, and an
address to decide at where the notice asks for a decision.
"""

__all__ = [
    "COMMON", "LIMITS", "Finding", "Limits", "TemplateFailed", "TemplateRefused", "check_source", "names_used", "render",
]  # fmt: skip
