"""The company's settings and its logo."""

from typing import Any, Final
from zoneinfo import ZoneInfo

from babel.numbers import get_currency_name
from flask import redirect
from werkzeug.wrappers import Response

from fieldstone.engine.tenants.logo import drop_logo, read_logo, set_logo
from fieldstone.engine.tenants.settings import LANGUAGES, time_zones, update_company
from fieldstone.metadata.fields.currencies import currency_codes
from fieldstone.ui import flash
from fieldstone.ui.admin.saying import attempt
from fieldstone.ui.admin.sections import admin_page, require
from fieldstone.ui.visit import Visit

LOGO_AGE: Final = "private, max-age=86400"


def show(visit: Visit) -> Response:
    """The settings as they are."""
    company = visit.context.company
    values = {
        "name": company.name, "currency": company.currency, "time_zone": company.time_zone,
        "languages": list(company.languages), "fiscal_year_start": company.fiscal_year_start,
    }  # fmt: skip
    return _page(visit, values)


def save(visit: Visit) -> Response:
    """Change the settings; the picture too, where one was chosen."""
    require(visit, "company")
    form = visit.request.form
    month = form.get("fiscal_year_start", "")
    first = form.get("language", "")
    chosen = [first, *(name for name in form.getlist("languages") if name != first)]
    values: dict[str, Any] = {
        "name": form.get("name", "").strip(), "currency": form.get("currency", ""),
        "time_zone": form.get("time_zone", ""), "languages": chosen,
        "fiscal_year_start": int(month) if month.isascii() and month.isdigit() else 0,
    }  # fmt: skip
    problem = attempt(visit, lambda: update_company(visit.services.engine, visit.context, values))
    picture = visit.request.files.get("logo")
    if problem is None and picture is not None and picture.filename:
        name, content = picture.filename, picture.read()
        problem = attempt(visit, lambda: set_logo(visit.services.engine, visit.context, name, content))
    if problem:
        return _page(visit, values, problem)
    return flash.put(
        redirect(visit.urls.page("admin/company"), 303), visit.urls, visit.texts("company.saved")
    )


def forget_logo(visit: Visit) -> Response:
    """Show the initials instead of a picture."""
    drop_logo(visit.services.engine, visit.context)
    return flash.put(
        redirect(visit.urls.page("admin/company"), 303), visit.urls, visit.texts("company.logo_removed")
    )


def logo(visit: Visit) -> Response:
    """The picture itself, for everybody signed in."""
    found = read_logo(visit.services.engine, visit.context)
    response = Response(found.content, mimetype=found.type)
    response.headers["Cache-Control"] = LOGO_AGE
    return response


def _page(visit: Visit, values: dict[str, Any], problem: str | None = None) -> Response:
    require(visit, "company")
    locale = visit.formats.babel
    names = sorted((get_currency_name(code, locale=locale), code) for code in currency_codes())
    return admin_page(
        visit,
        "company",
        "company",
        status=422 if problem else 200,
        values=values,
        problem=problem,
        logo=visit.context.company.settings.get("logo"),
        currencies=[(code, f"{code} · {name}") for name, code in sorted(names, key=lambda each: each[1])],
        zones=zone_choices(visit),
        languages=LANGUAGES,
        months=[(number, name) for number, name in locale.months["stand-alone"]["wide"].items()],
    )


def zone_choices(visit: Visit) -> list[tuple[str, str]]:
    """Time zones with what their clocks show against UTC now."""
    now = visit.context.now

    def shown(name: str) -> str:
        offset = now.astimezone(ZoneInfo(name)).strftime("%z")
        return f"{name.replace('_', ' ')} (UTC{offset[:3]}:{offset[3:]})"

    return [(name, shown(name)) for name in time_zones()]
