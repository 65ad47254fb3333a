"""Why?: for each field of a screen, what hides, locks, requires or computes it, by which rule of which layer.

Rights come from the engine's own explanation, form rules from the form's document. About hidden fields only those are
told who manage the definitions.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from werkzeug.wrappers import Response

from fieldstone.engine import records
from fieldstone.engine.permissions import NotFound, access, explain, may_manage
from fieldstone.engine.transaction import Transaction
from fieldstone.expressions import Checked
from fieldstone.metadata.definitions import Entity, Field, Form, FormItem
from fieldstone.metadata.presentation import form_for
from fieldstone.ui.fields import field_of
from fieldstone.ui.visit import Visit


@dataclass(frozen=True, slots=True)
class Because:
    """One reason: its kind (`hidden`, `locked`, `required`, `computed`, `shown`), words, source and layer."""

    kind: str
    text: str
    source: str = ""
    layer: str = ""


@dataclass(frozen=True, slots=True)
class Explained:
    title: str
    name: str
    reasons: tuple[Because, ...]


def show(visit: Visit, entity: str) -> Response:
    """The dialog: all fields, or one (`field`), of a form (`form`) and perhaps a record (`record`)."""
    definition = visit.entity(entity)
    args = visit.request.args
    record_id = args.get("record", type=UUID)

    def work(tx: Transaction) -> list[Explained]:
        roles = visit.actor.roles
        layout = form_for(tx.model, entity, roles, args.get("form")) or form_for(tx.model, entity, roles)
        record = records.read(tx, entity, record_id) if record_id else None
        names = [args["field"]] if args.get("field") else _names(tx, visit, definition)
        form = layout.form if layout else None
        told = [_explained(tx, visit, definition, form, name, record) for name in names]
        return [each for each in told if each is not None]

    return visit.partial("record/why.html", fields=visit.read(work), one=bool(args.get("field")))


def _names(tx: Transaction, visit: Visit, entity: Entity) -> list[str]:
    readable = access(tx, entity.name).readable
    return [name for name in entity.fields if name in readable or may_manage(visit, "metadata")]


def _explained(
    tx: Transaction, visit: Visit, entity: Entity, form: Form | None, name: str, record: dict[str, Any] | None
) -> Explained | None:
    field = field_of(entity, name)
    if field is None or (name not in access(tx, entity.name).readable and not may_manage(visit, "metadata")):
        return None
    item = next((each for each in form.items if each.name == name), None) if form else None
    reasons = [
        *_rights(tx, visit, entity, name, record),
        *_of_field(visit, field),
        *_of_item(visit, form, item),
    ]
    if not reasons:
        return None
    return Explained(visit.labels.field(entity, field), name, tuple(dict.fromkeys(reasons)))


def _rights(
    tx: Transaction, visit: Visit, entity: Entity, name: str, record: dict[str, Any] | None
) -> Iterable[Because]:
    verb = "update" if record else "create"
    try:
        reasons = explain(tx, entity.name, verb, record, name)
    except NotFound:
        return []
    found = []
    for reason in reasons:
        if reason.allowed:
            continue
        kind = "hidden" if reason.code in ("field.hidden", "field.derived") else "locked"
        role = visit.labels.role(reason.role) if reason.role else ""
        key = f"why.{reason.code}"
        text = visit.texts(key, role=role, rule=reason.rule or "") if visit.texts.has(key) else reason.message
        found.append(Because(kind, text, reason.rule or "", reason.layer or ""))
    return found


def _of_field(visit: Visit, field: Field) -> Iterable[Because]:
    t = visit.texts
    if field.formula is not None:
        yield Because("computed", t("why.formula"), field.formula.source, field.layer)
    elif field.rollup is not None:
        of = [field.rollup.of, *([field.rollup.value.source] if field.rollup.value else [])]
        yield Because("computed", t("why.rollup"), f"{field.rollup.fn}({', '.join(of)})", field.layer)
    elif field.related is not None:
        yield Because("computed", t("why.related"), ".".join(field.related), field.layer)
    elif field.sequence is not None:
        yield Because("computed", t("why.sequence"), field.sequence.pattern, field.layer)
    elif field.read_only:
        yield Because("locked", t("why.read_only"), "", field.layer)
    if field.required:
        yield Because("required", t("why.required"), "", field.layer)
    yield from _rule(visit, "required", field.required_when, field.layer)
    yield from _rule(visit, "locked", field.read_only_when, field.layer)


def _of_item(visit: Visit, form: Form | None, item: FormItem | None) -> Iterable[Because]:
    t = visit.texts
    if form is None:
        return
    if item is None:
        yield Because("hidden", t("why.not_on_form", form=visit.labels.form(form)), "", form.layer)
        return
    section = next((each for each in form.sections if each.name == item.section), None)
    tab = next((each for each in form.tabs if section is not None and each.name == section.tab), None)
    for part in (tab, section):
        if part is not None:
            yield from _rule(visit, "hidden", part.visible_when, part.layer)
    yield from _rule(visit, "hidden", item.visible_when, item.layer)
    yield from _rule(visit, "required", item.required_when, item.layer)
    yield from _rule(visit, "locked", item.read_only_when, item.layer)
    for kind, flag in (("hidden", item.hidden), ("locked", item.read_only), ("required", item.required)):
        if flag:
            yield Because(kind, t(f"why.form_{kind}"), "", item.layer)
    for change in item.roles:
        role = visit.labels.role(change.role)
        for kind, on in (
            ("hidden", change.hidden),
            ("locked", change.read_only),
            ("required", change.required),
        ):
            if on:
                yield Because(kind, t(f"why.role_{kind}", role=role), "", item.layer)


def _rule(visit: Visit, kind: str, rule: Checked | None, layer: str) -> Iterable[Because]:
    if rule is not None:
        yield Because(kind, visit.texts(f"why.rule_{kind}"), rule.source, layer)
