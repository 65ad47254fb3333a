"""Deleting the selected records of a list at once, with an undo in the toast; and bringing back single records.

It is a bulk run like any other. When some records were refused, the run's report opens beside the toast.
"""

from uuid import UUID

from flask import redirect
from werkzeug.wrappers import Response

from fieldstone.engine import records
from fieldstone.engine.transaction import Transaction
from fieldstone.ui.bulk.run import content, run_bulk
from fieldstone.ui.bulk.selection import NothingChosen, selection_of
from fieldstone.ui.lists.state import list_state
from fieldstone.ui.visit import Visit


def remove(visit: Visit, entity: str) -> Response:
    """Delete the ticked records; what is refused stays."""
    definition = visit.entity(entity)
    state = list_state(visit, definition)
    result = run_bulk(visit, definition, selection_of(visit, state).request("delete"))
    title = visit.labels.entity(definition) if result.done == 1 else visit.labels.plural(definition)
    undo = {
        "url": f"{visit.urls.list(entity)}/bulk/{result.id}/undo",
        "fields": [("toast", "1")],
    }
    if not visit.is_partial:
        return redirect(visit.urls.list(entity), 303)
    response = visit.partial(
        "bulk/deleted.html",
        text=visit.texts.count("toast.deleted", result.done, title=title) if result.done else None,
        tone="done",
        undo=undo,
        **content(visit, definition, result, state.url()),
    )
    response.headers["HX-Trigger"] = "fs:list-changed"
    return response


def bring_back(visit: Visit, entity: str) -> Response:
    """Restore the records that a toast offered to restore."""
    definition = visit.entity(entity)
    try:
        ids = list(dict.fromkeys(UUID(each) for each in visit.request.form.getlist("id")))
    except ValueError:
        ids = []
    if not ids:
        raise NothingChosen(visit.texts("selection.malformed", most=1))

    def work(tx: Transaction) -> None:
        for record_id in ids:
            records.restore(tx, entity, record_id)

    visit.write(work)
    title = visit.labels.entity(definition) if len(ids) == 1 else visit.labels.plural(definition)
    text = visit.texts.count("toast.restored", len(ids), title=title)
    if not visit.is_partial:
        return redirect(visit.urls.list(entity), 303)
    response = visit.partial("parts/toast_oob.html", text=text, tone="done", undo=None)
    response.headers["HX-Trigger"] = "fs:list-changed"
    return response
