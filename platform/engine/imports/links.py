"""From what a cell says to the record that it means: by title, unique field or number, in batches.

Only records that the person who imports may see are met, so a hidden record and none at all look the same.
A text that means nothing is never dropped: it becomes an error of its row and a finding with the nearest
title. A value map settles it: an id, another title, or null for nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from fieldstone.engine.columns.kinds import TEXT
from fieldstone.engine.imports.titles import Titles
from fieldstone.engine.permissions import NotFound, access, actor_values
from fieldstone.engine.query.columns import OPEN_TARGETS, EntityColumns
from fieldstone.engine.query.gate import gate_for
from fieldstone.engine.query.select import record_where
from fieldstone.engine.search import plain
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Entity, Field

MAX_TITLES: Final = 50_000
"""Titles that are compared for suggestions; of larger entities, only these."""

LONGEST: Final = 500
"""Characters of a text that may be the name of a record."""

NAMED_BY: Final[Mapping[str, tuple[str, ...]]] = {
    "user": ("username", "email", "name"),
    "team": ("code", "name"),
}
_TEXTUAL: Final = frozenset(("text", "email", "phone", "url", "sequence"))


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a text means: one record, several (then none is taken), or nothing. `near`: what to suggest."""

    ids: tuple[str, ...] = ()
    near: tuple[str, str] | None = None


NOTHING: Final = Meaning()


class LinkResolver:
    """Remembers meanings for one run. What meant nothing is asked again: a later row may have created it."""

    def __init__(self, values: Mapping[str, Mapping[str, Any]]) -> None:
        self._maps = {
            name: {plain(text).strip(): to for text, to in texts.items()} for name, texts in values.items()
        }
        self._known: dict[tuple[str, str], Meaning] = {}
        self._titles: dict[str, Titles] = {}
        self.rows: Mapping[str, int] = {}
        """Names of records that the file itself holds, with their rows."""

    def settled(self, field: str, text: str) -> tuple[bool, str | None]:
        """Whether the value map names this text, and what it says instead."""
        texts = self._maps.get(field)
        key = plain(text).strip()
        if not texts or key not in texts:
            return False, text
        value = texts[key]
        return True, None if value is None else str(value)

    def learn(self, tx: Transaction, wanted: Mapping[str, Iterable[str]]) -> None:
        """Find out what texts mean, by target entity: one statement per target."""
        for target, texts in wanted.items():
            asked = {text for text in texts if not self._known.get((target, text), NOTHING).ids}
            if asked:
                found = find(tx, target, sorted(asked))
                for text in asked:
                    self._known[target, text] = Meaning(tuple(sorted(found.get(text, ()))))
                self._look_closer(tx, target, [text for text in asked if text not in found])

    def meaning(self, target: str, text: str) -> Meaning:
        """What `learn` found."""
        return self._known.get((target, text), NOTHING)

    def _look_closer(self, tx: Transaction, target: str, texts: list[str]) -> None:
        if not texts:
            return
        if target not in self._titles:
            self._titles[target] = Titles(all_titles(tx, target))
        titles = self._titles[target]
        for text in texts:
            if len(text) > LONGEST:
                continue
            ids = titles.ids(text)
            self._known[target, text] = Meaning(tuple(sorted(ids)), None if ids else titles.nearest(text))


def lookup_fields(entity: Entity) -> list[Field]:
    """The fields that name a record of an entity: its title, unique texts and numbers."""
    names = NAMED_BY.get(entity.name) or (entity.title_field or "",)
    fields = [entity.fields[name] for name in names if name in entity.fields]
    fields += [field for field in entity.fields.values() if field.unique or field.type == "sequence"]
    return list({field.name: field for field in fields if field.type in _TEXTUAL}.values())


def visible_fields(tx: Transaction, entity: Entity) -> list[Field]:
    """`lookup_fields` that the actor may read; of users and teams, whom everybody may link to, at least the
    title.
    """
    fields = lookup_fields(entity)
    try:
        found = access(tx, entity.name)
    except NotFound:
        found = None
    if found is not None and found.allows("read"):
        return [field for field in fields if field.name in found.readable]
    return [field for field in fields if entity.name in OPEN_TARGETS and field.name == entity.title_field]


def link_columns(tx: Transaction, entity: Entity) -> tuple[EntityColumns, list[Any]]:
    if entity.name in OPEN_TARGETS:
        columns = EntityColumns(tx.model, entity)
        return columns, [columns.own("deleted_at").is_(None)]
    columns = EntityColumns(tx.model, entity, gate=gate_for(tx))
    return columns, record_where(tx, columns)


def find(tx: Transaction, target: str, texts: list[str]) -> dict[str, set[str]]:
    """The ids of the records that each text names exactly."""
    entity = tx.model.entities[target]
    fields = visible_fields(tx, entity)
    if not fields:
        return {}
    columns, where = link_columns(tx, entity)
    names = [columns.own(field.name) for field in fields]
    wanted = sa.bindparam("texts", type_=ARRAY(TEXT))
    where.append(sa.or_(*(name == sa.any_(wanted) for name in names)))
    statement = sa.select(columns.own("id"), *names).select_from(columns.source).where(*where)
    asked = set(texts)
    found: dict[str, set[str]] = {}
    for record_id, *values in tx.select(statement, {"texts": texts, **actor_values(tx.context.actor)}):
        for value in values:
            if value in asked:
                found.setdefault(value, set()).add(str(record_id))
    return found


def all_titles(tx: Transaction, target: str) -> list[tuple[str, str]]:
    """Names and ids of the target's records, up to a limit."""
    entity = tx.model.entities[target]
    fields = visible_fields(tx, entity)
    if not fields:
        return []
    columns, where = link_columns(tx, entity)
    statement = (
        sa.select(columns.own("id"), *(columns.own(field.name) for field in fields))
        .select_from(columns.source)
        .where(*where)
        .limit(MAX_TITLES)
    )
    rows = tx.select(statement, actor_values(tx.context.actor))
    return [(value, str(row[0])) for row in rows for value in row[1:] if value]


def is_id(text: str) -> bool:
    """Whether a text is a record's id."""
    if len(text) != 36:
        return False
    try:
        UUID(text)
    except ValueError:
        return False
    return True
