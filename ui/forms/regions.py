"""The parts of a country, for the control of a region."""

from werkzeug.wrappers import Response

from fieldstone.metadata.fields.region_names import countries, parts_of
from fieldstone.ui.forms.screen import json_response
from fieldstone.ui.visit import PageMissing, Visit


def parts(visit: Visit, country: str) -> Response:
    """Code, name and the part that each lies in, in the visitor's language; a browser may keep them for a day."""
    if country not in countries():
        raise PageMissing("There is no such country.", country=country)
    found = [
        {"code": part.code, "in": part.parent, "name": part.name}
        for part in parts_of(country, visit.texts.locale)
    ]
    response = json_response({"parts": found})
    response.headers["Cache-Control"] = "private, max-age=86400"
    response.headers["Vary"] = "Cookie"
    return response
