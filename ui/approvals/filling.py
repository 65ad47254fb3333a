"""Fields that a step lets be filled in with the decision: their controls on the task's page, and what was sent."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from markupsafe import Markup

from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Entity
from fieldstone.ui.approvals.values import typed
from fieldstone.ui.fields import LINK_TYPES
from fieldstone.ui.forms.linked import titles
from fieldstone.ui.lists.rows import cell_of
from fieldstone.ui.visit import Visit
from fieldstone.ui.widgets.edit import EDIT_WIDGETS

WRITABLE: Final = ("write", "required")
PREFIX: Final = "values."
"""Before the names of the controls, so that a field named comment or version is not taken for something else."""


@dataclass(frozen=True, slots=True)
class Control:
    """`html` None: a link, which is picked at `pick`."""

    name: str
    id: str
    title: str
    required: bool
    html: Markup | None
    pick: str = ""
    value: str = ""
    shown: str = ""


def controls(tx: Transaction, visit: Visit, entity: Entity, task: Mapping[str, Any]) -> list[Control]:
    """The controls, with the values that the record has now or that were sent."""
    if task["state"] != "open":
        return []
    now = {each["field"]: each["value"] for each in task["values"]}
    found = []
    for each in task["fields"]:
        field = entity.fields.get(each["name"])
        if field is None or each["access"] not in WRITABLE:
            continue
        name, required = PREFIX + field.name, each["access"] == "required"
        identity = f"fill-{field.name}"
        title = visit.labels.field(entity, field)
        value = visit.request.form.get(name, now.get(field.name))
        if field.type in LINK_TYPES:
            shown = (
                titles(tx, entity, [{field.name: value}], {}).get(str(value), {}).get("$title")
                if value
                else ""
            )
            pick = f"{visit.urls.list(entity.name)}/lookup?field={field.name}"
            found.append(
                Control(name, identity, title, required, None, pick, str(value or ""), str(shown or ""))
            )
        elif field.type in EDIT_WIDGETS:
            cell = cell_of(visit, visit.labels, entity, replace(field, name=name), typed(field, value), {})
            kind = "form-select" if field.options or field.type == "boolean" else "form-control"
            attributes = {"id": identity, "class": kind} | ({"required": True} if required else {})
            found.append(
                Control(name, identity, title, required, EDIT_WIDGETS[field.type].control(cell, attributes))
            )
    return found


def sent(visit: Visit, entity: Entity) -> dict[str, Any]:
    """The values that came with a decision."""
    form = visit.request.form
    found: dict[str, Any] = {}
    for key in form:
        field = entity.fields.get(key.removeprefix(PREFIX)) if key.startswith(PREFIX) else None
        if field is None:
            continue
        if field.type in LINK_TYPES:
            found[field.name] = form[key] or None
        elif field.type in EDIT_WIDGETS:
            found[field.name] = EDIT_WIDGETS[field.type].read(field, form.getlist(key), visit.formats)
    return found
