"""The pages with a form: a new record, and one to be changed."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from werkzeug.wrappers import Response

from fieldstone.engine import records
from fieldstone.engine.ids import new_id
from fieldstone.engine.permissions import access
from fieldstone.engine.records.money import rates_for
from fieldstone.engine.records.program import program_for
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Entity
from fieldstone.problems import FieldstoneError
from fieldstone.ui.alike.found import watched
from fieldstone.ui.approvals.panel import has_approvals, pending_values
from fieldstone.ui.fields import LINK_TYPES, field_of, title_of
from fieldstone.ui.forms.describe import defaults, described, paths_read
from fieldstone.ui.forms.layout import Laid, Layouter, with_links
from fieldstone.ui.forms.linked import as_id, needs_of, titles
from fieldstone.ui.visit import Visit


class NoForm(FieldstoneError):
    """The visitor may not do this, or has no form for it."""

    code = "form.denied"
    kind = "denied"


def create(visit: Visit, entity: str) -> Response:
    """The form of a new record; parameters named like fields fill them in (`?place=<id>`)."""
    definition = visit.entity(entity)
    if not visit.may(entity, "create"):
        raise NoForm("You may not create this.", entity=entity)

    def work(tx: Transaction) -> Response:
        values = {**defaults(tx, definition), **_given(visit, definition)}
        if "owner_id" in access(tx, entity).readable:
            values.setdefault("owner_id", tx.context.actor.id)
        return _page(tx, visit, definition, values, None)

    return visit.read(work)


def edit(visit: Visit, entity: str, record_id: UUID) -> Response:
    """The form of a record."""
    definition = visit.entity(entity)
    if not visit.may(entity, "update"):
        raise NoForm("You may not change this.", entity=entity)
    return visit.read(lambda tx: _page(tx, visit, definition, records.read(tx, entity, record_id), record_id))


def _given(visit: Visit, entity: Entity) -> dict[str, Any]:
    """Values that the address brings: links to what the visitor came from, and plain texts."""
    found: dict[str, Any] = {}
    for name, text in visit.request.args.items():
        field = field_of(entity, name)
        if field is None or field.computed:
            continue
        if field.type in LINK_TYPES:
            found[name] = as_id(text)
        elif field.type == "multi_link" and as_id(text):
            found[name] = [{"id": as_id(text)}]
        elif field.type == "any_link" and as_id(text.partition("/")[2]):
            found[name] = {"entity": text.partition("/")[0], "id": text.partition("/")[2]}
        elif field.type in ("text", "select", "radio"):
            found[name] = text
        elif field.type == "boolean":
            found[name] = text == "true"
        elif field.type in ("date", "datetime"):
            found[name] = _as_time(text, field.type)
    return {name: value for name, value in found.items() if value is not None}


def _as_time(text: str, kind: str) -> date | datetime | None:
    """A day or a moment of an address; None for what is none."""
    try:
        if kind == "date":
            return date.fromisoformat(text)
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _page(
    tx: Transaction, visit: Visit, entity: Entity, values: dict[str, Any], record_id: UUID | None
) -> Response:
    laid, found = laid_out(tx, visit, entity, values, form=visit.request.args.get("form"))
    title = title_of(entity, values) if record_id else None
    urls = visit.urls
    base = urls.record(entity.name, record_id) if record_id else urls.list(entity.name)
    told = {
        **described(tx, visit, laid),
        "id": record_id,
        "version": values.get("version"),
        "key": str(new_id()),
        "values": values,
        "rates": _rates(tx, entity, laid, values),
        "linked": found,
        "save": f"{base}/save",
        "lookup": f"{urls.list(entity.name)}/lookup",
        "upload": urls.page("upload"),
        "regions": urls.page("regions/"),
        "files": urls.file(""),
        "home": urls.home,
        "duplicates": watched(visit, entity, record_id),
        "draft": f"fs:draft:{visit.tenant_name}:{visit.actor.id}:{entity.name}:{record_id or 'new'}",
    }
    heading = title or visit.texts("create.one", title=visit.labels.entity(entity))
    return visit.page(
        "form/page.html",
        page_entity=entity.name,
        entity=entity,
        laid=laid,
        heading=heading,
        record_id=record_id,
        back=base,
        approval_path=f"{urls.list(entity.name)}/approval-path" if has_approvals(visit, entity) else None,
        pending=pending_values(tx, visit, entity, values),
        described=to_json(told),
    )


def _rates(tx: Transaction, entity: Entity, laid: Laid, values: dict[str, Any]) -> dict[str, Any]:
    """Exchange rates, where what the form computes reads amounts in the company's currency."""
    if not any(path[-1].endswith("_base") for path in paths_read(tx, entity, laid)):
        return {}
    return dict(rates_for(tx, program_for(tx.model, entity), values))


def laid_out(
    tx: Transaction,
    visit: Visit,
    entity: Entity,
    values: dict[str, Any],
    *,
    editing: bool = True,
    form: str | None = None,
) -> tuple[Laid, dict[str, dict[str, Any]]]:
    """The form of a record, and the linked records that it needs, by id."""
    bare = Layouter(visit, entity, {}, editing=editing, form=form).lay()
    if bare is None:
        raise NoForm(f"Your roles have no form for {entity.name}.", entity=entity.name)
    found = titles(tx, entity, [values], needs_of(paths_read(tx, entity, bare)))
    laid = Layouter(visit, entity, with_links(entity, values, found, visit), editing=editing, form=form).lay()
    assert laid is not None
    return laid, found


def to_json(value: Any) -> str:
    """JSON as the API writes it: exact numbers and ids as texts."""
    return msgspec.json.encode(value).decode()


def json_response(value: Any, status: int = 200) -> Response:
    response = Response(to_json(value), status, mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


__all__ = ["create", "edit", "json_response", "laid_out", "to_json"]
