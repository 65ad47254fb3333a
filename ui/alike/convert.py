"""Converting a record: its buttons, a form with what would be made, and the way to what was made."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from flask import redirect
from markupsafe import Markup
from werkzeug.wrappers import Response

from fieldstone.engine import records
from fieldstone.engine.permissions import access
from fieldstone.engine.records.conversion_offers import Draft, offers, preview
from fieldstone.engine.records.convert import convert, find_conversion
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.conversion_maps import Conversion
from fieldstone.metadata.definitions import Entity, Field
from fieldstone.metadata.validation import validator_for
from fieldstone.problems import FieldstoneError, Problem
from fieldstone.ui import flash
from fieldstone.ui.alike.found import Told, told
from fieldstone.ui.errors import STATUS
from fieldstone.ui.fields import LINK_TYPES, title_of
from fieldstone.ui.forms.linked import titles
from fieldstone.ui.forms.problems import worded
from fieldstone.ui.lists.rows import cell_of
from fieldstone.ui.visit import Visit
from fieldstone.ui.widgets import EDIT_WIDGETS


@dataclass(frozen=True, slots=True)
class Offered:
    """A button of the record page, or the links to what came of it before."""

    title: str
    icon: str
    url: str | None
    made: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Input:
    """One value to be checked: a control's HTML, or a link that is picked."""

    name: str
    title: str
    control: Markup | None
    problem: str | None
    required: bool
    pick_url: str = ""
    pick_value: str = ""
    pick_title: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One record that would be made. `existing` is the (id, title) that would be used instead."""

    name: str
    title: str
    inputs: tuple[Input, ...]
    lines: tuple[tuple[str, int], ...]
    offer: bool
    existing: tuple[str, str] | None
    found: tuple[Told, ...]
    chosen: str
    lookup: str


def offered(
    tx: Transaction, visit: Visit, entity: Entity, record_id: UUID, *, may: bool = True
) -> list[Offered]:
    """What the record page shows of conversions; who may not change this record sees only what came of it."""
    found = []
    for each in offers(tx, entity.name, record_id):
        conversion = each.conversion
        url = f"{visit.urls.record(entity.name, record_id)}/convert/{conversion.name}"
        made = tuple(
            (_title(tx, visit.model.entities[m.entity], m.id), visit.urls.record(m.entity, m.id))
            for m in each.made
        )
        title = visit.labels.conversion(conversion)
        if made or may:
            found.append(Offered(title, conversion.icon, url if each.open and may else None, made))
    return found


def _title(tx: Transaction, entity: Entity, record_id: UUID) -> str:
    return str(title_of(entity, records.read(tx, entity.name, record_id)))


def ask(visit: Visit, entity: str, record_id: UUID, name: str) -> Response:
    """The form of a conversion."""
    return _page(visit, visit.entity(entity), record_id, name, None)


def _page(
    visit: Visit, entity: Entity, record_id: UUID, name: str, error: FieldstoneError | None, status: int = 200
) -> Response:
    def work(tx: Transaction) -> Response:
        conversion = find_conversion(tx, entity.name, name)
        drafts = preview(tx, entity.name, record_id, name)
        parts = [
            _part(tx, visit, conversion, draft, error) for draft in drafts if draft.wanted or draft.existing
        ]
        shown = {each for part in parts for each in _pointers(part)}
        rest = [each for each in (error.problems if error else ()) if each.path not in shown]
        loose = [worded(visit, entity, each) for each in rest]
        if error is not None and not error.problems:
            loose.append(error.message)
        return visit.page(
            "alike/convert.html",
            status=status,
            page_entity=entity.name,
            entity=entity,
            record_id=record_id,
            title=_title(tx, entity, record_id),
            heading=visit.labels.conversion(conversion),
            description=conversion.description,
            parts=parts,
            problem=" ".join(dict.fromkeys(loose)) or None,
        )

    return visit.read(work)


def _pointers(part: Part) -> list[str]:
    return [f"/values/{part.name}/{each.name.partition('.')[2]}" for each in part.inputs]


def _part(
    tx: Transaction, visit: Visit, conversion: Conversion, draft: Draft, error: FieldstoneError | None
) -> Part:
    creation = draft.creation
    target = tx.model.entities[creation.entity]
    values = validator_for(target, tx.model.entities).validate(dict(draft.body), "patch").values
    form = visit.request.form
    inputs = tuple(
        _input(tx, visit, creation.name, target, target.fields[name], values, error)
        for name in creation.shown
        if name in target.fields and _askable(visit, target, target.fields[name])
    )
    existing = None
    if draft.existing is not None:
        existing = (str(draft.existing), _title(tx, target, draft.existing))
    chosen = form.get(f"use.{creation.name}", existing[0] if existing else "new")
    lines = tuple(
        (visit.labels.field(target, target.fields[each]), count)
        for each, count in draft.lines.items()
        if count
    )
    return Part(
        creation.name,
        visit.labels.creation(conversion, creation),
        inputs,
        lines,
        creation.offer,
        existing,
        tuple(told(visit, target, draft.matches)),
        chosen,
        f"{visit.urls.list(target.name)}/lookup",
    )


def _askable(visit: Visit, target: Entity, field: Field) -> bool:
    if field.name not in access(visit, target.name).writable:
        return False
    widget = EDIT_WIDGETS.get(field.type)
    return field.type in LINK_TYPES or (widget is not None and widget.in_cell)


def _input(
    tx: Transaction,
    visit: Visit,
    part: str,
    target: Entity,
    field: Field,
    values: Mapping[str, Any],
    error: FieldstoneError | None,
) -> Input:
    name = f"{part}.{field.name}"
    pointer = f"/values/{part}/{field.name}"
    wrong = next((each for each in (error.problems if error else ()) if each.path == pointer), None)
    problem = None if wrong is None else worded(visit, target, _own(wrong, field.name))
    title = visit.labels.field(target, field)
    value = values.get(field.name)
    sent = visit.request.form.getlist(name)
    if field.type in LINK_TYPES:
        if sent:
            value = sent[0] or None
        shown = (
            titles(tx, target, [{field.name: value}], {}).get(str(value), {}).get("$title", "")
            if value
            else ""
        )
        url = f"{visit.urls.list(target.name)}/lookup?field={field.name}"
        return Input(name, title, None, problem, field.required, url, str(value or ""), str(shown))
    if sent:
        value = EDIT_WIDGETS[field.type].read(field, sent, visit.formats)
        read = validator_for(target, tx.model.entities).validate({field.name: value}, "patch").values
        value = read.get(field.name, value)
    cell = cell_of(visit, visit.labels, target, _renamed(visit, target, field, name), value, values)
    kind = "form-select" if field.options or field.type == "boolean" else "form-control"
    control = EDIT_WIDGETS[field.type].control(cell, {"id": f"c-{name}", "class": kind})
    return Input(name, title, control, problem, field.required)


def _renamed(visit: Visit, target: Entity, field: Field, name: str) -> Field:
    """The field under the name of its input; as nobody translates that name, its options come translated."""
    options = tuple(
        replace(option, title=visit.labels.option(target, field, option.const)) for option in field.options
    )
    return replace(field, name=name, options=options)


def _own(problem: Problem, name: str) -> Problem:
    return replace(problem, path=f"/{name}")


def run(visit: Visit, entity: str, record_id: UUID, name: str) -> Response:
    """Convert, and go to what was made first; the message links to the rest by the record's page."""
    definition = visit.entity(entity)
    form = visit.request.form

    def work(tx: Transaction) -> tuple[str, str]:
        conversion = find_conversion(tx, entity, name)
        use = {}
        for creation in conversion.creates:
            chosen = form.get(f"use.{creation.name}")
            if chosen == "pick":
                chosen = form.get(f"pick.{creation.name}") or "new"
            if chosen is not None and (creation.offer or creation.existing):
                use[creation.name] = None if chosen == "new" else UUID(chosen)
        done = convert(tx, entity, record_id, name, values=_sent(visit, conversion), use=use)
        order = {each.name: each.order for each in conversion.creates}
        made = sorted(done.created or done.used, key=lambda each: order[each.name])
        names = [_title(tx, tx.model.entities[each.entity], each.id) for each in made]
        goal = (
            visit.urls.record(made[-1].entity, made[-1].id) if made else visit.urls.record(entity, record_id)
        )
        return goal, ", ".join(names)

    try:
        goal, names = visit.write(work)
    except ValueError as error:
        raise FieldstoneError(str(error), code="form.malformed", kind="malformed") from error
    except FieldstoneError as error:
        if error.kind not in ("conflict", "stale", "refused", "invalid", "denied"):
            raise
        if error.code in ("conversion.done", "conversion.not_offered"):
            back = redirect(visit.urls.record(entity, record_id), 303)
            return flash.put(back, visit.urls, visit.texts(f"convert.{error.code.partition('.')[2]}"))
        return _page(visit, definition, record_id, name, error, STATUS[error.kind])
    return flash.put(redirect(goal, 303), visit.urls, visit.texts("convert.made", names=names))


def _sent(visit: Visit, conversion: Conversion) -> dict[str, dict[str, Any]]:
    """What people left in the form, by record."""
    found: dict[str, dict[str, Any]] = {}
    form = visit.request.form
    for creation in conversion.creates:
        target = visit.model.entities[creation.entity]
        for name in creation.shown:
            key = f"{creation.name}.{name}"
            if key not in form or name not in target.fields:
                continue
            field = target.fields[name]
            if field.type in LINK_TYPES:
                value: Any = form.get(key) or None
            else:
                value = EDIT_WIDGETS[field.type].read(field, form.getlist(key), visit.formats)
            found.setdefault(creation.name, {})[name] = value
    return found
