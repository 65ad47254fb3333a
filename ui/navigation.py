"""The navigation of one visitor: menus and what may be created, with their titles and addresses.

Which menus a visitor has is decided by the metadata layer from roles; here they become links. What the
visitor may not read is not in it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from fieldstone.engine.permissions import access
from fieldstone.metadata.presentation import menus_for
from fieldstone.ui.visit import Visit


@dataclass(frozen=True, slots=True)
class NavItem:
    title: str
    icon: str
    url: str
    entity: str
    view: str | None


@dataclass(frozen=True, slots=True)
class NavGroup:
    """`layer` is where the menu comes from: `base` for what the platform itself brings."""

    title: str
    layer: str
    items: tuple[NavItem, ...]


@dataclass(frozen=True, slots=True)
class Creatable:
    """An entity the visitor may create records of: for quick create."""

    title: str
    icon: str
    url: str


def nav_groups(visit: Visit) -> tuple[NavGroup, ...]:
    """The groups of the navigation, in order."""
    model, labels = visit.model, visit.labels
    return tuple(
        NavGroup(
            labels.menu(menu),
            menu.layer,
            tuple(
                NavItem(
                    title=labels.menu_item(menu, item),
                    icon=item.icon or model.entities[item.entity].icon,
                    url=visit.urls.list(item.entity, view=item.view),
                    entity=item.entity,
                    view=item.view,
                )
                for item in menu.items
                if item.view is None or _has_view(visit, item.entity, item.view)
            ),
        )
        for menu in menus_for(model, visit.actor.roles)
    )


def _has_view(visit: Visit, entity: str, view: str) -> bool:
    """Whether the visitor may see the fields that a view stands on; otherwise there is no such view."""
    behind = map(visit.model.entities[entity].field_behind, visit.model.views[view].structure)
    return access(visit, entity).readable.issuperset(behind)


def creatable(visit: Visit, groups: Iterable[NavGroup]) -> tuple[Creatable, ...]:
    """What the quick create menu offers: the entities of the navigation, in its order."""
    names = dict.fromkeys(item.entity for group in groups for item in group.items)
    return tuple(
        Creatable(visit.labels.entity(entity), entity.icon, visit.urls.new(name))
        for name, entity in ((name, visit.model.entities[name]) for name in names)
        if visit.may(name, "create")
    )
