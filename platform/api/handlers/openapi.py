"""The OpenAPI document of one tenant, as far as its caller may use the API."""

from fieldstone.api.answers import Answer
from fieldstone.api.call import Call
from fieldstone.api.handlers.records import NOTHING
from fieldstone.api.openapi.document import build
from fieldstone.engine.transaction import Transaction


def document(call: Call) -> Answer:
    """Made once per model, roles and address."""
    call.parameters(NOTHING)

    def work(tx: Transaction) -> bytes:
        key = ("openapi", tx.model.hash, tx.context.actor.roles, call.base)
        return call.kept.get_or(key, lambda: build(tx, call.base))  # type: ignore[no-any-return]

    return Answer(200, call.read(work))
