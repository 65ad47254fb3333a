"""The DDL of each change, with what goes to the recycle area.

Nothing is destroyed: a removed field's columns and a removed entity's table are renamed out of sight, which is instant
and loses nothing, and a rollback renames them back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from fieldstone.engine.columns import column_kind
from fieldstone.engine.publish.changes import Change, renames, signature
from fieldstone.engine.publish.conversions import converted
from fieldstone.engine.storage import ddl
from fieldstone.engine.storage.connection import DIALECT
from fieldstone.engine.storage.ddl import MARK, quote
from fieldstone.engine.storage.names import column_name, index_name, table_name
from fieldstone.engine.storage.tables import EXTRAS, MATCH, SEARCH, field_columns, table_for
from fieldstone.metadata.definitions import Entity, Field, Model
from fieldstone.metadata.fields.currencies import currency_digits


@dataclass(frozen=True, slots=True)
class Recycled:
    """Something renamed out of sight: names now, by names before."""

    entity: str
    field: str
    renamed: Mapping[str, str]
    signature: str


@dataclass(slots=True)
class Script:
    """What applying a plan sends, in order, and what it leaves for afterwards.

    `tables` are the existing tables that must be locked first. `builds` are (entity, field, kind).
    `restores` are entries of the recycle area that were taken back.
    """

    statements: list[str] = field(default_factory=list)
    tables: set[str] = field(default_factory=set)
    recycled: list[Recycled] = field(default_factory=list)
    restores: list[tuple[int, str, str]] = field(default_factory=list)
    builds: list[tuple[str, str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class InRecycle:
    """An entry of the recycle area that a rollback may take back."""

    revision: int
    entity: str
    field: str
    renamed: Mapping[str, str]
    signature: str


def script_for(
    old: Model,
    new: Model,
    changes: tuple[Change, ...],
    *,
    revision: int,
    role: str,
    currency: str,
    available: list[InRecycle],
) -> Script:
    """The script that takes tables from `old` to `new` as revision number `revision`.

    `currency` is the tenant's: that of numbers which become amounts of money.
    """
    script = Script()
    writer = _Writer(old, new, revision, role, currency, available, script)
    for change in _ordered(changes):
        writer.write(change)
    script.statements += writer.late
    return script


ORDER = (
    "drop_field", "drop_entity", "rename_field", "add_entity", "convert", "add_field", "add_search", "add_extras",
)  # fmt: skip


def _ordered(changes: tuple[Change, ...]) -> list[Change]:
    return sorted(changes, key=lambda c: ORDER.index(c.op) if c.op in ORDER else len(ORDER))


class _Writer:
    def __init__(
        self,
        old: Model,
        new: Model,
        revision: int,
        role: str,
        currency: str,
        available: list[InRecycle],
        script: Script,
    ) -> None:
        self.old, self.new, self.revision, self.role, self.currency = old, new, revision, role, currency
        ordered = sorted(available, key=lambda entry: entry.revision, reverse=True)
        self.available = {(entry.entity, entry.field, entry.signature): entry for entry in ordered}
        """What was removed first after the revision that one goes back to is what was there then."""
        self.script = script
        self.late: list[str] = []
        """References between new tables, which wait until all of them are there."""

    def write(self, change: Change) -> None:
        method = getattr(self, f"_{change.op}", None)
        if method is not None:
            method(change)

    def _touch(self, entity: str) -> str:
        self.script.tables.add(table_name(entity))
        return f"{MARK}.{quote(table_name(entity))}"

    def _build(self, entity: str, field: str, kind: str) -> None:
        self.script.builds.append((entity, field, kind))

    def _add_entity(self, change: Change) -> None:
        entity = self.new.entities[change.entity]
        entry = self.available.get((change.entity, "", table_signature(entity)))
        if entry is not None:
            before, now = next(iter(entry.renamed.items()))
            self.script.statements.append(f"ALTER TABLE {MARK}.{quote(now)} RENAME TO {quote(before)}")
            self.script.restores.append((entry.revision, entry.entity, ""))
            return
        self.script.statements += ddl.create_entity(entity, self.role)
        self.late += ddl.foreign_keys(entity)
        for target in self._targets(entity):
            if target in self.old.entities:
                self.script.tables.add(table_name(target))
        if entity.parent and entity.parent[0] in self.old.entities:
            self.script.tables.add(table_name(entity.parent[0]))

    def _targets(self, entity: Entity) -> set[str]:
        return {f.target for f in entity.fields.values() if f.target in self.new.entities and f.target}

    def _drop_entity(self, change: Change) -> None:
        place = self._touch(change.entity)
        entity = self.old.entities[change.entity]
        table = table_name(change.entity)
        hidden = f"_r{self.revision}_{table}"[:60]
        self.script.statements.append(f"ALTER TABLE {place} RENAME TO {quote(hidden)}")
        self.script.recycled.append(Recycled(change.entity, "", {table: hidden}, table_signature(entity)))

    def _add_field(self, change: Change) -> None:
        entity, field = self._field(change)
        place = self._touch(change.entity)
        entry = self.available.get((change.entity, change.field, signature(field)))
        if entry is not None:
            self._take_back(place, entity, field, entry)
        else:
            self.script.statements += ddl.add_field(entity, field)
        for target in {field.target} & self.old.entities.keys():
            self.script.tables.add(table_name(target or ""))
        if field.computed and column_kind(field) is not None and field.type != "sequence":
            self._build(change.entity, change.field, "values")

    def _drop_field(self, change: Change) -> None:
        entity = self.old.entities[change.entity]
        field = entity.fields[change.field]
        columns = field_columns(field)
        if not columns:
            return
        place = self._touch(change.entity)
        self._recycle(place, entity, field)

    def _recycle(self, place: str, entity: Entity, field: Field) -> None:
        """Rename a field's columns out of sight, without the indexes and constraints that would still bind them."""
        table = table_name(entity.name)
        self.script.statements += ddl.drop_field_indexes(entity, field)
        name = quote(index_name("fk", table, column_name(field.name)))
        self.script.statements.append(f"ALTER TABLE {place} DROP CONSTRAINT IF EXISTS {name}")
        renamed = {}
        for number, column in enumerate(field_columns(field)):
            hidden = f"_r{self.revision}_{number}_{column.name}"[:60]
            renamed[column.name] = hidden
            self.script.statements.append(
                f"ALTER TABLE {place} RENAME COLUMN {quote(column.name)} TO {quote(hidden)}"
            )
        self.script.recycled.append(Recycled(entity.name, field.name, renamed, signature(field)))

    def _rename_field(self, change: Change) -> None:
        entity, field = self._field(change)
        before = self.old.entities[change.entity]
        old = before.fields[renames(before, entity)[change.field]]
        if signature(old) != signature(field):
            return  # the conversion makes the column under its new name
        place = self._touch(change.entity)
        table = table_name(entity.name)
        for was, now in zip(field_columns(old), field_columns(field), strict=False):
            self.script.statements.append(
                f"ALTER TABLE {place} RENAME COLUMN {quote(was.name)} TO {quote(now.name)}"
            )
        for kind in ("uq", "ix", "so"):
            index = quote(index_name(kind, table, column_name(old.name)))
            called = quote(index_name(kind, table, column_name(field.name)))
            self.script.statements.append(f"ALTER INDEX IF EXISTS {MARK}.{index} RENAME TO {called}")
        if ddl.field_foreign_key(entity, field):
            constraint = quote(index_name("fk", table, column_name(old.name)))
            called = quote(index_name("fk", table, column_name(field.name)))
            self.script.statements.append(f"ALTER TABLE {place} RENAME CONSTRAINT {constraint} TO {called}")

    def _convert(self, change: Change) -> None:
        entity, field = self._field(change)
        before = self.old.entities[change.entity]
        was = renames(before, entity).get(change.field, change.field)
        old = before.fields[was]
        place = self._touch(change.entity)
        entry = self.available.get((entity.name, field.name, signature(field))) or self.available.get(
            (entity.name, was, signature(field))
        )
        self._recycle(place, before, old)
        hidden = next(iter(self.script.recycled[-1].renamed.values()))
        now = sa.column(hidden, _type(old))
        column = quote(column_name(field.name))
        if entry is None:
            self.script.statements += ddl.add_field(entity, field)
            stored = f"{quote(hidden)} IS NOT NULL"
        else:
            self._take_back(place, entity, field, entry)
            forth = converted(sa.column(column_name(field.name), _type(field)), field, old)
            stored = f"{quote(hidden)} IS DISTINCT FROM {_literal(forth)}"  # written since
        values = {column: _literal(converted(now, old, field))}
        if field.type == "money":
            values |= self._money(field, old, values[column])
        told = ", ".join(f"{name} = {value}" for name, value in values.items())
        self.script.statements.append(f"UPDATE {place} SET {told} WHERE {stored}")
        kind = column_kind(field)
        if kind is not None and kind.order == "text":
            self._build(entity.name, field.name, "sort")
        if field.computed:
            self._build(entity.name, field.name, "values")

    def _money(self, field: Field, old: Field, amount: str) -> dict[str, str]:
        """The companions of amounts that had no currency: the field's own, else the tenant's."""
        if old.type == "money":
            return {}
        currency = field.settings.get("currency") or self.currency
        name = column_name(field.name)
        found = {
            quote(name): f"round({amount}, {currency_digits(currency)})",
            quote(f"{name}__currency"): _literal(sa.literal(currency)),
        }
        if currency == self.currency:
            found[quote(f"{name}__base")] = found[quote(name)]
        return found

    def _take_back(self, place: str, entity: Entity, field: Field, entry: InRecycle) -> None:
        """Rename columns of the recycle area into sight, whatever the field is called now."""
        hidden = sorted(entry.renamed.values(), key=lambda name: int(name.split("_")[2]))
        for now, column in zip(hidden, field_columns(field), strict=True):
            self.script.statements.append(
                f"ALTER TABLE {place} RENAME COLUMN {quote(now)} TO {quote(column.name)}"
            )
        self.script.statements += ddl.field_indexes(entity, field) + ddl.field_foreign_key(entity, field)
        self.script.restores.append((entry.revision, entry.entity, entry.field))

    def _add_unique(self, change: Change) -> None:
        self._reindex(change)

    def _drop_unique(self, change: Change) -> None:
        self._reindex(change)

    def _add_index(self, change: Change) -> None:
        self._reindex(change)

    def _drop_index(self, change: Change) -> None:
        self._reindex(change)

    def _reindex(self, change: Change) -> None:
        entity, field = self._field(change)
        self._touch(change.entity)
        self.script.statements += [s for s in ddl.drop_field_indexes(entity, field) if '"so_' not in s]
        self.script.statements += ddl.field_indexes(entity, field)

    def _retarget(self, change: Change) -> None:
        entity, field = self._field(change)
        place = self._touch(change.entity)
        self._recycle(
            place, self.old.entities[change.entity], self.old.entities[change.entity].fields[change.field]
        )
        self.script.statements += ddl.add_field(entity, field)

    def _recompute(self, change: Change) -> None:
        self._build(change.entity, change.field, "values")

    def _search(self, change: Change) -> None:
        self._build(change.entity, "", "search")

    def _add_search(self, change: Change) -> None:
        entity = self.new.entities[change.entity]
        place = self._touch(change.entity)
        self.script.statements.append(
            f"ALTER TABLE {place} ADD COLUMN IF NOT EXISTS {quote(SEARCH)} tsvector"
        )
        self.script.statements.append(
            ddl.create_search_index(entity).replace("CREATE INDEX", "CREATE INDEX IF NOT EXISTS")
        )
        self._build(change.entity, "", "search")

    def _match(self, change: Change) -> None:
        entity = self.new.entities[change.entity]
        place = self._touch(change.entity)
        self.script.statements.append(f"ALTER TABLE {place} ADD COLUMN IF NOT EXISTS {quote(MATCH)} text[]")
        self.script.statements.append(
            ddl.create_match_index(entity).replace("CREATE INDEX", "CREATE INDEX IF NOT EXISTS")
        )
        self._build(change.entity, "", "match")

    def _add_extras(self, change: Change) -> None:
        place = self._touch(change.entity)
        self.script.statements.append(f"ALTER TABLE {place} ADD COLUMN IF NOT EXISTS {quote(EXTRAS)} jsonb")

    def _title_field(self, change: Change) -> None:
        self._touch(change.entity)
        old, new = self.old.entities[change.entity], self.new.entities[change.entity]
        if old.title_field:
            name = index_name("so", table_name(old.name), column_name(old.title_field))
            self.script.statements.append(f"DROP INDEX IF EXISTS {MARK}.{quote(name)}")
        self.script.statements += [
            s.replace("CREATE INDEX", "CREATE INDEX IF NOT EXISTS") for s in ddl.title_indexes(new)
        ]

    def _field(self, change: Change) -> tuple[Entity, Field]:
        entity = self.new.entities[change.entity]
        return entity, entity.fields[change.field]


def _literal(expression: sa.ColumnElement[Any]) -> str:
    """An expression as SQL with its values in it."""
    compiled = expression.compile(dialect=DIALECT, compile_kwargs={"literal_binds": True})
    return str(compiled).replace("%%", "%")


def _type(field: Field) -> Any:
    kind = column_kind(field)
    assert kind is not None
    return kind.type


def table_signature(entity: Entity) -> str:
    """What a table's columns are; a recycled table is taken back only by an entity of the same columns."""
    return ",".join(f"{column.name}:{column.type}" for column in table_for(entity).table.columns)
