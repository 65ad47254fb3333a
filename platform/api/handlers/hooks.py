"""Incoming webhooks: the signature is the credential."""

from typing import Final

from fieldstone.api.answers import Answer, json_answer
from fieldstone.api.call import Call
from fieldstone.api.handlers.records import NOTHING
from fieldstone.engine.transaction import Transaction
from fieldstone.workflows.automations import Signed, receive

LIMIT: Final = 256 * 1024
TIMESTAMP: Final = "X-Fieldstone-Timestamp"
SIGNATURE: Final = "X-Fieldstone-Signature"


def call_hook(call: Call, automation: str) -> Answer:
    """Start the automation; the answer names the run, or says that the condition did not hold."""
    call.parameters(NOTHING)
    value = call.json()
    headers = call.request.headers
    sent = Signed(call.raw, headers.get(TIMESTAMP, ""), headers.get(SIGNATURE, ""))

    def work(tx: Transaction) -> Answer:
        made = receive(tx, automation, sent, value)
        return json_answer(
            {"run": None if made is None else made.id, "state": None if made is None else made.state}
        )

    return call.engine.write(call.context, work, connection=call.connection)
