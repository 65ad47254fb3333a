"""The sections of administration, in order: which area of rights opens each, and how its pages are shown."""

from dataclasses import dataclass
from typing import Any, Final

from werkzeug.wrappers import Response

from fieldstone.engine.permissions import Denied, may_manage, require_manage
from fieldstone.ui.visit import Visit


@dataclass(frozen=True, slots=True)
class Section:
    """`areas` are the areas of administration of which any opens the section."""

    name: str
    key: str
    icon: str
    path: str
    areas: tuple[str, ...]


SECTIONS: Final = (
    Section("company", "admin.company", "building", "admin/company", ("company",)),
    Section("people", "admin.people", "users", "admin/people", ("users",)),
    Section("teams", "admin.teams", "sitemap", "admin/teams", ("users",)),
    Section("roles", "admin.roles", "shield-check", "admin/roles", ("users", "roles", "metadata")),
    Section("mail", "admin.mail", "mail", "admin/mail", ("company",)),
    Section("notifications", "admin.notifications", "bell", "admin/notifications", ("company",)),
    Section("webhooks", "admin.webhooks", "webhook", "admin/webhooks", ("company",)),
    Section("audit", "admin.audit", "list-details", "admin/audit", ("audit",)),
    Section("approvals", "admin.approvals", "checkup-list", "admin/approvals", ("metadata",)),
    Section("automations", "admin.automations", "bolt", "admin/automations", ("metadata",)),
    Section("jobs", "admin.jobs", "stack-2", "admin/jobs", ("jobs",)),
)


def may_enter(visit: Visit, section: Section) -> bool:
    return any(may_manage(visit, area) for area in section.areas)


def sections_of(visit: Visit) -> list[Section]:
    """The sections that the visitor may enter."""
    return [section for section in SECTIONS if may_enter(visit, section)]


def may_administer(visit: Visit) -> bool:
    """Whether there is anything for the visitor here."""
    return any(may_enter(visit, section) for section in SECTIONS)


def require(visit: Visit, name: str) -> None:
    """Raise Denied unless the visitor may enter the section."""
    section = next(each for each in SECTIONS if each.name == name)
    if not may_enter(visit, section):
        require_manage(visit, section.areas[0])


def require_any(visit: Visit) -> None:
    """Raise Denied for who may manage nothing."""
    if not may_administer(visit):
        raise Denied("This is for those who manage something.", code="manage.denied")


def admin_page(visit: Visit, template: str, section: str, /, status: int = 200, **values: Any) -> Response:
    """A page of administration, with its navigation."""
    return visit.page(
        f"admin/{template}.html",
        status=status,
        page_name="admin",
        section=section,
        sections=sections_of(visit),
        **values,
    )
