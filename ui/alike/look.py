"""Looking for likely duplicates of what is in a form just now."""

from collections.abc import Mapping

from werkzeug.wrappers import Response

from fieldstone.engine import duplicates
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.json_text import parse_json
from fieldstone.ui.alike.found import html
from fieldstone.ui.forms.linked import as_id
from fieldstone.ui.forms.screen import json_response
from fieldstone.ui.visit import Visit


def look(visit: Visit, entity: str) -> Response:
    """What the values that are in a form now are likely duplicates of."""
    definition = visit.entity(entity)
    body = parse_json(visit.request.get_data())
    sent = body if isinstance(body, Mapping) else {}
    values = sent.get("values")
    own = as_id(str(sent.get("id") or ""))

    def work(tx: Transaction) -> list[duplicates.Match]:
        entered = duplicates.entered(tx, entity, values if isinstance(values, Mapping) else {})
        return duplicates.find(tx, entity, entered, record_id=own)

    return json_response({"html": html(visit, definition, visit.read(work))})
