"""Changes by moving something on a page: a card of a board, an entry of a calendar.

What may not go there answers with the rule that forbids it, and the page puts it back.
"""

from collections.abc import Callable
from typing import TypeVar

from werkzeug.wrappers import Response

from fieldstone.engine.transaction import Transaction
from fieldstone.problems import FieldstoneError
from fieldstone.ui import flash
from fieldstone.ui.errors import STATUS
from fieldstone.ui.forms.problems import worded
from fieldstone.ui.visit import Visit

Before = TypeVar("Before")


def move_record(
    visit: Visit, change: Callable[[Transaction], Before], answer: Callable[[Transaction, Before], Response]
) -> Response:
    """Write a change, and answer with what it was before at hand; or say why it is refused."""
    try:
        before = visit.write(change)
    except FieldstoneError as error:
        if error.kind not in ("invalid", "refused", "conflict", "stale", "denied"):
            raise
        return _refused(visit, error)
    return visit.read(lambda tx: answer(tx, before))


def _refused(visit: Visit, error: FieldstoneError) -> Response:
    """What a page is told about a card that stays where it was."""
    if error.kind == "stale":
        response = Response("", 200, mimetype="text/html")
        response.headers["HX-Refresh"] = "true"
        return flash.put(response, visit.urls, visit.texts("board.stale"))
    entity = visit.model.entities.get((visit.request.view_args or {}).get("entity", ""))
    texts = [
        problem.message
        if entity is None or problem.code != "transition.refused"
        else worded(visit, entity, problem)
        for problem in error.problems
    ]
    said = "; ".join(dict.fromkeys(texts)) or error.message
    if error.kind == "denied":
        said = visit.texts("error.denied.text")
    response = visit.partial(
        "parts/toast_oob.html",
        status=STATUS[error.kind],
        text=visit.texts("board.refused", reason=said),
        tone="error",
        undo=None,
    )
    response.headers["HX-Reswap"] = "none"
    return response
