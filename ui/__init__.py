"""The screens: server-rendered pages with htmx, generated from the same metadata as the REST API.

May import the engine, metadata, packages and workflows; never `fieldstone.api`, and never SQL: every value on
a page comes from an engine call made with the visitor's own context. `request` and Flask stop in this layer.

How it hangs together: `routes.py` is the one table of addresses; a handler takes a `Visit` (the request, who
makes it, in which language) and returns a response; `layout.py` adds navigation; `widgets/` shows one value
of one field type; `messages/` holds every text in four languages. README.md shows how to add a screen.

Public names: `register`, `Services`.
"""

from fieldstone.ui.register import register
from fieldstone.ui.services import Services

__all__ = ["Services", "register"]
