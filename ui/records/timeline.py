"""The history of a record for people: who changed what when, from what to what, in their language.

Links are told by title, as far as the visitor may read what they lead to; lines are told line by line.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from markupsafe import Markup

from fieldstone.engine.records import history
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Entity, Field
from fieldstone.ui.fields import field_of
from fieldstone.ui.forms.layout import value_html
from fieldstone.ui.forms.linked import as_row, titles
from fieldstone.ui.visit import Visit

PAGE: Final = 15
MOST_OF_NEW: Final = 6
"""Fields told of a creation; the rest stands on the page itself."""


@dataclass(frozen=True, slots=True)
class Change:
    title: str
    old: Markup
    new: Markup


@dataclass(frozen=True, slots=True)
class Entry:
    id: UUID
    at: datetime
    who: str
    verb: str
    changes: tuple[Change, ...]


def timeline(
    tx: Transaction, visit: Visit, entity: Entity, record_id: UUID, *, before: UUID | None = None
) -> tuple[list[Entry], UUID | None]:
    """Entries, newest first, and the id to go on from."""
    entries, following = history(tx, entity.name, record_id, before=before, limit=PAGE)
    sides = [
        {name: change.get(side) for name, change in entry["changes"].items()}
        for entry in entries
        for side in ("old", "new")
    ]
    found = titles(tx, entity, sides, {})
    named = [{"created_by": entry[who]} for entry in entries for who in ("actor", "on_behalf_of")]
    people = titles(tx, entity, named, {})
    teller = _Teller(visit, entity, found)
    return [
        Entry(
            entry["id"],
            entry["at"],
            _who(visit, entry, people),
            entry["verb"],
            tuple(teller.changes(entry["changes"], is_new=entry["verb"] == "create")),
        )
        for entry in entries
    ], following


def _who(visit: Visit, entry: Mapping[str, Any], people: Mapping[str, Mapping[str, Any]]) -> str:
    """Who did it; with "for whom" where somebody, or the platform, acted on behalf of another."""
    actor, other = entry["actor"], entry["on_behalf_of"]
    known = people.get(str(actor), {}).get("$title")
    who = str(known) if known else visit.texts("history.system" if actor is None else "history.unseen")
    whom = people.get(str(other), {}).get("$title") if other is not None and other != actor else None
    return visit.texts("history.for", who=who, whom=whom) if whom else who


class _Teller:
    def __init__(self, visit: Visit, entity: Entity, found: Mapping[str, Mapping[str, Any]]) -> None:
        self._visit = visit
        self._entity = entity
        self._found = found

    def changes(self, changes: Mapping[str, Mapping[str, Any]], *, is_new: bool) -> list[Change]:
        told: list[Change] = []
        old = {name: change.get("old") for name, change in changes.items()}
        new = {name: change.get("new") for name, change in changes.items()}
        for name in self._order(changes):
            field = field_of(self._entity, name)
            if field is None or name == "deleted_at" or name.endswith("_currency"):
                continue
            if field.lines:
                told += self._lines(field, old[name] or [], new[name] or [], is_new=is_new)
            else:
                told.append(self._change(self._entity, field, old, new, ""))
        return told[:MOST_OF_NEW] if is_new else told

    def _order(self, changes: Mapping[str, Any]) -> list[str]:
        known = self._entity.fields
        return [
            *(name for name in known if name in changes),
            *(name for name in changes if name not in known),
        ]

    def _change(
        self, entity: Entity, field: Field, old: Mapping[str, Any], new: Mapping[str, Any], prefix: str
    ) -> Change:
        title = prefix + self._visit.labels.field(entity, field)
        return Change(title, self._html(entity, field, old), self._html(entity, field, new))

    def _html(self, entity: Entity, field: Field, values: Mapping[str, Any]) -> Markup:
        return value_html(self._visit, entity, field, values, self._found)

    def _lines(
        self, field: Field, old: list[Mapping[str, Any]], new: list[Mapping[str, Any]], *, is_new: bool
    ) -> list[Change]:
        child = self._visit.model.entities[field.lines or ""]
        if field.type == "multi_link":
            old, new = [as_row(line) for line in old], [as_row(line) for line in new]
        title = self._visit.labels.field(self._entity, field)
        if is_new:
            return [
                Change(
                    title, Markup(""), Markup("{}").format(self._visit.texts.count("value.lines", len(new)))
                )
            ]
        before = {str(line.get("id")): line for line in old}
        after = {str(line.get("id")) for line in new}
        told: list[Change] = []
        for number, line in enumerate(new, 1):
            was = before.get(str(line.get("id")))
            prefix = f"{title} {number} · "
            if was is None:
                told.append(Change(f"{title} {number}", Markup(""), self._line(child, line)))
                continue
            for inner in child.fields.values():
                if was.get(inner.name) != line.get(inner.name) and not inner.computed:
                    told.append(self._change(child, inner, was, line, prefix))
        gone = [(number, line) for number, line in enumerate(old, 1) if str(line.get("id")) not in after]
        told += [Change(f"{title} {number}", self._line(child, line), Markup("")) for number, line in gone]
        return told

    def _line(self, child: Entity, line: Mapping[str, Any]) -> Markup:
        parts = [self._html(child, inner, line) for inner in child.fields.values() if not inner.computed]
        return Markup(" · ").join(part for part in parts if part)
