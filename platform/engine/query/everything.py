"""Search over all entities at once: the first records of each that hold every word."""

from dataclasses import dataclass
from typing import Any

from fieldstone.engine.permissions import access, visible_entities
from fieldstone.engine.query.listing import list_records
from fieldstone.engine.query.request import ListRequest
from fieldstone.engine.storage.tables import searched
from fieldstone.engine.transaction import Transaction

MOST_ENTITIES = 30
EACH = 20


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that was found: its entity, and id, version and title field as its reader may see them."""

    entity: str
    record: dict[str, Any]
    title: str | None


def search(tx: Transaction, words: str, *, limit: int = 20) -> list[Hit]:
    """At most `limit` records, taken in turn from the entities, so that none hides the others."""
    found: list[list[Hit]] = []
    names = [
        name for name in visible_entities(tx.model, tx.context.actor) if searched(tx.model.entities[name])
    ]
    for name in names[:MOST_ENTITIES]:
        rights = access(tx, name)
        if not rights.allows("read"):
            continue
        title = tx.model.entities[name].title_field
        fields = (title,) if title and title in rights.readable else ()
        page = list_records(tx, name, ListRequest(q=words, fields=fields, limit=min(limit, EACH)))
        if page.data:
            found.append([Hit(name, record, _title(record, fields)) for record in page.data])
    hits = []
    for index in range(max(map(len, found), default=0)):
        hits += [each[index] for each in found if index < len(each)]
    return hits[:limit]


def _title(record: dict[str, Any], fields: tuple[str, ...]) -> str | None:
    value = record.get(fields[0]) if fields else None
    return None if value is None else str(value)
