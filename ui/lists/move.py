"""Moving a row of a list that is sorted by hand: dragged, or by the arrow keys of its handle."""

from uuid import UUID

from werkzeug.wrappers import Response

from fieldstone.engine.records import update
from fieldstone.ui.visit import PageMissing, Visit


def move(visit: Visit, entity: str, record_id: UUID, field: str) -> Response:
    """Put the record before or after another one (`before` or `after` its id)."""
    definition = visit.entity(entity)
    found = definition.fields.get(field)
    if found is None or found.type != "position":
        raise PageMissing(f"{field} is no order.", entity=entity, field=field)
    sent = visit.request.form
    side = "before" if sent.get("before") else "after"
    visit.write(lambda tx: update(tx, entity, record_id, {field: {side: sent.get(side, "")}}))
    return Response(status=204, headers={"HX-Refresh": "true"})
