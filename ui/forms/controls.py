"""The empty control of each field type. The browser fills it and reads it (`src/form/widgets.ts`, same keys).

A control stands on a form, where a label leads to its id, or in a cell of a line grid, where the column's heading is
its name (`aria-label`).
"""

from collections.abc import Callable, Mapping
from typing import Final

from markupsafe import Markup

from fieldstone.metadata.definitions import MISSING
from fieldstone.metadata.fields.currencies import currency_codes
from fieldstone.ui.forms import choosers, linking, prose, spans, uploads
from fieldstone.ui.forms.parts import parts_of
from fieldstone.ui.forms.place import Place, input_of, multiline, options_of, select_of
from fieldstone.ui.widgets.cell import BLANK
from fieldstone.ui.widgets.controls import attributes

Control = Callable[[Place], Markup]

PICK: Final = Markup(
    '<label class="fs-pick"><input type="checkbox" class="form-check-input" value="{}"><span>{}</span></label>'
)


def text(place: Place) -> Markup:
    return input_of(place, "text", maxlength=place.field.schema.get("maxLength"))


def json_text(place: Place) -> Markup:
    given = {"class": "form-control font-monospace", "rows": 6, "spellcheck": "false", **place.common}
    return Markup("<textarea {}></textarea>").format(attributes(given))


def email(place: Place) -> Markup:
    return input_of(place, "text", inputmode="email", autocapitalize="none", spellcheck="false")


def phone(place: Place) -> Markup:
    return input_of(place, "tel")


def url(place: Place) -> Markup:
    return input_of(place, "text", inputmode="url", autocapitalize="none", spellcheck="false")


def integer(place: Place) -> Markup:
    return input_of(place, "text", inputmode="numeric")


def decimal(place: Place) -> Markup:
    return input_of(place, "text", inputmode="decimal")


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
        return select_of(place, options)
    given = {"class": "form-check-input", "type": "checkbox", **place.common, "placeholder": None}
    box = Markup("<input {}>").format(attributes(given))
    return box if place.in_grid else Markup('<div class="fs-check form-switch">{}</div>').format(box)


def date(place: Place) -> Markup:
    return input_of(place, "date")


def moment(place: Place) -> Markup:
    return input_of(place, "datetime-local")


def select(place: Place) -> Markup:
    return select_of(place, [("", ""), *options_of(place)])


def several(place: Place) -> Markup:
    """Every option as a box of its own."""
    boxes = BLANK.join(PICK.format(value, label) for value, label in options_of(place))
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
    titles = BLANK.join(Markup('<option value="{}">').format(label) for _, label in options_of(place))
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
    "datetime": moment, "select": select, "multi_select": several, "tags": tags, "link": linking.link,
    "parent": linking.link, "user": linking.link, "team": linking.link, "file": uploads.file, "address": parts,
    "person_name": parts, "json": json_text,
    "time": spans.time, "duration": spans.duration, "date_range": spans.date_range, "geo_point": spans.geo_point,
    "secret": spans.secret, "barcode": spans.barcode, "rating": choosers.rating, "radio": choosers.radio,
    "colour": choosers.colour, "icon": choosers.icon, "rich_text": prose.rich_text, "markdown": prose.markdown,
    "code": prose.code, "image": uploads.image, "files": uploads.files, "signature": uploads.signature,
    "any_link": linking.any_link, "dependent_select": linking.dependent, "region": linking.region,
}  # fmt: skip
"""By field type; lines are a grid of these (`grid.html`), computed fields are shown, not edited."""
