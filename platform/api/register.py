"""Puts the API into the web application, and does what is the same around every handler.

In this order: find the route, require a credential, read the body (bounded), and only then take a connection, which
opens the context and does the work. Whatever goes wrong becomes a problem document.
"""

import logging
import re
from typing import Any, Final

from flask import Blueprint, Flask, Response, request
from werkzeug.routing import BaseConverter, Rule

from fieldstone.api.answers import Answer
from fieldstone.api.authentication import authenticate, credential, platform_context, tenant_of
from fieldstone.api.bodies import JSON_LIMIT, read_body
from fieldstone.api.call import Call
from fieldstone.api.problems import problem_answer
from fieldstone.api.router import Router
from fieldstone.api.routes import ROUTES
from fieldstone.api.services import Services
from fieldstone.engine.cache import LRU
from fieldstone.engine.ids import new_id
from fieldstone.engine.service import Unavailable
from fieldstone.engine.storage.connection import UNREACHABLE

REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._:-]{1,64}")
ENDPOINT: Final = "api.call"
COMMON: Final = {
    "Cache-Control": "private, no-cache",
    "Vary": "Authorization, Cookie",
    "X-Content-Type-Options": "nosniff",
}

log = logging.getLogger("fieldstone.api")


class Anything(BaseConverter):
    """The rest of an address, whatever is in it; Werkzeug's own `path` ends at a line break, and then HTML answers."""

    part_isolating = False
    regex = r"[\s\S]+?"
    weight = 200


def register(app: Flask, services: Services) -> None:
    """Add `/t/<tenant>/api/v1/...` and, for mapped hosts, `/api/v1/...`. Every method arrives here."""
    router = Router(ROUTES)
    kept: LRU[tuple[Any, ...], Any] = LRU(64)

    def view(rest: str, tenant: str | None = None) -> Response:
        sent = request.headers.get("X-Request-Id", "")
        request_id = sent if REQUEST_ID.fullmatch(sent) else str(new_id())
        try:
            answer = _answer(services, router, kept, tenant, rest, request_id)
        except UNREACHABLE as error:
            services.engine.database.dispose()  # what is left in the pool is most likely broken as well
            answer = problem_answer(
                Unavailable("The database cannot be reached just now; try again."), request_id
            )
            log.warning("request %s: %s", request_id, error)
        except Exception as error:
            answer = problem_answer(error, request_id)
        return _response(answer, request_id)

    app.url_map.converters["anything"] = Anything
    app.register_blueprint(Blueprint("api", __name__))
    for prefix in ("/t/<tenant>/api/v1", "/api/v1"):
        for path in (f"{prefix}/<anything:rest>", f"{prefix}/"):
            defaults = {"rest": ""} if path.endswith("/") else None
            app.url_map.add(Rule(path, endpoint=ENDPOINT, defaults=defaults))
    app.view_functions[ENDPOINT] = view


def _answer(
    services: Services,
    router: Router,
    kept: "LRU[tuple[Any, ...], Any]",
    name: str | None,
    rest: str,
    request_id: str,
) -> Answer:
    if name is None:
        with services.engine.database.connection() as connection:
            tenant_of(connection, services.tenants, request, None)
    route, variables = router.match(request.method, rest)
    signed = route.access == "signed"
    kind, secret = ("", "") if signed else credential(request)
    raw = b"" if route.method == "GET" else read_body(request, route.limit or JSON_LIMIT)
    engine = services.engine
    with engine.database.connection() as connection:
        tenant = tenant_of(connection, services.tenants, request, name)
        context = (
            platform_context(engine, connection, tenant, request_id)
            if signed
            else authenticate(connection, tenant, request, kind, secret, request_id)
        )
        base = (
            f"{request.script_root}/t/{name}/api/v1" if name is not None else f"{request.script_root}/api/v1"
        )
        call = Call(engine, tenant, context, connection, request, route, base, raw, kept)
        return route.handler(call, **variables)


def _response(answer: Answer, request_id: str) -> Response:
    headers = {**COMMON, "X-Request-Id": request_id, **answer.headers}
    if answer.body:
        return Response(answer.body, answer.status, headers, content_type=answer.media_type)
    response = Response(b"", answer.status, headers)
    response.headers.pop("Content-Type", None)
    return response
