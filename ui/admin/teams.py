"""The team tree: making teams, renaming and moving them, and who leads each."""

from typing import Any
from uuid import UUID

from flask import redirect
from werkzeug.wrappers import Response

from fieldstone.engine import records
from fieldstone.engine.identity.roster import roster
from fieldstone.ui import flash
from fieldstone.ui.admin.saying import attempt_write
from fieldstone.ui.admin.sections import admin_page, require
from fieldstone.ui.admin.tree import all_teams, flat, tree
from fieldstone.ui.visit import Visit

NAMES = ("name", "kind", "code", "parent", "manager")


def show(visit: Visit) -> Response:
    """The tree."""
    require(visit, "teams")
    members: dict[UUID, int] = {}
    for each in _people(visit):
        if each.team is not None:
            members[each.team] = members.get(each.team, 0) + 1
    return admin_page(visit, "teams", "teams", roots=tree(visit.read(all_teams)), members=members)


def ask(visit: Visit) -> Response:
    """The form of a new team, below another one if so asked."""
    require(visit, "teams")
    return _form(visit, None, {"parent": visit.request.args.get("parent", "")})


def add(visit: Visit) -> Response:
    """Make a team."""
    require(visit, "teams")
    body = _body(visit)
    problem = attempt_write(visit, lambda tx: records.create(tx, "team", body), "team")
    return _after(visit, None, body, problem, visit.texts("team.added", name=body["name"] or ""))


def show_one(visit: Visit, team_id: UUID) -> Response:
    """The form of a team, with its people."""
    require(visit, "teams")
    return _form(visit, team_id, visit.read(lambda tx: records.read(tx, "team", team_id)))


def save(visit: Visit, team_id: UUID) -> Response:
    """Change a team, or move it."""
    require(visit, "teams")
    body = {**_body(visit), "active": visit.request.form.get("active") == "yes"}
    problem = attempt_write(visit, lambda tx: records.update(tx, "team", team_id, body), "team")
    return _after(visit, team_id, body, problem, visit.texts("team.saved", name=body["name"] or ""))


def _body(visit: Visit) -> dict[str, Any]:
    return {name: visit.request.form.get(name, "").strip() or None for name in NAMES}


def _after(
    visit: Visit, team_id: UUID | None, body: dict[str, Any], problem: str | None, done: str
) -> Response:
    if problem:
        return _form(visit, team_id, body, problem)
    return flash.put(redirect(visit.urls.page("admin/teams"), 303), visit.urls, done)


def _form(visit: Visit, team_id: UUID | None, values: dict[str, Any], problem: str | None = None) -> Response:
    people = _people(visit)
    entity = visit.model.entities["team"]
    return admin_page(
        visit,
        "team",
        "teams",
        status=422 if problem else 200,
        team_id=team_id,
        values={name: "" if values.get(name) is None else str(values[name]) for name in NAMES},
        active=values.get("active") is not False,
        problem=problem,
        above=[
            (str(node.id), "\u2003" * node.depth + node.name) for node in flat(visit.read(all_teams), team_id)
        ],
        people=[(str(each.id), each.name) for each in people if each.state != "disabled"],
        kinds=[
            (option.const, visit.labels.option(entity, entity.fields["kind"], option.const))
            for option in entity.fields["kind"].options
        ],
        members=[each for each in people if team_id is not None and each.team == team_id],
    )


def _people(visit: Visit) -> Any:
    with visit.services.engine.database.connection() as connection:
        return roster(connection, visit.context.tenant)
