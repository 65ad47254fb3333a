"""Chat channels: rooms that notices are posted to. Listed for everybody, since people choose among them."""

from typing import Final

from fieldstone.api.answers import Answer, id_or_nil, json_answer
from fieldstone.api.call import Call
from fieldstone.api.fields import StrictBoolean, StrictText
from fieldstone.api.handlers.records import NOTHING
from fieldstone.api.schemas import Strict
from fieldstone.engine.permissions import require_manage
from fieldstone.engine.transaction import Transaction
from fieldstone.workflows.notifications.chat import channels, drop_channel, save_channel

ADDRESS_LENGTH: Final = 2_000


class ChangeChatChannelEnvelope(Strict):
    """What is to be changed; `secret`: null forgets it."""

    name = StrictText(80)
    format = StrictText(40)
    url = StrictText(ADDRESS_LENGTH)
    secret = StrictText(400, allow_none=True)
    details = StrictBoolean()
    active = StrictBoolean()


class CreateChatChannelEnvelope(ChangeChatChannelEnvelope):
    """A channel."""

    name = StrictText(80, required=True)
    format = StrictText(40, required=True)
    url = StrictText(ADDRESS_LENGTH, required=True)


CREATE: Final = CreateChatChannelEnvelope()
CHANGE: Final = ChangeChatChannelEnvelope()


def list_all(call: Call) -> Answer:
    call.parameters(NOTHING)
    return json_answer({"data": [each.to_json() for each in call.read(channels)]})


def create(call: Call) -> Answer:
    call.parameters(NOTHING)
    call.read(lambda tx: require_manage(tx, "company"))
    asked = call.envelope(CREATE)

    def work(tx: Transaction) -> Answer:
        return json_answer(save_channel(tx, asked).to_json(), 201)

    return call.write(work)


def change(call: Call, id: str) -> Answer:
    call.parameters(NOTHING)
    call.read(lambda tx: require_manage(tx, "company"))
    asked = call.envelope(CHANGE)
    return call.write(lambda tx: json_answer(save_channel(tx, asked, id_or_nil(id)).to_json()))


def drop(call: Call, id: str) -> Answer:
    call.parameters(NOTHING)

    def work(tx: Transaction) -> Answer:
        drop_channel(tx, id_or_nil(id))
        return Answer(204)

    return call.engine.write(call.context, work, connection=call.connection)
