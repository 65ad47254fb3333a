"""Where a control stands, and the native controls that most of them are made of."""

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from fieldstone.metadata.definitions import Entity, Field
from fieldstone.ui.visit import Visit
from fieldstone.ui.widgets.cell import BLANK
from fieldstone.ui.widgets.controls import attributes


@dataclass(frozen=True, slots=True)
class Place:
    """Where a control stands: `id` is empty in a grid, `title` is the visible name of the field."""

    visit: Visit
    entity: Entity
    field: Field
    title: str
    id: str = ""
    placeholder: str = ""
    described_by: str = ""

    @property
    def in_grid(self) -> bool:
        return not self.id

    @property
    def common(self) -> dict[str, Any]:
        """The attributes of the element that takes the focus."""
        named = (
            {"aria-label": self.title}
            if self.in_grid
            else {"id": self.id, "aria-describedby": self.described_by}
        )
        return {**named, "data-input": True, "placeholder": self.placeholder or None}


def input_of(place: Place, kind: str, **more: Any) -> Markup:
    given = {"class": "form-control", "type": kind, "autocomplete": "off", **more, **place.common}
    return Markup("<input {}>").format(attributes(given))


def multiline(place: Place) -> Markup:
    rows = 1 if place.in_grid else 4
    given = {
        "class": "form-control",
        "rows": rows,
        "maxlength": place.field.schema.get("maxLength"),
        **place.common,
    }
    return Markup("<textarea {}></textarea>").format(attributes(given))


def options_of(place: Place) -> list[tuple[str, str]]:
    labels = place.visit.labels
    return [
        (option.const, labels.option(place.entity, place.field, option.const))
        for option in place.field.options
    ]


def select_of(place: Place, options: list[tuple[str, str]]) -> Markup:
    items = BLANK.join(
        Markup('<option value="{}">{}</option>').format(value, label) for value, label in options
    )
    given = {"class": "form-select", **place.common, "placeholder": None}
    return Markup("<select {}>{}</select>").format(attributes(given), items)
