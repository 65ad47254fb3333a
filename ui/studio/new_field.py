"""A new field, made from a form or a record page: a label and a type, the plan in one sentence, published.

The field gets its name from its label. It is in the form, in the list's columns, in filters, imports and the API as
soon as it is published. The dialog asks for the plan while one types and publishes exactly that plan.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from werkzeug.wrappers import Response

from fieldstone.engine import publish
from fieldstone.engine.publish import Edit, PublishPlan
from fieldstone.metadata.definitions import Entity, Model
from fieldstone.metadata.presentation import form_for
from fieldstone.ui.studio.gate import require_customiser
from fieldstone.ui.studio.names import option_const, property_name
from fieldstone.ui.studio.published import published
from fieldstone.ui.studio.wording import sentence
from fieldstone.ui.visit import Visit

LONGEST_LABEL: Final = 80
MOST_OPTIONS: Final = 200
TYPES: Final = (
    "text", "multiline", "integer", "decimal", "money", "percent", "date", "datetime", "boolean", "select",
    "multi_select", "link", "user", "email", "phone", "url", "tags", "file", "address",
    "radio", "rating", "time", "duration", "date_range", "rich_text", "markdown", "code", "colour", "icon", "geo_point",
    "barcode", "secret", "position", "image", "files", "signature", "region", "multi_link",
)  # fmt: skip
"""What the dialog offers, the usual ones first. Computed fields and lines need more than a dialog."""

WITH_TARGET: Final = ("link", "multi_link")
WITH_OPTIONS: Final = ("select", "radio", "multi_select")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the dialog was told."""

    label: str = ""
    type: str = "text"
    required: bool = False
    options: tuple[str, ...] = ()
    target: str = ""
    form: str = ""
    section: str = ""
    problems: dict[str, str] = field(default_factory=dict)


def ask(visit: Visit, entity: str) -> Response:
    """The dialog."""
    require_customiser(visit)
    definition = visit.entity(entity)
    form = visit.request.args.get("form", "")
    layout = form_for(visit.model, entity, visit.actor.roles, form or None) or form_for(
        visit.model, entity, visit.actor.roles
    )
    sections = []
    if layout is not None:
        labels = visit.labels
        sections = [
            (each.section.name, labels.section(layout.form, each.section))
            for tab in layout.tabs
            for each in tab.sections
        ]
    return visit.partial(
        "studio/new_field.html",
        entity=definition,
        form=layout.form.name if layout else "",
        sections=sections,
        types=[(name, visit.texts(f"studio.type.{name}")) for name in TYPES],
        with_options=WITH_OPTIONS,
        with_target=WITH_TARGET,
        targets=_targets(visit),
        action=visit.urls.page(f"studio/field/{entity}"),
    )


def _targets(visit: Visit) -> list[tuple[str, str]]:
    found = [
        (name, visit.labels.plural(entity))
        for name, entity in visit.model.entities.items()
        if entity.parent is None and entity.layer != "base" and visit.may(name, "read")
    ]
    return sorted(found, key=lambda pair: pair[1])


def plan(visit: Visit, entity: str) -> Response:
    """The foot of the dialog: what publishing would do, and the button for it."""
    require_customiser(visit)
    definition = visit.entity(entity)
    asked = _asked(visit, visit.model)
    if not asked.label or asked.problems:
        return visit.partial("studio/new_field_plan.html", plan=None, sentence="", problems=asked.problems)
    made = visit.read(lambda tx: publish.plan_edits(tx, edits(visit, definition, asked)))
    return _foot(visit, made)


def _foot(visit: Visit, made: PublishPlan) -> Response:
    problems = {"plan": " ".join(problem.message for problem in made.problems)} if made.problems else {}
    text = "" if made.problems else sentence(visit, made)
    return visit.partial("studio/new_field_plan.html", plan=made, sentence=text, problems=problems)


def save(visit: Visit, entity: str) -> Response:
    """Publish the field as it was planned."""
    require_customiser(visit)
    definition = visit.entity(entity)
    asked = _asked(visit, visit.model)
    sent = visit.request.form
    base = sent.get("base", "")
    made = edits(visit, definition, asked)
    result = publish.publish_edits(
        visit.services.engine, visit.context, made, int(base) if base.isdecimal() else 0, sent.get("plan", "")
    )
    text = visit.texts("studio.field_added", field=asked.label, entity=visit.labels.plural(definition))
    return published(visit, text, result.revision)


def _asked(visit: Visit, model: Model) -> Asked:
    sent, texts = visit.request.form, visit.texts
    label = " ".join(sent.get("label", "").split())[:LONGEST_LABEL]
    kind = sent.get("type", "text")
    options = tuple(
        dict.fromkeys(line.strip()[:200] for line in sent.get("options", "").splitlines() if line.strip())
    )
    problems = {}
    if kind not in TYPES:
        problems["type"] = texts("studio.field_type_unknown")
    if kind in WITH_OPTIONS and not options:
        problems["options"] = texts("studio.field_options_missing")
    if len(options) > MOST_OPTIONS:
        problems["options"] = texts("studio.field_options_many", most=MOST_OPTIONS)
    target = sent.get("target", "")
    if kind in WITH_TARGET and target not in dict(_targets(visit)):
        problems["target"] = texts("studio.field_target_missing")
    if not all(c.isprintable() for c in label):
        problems["label"] = texts("studio.field_label_odd")
    return Asked(
        label,
        kind,
        sent.get("required") == "1",
        options,
        target,
        sent.get("form", ""),
        sent.get("section", ""),
        problems,
    )


def schema_of(asked: Asked) -> dict[str, Any]:
    """The property as the entity's document says it."""
    schema: dict[str, Any] = {"field": asked.type, "title": asked.label}
    if asked.type in WITH_OPTIONS:
        consts: list[str] = []
        for title in asked.options:
            consts.append(option_const(title, consts))
        choices = [
            {"const": const, "title": title} for const, title in zip(consts, asked.options, strict=True)
        ]
        if asked.type in ("select", "radio"):
            schema["oneOf"] = choices
        else:
            schema["items"] = {"oneOf": choices}
    if asked.type in WITH_TARGET:
        schema["target"] = asked.target
    if asked.type == "boolean":
        schema["default"] = False
    if asked.type == "text":
        schema["maxLength"] = 255
    return schema


def edits(visit: Visit, entity: Entity, asked: Asked) -> list[Edit]:
    """The field in the entity's document, and where the form is not generated also on the form."""
    name = property_name(asked.label, entity.fields)

    def to_entity(body: dict[str, Any]) -> dict[str, Any]:
        body.setdefault("properties", {})[name] = schema_of(asked)
        if asked.required and asked.type != "boolean":
            body["required"] = [*body.get("required", ()), name]
        return body

    def to_form(body: dict[str, Any]) -> dict[str, Any]:
        items: list[dict[str, Any]] = body.setdefault("items", [])
        chosen = asked.section or _first_section(body)
        item: Mapping[str, Any] | None = next((each for each in items if each.get("name") == name), None)
        if item is None:
            items.append(
                {"name": name, **({"section": chosen} if chosen else {}), "order": _after(items, chosen)}
            )
        elif asked.section and item.get("section") != asked.section:
            items[items.index(dict(item))] = {
                **item,
                "section": asked.section,
                "order": _after(items, asked.section),
            }
        return body

    found = [Edit("entities", entity.name, to_entity)]
    if asked.form in visit.model.forms and visit.model.forms[asked.form].entity == entity.name:
        found.append(Edit("forms", asked.form, to_form))
    return found


def _first_section(body: Mapping[str, Any]) -> str:
    """Where a field goes when nobody said: the first section, which is where people look."""
    sections = body.get("sections") or []
    return str(sections[0]["name"]) if sections else ""


def _after(items: list[dict[str, Any]], section: str) -> float:
    """An order behind all items of a section (an item's own order is its position times 10 when left out)."""
    orders = [
        each.get("order", at * 10)
        for at, each in enumerate(items, 1)
        if not section or each.get("section", section) == section
    ]
    return max(orders, default=0) + 10
