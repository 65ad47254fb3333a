"""The mail server: its settings, and a test mail to oneself."""

from typing import Any

from flask import redirect
from werkzeug.wrappers import Response

from fieldstone.engine.identity import person
from fieldstone.engine.mail import MailSettings, Message, drop_mail, mail_settings, save_mail, send
from fieldstone.ui import flash
from fieldstone.ui.admin.saying import attempt
from fieldstone.ui.admin.sections import admin_page, require
from fieldstone.ui.visit import Visit

NAMES = ("host", "port", "security", "username", "sender", "sender_name", "site")


def show(visit: Visit) -> Response:
    """The settings, without the password."""
    require(visit, "mail")
    settings = _settings(visit)
    if settings is None:
        company = visit.context.company.name or visit.tenant_name
        site = visit.request.host_url.rstrip("/")
        values: dict[str, Any] = {
            **dict.fromkeys(NAMES, ""),
            "port": 587,
            "security": "starttls",
            "sender_name": company,
            "site": site,
        }
        return _page(visit, values, None)
    return _page(visit, {name: getattr(settings, name) for name in NAMES}, settings)


def save(visit: Visit) -> Response:
    """Set the mail server."""
    require(visit, "mail")
    form = visit.request.form
    values = {name: form.get(name, "").strip() for name in NAMES}
    body = {**values, "password": form.get("password", "")}
    problem = attempt(visit, lambda: save_mail(visit.services.engine, visit.context, body))
    if problem:
        return _page(visit, values, _settings(visit), problem)
    return flash.put(redirect(visit.urls.page("admin/mail"), 303), visit.urls, visit.texts("mail.saved"))


def test(visit: Visit) -> Response:
    """Send a test mail, and tell what the mail server said."""
    require(visit, "mail")
    settings = _settings(visit)
    to = visit.request.form.get("to", "").strip()
    if settings is None:
        return show(visit)
    company = visit.context.company.name or visit.tenant_name
    letter = Message(
        to, visit.texts("letter.test.subject", company=company), visit.texts("letter.test.text") + "\n", ""
    )
    problem = attempt(visit, lambda: send(settings, letter, visit.services.egress))
    values = {name: getattr(settings, name) for name in NAMES}
    return _page(visit, values, settings, test_problem=problem, tested=to)


def forget(visit: Visit) -> Response:
    """Forget the mail server."""
    drop_mail(visit.services.engine, visit.context)
    return flash.put(redirect(visit.urls.page("admin/mail"), 303), visit.urls, visit.texts("mail.removed"))


def _settings(visit: Visit) -> MailSettings | None:
    with visit.services.engine.database.connection() as connection:
        return mail_settings(connection, visit.context.tenant)


def _page(
    visit: Visit,
    values: dict[str, Any],
    stored: MailSettings | None,
    problem: str | None = None,
    *,
    test_problem: str | None = None,
    tested: str | None = None,
) -> Response:
    assert visit.actor.id is not None
    with visit.services.engine.database.connection() as connection:
        me = person(connection, visit.context.tenant, visit.actor.id)
    return admin_page(
        visit, "mail", "mail", status=422 if problem or test_problem else 200, values=values, stored=stored is not None,
        has_password=bool(stored and stored.password), problem=problem, test_problem=test_problem, tested=tested,
        own_address=(me.email if me else None) or "",
    )  # fmt: skip
