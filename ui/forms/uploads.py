"""Controls of stored files: one, several, a picture with its preview, a signature that is drawn or typed.

A file is uploaded as soon as it is chosen or dropped; the record names it when it is saved.
"""

from typing import Final

from markupsafe import Markup

from fieldstone.ui.forms.place import Place
from fieldstone.ui.widgets.controls import attributes

ONE: Final = Markup(
    '<div class="fs-file" data-file>{picture}<span data-file-name></span>'
    '<label class="btn btn-sm"><input {given}>{choose}</label>'
    '<button type="button" class="btn btn-sm btn-quiet" data-file-clear hidden>{clear}</button>'
    '<progress max="100" value="0" hidden></progress></div>'
)
PREVIEW: Final = Markup('<img class="fs-picture" data-file-preview alt="" hidden>')


def _given(place: Place, **more: object) -> Markup:
    accept = ",".join(place.field.settings.get("accept") or ()) or None
    own = {"type": "file", "class": "fs-file-input", "accept": accept, **place.common, "placeholder": None}
    return attributes({**own, **more})


def file(place: Place) -> Markup:
    return _one(place, Markup(""), place.visit.texts("form.file_choose"))


def image(place: Place) -> Markup:
    return _one(place, PREVIEW, place.visit.texts("form.picture_choose"))


def _one(place: Place, picture: Markup, choose: str) -> Markup:
    clear = place.visit.texts("form.file_clear")
    return ONE.format(picture=picture, given=_given(place), choose=choose, clear=clear)


def files(place: Place) -> Markup:
    """Several files: a list in which each can be taken out."""
    return Markup(
        '<div class="fs-file fs-files" data-file><ul data-file-list></ul>'
        '<label class="btn btn-sm"><input {}>{}</label><progress max="100" value="0" hidden></progress></div>'
    ).format(_given(place, multiple=True), place.visit.texts("form.files_choose"))


def signature(place: Place) -> Markup:
    """A place to sign with pen, finger or mouse; for keyboards a name to type, or a picture to upload."""
    texts = place.visit.texts
    named = {"aria-label": texts("form.signature_type")}
    typed = {"class": "form-control form-control-sm", "type": "text", "maxlength": 80, "autocomplete": "off"}
    typed |= {"data-signature-name": True, "placeholder": texts("form.signature_type"), **named}
    return Markup(
        '<div class="fs-signature" data-signature>'
        '<canvas width="640" height="200" role="img" aria-label="{label}" data-signature-pad></canvas>'
        '<div class="fs-signature-foot"><input {typed}>{one}</div></div>'
    ).format(
        label=texts("form.signature_draw", title=place.title),
        typed=attributes(typed),
        one=_one(place, PREVIEW, texts("form.signature_upload")),
    )
