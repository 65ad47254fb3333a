"""The page for who forgot the password. It says the same whether the account exists or not, and as fast."""

from werkzeug.wrappers import Response

from fieldstone.engine.identity import TooManyAttempts
from fieldstone.engine.identity.links import count_reset
from fieldstone.engine.identity.people import LONGEST
from fieldstone.engine.identity.secret_text import storable
from fieldstone.engine.jobs import enqueue
from fieldstone.ui.visit import Visit

JOB = "mail.reset"
"""The kind of job that mails the link: `{"name": what was typed}`."""


def ask(visit: Visit) -> Response:
    """Ask for the name."""
    return visit.page("sign_in/forgot.html", sent=False, problem=None, username="")


def send(visit: Visit) -> Response:
    """Queue the mail, if there is a workspace at all; the job finds out whether there is somebody."""
    name = visit.request.form.get("username", "").strip()
    if not name:
        return visit.page(
            "sign_in/forgot.html", status=422, sent=False, problem=visit.texts("forgot.empty"), username=""
        )
    if visit.tenant is not None and storable(name, LONGEST) == name:
        tenant, engine = visit.tenant, visit.services.engine
        try:
            with engine.database.connection() as connection:
                count_reset(connection, tenant, name, visit.request.remote_addr or "")
        except TooManyAttempts:
            limited = visit.texts("sign_in.limited")
            return visit.page("sign_in/forgot.html", status=429, sent=False, problem=limited, username=name)
        engine.write(engine.system_context(tenant), lambda tx: enqueue(tx, JOB, {"name": name}))
    return visit.page("sign_in/forgot.html", sent=True, problem=None, username=name)
