"""Saving what a list shows as a view: for oneself as a preference, or for everybody as a document of the tenant's layer.

A shared view is published like any other change of definitions, so it is translated, exported, upgraded and undone like
one; only those who may change definitions can share.
"""

from typing import Any
from uuid import uuid4

from flask import redirect
from werkzeug.wrappers import Response

from fieldstone.engine import publish
from fieldstone.engine.identity.own_views import OwnView, drop_own_view, save_own_view, set_default_view
from fieldstone.engine.publish import Edit
from fieldstone.metadata.definitions import View
from fieldstone.problems import FieldstoneError
from fieldstone.ui import flash
from fieldstone.ui.lists.conditions import all_of
from fieldstone.ui.lists.state import ListState, list_state
from fieldstone.ui.lists.views import title_of_view
from fieldstone.ui.studio.gate import is_customiser, require_customiser
from fieldstone.ui.studio.published import published
from fieldstone.ui.visit import PageMissing, Visit

LONGEST = 80


def ask(visit: Visit, entity: str) -> Response:
    """The dialog: save as a new view, change one's own, choose the first."""
    state = list_state(visit, visit.entity(entity))
    own = state.saved.own.view(state.view.name) if state.view else None
    return visit.partial(
        "list/views.html",
        state=state,
        own=own,
        whole=all_of([state.saved_filter, state.added_filter(visit)]),
        may_share=is_customiser(visit),
        default=state.saved.own.default,
        titles=[(view.name, title_of_view(visit, view)) for view in state.views],
    )


def save(visit: Visit, entity: str) -> Response:
    """Keep what the list shows under a title."""
    state = list_state(visit, visit.entity(entity))
    form = visit.request.form
    title = " ".join(form.get("title", "").split())[:LONGEST]
    if not title or state.view is None:
        raise PageMissing("A view needs a title.", entity=entity)
    filter_text = all_of([state.saved_filter, state.added_filter(visit)])
    if form.get("for") == "all":
        return _share(visit, state, title, filter_text)
    known = state.saved.own.view(state.view.name)
    view = OwnView(
        name="",
        title=title,
        base=known.base if known else state.view.name,
        filter=filter_text,
        sort=state.sort,
        columns=tuple(column.name for column in state.columns),
    )
    made = visit.write(lambda tx: save_own_view(tx, entity, view))
    if form.get("default") == "1":
        visit.write(lambda tx: set_default_view(tx, entity, made.name))
    return _to(visit, visit.urls.list(entity, view=made.name), visit.texts("views.saved", title=title))


def change(visit: Visit, entity: str, name: str) -> Response:
    """Rename one's own view, or give it another filter; or delete it."""
    state = list_state(visit, visit.entity(entity))
    view = state.saved.own.view(name)
    if view is None:
        raise PageMissing("There is no such view.", entity=entity)
    form = visit.request.form
    if form.get("verb") == "delete":
        visit.write(lambda tx: drop_own_view(tx, entity, name))
        return _to(visit, visit.urls.list(entity), visit.texts("views.deleted", title=view.title))
    title = " ".join(form.get("title", "").split())[:LONGEST] or view.title
    columns = (
        tuple(column.name for column in state.columns)
        if state.view and state.view.name == name
        else view.columns
    )
    changed = OwnView(name, title, view.base, form.get("filter", view.filter).strip(), state.sort, columns)
    visit.write(lambda tx: save_own_view(tx, entity, changed))
    return _to(visit, visit.urls.list(entity, view=name), visit.texts("views.saved", title=title))


def choose_default(visit: Visit, entity: str) -> Response:
    """Which view opens first for this visitor."""
    state = list_state(visit, visit.entity(entity))
    wanted = visit.request.form.get("view", "")
    name = wanted if any(view.name == wanted for view in state.views) else ""
    visit.write(lambda tx: set_default_view(tx, entity, name))
    return _to(visit, visit.urls.list(entity), visit.texts("views.default_set"))


def _to(visit: Visit, url: str, text: str) -> Response:
    if not visit.is_partial:
        return flash.put(redirect(url, 303), visit.urls, text)
    response = Response("", 200, mimetype="text/html")
    response.headers["HX-Redirect"] = url
    return flash.put(response, visit.urls, text)


def _share(visit: Visit, state: ListState, title: str, filter_text: str) -> Response:
    require_customiser(visit)
    assert state.view is not None
    known = state.saved.own.view(state.view.name)
    base = visit.model.views.get(known.base) if known else state.view
    body = document_of(base or state.view, state, title)
    own = base.filter.source if base is not None and base.filter else ""
    if whole := all_of([own, filter_text]):
        body["filter"] = whole
    name = f"{state.entity.name[:26]}_{uuid4().hex[:12]}"
    edits = [Edit("views", name, lambda _: body)]
    plan = visit.read(lambda tx: publish.plan_edits(tx, edits))
    if plan.problems:
        said = "; ".join(problem.message for problem in plan.problems)
        raise FieldstoneError(said, code="views.refused", kind="refused", problems=plan.problems)
    result = publish.publish_edits(visit.services.engine, visit.context, edits, plan.base, plan.hash)
    return published(
        visit,
        visit.texts("views.shared", title=title),
        result.revision,
        visit.urls.list(state.entity.name, view=name),
    )


def document_of(view: View, state: ListState, title: str) -> dict[str, Any]:
    """A view as its document says it, with the columns and the order that the list has now."""
    body: dict[str, Any] = {
        "entity": view.entity,
        "kind": view.kind,
        "title": title,
        "columns": [{"name": column.name} for column in state.columns],
        "sort": list(state.sort),
        "pageSize": view.page_size,
    }
    if view.kind == "kanban":
        body["groupBy"] = view.group_by
        body["groups"] = [
            {"name": g.name, "hidden": g.hidden, **({"order": g.order} if g.order is not None else {})}
            for g in view.groups
        ]
        body["sums"] = [{"name": each.name, "fn": each.fn} for each in view.sums]
    elif view.kind == "calendar":
        body |= {"start": view.start, "span": view.span}
        body |= {key: value for key, value in (("end", view.end), ("color", view.color)) if value}
    elif view.kind == "tree":
        body["parent"] = view.parent
    return body


__all__ = ["ask", "change", "choose_default", "document_of", "save"]
