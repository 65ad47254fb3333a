"""People: the list, inviting somebody, one person's page, and what can be done there."""

from typing import Any, Final
from uuid import UUID

from flask import redirect
from werkzeug.wrappers import Response

from fieldstone.engine import records
from fieldstone.engine.identity import issue_link, require_authority
from fieldstone.engine.identity.administer import add_user, grant_role, set_active, take_role
from fieldstone.engine.identity.roster import Member, roster
from fieldstone.engine.mail import mail_settings
from fieldstone.engine.permissions import covers
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import FieldstoneError
from fieldstone.ui import flash
from fieldstone.ui.admin.letters import deliver
from fieldstone.ui.admin.saying import attempt_write, said
from fieldstone.ui.admin.sections import admin_page, require
from fieldstone.ui.admin.tree import all_teams, flat
from fieldstone.ui.visit import PageMissing, Visit

NOTHING: Final = {"name": "", "email": "", "username": "", "team": "", "locale": "", "roles": ()}
"""An invitation form before anything was typed."""


def show(visit: Visit) -> Response:
    """Everybody, with roles, team and state."""
    require(visit, "people")
    words = visit.request.args.get("q", "").strip()
    found = [member for member in _members(visit) if _fits(member, words)]
    return admin_page(visit, "people", "people", members=found, words=words, now_=visit.context.now)


def ask(visit: Visit) -> Response:
    """The form that invites somebody."""
    require(visit, "people")
    return _ask(visit, {})


def invite(visit: Visit) -> Response:
    """Add a person with roles; the link that lets them in is shown, and mailed where that is wanted."""
    require(visit, "people")
    form = visit.request.form
    values = {name: form.get(name, "").strip() for name in ("name", "email", "username", "team", "locale")}
    roles = form.getlist("roles")
    body: dict[str, Any] = {name: value for name, value in values.items() if value}
    body.setdefault("username", values["email"] or values["name"])
    try:
        user_id = visit.write(lambda tx: add_user(tx, body, roles))
    except FieldstoneError as error:
        if error.kind in ("not_found", "internal", "unavailable"):
            raise
        return _ask(visit, {**values, "roles": roles}, said(visit, error))
    return _link(visit, user_id, "invite", mail=form.get("by") == "mail")


def show_one(visit: Visit, user_id: UUID) -> Response:
    """One person."""
    require(visit, "people")
    return _person(visit, user_id)


def save(visit: Visit, user_id: UUID) -> Response:
    """Change name, address and team."""
    require(visit, "people")
    form = visit.request.form
    names = ("name", "username", "email", "team", "locale")
    body = {name: form.get(name, "").strip() or None for name in names}
    problem = attempt_write(visit, lambda tx: records.update(tx, "user", user_id, body))
    return _after(visit, user_id, problem, visit.texts("person.saved"))


def give(visit: Visit, user_id: UUID) -> Response:
    """Give a role."""
    require(visit, "people")
    role = visit.request.form.get("role", "")
    problem = attempt_write(visit, lambda tx: grant_role(tx, user_id, role))
    return _after(visit, user_id, problem, visit.texts("person.role_given", role=visit.labels.role(role)))


def take(visit: Visit, user_id: UUID) -> Response:
    """Take a role away."""
    require(visit, "people")
    role = visit.request.form.get("role", "")
    problem = attempt_write(visit, lambda tx: take_role(tx, user_id, role))
    return _after(visit, user_id, problem, visit.texts("person.role_taken", role=visit.labels.role(role)))


def enable(visit: Visit, user_id: UUID) -> Response:
    """Let somebody in again who was disabled; disabling is in `leaving`."""
    require(visit, "people")
    problem = attempt_write(visit, lambda tx: set_active(tx, user_id, True))
    return _after(visit, user_id, problem, visit.texts("person.enabled"))


def make_link(visit: Visit, user_id: UUID) -> Response:
    """A new link by which the person chooses a password."""
    require(visit, "people")
    member = member_of(visit, user_id)
    return _link(
        visit,
        user_id,
        "reset" if member.state == "active" else "invite",
        mail=visit.request.form.get("by") == "mail",
    )


def _link(visit: Visit, user_id: UUID, purpose: Any, *, mail: bool) -> Response:
    """Issue a link, mail it if wanted, and show it once."""

    def allowed(tx: Transaction) -> None:
        require_authority(tx, user_id)

    visit.read(allowed)
    tenant = visit.context.tenant
    with visit.services.engine.database.connection() as connection:
        secret = issue_link(connection, tenant, user_id, purpose, by=visit.actor.id)
    member = member_of(visit, user_id)
    with visit.services.engine.database.connection() as connection:
        settings = mail_settings(connection, tenant)
    site = settings.site if settings is not None else visit.request.host_url.rstrip("/")
    link = site + visit.urls.page(f"link/{secret}")
    problem, sent = None, False
    if mail:
        try:
            sent = deliver(visit, member, purpose, link)
        except FieldstoneError as error:
            problem = said(visit, error)
        if not sent and problem is None:
            problem = visit.texts("invite.no_mail" if member.email else "invite.no_address")
    return admin_page(
        visit, "link", "people", member=member, link=link, purpose=purpose, sent=sent, problem=problem
    )


def _after(visit: Visit, user_id: UUID, problem: str | None, done: str) -> Response:
    if problem:
        return _person(visit, user_id, problem)
    return flash.put(redirect(visit.urls.page(f"admin/people/{user_id}"), 303), visit.urls, done)


def _person(visit: Visit, user_id: UUID, problem: str | None = None) -> Response:
    member = member_of(visit, user_id)
    record = visit.read(lambda tx: records.read(tx, "user", user_id))
    grantable = [
        name for name in sorted(visit.model.roles)
        if name not in member.roles and covers(visit.model, visit.actor, (name,))
    ]  # fmt: skip
    return admin_page(
        visit, "person", "people", status=422 if problem else 200, member=member, record=record,
        problem=problem, grantable=grantable, teams=_teams(visit), mail_ready=_mail_ready(visit), now_=visit.context.now,
    )  # fmt: skip


def _ask(visit: Visit, values: dict[str, Any], problem: str | None = None) -> Response:
    grantable = [name for name in sorted(visit.model.roles) if covers(visit.model, visit.actor, (name,))]
    return admin_page(
        visit, "invite", "people", status=422 if problem else 200, values={**NOTHING, **values}, problem=problem,
        grantable=grantable, teams=_teams(visit), mail_ready=_mail_ready(visit),
    )  # fmt: skip


def _teams(visit: Visit) -> list[tuple[str, str]]:
    """Teams to choose from, indented as they hang together."""
    nodes = flat(visit.read(all_teams))
    return [(str(node.id), "\u2003" * node.depth + node.name) for node in nodes]


def _mail_ready(visit: Visit) -> bool:
    with visit.services.engine.database.connection() as connection:
        return mail_settings(connection, visit.context.tenant) is not None


def _members(visit: Visit) -> list[Member]:
    with visit.services.engine.database.connection() as connection:
        return roster(connection, visit.context.tenant)


def member_of(visit: Visit, user_id: UUID) -> Member:
    """One person as the list shows everybody. Raises PageMissing."""
    with visit.services.engine.database.connection() as connection:
        found = roster(connection, visit.context.tenant, user_id)
    if not found:
        raise PageMissing("There is no such person.")
    return found[0]


def _fits(member: Member, words: str) -> bool:
    text = " ".join([member.name, member.username, member.email or "", member.team_name or ""]).casefold()
    return all(word in text for word in words.casefold().split())
