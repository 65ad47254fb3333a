"""Moving a card to another column: the update verb, with the version that the visitor saw, and its undo where there is a way back.

A card that may not go there answers with the rule that forbids it, and the page puts the card back.
"""

from typing import Any
from uuid import UUID

from werkzeug.wrappers import Response

from fieldstone.engine.records import read, update
from fieldstone.engine.records.transition import offers
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Field
from fieldstone.ui.boards.columns import columns_of, grouping_of, is_movable
from fieldstone.ui.boards.screen import board_state, card_of
from fieldstone.ui.fields import title_of
from fieldstone.ui.lists.request import fields_of
from fieldstone.ui.lists.rows import Rows
from fieldstone.ui.moving import move_record
from fieldstone.ui.visit import PageMissing, Visit


def move(visit: Visit, entity: str, record_id: UUID) -> Response:
    """Put a card into the column `value`; the answer is the card as it is now, and all heads of columns."""
    state = board_state(visit, entity)
    grouping = grouping_of(state)
    if not is_movable(visit, grouping):
        raise PageMissing("Cards of this board cannot be moved.", entity=entity)
    form = visit.request.form
    value, version = form.get("value", ""), form.get("version", type=int)

    def change(tx: Transaction) -> Any:
        before = read(tx, entity, record_id, fields=(grouping.name,))
        update(tx, entity, record_id, {grouping.name: grouping.sent(value)}, if_match=version)
        return before[grouping.name]

    return move_record(visit, change, lambda tx, before: _moved(tx, visit, entity, record_id, before))


def _moved(tx: Transaction, visit: Visit, entity: str, record_id: UUID, before: Any) -> Response:
    state = board_state(visit, entity)
    record = read(tx, entity, record_id, fields=fields_of(state), expand=state.expand)
    columns, _ = columns_of(tx, visit, state)
    value = visit.request.form.get("value", "")
    column = next((column for column in columns if column.value == value), None)
    old = "" if before is None else str(before).lower() if isinstance(before, bool) else str(before)
    undo: dict[str, Any] | None = {
        "url": state.url_at(f"{record_id}/move"),
        "fields": [("value", old), ("version", record["version"])],
    }
    field = grouping_of(state).field
    if field.machine is not None and not _leads(tx, entity, record_id, field, old):
        undo = None
    text = visit.texts(
        "board.moved", title=title_of(state.entity, record), column=column.title if column else value
    )
    return visit.partial(
        "board/moved.html",
        card=card_of(Rows(visit, state), state, record),
        columns=columns,
        state=state,
        movable=True,
        text=text,
        tone="done",
        undo=undo,
    )


def _leads(tx: Transaction, entity: str, record_id: UUID, field: Field, value: str) -> bool:
    """Whether a state can be left for `value` again, without a word about it."""
    return any(
        each.field == field.name
        and each.transition.to == value
        and each.why is None
        and not each.transition.comment
        and each.transition.workflow is None
        for each in offers(tx, entity, record_id)
    )
