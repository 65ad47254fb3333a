"""What the frame of a page shows: the navigation, what may be created, who is signed in.

Templates build it on first use (`frame(visit)`), after the handler asked the engine, so that it costs no
further round trip and belongs to the same revision as the content.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from fieldstone.ui.admin.sections import may_administer
from fieldstone.ui.navigation import Creatable, NavGroup, NavItem, creatable, nav_groups
from fieldstone.ui.studio.gate import is_customiser
from fieldstone.ui.visit import Visit


@dataclass(frozen=True, slots=True)
class Frame:
    company: str
    logo: str | None
    user: str
    groups: tuple[NavGroup, ...]
    creatable: tuple[Creatable, ...]

    def current(self, entity: str | None, view: str | None) -> NavItem | None:
        """The entry of the navigation that a page belongs to: the one of its view, else its entity's
        first.
        """
        items = [item for group in self.groups for item in group.items if item.entity == entity]
        return next((item for item in items if item.view == view), items[0] if items else None)


@dataclass(frozen=True, slots=True)
class FootLink:
    """An entry at the foot of the navigation: `page_name` of its page, text key, icon, path below the
    tenant.
    """

    name: str
    key: str
    icon: str
    path: str
    allowed: Callable[[Visit], bool]


FOOT_LINKS: Final[tuple[FootLink, ...]] = (
    FootLink("studio", "studio.title", "tools", "studio", is_customiser),
    FootLink("admin", "admin.title", "settings", "admin", may_administer),
)


@dataclass(frozen=True, slots=True)
class ShownLink:
    name: str
    title: str
    icon: str
    url: str


def nav_links(visit: Visit) -> list[ShownLink]:
    """The foot of the navigation, as far as the visitor may go there."""
    return [
        ShownLink(link.name, visit.texts(link.key), link.icon, visit.urls.page(link.path))
        for link in FOOT_LINKS
        if link.allowed(visit)
    ]


def frame(visit: Visit) -> Frame:
    groups = nav_groups(visit)
    return Frame(
        company=visit.context.company.name or visit.tenant_name,
        logo=visit.context.company.settings.get("logo"),
        user=visit.actor.name,
        groups=groups,
        creatable=creatable(visit, groups),
    )
