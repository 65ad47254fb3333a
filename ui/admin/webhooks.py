"""Web hooks: which systems are told of which changes, what came of it, and sending again."""

from typing import Any, Final
from uuid import UUID

from flask import redirect
from werkzeug.wrappers import Response

from fieldstone.engine.identity.roster import roster
from fieldstone.ui import flash
from fieldstone.ui.admin.saying import attempt, attempt_write
from fieldstone.ui.admin.sections import admin_page, require
from fieldstone.ui.visit import Visit
from fieldstone.workflows.webhooks import (
    VERBS,
    Event,
    Webhook,
    drop_webhook,
    events_of,
    find_webhook,
    ping,
    replay,
    save_webhook,
    webhooks,
)
from fieldstone.workflows.webhooks.events import STATES

SECTION: Final = "webhooks"
PATH: Final = "admin/webhooks"
COLORS: Final = {"waiting": "blue", "sent": "green", "dead": "red", "skipped": "gray"}
PER_PAGE: Final = 50


def show(visit: Visit) -> Response:
    """All subscriptions."""
    require(visit, SECTION)
    return admin_page(visit, "webhooks", SECTION, hooks=visit.read(webhooks), titles=_titles(visit))


def ask(visit: Visit) -> Response:
    """The form of a new subscription."""
    return _page(visit, None, {"name": "", "entity": "", "verbs": VERBS, "url": "", "active": True})


def show_one(visit: Visit, hook_id: UUID) -> Response:
    """A subscription with the log of what was sent."""
    require(visit, SECTION)
    return _one(visit, visit.read(lambda tx: find_webhook(tx, hook_id)))


def save(visit: Visit, hook_id: UUID | None = None) -> Response:
    """Make a subscription, or change one. A secret that was made is shown, once."""
    require(visit, SECTION)
    form = visit.request.form
    body: dict[str, Any] = {
        "name": form.get("name", "").strip(), "entity": form.get("entity", ""), "url": form.get("url", "").strip(),
        "verbs": form.getlist("verbs"), "active": hook_id is None or "active" in form,
    }  # fmt: skip
    if "new_secret" in form:
        body["secret"] = None
    made: list[tuple[Webhook, str | None]] = []

    def work() -> None:
        made.append(save_webhook(visit.services.engine, visit.context, body, hook_id))

    problem = attempt(visit, work)
    if problem:
        stored = visit.read(lambda tx: find_webhook(tx, hook_id)) if hook_id else None
        return _page(visit, stored, body, problem)
    hook, secret = made[0]
    if secret is not None:
        return _one(visit, hook, secret=secret)
    return _done(visit, f"{PATH}/{hook.id}", "webhook.saved")


def drop(visit: Visit, hook_id: UUID) -> Response:
    """Forget a subscription with its log."""
    require(visit, SECTION)
    drop_webhook(visit.services.engine, visit.context, hook_id)
    return _done(visit, PATH, "webhook.removed")


def test(visit: Visit, hook_id: UUID) -> Response:
    """Send a test message, and tell what came back."""
    require(visit, SECTION)
    outcome = ping(visit.services.engine, visit.context, hook_id, visit.services.egress)
    return _one(visit, visit.read(lambda tx: find_webhook(tx, hook_id)), outcome=outcome)


def again(visit: Visit, hook_id: UUID, event_id: UUID) -> Response:
    """Send an event again."""
    require(visit, SECTION)
    problem = attempt_write(visit, lambda tx: replay(tx, hook_id, event_id))
    text = problem or visit.texts("webhook.replayed")
    return flash.put(redirect(visit.urls.page(f"{PATH}/{hook_id}"), 303), visit.urls, text)


def _one(visit: Visit, hook: Webhook, **more: Any) -> Response:
    values = {name: getattr(hook, name) for name in ("name", "entity", "verbs", "url", "active")}
    return _page(visit, hook, values, **more)


def _page(
    visit: Visit, hook: Webhook | None, values: dict[str, Any], problem: str | None = None, *,
    secret: str | None = None, outcome: Any = None,
) -> Response:  # fmt: skip
    require(visit, SECTION)
    state = visit.request.args.get("state", "")
    state = state if state in STATES else ""
    before = _id(visit.request.args.get("before", ""))
    events: list[Event] = []
    following: UUID | None = None
    person = ""
    if hook is not None:
        one = hook.id
        events, following = visit.read(
            lambda tx: events_of(tx, one, limit=PER_PAGE, before=before, state=state or None)
        )
        with visit.services.engine.database.connection() as connection:
            people = {each.id: each.name for each in roster(connection, visit.context.tenant)}
        person = people.get(hook.run_as, "–")
    return admin_page(
        visit, "webhook", SECTION, status=422 if problem else 200, hook=hook, values=values, problem=problem, secret=secret,
        outcome=outcome, all_verbs=VERBS, titles=_titles(visit), events=events, following=following, state=state,
        states=STATES, colors=COLORS, person=person, now_=visit.context.now,
    )  # fmt: skip


def _titles(visit: Visit) -> dict[str, str]:
    """Entities that have records of their own, by name, as the visitor calls them."""
    found = {e.name: visit.labels.plural(e) for e in visit.model.entities.values() if e.parent is None}
    return dict(sorted(found.items(), key=lambda each: each[1]))


def _done(visit: Visit, path: str, text: str) -> Response:
    return flash.put(redirect(visit.urls.page(path), 303), visit.urls, visit.texts(text))


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
