"""Puts the screens into the web application: the addresses, built files, and what happens around a handler.

Around every handler: resolve the tenant and the session once, choose the language, check the CSRF token, turn
errors into pages, add security headers.
"""

import mimetypes
from dataclasses import dataclass
from typing import Any

from flask import Flask, Request, redirect, request, send_from_directory
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from fieldstone.engine.context import Tenant
from fieldstone.engine.identity import SignedIn, Unauthenticated, context_for_session
from fieldstone.engine.ids import new_id
from fieldstone.ui import errors, password, security, sign_in
from fieldstone.ui.assets import PREFIX, Assets, load_assets
from fieldstone.ui.layout import frame, nav_links
from fieldstone.ui.messages import Texts, best_locale, known_locale, load_texts
from fieldstone.ui.routes import ROUTES, Route
from fieldstone.ui.services import Services
from fieldstone.ui.studio.gate import is_customiser
from fieldstone.ui.templating import Templates
from fieldstone.ui.urls import encode, urls_of
from fieldstone.ui.visit import PageMissing, Visit

FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Screens:
    """What lives as long as the application: templates and texts."""

    services: Services
    templates: Templates
    texts: dict[str, Texts]


def register(app: Flask, services: Services) -> None:
    """Add every screen to the application."""
    assets = load_assets()
    templates = Templates(assets)
    templates.add(is_customiser=is_customiser, frame=frame, nav_links=nav_links)
    screens = Screens(services, templates, dict(load_texts()))
    for number, route in enumerate(ROUTES):
        name = f"ui.{route.handler.__module__.rsplit('.', 1)[-1]}.{route.handler.__name__}.{number}"
        app.add_url_rule(route.path, name, _view(screens, route), methods=[route.method], strict_slashes=True)
    app.add_url_rule(f"{PREFIX}<path:name>", "ui.static", _files(assets))


def _view(screens: Screens, route: Route) -> Any:
    def view(**values: Any) -> Response:
        visit = _visit(screens, request, values.pop("tenant", ""))
        try:
            response = _guarded(visit, route, values)
        except HTTPException:
            raise
        except Exception as error:
            response = errors.answer(visit, error)
        return security.secure(response, request)

    return view


def _guarded(visit: Visit, route: Route, values: dict[str, Any]) -> Response:
    if route.access == "open":
        security.check_origin(visit.request)
        return route.handler(visit, **values)
    if visit.signed_in is None:
        if visit.is_partial:
            raise PageMissing("Sign in first.", kind="unauthenticated")
        back = visit.request.full_path.rstrip("?") if visit.request.method == "GET" else None
        return redirect(
            visit.urls.sign_in + encode([("next", back if back != visit.urls.home else None)]), 303
        )
    security.check_token(visit.request, visit.csrf_token)
    if visit.signed_in.must_change and route.handler not in (password.ask, password.change, sign_in.leave):
        return redirect(visit.urls.page("password"), 303)
    return route.handler(visit, **values)


def _visit(screens: Screens, asked: Request, tenant_name: str) -> Visit:
    request_id = asked.headers.get("X-Request-Id") or str(new_id())
    tenant, signed_in = _who(
        screens.services, tenant_name, asked.cookies.get(security.SESSION_COOKIE, ""), request_id
    )
    return Visit(
        services=screens.services,
        templates=screens.templates,
        request=asked,
        request_id=request_id,
        tenant_name=tenant_name,
        tenant=tenant,
        signed_in=signed_in,
        urls=urls_of(tenant_name),
        texts=screens.texts[_locale(asked, signed_in)],
    )


def _who(
    services: Services, name: str, cookie: str, request_id: str
) -> tuple[Tenant | None, SignedIn | None]:
    """The tenant of an address and whose session the cookie is, if there are such."""
    if not name:
        return None, None
    with services.engine.database.connection() as connection:
        tenant = services.tenants.find(connection, name)
        if tenant is None or not cookie:
            return tenant, None
        try:
            return tenant, context_for_session(connection, tenant, cookie, request_id=request_id)
        except Unauthenticated:
            return tenant, None


def _locale(asked: Request, signed_in: SignedIn | None) -> str:
    """The language: chosen in this browser, else the user's own, else what the browser asks for."""
    chosen = known_locale(asked.cookies.get("fs_locale"))
    own = known_locale(signed_in.context.actor.locale) if signed_in else None
    return chosen or own or best_locale(list(asked.accept_languages.values()))


def _files(assets: Assets) -> Any:
    def built_file(name: str) -> Response:
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        zipped = (
            "gzip" in request.headers.get("Accept-Encoding", "") and (assets.folder / f"{name}.gz").is_file()
        )
        response = send_from_directory(assets.folder, f"{name}.gz" if zipped else name, mimetype=kind)
        if zipped:
            response.headers["Content-Encoding"] = "gzip"
        response.headers["Vary"] = "Accept-Encoding"
        response.headers["Cache-Control"] = FOREVER
        return security.secure(response, request)

    return built_file
