"""What follows a publish: a toast on the page it was done from, with an undo while the revision is the latest."""

from typing import Any

from werkzeug.wrappers import Response

from fieldstone.engine import publish
from fieldstone.problems import FieldstoneError
from fieldstone.ui import flash
from fieldstone.ui.studio.gate import require_customiser
from fieldstone.ui.studio.wording import lossy
from fieldstone.ui.visit import Visit


class UndoLate(FieldstoneError):
    """Somebody published since: an undo would take that back as well."""

    code = "studio.undo_late"
    kind = "stale"


def published(visit: Visit, text: str, revision: int, to: str | None = None) -> Response:
    """Load the page again (or another one), and say there what was done."""
    undo = {"url": visit.urls.page("studio/undo"), "fields": [("revision", str(revision))]}
    return _again(visit, text, undo, to)


def _again(visit: Visit, text: str, undo: dict[str, Any] | None, to: str | None = None) -> Response:
    response = Response("", 200, mimetype="text/html")
    if to is None:
        response.headers["HX-Refresh"] = "true"
    else:
        response.headers["HX-Redirect"] = to
    response.headers["Cache-Control"] = "no-store"
    return flash.put(response, visit.urls, text, undo)


def undo(visit: Visit) -> Response:
    """Go back to the revision before the one that was just published. Values in what was added are asked about first."""
    require_customiser(visit)
    sent = visit.request.form.get("revision", "")
    revision = int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < 10 else 0
    if revision < 2 or visit.context.revision != revision:
        raise UndoLate(visit.texts("studio.undo_late"))
    plan = visit.read(lambda tx: publish.rollback_plan(tx, revision - 1))
    if any(lossy(change) for change in plan.changes):
        return _again(
            visit, visit.texts("studio.undo_asks"), None, visit.urls.page(f"studio/revisions/{revision - 1}")
        )
    agreed = [change.id for change in plan.needing_consent]
    publish.rollback(visit.services.engine, visit.context, revision - 1, plan.hash, agreed)
    return _again(visit, visit.texts("studio.undone"), None)
