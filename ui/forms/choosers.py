"""Controls in which one picks: stars, radio buttons, a colour, an icon.

In a cell of a line grid a choice of buttons is a list, since rows are copies of one template and radio buttons of
copies would share their name.
"""

from markupsafe import Markup

from fieldstone.ui.forms.place import Place, input_of, options_of, select_of
from fieldstone.ui.widgets.cell import BLANK
from fieldstone.ui.widgets.controls import attributes
from fieldstone.ui.widgets.marks import shapes


def _group(place: Place, kind: str, buttons: Markup) -> Markup:
    given = {
        **place.common,
        "role": "radiogroup",
        "aria-label": place.title,
        "placeholder": None,
        "tabindex": "-1",
    }
    clear = BLANK
    if not place.field.required:
        clear = Markup(
            '<button type="button" class="btn btn-sm btn-quiet" data-choice-clear hidden>{}</button>'
        ).format(place.visit.texts("form.choice_clear"))
    return Markup('<div class="{}" data-choice {}>{}{}</div>').format(kind, attributes(given), buttons, clear)


def rating(place: Place) -> Markup:
    most = int(place.field.schema["maximum"])
    if place.in_grid:
        return select_of(place, [("", ""), *((str(n), "★" * n or "0") for n in range(most + 1))])
    star = shapes().icon("star")
    texts = place.visit.texts
    buttons = BLANK.join(
        Markup(
            '<label title="{2}"><input type="radio" class="visually-hidden" name="choice-{0}" value="{1}" aria-label="{2}">{3}</label>'
        ).format(place.field.name, value, texts("value.stars", value=value, most=most), star)
        for value in range(1, most + 1)
    )
    return _group(place, "fs-stars fs-stars-edit", buttons)


def radio(place: Place) -> Markup:
    if place.in_grid:
        return select_of(place, [("", ""), *options_of(place)])
    buttons = BLANK.join(
        Markup(
            '<label class="fs-pick"><input type="radio" class="form-check-input" name="choice-{}" value="{}"><span>{}</span></label>'
        ).format(place.field.name, value, label)
        for value, label in options_of(place)
    )
    return _group(place, "fs-picks", buttons)


def colour(place: Place) -> Markup:
    """The digits, and the browser's own chooser beside them."""
    swatch = {
        "type": "color",
        "data-swatch": True,
        "aria-label": place.visit.texts("form.colour", title=place.title),
    }
    text = input_of(
        place, "text", maxlength=7, spellcheck="false", autocapitalize="none", pattern="#[0-9a-fA-F]{6}"
    )
    return Markup('<div class="fs-colour" data-colour><input {}>{}</div>').format(attributes(swatch), text)


def icon(place: Place) -> Markup:
    """The name, found while one types; in a form also every picture to choose from."""
    names = place.field.schema["enum"]
    if place.in_grid:
        return select_of(place, [("", ""), *((name, name) for name in names)])
    texts = place.visit.texts
    pictures = BLANK.join(
        Markup(
            '<button type="button" role="option" data-icon="{0}" title="{0}" aria-label="{0}">{1}</button>'
        ).format(name, shapes().icon(name))
        for name in names
    )
    button = attributes({**place.common, "placeholder": None})
    return Markup(
        '<div class="fs-icons" data-icons><button type="button" class="btn" aria-haspopup="listbox" aria-expanded="false" {}>'
        '<span data-icon-picture></span><span data-icon-name data-none="{}"></span></button>'
        '<div class="fs-icons-panel" hidden><input type="search" class="form-control" autocomplete="off" aria-label="{}" placeholder="{}">'
        '<div class="fs-icons-list" role="listbox" aria-label="{}">{}</div>'
        '<button type="button" class="btn btn-sm btn-quiet" data-icon="">{}</button></div></div>'
    ).format(
        button, texts("form.icon_choose"), texts("form.icon_find"), texts("form.icon_find"), place.title, pictures,
        texts("form.choice_clear"),
    )  # fmt: skip
