"""The first-run checklist: what is left to set up, each item computed from what is stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fieldstone.engine.permissions import may_manage
from fieldstone.engine.tenants.progress import set_up
from fieldstone.ui.navigation import nav_groups
from fieldstone.ui.visit import Visit


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to set up. `url` is where."""

    name: str
    icon: str
    done: bool
    url: str


@dataclass(frozen=True, slots=True)
class Checklist:
    """The items, and how many demo records there are to take away."""

    items: tuple[Item, ...]
    demo: int

    @property
    def done(self) -> int:
        return sum(item.done for item in self.items)

    @property
    def complete(self) -> bool:
        return self.done == len(self.items)


def checklist(visit: Visit) -> Checklist | None:
    """The checklist of who manages the company; None for others."""
    if not may_manage(visit, "company"):
        return None
    found = visit.read(set_up)
    stored: Mapping[str, Any] = visit.context.company.settings
    company = visit.urls.page("admin/company")
    items = [
        Item(
            "name",
            "building",
            bool(stored.get("name")) and stored["name"] != visit.tenant_name,
            f"{company}#name",
        ),
        Item("logo", "photo", bool(stored.get("logo")), f"{company}#logo"),
        Item("currency", "coin", bool(stored.get("currency")), f"{company}#currency"),
        Item("time_zone", "world", bool(stored.get("time_zone")), f"{company}#time_zone"),
        Item("languages", "language", bool(stored.get("languages")), f"{company}#languages"),
        Item(
            "fiscal_year", "calendar", bool(stored.get("fiscal_year_start")), f"{company}#fiscal_year_start"
        ),
    ]
    if may_manage(visit, "users"):
        items.append(Item("people", "user-plus", found.people > 1, visit.urls.page("admin/people/new")))
    importable = next((name for name in _listed(visit) if visit.may(name, "import")), None)
    if importable is not None:
        items.append(Item("import", "table-import", found.imported, f"{visit.urls.list(importable)}/import"))
    items.append(Item("demo", "eraser", found.demo == 0, visit.urls.page("admin") + "#demo"))
    return Checklist(tuple(items), found.demo)


def _listed(visit: Visit) -> list[str]:
    """The entities of the navigation, those that packages brought before those of the platform."""
    groups = sorted(nav_groups(visit), key=lambda group: group.layer == "base")
    return [item.entity for group in groups for item in group.items]
