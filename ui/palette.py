"""The command palette: go somewhere, create something, find a record, change theme or language."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from werkzeug.wrappers import Response

from fieldstone.engine.query.listing import list_records
from fieldstone.engine.query.request import ListRequest
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Entity
from fieldstone.ui.fields import title_of
from fieldstone.ui.layout import frame, nav_links
from fieldstone.ui.messages import LOCALES
from fieldstone.ui.navigation import nav_groups
from fieldstone.ui.visit import Visit

MOST_ENTITIES: Final = 8
EACH: Final = 4
"""Of how many entities how many records are shown."""


@dataclass(frozen=True, slots=True)
class Option:
    """One line: a link, or a choice of theme or language (`data` is its attribute)."""

    title: str
    icon: str
    url: str | None = None
    hint: str = ""
    data: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    options: tuple[Option, ...]


def find(visit: Visit) -> Response:
    """What fits the words typed so far; everything one may go to when there are none."""
    words = visit.request.args.get("q", "").strip()
    records = _records(visit, words) if words else ()
    t = visit.texts
    sections = [
        Section(t("palette.records"), records),
        Section(t("palette.go"), _fitting(_places(visit), words)),
        Section(t("palette.create"), _fitting(_creations(visit), words)),
    ]
    if words:
        sections.append(Section(t("palette.settings"), _fitting(_settings(visit), words)))
    return visit.partial(
        "palette.html", sections=[section for section in sections if section.options], words=words
    )


def _fitting(options: Iterable[Option], words: str) -> tuple[Option, ...]:
    wanted = words.casefold().split()
    return tuple(o for o in options if all(w in f"{o.title} {o.hint}".casefold() for w in wanted))


def _places(visit: Visit) -> list[Option]:
    shell = frame(visit)
    home = Option(visit.texts("nav.home"), "home", visit.urls.home)
    lists = [
        Option(item.title, item.icon, item.url, group.title) for group in shell.groups for item in group.items
    ]
    return [home, *lists, *(Option(link.title, link.icon, link.url) for link in nav_links(visit))]


def _creations(visit: Visit) -> list[Option]:
    return [
        Option(visit.texts("create.one", title=each.title), "plus", each.url)
        for each in frame(visit).creatable
    ]


def _settings(visit: Visit) -> list[Option]:
    t = visit.texts
    icons = {"auto": "device-desktop", "light": "sun", "dark": "moon"}
    themes = [
        Option(t(f"theme.{name}"), icon, None, t("theme.title"), ("set-theme", name))
        for name, icon in icons.items()
    ]
    return themes + [
        Option(name, "language", None, t("locale.title"), ("set-locale", tag))
        for tag, name in LOCALES.items()
    ]


def _records(visit: Visit, words: str) -> tuple[Option, ...]:
    names = dict.fromkeys(item.entity for group in nav_groups(visit) for item in group.items)
    entities = [visit.model.entities[name] for name in names]
    searched = [e for e in entities if any(field.search for field in e.fields.values())][:MOST_ENTITIES]
    return tuple(visit.read(lambda tx: _found(tx, visit, searched, words)))


def _found(tx: Transaction, visit: Visit, entities: list[Entity], words: str) -> list[Option]:
    """The first records of each entity that hold the words."""
    options = []
    for entity in entities:
        fields = (entity.title_field,) if entity.title_field else ()
        page = list_records(tx, entity.name, ListRequest(q=words, fields=fields, limit=EACH))
        kind = visit.labels.entity(entity)
        options += [
            Option(title_of(entity, record), entity.icon, visit.urls.record(entity.name, record["id"]), kind)
            for record in page.data
        ]
    return options
