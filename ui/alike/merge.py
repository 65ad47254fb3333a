"""Merging records: which one stays, and whose value each field keeps, side by side; and taking it back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from flask import redirect
from markupsafe import Markup
from werkzeug.wrappers import Response

from fieldstone.engine import records
from fieldstone.engine.permissions import access
from fieldstone.engine.records.errors import UnknownRecord
from fieldstone.engine.records.merge import NEVER, merge
from fieldstone.engine.records.unmerge import unmerge
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Entity
from fieldstone.problems import FieldstoneError
from fieldstone.ui import flash
from fieldstone.ui.errors import STATUS
from fieldstone.ui.fields import title_of
from fieldstone.ui.forms.layout import cell_for, with_links
from fieldstone.ui.forms.linked import titles
from fieldstone.ui.forms.problems import told
from fieldstone.ui.visit import PageMissing, Visit
from fieldstone.ui.widgets import read_value

FEWEST, MOST = 2, 5


@dataclass(frozen=True, slots=True)
class Choice:
    """A field and its value in each record; `chosen` is the place of the one that is ticked."""

    name: str
    title: str
    values: tuple[Markup, ...]
    chosen: int


def may_merge(visit: Visit, entity: Entity) -> bool:
    return entity.layer != "base" and visit.may(entity.name, "update") and visit.may(entity.name, "delete")


def begin(visit: Visit, entity: str) -> Response:
    """From the selection of a list to the page where it is merged."""
    definition = visit.entity(entity)
    ids = _ids(visit)
    if visit.request.args.get("all") == "1" or not FEWEST <= len(ids) <= MOST:
        text = visit.texts("merge.how_many", least=FEWEST, most=MOST)
        return visit.partial("parts/toast_oob.html", text=text, tone="error", undo=None)
    response = visit.partial("parts/toast_oob.html", text="", tone="done", undo=None)
    response.headers["HX-Redirect"] = _address(visit, definition, ids)
    return response


def _address(visit: Visit, entity: Entity, ids: list[UUID]) -> str:
    query = "&".join(f"id={each}" for each in ids)
    return f"{visit.urls.list(entity.name)}/merge?{query}"


def _ids(visit: Visit) -> list[UUID]:
    try:
        return list(dict.fromkeys(UUID(each) for each in visit.request.values.getlist("id")))
    except ValueError:
        return []


def ask(visit: Visit, entity: str) -> Response:
    """The records side by side."""
    return _page(visit, visit.entity(entity), _ids(visit))


def _page(
    visit: Visit, entity: Entity, ids: list[UUID], problem: str | None = None, status: int = 200
) -> Response:
    if not may_merge(visit, entity) or not FEWEST <= len(ids) <= MOST:
        raise PageMissing("There is nothing to merge here.", entity=entity.name)

    def work(tx: Transaction) -> Response:
        found = [records.read(tx, entity.name, each) for each in ids]
        linked = titles(tx, entity, found, {})
        shown = [with_links(entity, each, linked, visit) for each in found]
        return visit.page(
            "alike/merge.html",
            status=status,
            page_entity=entity.name,
            entity=entity,
            ids=ids,
            records=[(each["id"], title_of(entity, each), each) for each in found],
            rows=_choices(visit, entity, found, shown),
            together=_together(visit, entity, found),
            problem=problem,
        )

    return visit.read(work)


def _choices(
    visit: Visit, entity: Entity, found: list[dict[str, Any]], shown: list[dict[str, Any]]
) -> list[Choice]:
    """Every field with different values, as far as the visitor may write it."""
    rights = access(visit, entity.name)
    choices = []
    for field in entity.fields.values():
        if field.name not in rights.readable or field.name not in rights.writable or field.lines is not None:
            continue
        if field.computed or field.read_only or field.type in NEVER:
            continue
        values = [_comparable(record, field.name) for record in found]
        filled = [value for value in values if value[0] not in (None, "", [], {})]
        if all(value == filled[0] for value in filled):
            continue  # there is nothing to choose: what is empty is filled in
        chosen = next(at for at, value in enumerate(values) if value[0] not in (None, "", [], {}))
        cells = tuple(
            Markup(
                read_value(
                    replace(cell_for(visit, entity, field, record.get(field.name), record), compact=True)
                )
            )
            for record in shown
        )
        choices.append(Choice(field.name, visit.labels.field(entity, field), cells, chosen))
    return choices


def _comparable(record: Mapping[str, Any], name: str) -> tuple[Any, Any]:
    return record.get(name), record.get(f"{name}_currency")


def _together(visit: Visit, entity: Entity, found: list[dict[str, Any]]) -> list[tuple[str, int]]:
    """Fields of lines and of several links, and how many of them there will be at most."""
    counted = []
    for field in entity.fields.values():
        if field.lines is not None:
            count = sum(len(record.get(field.name) or ()) for record in found)
            if count:
                counted.append((visit.labels.field(entity, field), count))
    return counted


def join(visit: Visit, entity: str) -> Response:
    """Merge what was chosen, and go to the record that stays."""
    definition = visit.entity(entity)
    ids, form = _ids(visit), visit.request.form
    try:
        winner = UUID(form.get("winner", ""))
        choose = {name[7:]: UUID(value) for name, value in form.items() if name.startswith("choose.")}
    except ValueError as error:
        raise PageMissing("The form was not sent as one.", entity=entity) from error
    others = [each for each in ids if each != winner]

    def work(tx: Transaction) -> tuple[UUID, str]:
        done = merge(tx, entity, winner, others, choose)
        return done.id, title_of(definition, done.record)

    try:
        merge_id, title = visit.write(work)
    except FieldstoneError as error:
        if error.kind not in ("conflict", "stale", "refused", "invalid", "denied") or isinstance(
            error, UnknownRecord
        ):
            raise
        text = " ".join(dict.fromkeys(each["message"] for each in told(visit, definition, error)))
        return _page(visit, definition, ids, text, STATUS[error.kind])
    address = visit.urls.record(entity, winner)
    undo = {"url": f"{address}/unmerge", "fields": [("merge", str(merge_id))]}
    text = visit.texts.count("merge.done", len(others) + 1, title=title)
    return flash.put(redirect(address, 303), visit.urls, text, undo)


def part(visit: Visit, entity: str, record_id: UUID) -> Response:
    """Undo a merge from the toast."""
    visit.entity(entity)
    try:
        merge_id = UUID(visit.request.form.get("merge", ""))
    except ValueError as error:
        raise PageMissing("There is no such merge.", entity=entity) from error
    done = visit.write(lambda tx: unmerge(tx, entity, record_id, merge_id))
    text = visit.texts("merge.undone")
    if done.kept:
        text = visit.texts.count("merge.undone_kept", len(done.kept))
    address = visit.urls.record(entity, record_id)
    if not visit.is_partial:
        return flash.put(redirect(address, 303), visit.urls, text)
    response = visit.partial("parts/toast_oob.html", text=text, tone="done", undo=None)
    response.headers["HX-Redirect"] = address
    return flash.put(response, visit.urls, text)
