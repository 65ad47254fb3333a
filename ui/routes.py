"""The table of addresses: method, path, handler, and who may ask.

`open` pages need no session; everything else needs one. A test lists every row with its access rule.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from werkzeug.wrappers import Response

from fieldstone.ui import documents, errors, home, palette, password, sign_in
from fieldstone.ui.lists import cells, choices, delete, screen

Handler = Callable[..., Response]
"""Called with the visit and the variables of the path."""


@dataclass(frozen=True, slots=True)
class Route:
    method: Literal["GET", "POST"]
    path: str
    handler: Handler
    access: Literal["open", "session"] = "session"


ROUTES: tuple[Route, ...] = (
    Route("GET", "/", sign_in.choose, "open"),
    Route("POST", "/", sign_in.chosen, "open"),
    Route("GET", "/t/<tenant>/sign-in", sign_in.ask, "open"),
    Route("POST", "/t/<tenant>/sign-in", sign_in.enter, "open"),
    Route("POST", "/t/<tenant>/sign-out", sign_in.leave),
    Route("GET", "/t/<tenant>/link/<secret>", password.ask_by_link, "open"),
    Route("POST", "/t/<tenant>/link/<secret>", password.redeem, "open"),
    Route("GET", "/t/<tenant>/password", password.ask),
    Route("POST", "/t/<tenant>/password", password.change),
    Route("GET", "/t/<tenant>/", home.show),
    Route("GET", "/t/<tenant>/palette", palette.find),
    Route("GET", "/t/<tenant>/documents", documents.show),
    Route("GET", "/t/<tenant>/e/<entity>", screen.show),
    Route("GET", "/t/<tenant>/e/<entity>/filter", choices.filter_fields),
    Route("POST", "/t/<tenant>/e/<entity>/delete", delete.remove),
    Route("POST", "/t/<tenant>/e/<entity>/restore", delete.bring_back),
    Route("GET", "/t/<tenant>/e/<entity>/<uuid:record_id>/cell/<field>", cells.edit),
    Route("POST", "/t/<tenant>/e/<entity>/<uuid:record_id>/cell/<field>", cells.save),
    Route("GET", "/t/<tenant>/<path:rest>", errors.missing),
)
