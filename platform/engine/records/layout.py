"""How the values of an entity lie in its columns: worked out once per definition, because every write needs it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from fieldstone.engine.cache import LRU
from fieldstone.engine.columns import column_kind
from fieldstone.engine.search import sort_keys
from fieldstone.engine.storage.names import column_name
from fieldstone.metadata.definitions import Entity, Field


@dataclass(frozen=True, slots=True)
class Place:
    """Where the value of one field goes: its column, those of its companions and parts, and that of its sort keys."""

    name: str
    column: str
    to_db: Callable[[Any], Any] | None
    companions: tuple[tuple[str, str], ...]
    sort: str | None
    parts: tuple[tuple[str, str], ...] = ()
    split: Callable[[Any], Mapping[str, Any]] | None = None

    def put(self, values: Mapping[str, Any], columns: dict[str, Any]) -> None:
        """Add the columns of this field."""
        value = values.get(self.name)
        columns[self.column] = self.to_db(value) if self.to_db is not None and value is not None else value
        for name, column in self.companions:
            columns[column] = values.get(name)
        if self.split is not None:
            split = self.split(value) if value is not None else {}
            for part, column in self.parts:
                columns[column] = split.get(part)
        if self.sort is not None:
            columns[self.sort] = sort_keys(value) if isinstance(value, str) and value else None


_PLACES: Final[LRU[str, dict[str, Place]]] = LRU(1024)
_DECODERS: Final[LRU[str, dict[str, Callable[[Any], Any]]]] = LRU(1024)


def places_of(entity: Entity) -> dict[str, Place]:
    """The places of all stored fields, by API name."""
    return _PLACES.get_or(entity.hash, lambda: _build(entity))


def _build(entity: Entity) -> dict[str, Place]:
    found = ((field.name, _place(field)) for field in entity.fields.values())
    return {name: place for name, place in found if place is not None}


def _place(field: Field) -> Place | None:
    kind = column_kind(field)
    if kind is None:
        return None
    column = column_name(field.name)
    companions = tuple((f"{field.name}_{suffix}", f"{column}__{suffix}") for suffix, _ in kind.companions)
    parts = tuple((part, f"{column}__{part}") for part, _ in kind.parts)
    sort = f"{column}__sort" if kind.order == "text" else None
    return Place(field.name, column, kind.to_db, companions, sort, parts, kind.split)


def decoders_of(entity: Entity) -> Mapping[str, Callable[[Any], Any]]:
    """What makes values of stored ones, by API name, where they differ; usually none."""
    return _DECODERS.get_or(entity.hash, lambda: _decoders(entity))


def _decoders(entity: Entity) -> dict[str, Callable[[Any], Any]]:
    found = ((field.name, column_kind(field)) for field in entity.fields.values())
    return {name: kind.from_db for name, kind in found if kind is not None and kind.from_db is not None}
