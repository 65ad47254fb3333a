"""Deleting the selected records of a list, and undoing it from the toast."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import redirect
from werkzeug.wrappers import Response

from fieldstone.engine import records
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import FieldstoneError
from fieldstone.ui.visit import Visit

MOST = 200
"""Records that one click may delete: what a page of a list shows."""


class NothingChosen(FieldstoneError):
    code = "selection.empty"
    kind = "malformed"


def remove(visit: Visit, entity: str) -> Response:
    """Delete the chosen records, all or none."""
    definition = visit.entity(entity)
    ids = _chosen(visit)
    visit.write(_for_each(ids, lambda tx, record_id: records.delete(tx, entity, record_id)))
    title = visit.labels.entity(definition) if len(ids) == 1 else visit.labels.plural(definition)
    return _done(visit, entity, "toast.deleted", ids, title, undo=True)


def bring_back(visit: Visit, entity: str) -> Response:
    """Restore the records that a toast offered to restore."""
    definition = visit.entity(entity)
    ids = _chosen(visit)
    visit.write(_for_each(ids, lambda tx, record_id: records.restore(tx, entity, record_id)))
    title = visit.labels.entity(definition) if len(ids) == 1 else visit.labels.plural(definition)
    return _done(visit, entity, "toast.restored", ids, title, undo=False)


def _chosen(visit: Visit) -> list[UUID]:
    sent = visit.request.form.getlist("id")
    try:
        ids = list(dict.fromkeys(UUID(each) for each in sent))
    except ValueError:
        ids = []
    if not ids or len(ids) > MOST:
        raise NothingChosen(visit.texts("selection.malformed", most=MOST))
    return ids


def _for_each(ids: list[UUID], verb: Callable[[Transaction, UUID], Any]) -> Callable[[Transaction], None]:
    def work(tx: Transaction) -> None:
        for record_id in ids:
            verb(tx, record_id)

    return work


def _done(visit: Visit, entity: str, key: str, ids: list[UUID], title: str, *, undo: bool) -> Response:
    text = visit.texts.count(key, len(ids), title=title)
    url = f"{visit.urls.list(entity)}/restore"
    offer = {"url": url, "fields": [("id", str(record_id)) for record_id in ids]} if undo else None
    if not visit.is_partial:
        return redirect(visit.urls.list(entity), 303)
    response = visit.partial("parts/toast_oob.html", text=text, tone="done", undo=offer)
    response.headers["HX-Trigger"] = "fs:list-changed"
    return response
