"""The list as a file: the records that it shows, filtered, searched and sorted as it is, with its columns."""

from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import Any, Final, cast

from werkzeug.wrappers import Response
from werkzeug.wsgi import wrap_file

from fieldstone.engine.exports import ExportRequest, export
from fieldstone.ui.lists.state import list_state
from fieldstone.ui.visit import PageMissing, Visit

TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
IN_MEMORY: Final = 4_000_000


def download(visit: Visit, entity: str) -> Response:
    """The list in a file that import reads back: its columns, or with `all=1` all fields."""
    definition = visit.entity(entity)
    kind = visit.request.args.get("format", "csv")
    if kind not in TYPES or not visit.may(entity, "export"):
        raise PageMissing(f"There is no export of {entity}.", entity=entity)
    state = list_state(visit, definition)
    shown = tuple(column.name for column in state.columns if "." not in column.name)
    whole = visit.request.args.get("all") == "1" or not shown
    request = ExportRequest(
        filter=state.filter_text(visit) or None,
        q=state.q or None,
        fields=None if whole else shown,
        sort=state.sort,
    )
    target = cast(Any, SpooledTemporaryFile(IN_MEMORY))  # noqa: SIM115 - the answer closes it
    export(visit.services.engine, visit.context, entity, request, kind, target)
    size = target.tell()
    target.seek(0)
    response = Response(
        wrap_file(visit.request.environ, target), mimetype=TYPES[kind], direct_passthrough=True
    )
    response.call_on_close(target.close)
    day = datetime.now(visit.formats.zone).date().isoformat()
    response.headers.set("Content-Disposition", "attachment", filename=f"{entity}-{day}.{kind}")
    response.headers["Content-Type"] = TYPES[kind]
    response.headers["Content-Length"] = str(size)
    response.headers["Cache-Control"] = "no-store"
    return response
