"""Arrange a form: its fields between sections, columns and tabs, their titles, and what holds for which role."""

import json
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Response

from fieldstone.engine import publish
from fieldstone.engine.publish import Edit, PublishPlan
from fieldstone.metadata.definitions import Entity, Form, FormItem
from fieldstone.metadata.presentation import Labels, form_for, forms_of, layout
from fieldstone.ui.fields import field_of
from fieldstone.ui.studio.gate import require_customiser
from fieldstone.ui.studio.layouts import arranged, read_layout
from fieldstone.ui.studio.published import published
from fieldstone.ui.studio.wording import shown_changes
from fieldstone.ui.visit import PageMissing, Visit


@dataclass(frozen=True, slots=True)
class Card:
    """A field in the editor. `rules` is JSON: role (empty: everyone) -> what holds."""

    name: str
    title: str
    type: str
    rules: str
    needed: bool


def show(visit: Visit, entity: str) -> Response:
    """The editor."""
    require_customiser(visit)
    definition = visit.entity(entity)
    form = _form(visit, definition)
    on_form = {item.name for item in form.items}
    unused = [
        _card(visit, definition, form, FormItem(name, ""))
        for name in definition.fields
        if name not in on_form
    ]
    tabs = [(tab.name, visit.labels.text(f"form.{form.name}.tab.{tab.name}", tab.title)) for tab in form.tabs]
    return visit.page(
        "studio/arrange.html",
        page_entity=entity,
        entity=definition,
        form=form,
        forms=[
            (each.name, visit.labels.form(each)) for each in forms_of(visit.model, entity, visit.model.roles)
        ],
        tabs=[(name, title, _sections(visit, definition, form, name)) for name, title in tabs or [("", "")]],
        unused=unused,
        roles=[(name, visit.labels.role(name)) for name in sorted(visit.model.roles)],
        action=visit.urls.page(f"studio/form/{entity}"),
        back=visit.urls.new(entity, form=form.name),
    )


def _form(visit: Visit, entity: Entity) -> Form:
    wanted = visit.request.values.get("form", "")
    found = visit.model.forms.get(wanted)
    if found is not None and found.entity == entity.name:
        return found
    chosen = form_for(visit.model, entity.name, visit.actor.roles)
    if chosen is None:
        raise PageMissing(f"There is no form for {entity.name}.")
    return chosen.form


def _sections(visit: Visit, entity: Entity, form: Form, tab: str) -> list[tuple[Any, str, list[Card]]]:
    first = form.tabs[0].name if form.tabs else ""
    return [
        (
            section,
            visit.labels.section(form, section),
            [_card(visit, entity, form, item) for item in form.items if item.section == section.name],
        )
        for section in form.sections
        if not form.tabs or (section.tab or first) == tab
    ]


def _card(visit: Visit, entity: Entity, form: Form, item: FormItem) -> Card:
    field = field_of(entity, item.name)
    rules: dict[str, dict[str, bool]] = {
        "": {"hidden": item.hidden, "required": item.required, "readOnly": item.read_only}
    }
    for change in item.roles:
        flags = {"hidden": change.hidden, "required": change.required, "readOnly": change.read_only}
        rules[change.role] = {name: value for name, value in flags.items() if value is not None}
    key = f"studio.type.{field.type}" if field else ""
    kind = visit.texts(key) if visit.texts.has(key) else (field.type if field else "")
    return Card(
        item.name, visit.labels.item(form, item), kind, json.dumps(rules), bool(field and field.required)
    )


def _edits(visit: Visit, form: Form) -> list[Edit]:
    tabs = read_layout(visit.request.form.get("layout", ""))
    return [Edit("forms", form.name, arranged(tabs))]


def plan(visit: Visit, entity: str) -> Response:
    """The foot of the editor: what publishing would change."""
    require_customiser(visit)
    made = _planned(visit, visit.entity(entity))
    return visit.partial("studio/plan_foot.html", plan=made, changes=shown_changes(visit, made))


def _planned(visit: Visit, entity: Entity) -> PublishPlan:
    form = _form(visit, entity)
    return visit.read(lambda tx: publish.plan_edits(tx, _edits(visit, form)))


def preview(visit: Visit, entity: str) -> Response:
    """The form as holders of a role would see it, before anything is published."""
    require_customiser(visit)
    definition = visit.entity(entity)
    form = _form(visit, definition)
    made = _planned(visit, definition)
    role = visit.request.form.get("role", "")
    roles = {role} if role in visit.model.roles else set(visit.actor.roles)
    model = made.model or visit.model
    return visit.partial(
        "studio/preview.html",
        laid=layout(model, model.forms[form.name], roles),
        labels=Labels(model, visit.texts.locale),
        role=visit.labels.role(role) if role in visit.model.roles else visit.actor.name,
    )


def save(visit: Visit, entity: str) -> Response:
    """Publish the arrangement as it was planned."""
    require_customiser(visit)
    definition = visit.entity(entity)
    form = _form(visit, definition)
    sent = visit.request.form
    base = sent.get("base", "")
    result = publish.publish_edits(
        visit.services.engine, visit.context, _edits(visit, form), int(base) if base.isdecimal() else 0,
        sent.get("plan", ""), sent.getlist("consent"),
    )  # fmt: skip
    text = visit.texts("studio.arranged", title=visit.labels.form(form))
    return published(visit, text, result.revision, visit.urls.new(entity, form=form.name))
