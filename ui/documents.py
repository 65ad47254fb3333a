"""This screen as ...: the JSON documents that a screen is made of, and the API call that gives its data.

It shows that nothing is hidden in code, and takes implementers and integrators by the hand. Documents are
shown to those who may change metadata; the API call to everybody.
"""

import json
import shlex
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from werkzeug.wrappers import Response

from fieldstone.engine.permissions import may_manage
from fieldstone.metadata.definitions import Document
from fieldstone.ui.lists.request import list_request
from fieldstone.ui.lists.state import list_state
from fieldstone.ui.visit import Visit

FOLDERS: Final = ("entities", "views", "forms")


@dataclass(frozen=True, slots=True)
class Part:
    """A document behind the screen."""

    id: str
    path: str
    text: str
    layers: tuple[str, ...]


def show(visit: Visit) -> Response:
    """The dialog for a screen: `entity`, and the parameters of the list or the record that it shows."""
    args = visit.request.args
    entity = visit.entity(args.get("entity", ""))
    state = list_state(visit, entity)
    names = [("entities", entity.name)]
    record_id = args.get("record")
    if args.get("form"):
        names.append(("forms", args["form"]))
    elif state.view is not None:
        names.append(("views", state.view.name))
    found = [visit.model.documents.get((folder, name)) for folder, name in names if folder in FOLDERS]
    parts = [_part(document) for document in found if document is not None]
    path = f"{entity.name}/{record_id}" if record_id else entity.name + _query(visit, state)
    return visit.partial(
        "documents.html",
        parts=parts if may_manage(visit, "metadata") else [],
        curl=_curl(visit.request.host_url.rstrip("/") + visit.urls.api(path)),
    )


def _query(visit: Visit, state: object) -> str:
    request = list_request(visit, state)  # type: ignore[arg-type]
    values = {
        "filter": request.filter, "sort": ",".join(request.sort), "fields": ",".join(request.fields or ()),
        "expand": ",".join(request.expand), "q": request.q, "limit": request.limit,
    }  # fmt: skip
    return "?" + urlencode({name: value for name, value in values.items() if value}, safe=",")


def _curl(address: str) -> str:
    return f'curl -H "Authorization: Bearer $KEY" \\\n  {shlex.quote(address)}'


def _part(document: Document) -> Part:
    text = json.dumps(document.body, ensure_ascii=False, indent=2, default=_plain)
    layers = tuple(dict.fromkeys(document.provenance.values()))
    return Part(
        f"document-{document.folder}-{document.name}", f"{document.folder}/{document.name}.json", text, layers
    )


def _plain(value: object) -> object:
    return dict(value) if hasattr(value, "keys") else list(value)  # type: ignore[call-overload]
