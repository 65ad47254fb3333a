"""The start of administration: the checklist, the sections, and taking the demo data away."""

from flask import redirect
from werkzeug.wrappers import Response

from fieldstone.engine.identity import audit
from fieldstone.engine.permissions import require_manage
from fieldstone.engine.transaction import Transaction
from fieldstone.packages import remove_demo
from fieldstone.ui import flash
from fieldstone.ui.admin.checklist import checklist
from fieldstone.ui.admin.sections import admin_page, require_any
from fieldstone.ui.visit import Visit


def show(visit: Visit) -> Response:
    """The sections, and how far the company is set up."""
    require_any(visit)
    return admin_page(visit, "overview", "overview", checklist=checklist(visit))


def take_demo_away(visit: Visit) -> Response:
    """Delete the demo records; what people's own records link to is kept, and counted."""
    require_manage(visit, "company")
    deleted, kept = remove_demo(visit.services.engine, visit.context)

    def note(tx: Transaction) -> None:
        audit(tx, "demo.removed", data={"deleted": deleted, "kept": kept})

    visit.write(note)
    text = visit.texts.count("demo.removed", deleted)
    if kept:
        text += " " + visit.texts.count("demo.kept", kept)
    return flash.put(redirect(visit.urls.page("admin"), 303), visit.urls, text)
