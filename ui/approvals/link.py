"""The page that a mail's link to decide opens. It needs no session: the link says who decides about which task.

GET only shows, since mail programs open links by themselves; only the button of the page decides, once. A link that
has decided still says how, until it ends by itself; every other link leads to the same page.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from flask import redirect
from werkzeug.wrappers import Response

from fieldstone.engine.identity import SignedIn, Unauthenticated, context_for_user
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import FieldstoneError
from fieldstone.ui.admin.saying import TOLD, said
from fieldstone.ui.approvals import words
from fieldstone.ui.approvals.about import VERDICTS, named, told
from fieldstone.ui.approvals.values import Shower
from fieldstone.ui.errors import STATUS
from fieldstone.ui.visit import Visit
from fieldstone.workflows import approvals

NO_SESSION: Final = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Opened:
    """A link and a visit of the person it was sent to, for this one request."""

    link: approvals.TaskLink
    visit: Visit


@dataclass(frozen=True, slots=True)
class Decided:
    """How the step of a task was decided, and by whom."""

    state: str
    name: str
    at: datetime
    comment: str


def show(visit: Visit, token: str) -> Response:
    """What the link asks for, or what became of it."""
    try:
        opened = _open(visit, token)
        return opened.visit.read(lambda tx: _page(tx, opened))
    except (approvals.LinkOver, approvals.UnknownTask):
        return _over(visit)


def decide(visit: Visit, token: str) -> Response:
    """Decide; then the link's own page says so. What is refused is said, and nothing typed is lost."""
    form = visit.request.form
    action = form.get("action", "")
    body: dict[str, Any] = {"comment": form.get("comment", "").strip()}
    if form.get("password"):
        body["password"] = form["password"]
    version = form.get("version", type=int)
    try:
        opened = _open(visit, token)
    except approvals.LinkOver:
        return _over(visit)
    person = opened.visit
    if action not in VERDICTS or opened.link.used_at is not None:
        return person.read(lambda tx: _page(tx, opened, status=409))
    try:
        person.write(lambda tx: approvals.decide_by_link(tx, token, action, body, if_match=version))
    except (approvals.LinkOver, approvals.UnknownTask):
        return show(visit, token)
    except FieldstoneError as error:
        if error.kind not in TOLD:
            raise
        text, status = said(person, error), STATUS[error.kind]
        return person.read(lambda tx: _page(tx, opened, text, status))
    return redirect(visit.urls.page(f"decide/{token}"), 303)


def _open(visit: Visit, token: str) -> Opened:
    """Raises LinkOver, also for somebody who was disabled since."""
    if visit.tenant is None:
        raise approvals.LinkOver("There is no such link.")
    engine = visit.services.engine
    found = engine.read(engine.system_context(visit.tenant), lambda tx: approvals.known_link(tx, token))
    try:
        with engine.database.connection() as connection:
            context = context_for_user(connection, visit.tenant, found.user, request_id=visit.request_id)
    except Unauthenticated as error:
        raise approvals.LinkOver("This link is over.") from error
    signed_in = SignedIn(context, NO_SESSION, csrf="", must_change=False)
    return Opened(found, replace(visit, signed_in=signed_in, seen=[]))


def _over(visit: Visit) -> Response:
    return visit.page("approvals/link_over.html", status=404)


def _page(tx: Transaction, opened: Opened, problem: str | None = None, status: int = 200) -> Response:
    visit = opened.visit
    task = approvals.task(tx, opened.link.task)
    entity = visit.model.entities.get(task["entity"])
    if entity is None:
        raise approvals.UnknownTask("The record's kind is gone.")
    inbox_url = visit.urls.page(f"inbox/{task['id']}")
    operations = set(task["operations"]) & set(VERDICTS)
    if opened.link.used_at is not None or not operations:
        decided = _decided(visit, task, approvals.run_of(tx, task["run"]))
        return visit.page(
            "approvals/link_done.html",
            status=status,
            decided=decided,
            inbox_url=inbox_url,
            **named(visit, entity, task),
        )
    return visit.page(
        "approvals/link.html",
        status=status,
        submitter=words.person(visit, task["submitter"]),
        operations=operations - {"approve"} if task["signature_required"] else operations,
        problem=problem,
        receiver=visit.actor.name,
        inbox_url=inbox_url,
        **told(visit, Shower(tx, visit, entity), task),
    )


def _decided(visit: Visit, task: Mapping[str, Any], run: Mapping[str, Any]) -> Decided | None:
    """The decision of the task itself, else the last one in its step; None when nobody has decided."""
    step = next(each for each in run["steps"] if any(one["id"] == task["id"] for one in each["tasks"]))
    done = [one for one in step["tasks"] if one["decided_at"] is not None]
    done.sort(key=lambda one: (one["id"] == task["id"], one["decided_at"]))
    if not done:
        return None
    last = done[-1]
    return Decided(
        last["state"], words.person(visit, last["decided_by"]), last["decided_at"], last["comment"]
    )
