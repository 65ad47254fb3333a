"""The navigation of one visitor: menus, views and what may be created, from the documents and the rights.

What the visitor may not read is not in it; documents of a role are shown to that role only.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fieldstone.engine.context import Actor
from fieldstone.metadata.definitions import Document, Entity, Model
from fieldstone.ui.labels import Labels
from fieldstone.ui.urls import Urls

MayDo = Callable[[str, str], bool]
"""Whether the visitor may do a verb with any record of an entity: `may("asset", "read")`."""


@dataclass(frozen=True, slots=True)
class NavItem:
    title: str
    icon: str
    url: str
    entity: str
    view: str | None


@dataclass(frozen=True, slots=True)
class NavGroup:
    title: str
    items: tuple[NavItem, ...]


@dataclass(frozen=True, slots=True)
class Creatable:
    """An entity the visitor may create records of: for quick create."""

    title: str
    icon: str
    url: str


def in_order(items: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Items by their `order`; without one, by their position times 10."""
    numbered = [(item.get("order", (index + 1) * 10), index, item) for index, item in enumerate(items)]
    return [item for _, _, item in sorted(numbered, key=lambda entry: entry[:2])]


def for_roles(body: Mapping[str, Any], actor: Actor) -> bool:
    """Whether a document or a part of one is meant for the actor."""
    roles = body.get("roles") or ()
    return not roles or actor.kind == "system" or not actor.roles.isdisjoint(roles)


def menus_for(model: Model, actor: Actor, labels: Labels, urls: Urls, may: MayDo) -> tuple[NavGroup, ...]:
    """The groups of the navigation, empty ones left out."""
    groups = []
    for menu in sorted(model.folder("menus").values(), key=lambda menu: (menu.body.get("order", 1000), menu.name)):
        if not for_roles(menu.body, actor):
            continue
        items = [
            _item(model, menu, item, labels, urls)
            for item in in_order(menu.body.get("items", ()))
            if _shown(model, item, actor, may)
        ]
        if items:
            groups.append(NavGroup(labels.menu(menu), tuple(items)))
    return tuple(groups)


def _shown(model: Model, item: Mapping[str, Any], actor: Actor, may: MayDo) -> bool:
    entity = item.get("entity")
    return bool(
        entity in model.entities and not item.get("hidden") and for_roles(item, actor) and may(str(entity), "read")
    )


def _item(model: Model, menu: Document, item: Mapping[str, Any], labels: Labels, urls: Urls) -> NavItem:
    entity = model.entities[item["entity"]]
    view = item.get("view")
    return NavItem(
        title=labels.menu_item(menu, item, entity),
        icon=item.get("icon") or entity.icon,
        url=urls.list(entity.name, view=view),
        entity=entity.name,
        view=view,
    )


def views_of(model: Model, entity: Entity, actor: Actor) -> tuple[Document, ...]:
    """The list views of an entity that the actor sees, the one to begin with first."""
    views = [
        view
        for view in model.folder("views").values()
        if view.body.get("entity") == entity.name and view.body.get("kind", "list") == "list" and for_roles(view.body, actor)
    ]
    return tuple(sorted(views, key=lambda v: (not v.body.get("default"), v.body.get("order", 1000), v.name)))


def creatable(model: Model, groups: Iterable[NavGroup], labels: Labels, urls: Urls, may: MayDo) -> tuple[Creatable, ...]:
    """What the quick create menu offers: the entities of the navigation, in its order."""
    names = dict.fromkeys(item.entity for group in groups for item in group.items)
    return tuple(
        Creatable(labels.entity(entity), entity.icon, urls.new(name))
        for name, entity in ((name, model.entities[name]) for name in names)
        if may(name, "create")
    )
