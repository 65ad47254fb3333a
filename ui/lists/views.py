"""The views of an entity that one visitor has: those of the roles, less those that stand on a field that is hidden from
the visitor, and those that the visitor saved. A board by a hidden field is absent, like the field.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from fieldstone.engine.identity.own_views import OwnViews, own_views
from fieldstone.engine.permissions import access
from fieldstone.metadata.definitions import View, ViewColumn
from fieldstone.metadata.presentation import list_views
from fieldstone.ui.visit import Visit

ICONS: Final[Mapping[str, str]] = {
    "list": "list", "kanban": "layout-kanban", "calendar": "calendar", "tree": "binary-tree",
}  # fmt: skip
OWN: Final = "own"
"""The layer of views that the visitor saved."""


@dataclass(frozen=True, slots=True)
class Views:
    """The views in the order of preference, the one to open first at the beginning; and the saved filters by name."""

    all: tuple[View, ...]
    own: OwnViews

    def saved_filter(self, view: View | None) -> str:
        found = self.own.view(view.name) if view is not None and view.layer == OWN else None
        return found.filter if found else ""


def views_of(visit: Visit, entity: str) -> Views:
    """The views of an entity."""
    readable = access(visit, entity).readable
    found = [
        view
        for view in list_views(visit.model, entity, visit.actor.roles)
        if readable.issuperset(map(visit.model.entities[entity].field_behind, view.structure))
    ]
    own = visit.read(lambda tx: own_views(tx, entity))
    by_name = {view.name: view for view in found}
    for saved in own.views:
        base = by_name.get(saved.base) or (found[0] if found else None)
        if base is None:
            continue
        columns = tuple(ViewColumn(name, tuple(name.split("."))) for name in saved.columns)
        sort = tuple((word.removeprefix("-"), word.startswith("-")) for word in saved.sort)
        found.append(
            replace(
                base, name=saved.name, title=saved.title, columns=columns or base.columns, sort=sort or base.sort,
                layer=OWN,
            )
        )  # fmt: skip
    found.sort(key=lambda view: view.name != own.default)
    return Views(tuple(found), own)


def title_of_view(visit: Visit, view: View) -> str:
    """What a view is called: what its owner called it, else its label."""
    return view.title if view.layer == OWN else visit.labels.view(view)
