"""What is told beside a form of likely duplicates, and what a form needs to look for them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fieldstone.engine import duplicates
from fieldstone.engine.permissions import access
from fieldstone.metadata.definitions import Entity
from fieldstone.ui.visit import Visit


@dataclass(frozen=True, slots=True)
class Told:
    """What one rule found, in the visitor's words. `records` are (title, address, owner); both may be missing."""

    title: str
    records: tuple[tuple[str, str | None, str | None], ...]


def html(visit: Visit, entity: Entity, matches: Iterable[duplicates.Match], *, asking: bool = False) -> str:
    """The note of what was found; empty when that is nothing. `asking` offers to save all the same."""
    found = told(visit, entity, matches)
    if not found:
        return ""
    return visit.templates.render("alike/found.html", visit=visit, found=found, entity=entity, asking=asking)


def told(visit: Visit, entity: Entity, matches: Iterable[duplicates.Match]) -> list[Told]:
    return [
        Told(
            visit.labels.duplicate(entity, match.rule, match.title),
            tuple(
                (
                    each.title or visit.labels.entity(entity),
                    visit.urls.record(entity.name, each.id) if each.id else None,
                    each.owner,
                )
                for each in match.records
            ),
        )
        for match in matches
        if match.records
    ]


def watched(visit: Visit, entity: Entity, record_id: UUID | None) -> dict[str, Any] | None:
    """What a form needs to look for duplicates; None where no rule is the visitor's to know."""
    readable = access(visit, entity.name).readable
    names = {name for rule in entity.duplicates if rule.names <= readable for name in rule.names}
    if not names:
        return None
    return {
        "url": f"{visit.urls.list(entity.name)}/duplicates/look",
        "fields": sorted(names),
        "id": record_id,
    }
