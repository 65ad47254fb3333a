"""The views of an entity that one visitor has: those of the roles, less those that stand on a field that is hidden
from the visitor. A board by a hidden field is absent, like the field.
"""

from collections.abc import Mapping
from typing import Final

from fieldstone.engine.permissions import access
from fieldstone.metadata.definitions import View
from fieldstone.metadata.presentation import list_views
from fieldstone.ui.visit import Visit

ICONS: Final[Mapping[str, str]] = {
    "list": "list", "kanban": "layout-kanban", "calendar": "calendar", "tree": "binary-tree",
}  # fmt: skip


def views_of(visit: Visit, entity: str) -> tuple[View, ...]:
    """The views in the order of preference."""
    readable = access(visit, entity).readable
    found = list_views(visit.model, entity, visit.actor.roles)
    return tuple(view for view in found if readable.issuperset(view.structure))
