"""The empty control of each field type. The browser fills it and reads it (`src/form/widgets.ts`, same keys).

A control stands on a form, where a label leads to its id, or in a cell of a line grid, where the column's heading is
its name (`aria-label`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from markupsafe import Markup

from fieldstone.metadata.definitions import MISSING, Entity, Field
from fieldstone.metadata.fields.currencies import currency_codes
from fieldstone.ui.fields import target_of
from fieldstone.ui.forms.parts import parts_of
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


Control = Callable[[Place], Markup]

PICK: Final = Markup(
    '<label class="fs-pick"><input type="checkbox" class="form-check-input" value="{}"><span>{}</span></label>'
)


def _input(place: Place, kind: str, **more: Any) -> Markup:
    given = {"class": "form-control", "type": kind, "autocomplete": "off", **more, **place.common}
    return Markup("<input {}>").format(attributes(given))


def text(place: Place) -> Markup:
    return _input(place, "text", maxlength=place.field.schema.get("maxLength"))


def multiline(place: Place) -> Markup:
    rows = 1 if place.in_grid else 4
    given = {
        "class": "form-control",
        "rows": rows,
        "maxlength": place.field.schema.get("maxLength"),
        **place.common,
    }
    return Markup("<textarea {}></textarea>").format(attributes(given))


def json_text(place: Place) -> Markup:
    given = {"class": "form-control font-monospace", "rows": 6, "spellcheck": "false", **place.common}
    return Markup("<textarea {}></textarea>").format(attributes(given))


def email(place: Place) -> Markup:
    return _input(place, "text", inputmode="email", autocapitalize="none", spellcheck="false")


def phone(place: Place) -> Markup:
    return _input(place, "tel")


def url(place: Place) -> Markup:
    return _input(place, "text", inputmode="url", autocapitalize="none", spellcheck="false")


def integer(place: Place) -> Markup:
    return _input(place, "text", inputmode="numeric")


def decimal(place: Place) -> Markup:
    return _input(place, "text", inputmode="decimal")


def percent(place: Place) -> Markup:
    return Markup('<div class="fs-affix">{}<span aria-hidden="true">%</span></div>').format(decimal(place))


def money(place: Place) -> Markup:
    """The amount, and its currency beside it; a grid shows the currency only where it is another one."""
    currencies = dict.fromkeys([place.visit.context.company.currency, *currency_codes()])
    options = BLANK.join(Markup("<option>{}</option>").format(code) for code in currencies)
    name = place.visit.texts("form.currency", title=place.title)
    select = Markup('<select class="form-select" data-currency aria-label="{}">{}</select>').format(
        name, options
    )
    return Markup('<div class="fs-money">{}{}</div>').format(decimal(place), select)


def boolean(place: Place) -> Markup:
    """A switch; where the field may also be unknown, a choice of three."""
    if place.field.default is MISSING and not place.field.required:
        texts = place.visit.texts
        options = [("", ""), ("true", texts("value.yes")), ("false", texts("value.no"))]
        return _select(place, options)
    given = {"class": "form-check-input", "type": "checkbox", **place.common, "placeholder": None}
    box = Markup("<input {}>").format(attributes(given))
    return box if place.in_grid else Markup('<div class="fs-check form-switch">{}</div>').format(box)


def date(place: Place) -> Markup:
    return _input(place, "date")


def moment(place: Place) -> Markup:
    return _input(place, "datetime-local")


def select(place: Place) -> Markup:
    return _select(place, [("", ""), *_options(place)])


def _options(place: Place) -> list[tuple[str, str]]:
    labels = place.visit.labels
    return [
        (option.const, labels.option(place.entity, place.field, option.const))
        for option in place.field.options
    ]


def _select(place: Place, options: list[tuple[str, str]]) -> Markup:
    items = BLANK.join(
        Markup('<option value="{}">{}</option>').format(value, label) for value, label in options
    )
    given = {"class": "form-select", **place.common, "placeholder": None}
    return Markup("<select {}>{}</select>").format(attributes(given), items)


def several(place: Place) -> Markup:
    """Every option as a box of its own."""
    boxes = BLANK.join(PICK.format(value, label) for value, label in _options(place))
    given = {
        **place.common,
        "role": "group",
        "aria-label": place.title,
        "placeholder": None,
        "tabindex": "-1",
    }
    return Markup('<div class="fs-picks" {}>{}</div>').format(attributes(given), boxes)


def tags(place: Place) -> Markup:
    """Words as chips; Enter or a comma ends one."""
    titles = BLANK.join(Markup('<option value="{}">').format(label) for _, label in _options(place))
    listed = (
        Markup('<datalist id="{0}-known">{1}</datalist>').format(place.id or "tags", titles)
        if titles
        else BLANK
    )
    common = {**place.common, "list": f"{place.id}-known" if titles else None}
    field = Markup("<input {}>").format(
        attributes({"type": "text", "autocomplete": "off", "maxlength": 100, **common})
    )
    return Markup('<div class="fs-tags" data-tags><span data-tag-list></span>{}{}</div>').format(
        field, listed
    )


def link(place: Place) -> Markup:
    """Finds records while one types (an ARIA combobox)."""
    target = target_of(place.visit.model, place.field)
    box = attributes({
        "class": "form-control", "type": "text", "role": "combobox", "autocomplete": "off", "spellcheck": "false",
        "aria-expanded": "false", "aria-autocomplete": "list", **place.common,
        "placeholder": place.placeholder or (None if place.in_grid else place.visit.texts("form.find")),
    })  # fmt: skip
    clear = Markup(
        '<button type="button" class="fs-combo-clear" tabindex="-1" hidden aria-label="{}">×</button>'
    ).format(place.visit.texts("form.clear", title=place.title))
    return Markup(
        '<div class="fs-combo" data-target="{}"><input {}>{}<ul role="listbox" hidden></ul></div>'
    ).format(target.name if target else "", box, clear)


def file(place: Place) -> Markup:
    """A file is uploaded as soon as it is chosen or dropped."""
    texts = place.visit.texts
    accept = ",".join(place.field.settings.get("accept") or ()) or None
    given = {"type": "file", "class": "fs-file-input", "accept": accept, **place.common, "placeholder": None}
    return Markup(
        '<div class="fs-file" data-file><span data-file-name></span>'
        '<label class="btn btn-sm"><input {0}>{1}</label>'
        '<button type="button" class="btn btn-sm btn-quiet" data-file-clear hidden>{2}</button>'
        '<progress max="100" value="0" hidden></progress></div>'
    ).format(attributes(given), texts("form.file_choose"), texts("form.file_clear"))


def parts(place: Place) -> Markup:
    """An address or a name, its parts in the order of the visitor's language."""
    inputs = []
    for number, name in enumerate(parts_of(place.field.type, place.visit.texts.locale)):
        shown = place.visit.texts(f"part.{name}")
        own = {
            "class": "form-control",
            "type": "text",
            "autocomplete": "off",
            "data-part": name,
            "maxlength": 255,
        }
        given = {**own, "aria-label": f"{place.title}: {shown}", "placeholder": shown}
        if number == 0 and not place.in_grid:
            given |= {"id": place.id, "aria-describedby": place.described_by}
        inputs.append(Markup("<input {}>").format(attributes(given)))
    return Markup('<div class="fs-parts" data-parts="{}">{}</div>').format(
        place.field.type, BLANK.join(inputs)
    )


FORM_CONTROLS: Final[Mapping[str, Control]] = {
    "text": text, "multiline": multiline, "email": email, "phone": phone, "url": url, "integer": integer,
    "number": decimal, "decimal": decimal, "percent": percent, "money": money, "boolean": boolean, "date": date,
    "datetime": moment, "select": select, "multi_select": several, "tags": tags, "link": link, "parent": link,
    "user": link, "team": link, "file": file, "address": parts, "person_name": parts, "json": json_text,
}  # fmt: skip
"""By field type; lines are a grid of these (`grid.html`), computed fields are shown, not edited."""
