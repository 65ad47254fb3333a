"""Controls of times, ranges, places, secrets and barcodes."""

from markupsafe import Markup

from fieldstone.ui.forms.place import Place, input_of
from fieldstone.ui.widgets.cell import BLANK
from fieldstone.ui.widgets.controls import attributes


def time(place: Place) -> Markup:
    return input_of(place, "time", step="any")


def duration(place: Place) -> Markup:
    given = {"placeholder": place.placeholder or place.visit.texts("form.duration")}
    box = {"class": "form-control", "type": "text", "autocomplete": "off", **place.common, **given}
    return Markup("<input {}>").format(attributes(box))


def barcode(place: Place) -> Markup:
    digits = place.field.settings.get("symbology") not in ("code128", "qr")
    return input_of(
        place, "text", spellcheck="false", autocapitalize="none", inputmode="numeric" if digits else None
    )


def _parts(place: Place, kind: str, names: tuple[str, ...], **more: str) -> list[Markup]:
    inputs = []
    for at, name in enumerate(names):
        shown = place.visit.texts(f"part.{name}")
        given = {
            "class": "form-control", "autocomplete": "off", "data-span": name, "aria-label": f"{place.title}: {shown}", **more,
        }  # fmt: skip
        if at == 0:
            first = {**place.common, "placeholder": None}
            given = {**given, **first, "aria-label": f"{place.title}: {shown}"}
        if kind == "geo":
            given["placeholder"] = shown
        inputs.append(Markup("<input {}>").format(attributes(given)))
    return inputs


def date_range(place: Place) -> Markup:
    dash = Markup('<span aria-hidden="true">–</span>')
    inputs = _parts(place, "range", ("start", "end"), type="date")
    return Markup('<div class="fs-span">{}</div>').format(dash.join(inputs))


def geo_point(place: Place) -> Markup:
    """Latitude and longitude, or where the visitor is."""
    here = Markup('<button type="button" class="btn" data-here>{}</button>').format(
        place.visit.texts("form.here")
    )
    inputs = _parts(place, "geo", ("lat", "lon"), type="text", inputmode="decimal")
    return Markup('<div class="fs-span" data-geo>{}{}</div>').format(
        BLANK.join(inputs), BLANK if place.in_grid else here
    )


def secret(place: Place) -> Markup:
    """Never filled: it tells that one is set, takes a new one, and can clear it."""
    texts = place.visit.texts
    given = {**place.common, "placeholder": texts("form.secret_new"), "data-set": texts("form.secret_set")}
    box = attributes({"class": "form-control", "type": "password", "autocomplete": "new-password", **given})
    clear = Markup(
        '<button type="button" class="btn btn-sm btn-quiet" data-secret-clear hidden>{}</button>'
    ).format(texts("form.choice_clear"))
    return Markup('<div class="fs-secret"><input {}>{}</div>').format(box, clear)
