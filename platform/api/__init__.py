"""The REST API: the engine's verbs over HTTP, and the OpenAPI document that describes them to one caller.

Everything of HTTP stops here: who is asking, bodies, parameters, preconditions, idempotency keys, statuses. `routes.py`
is the table of addresses, `statuses.py` the only map from kinds of errors to numbers. May import: the engine, metadata,
expressions, problems; never the screens, which are its neighbours.

Public names: `register`, `Services`.
"""

from fieldstone.api.register import register
from fieldstone.api.services import Services

__all__ = ["Services", "register"]
