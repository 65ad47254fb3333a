"""Home: what one worked on last, the lists one has, and how to begin when there is nothing yet."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from werkzeug.wrappers import Response

from fieldstone.engine.query.listing import list_records
from fieldstone.engine.query.request import ListRequest
from fieldstone.engine.transaction import Transaction
from fieldstone.ui.admin.checklist import checklist
from fieldstone.ui.fields import title_of
from fieldstone.ui.layout import frame
from fieldstone.ui.navigation import creatable
from fieldstone.ui.visit import Visit

RECENT: Final = 8
MINE: Final = "updated_by == user.id"
RECENT_ENTITIES: Final = 6
"""Of how many entities of the navigation the recent records are looked up: one query each."""


@dataclass(frozen=True, slots=True)
class Recent:
    title: str
    kind: str
    icon: str
    url: str
    at: datetime


def show(visit: Visit) -> Response:
    """The visitor's start page."""
    shell = frame(visit)
    groups = [group for group in shell.groups if group.layer != "base"] or list(shell.groups)
    names = list(dict.fromkeys(item.entity for group in groups for item in group.items))[:RECENT_ENTITIES]
    recent = visit.read(lambda tx: recent_records(tx, visit, names))
    hour = visit.context.now.astimezone(visit.formats.zone).hour
    part = "morning" if 4 <= hour < 12 else "afternoon" if hour < 18 else "evening"
    return visit.page(
        "home.html",
        page_name="home",
        greeting=visit.texts(f"home.good_{part}", name=shell.user),
        recent=recent,
        shell=shell,
        checklist=checklist(visit),
        groups=groups,
        creatable=creatable(visit, groups),
        now_=visit.context.now,
    )


def recent_records(tx: Transaction, visit: Visit, entities: list[str]) -> list[Recent]:
    """What the visitor created or changed last, newest first."""
    found = []
    for name in entities:
        entity = tx.model.entities[name]
        fields = ("updated_at", entity.title_field) if entity.title_field else ("updated_at",)
        page = list_records(tx, name, ListRequest(MINE, ("-updated_at",), fields, limit=RECENT))
        kind = visit.labels.entity(entity)
        found += [
            Recent(
                title_of(entity, record),
                kind,
                entity.icon,
                visit.urls.record(name, record["id"]),
                record["updated_at"],
            )
            for record in page.data
        ]
    return sorted(found, key=lambda each: each.at, reverse=True)[:RECENT]
