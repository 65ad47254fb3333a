"""Controls of links, of choices that depend on another field, and of regions."""

from markupsafe import Markup

from fieldstone.metadata.fields.region_names import country_names
from fieldstone.ui.fields import target_of
from fieldstone.ui.forms.place import Place, options_of, select_of
from fieldstone.ui.widgets.cell import BLANK
from fieldstone.ui.widgets.controls import attributes


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


def any_link(place: Place) -> Markup:
    """What kind of record, then which one."""
    visit = place.visit
    targets = [visit.model.entities[name] for name in place.field.settings["targets"]]
    kinds = [(each.name, visit.labels.entity(each)) for each in targets if visit.may(each.name, "read")]
    options = BLANK.join(Markup('<option value="{}">{}</option>').format(*kind) for kind in kinds)
    select = Markup('<select class="form-select" data-entity aria-label="{}">{}</select>').format(
        visit.texts("form.kind_of_record", title=place.title), options
    )
    return Markup('<div class="fs-any-link">{}{}</div>').format(select, link(place))


def dependent(place: Place) -> Markup:
    """A choice; the browser leaves only what goes with the field on which it depends."""
    return select_of(place, [("", ""), *options_of(place)])


def region(place: Place) -> Markup:
    """A country, then the part of it; the parts come from the server when a country is chosen."""
    visit, settings = place.visit, place.field.settings
    names = country_names(visit.texts.locale)
    allowed = settings["countries"] or names
    options = sorted(((code, names[code]) for code in allowed), key=lambda each: each[1])
    country = select_of(place, [("", ""), *options])
    if settings["level"] == "country":
        return Markup('<div class="fs-region">{}</div>').format(country)
    part = Markup('<select class="form-select" data-region-part aria-label="{}" hidden></select>').format(
        visit.texts("form.region_part", title=place.title)
    )
    return Markup('<div class="fs-region">{}{}</div>').format(country, part)
