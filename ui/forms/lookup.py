"""Finding records to link to while one types, and storing a file that a form will name."""

from typing import Any, Final

from werkzeug.wrappers import Response

from fieldstone.engine.files import store_file
from fieldstone.engine.permissions import access
from fieldstone.engine.query.listing import list_records
from fieldstone.engine.query.request import ListRequest
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Entity, Field
from fieldstone.problems import FieldstoneError
from fieldstone.ui.fields import field_of, target_of, title_of
from fieldstone.ui.forms.describe import paths_read
from fieldstone.ui.forms.layout import Layouter
from fieldstone.ui.forms.linked import needed, needs_below, needs_of
from fieldstone.ui.forms.screen import json_response
from fieldstone.ui.visit import PageMissing, Visit

MOST: Final = 12


def find(visit: Visit, entity: str) -> Response:
    """Records that the field `field` (`parts.maker` in lines) may link to, the recently changed ones first.

    `q` narrows them. Each has its id, its title, a hint, and what the form's rules read of it.
    """
    definition = visit.entity(entity)
    path = tuple(visit.request.args.get("field", "").split("."))
    owner, field = _link(visit, definition, path)
    target = target_of(visit.model, field)
    if field.type == "any_link" and visit.request.args.get("target") in field.settings["targets"]:
        target = visit.model.entities[visit.request.args["target"]]
    if target is None:
        raise PageMissing("There is no such link.", field=".".join(path))
    q = visit.request.args.get("q", "").strip()

    def work(tx: Transaction) -> list[dict[str, Any]]:
        bare = Layouter(visit, definition, {}, editing=True, form=visit.request.args.get("form")).lay()
        needs = needs_of(paths_read(tx, definition, bare)) if bare else {}
        if owner is not definition:
            needs = needs_below(needs, path[0])
        request = ListRequest(q=q or None, sort=() if q else ("-updated_at",), limit=MOST)
        page = list_records(tx, target.name, request)
        paths = needs.get(field.name, frozenset())
        return [{**needed(tx, target, each, paths), "$hint": _hint(target, each)} for each in page.data]

    return json_response({"results": visit.read(work)})


def _link(visit: Visit, entity: Entity, path: tuple[str, ...]) -> tuple[Entity, Field]:
    owner: Entity | None = entity
    if len(path) == 2:
        lines = entity.fields.get(path[0])
        owner = visit.model.entities.get(lines.lines) if lines is not None and lines.lines else None
    field = field_of(owner, path[-1]) if owner else None
    readable = path[0] in access(visit, entity.name).readable
    if owner is None or field is None or not readable or field.name not in access(visit, owner.name).readable:
        raise PageMissing("There is no such field.", field=".".join(path))
    return owner, field


def _hint(target: Entity, record: dict[str, Any]) -> str:
    """What tells two records of the same title apart: the first short text or number besides it."""
    title = title_of(target, record)
    for name, field in target.fields.items():
        value = record.get(name)
        if (
            field.type in ("text", "sequence", "email")
            and isinstance(value, str)
            and value
            and value != title
        ):
            return value
    return ""


class NoFile(FieldstoneError):
    code = "file.missing"
    kind = "malformed"


def upload(visit: Visit) -> Response:
    """Store one file; it belongs to its uploader until a record names it."""
    sent = visit.request.files.get("file")
    if sent is None:
        raise NoFile("Send one file.")
    content = sent.stream.read()
    if not content:
        return json_response({"message": visit.texts("form.file_empty")}, 422)
    try:
        stored = visit.write(lambda tx: store_file(tx, sent.filename or "", sent.mimetype or "", content))
    except FieldstoneError as error:
        if error.kind != "invalid":
            raise
        return json_response({"message": error.message}, 422)
    return json_response(stored, 201)
