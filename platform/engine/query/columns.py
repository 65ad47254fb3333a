"""Paths as SQL: the columns of an entity and of what it links to, joined when they are asked for.

`EntityColumns` is what the expression compiler asks for columns. In *gated* mode (whatever an actor wrote or sees:
filters, sorts, related fields) a link leads only to records that the actor may read, so that a hidden record and an
absent one give the same answer. Stored values that the platform computes itself use the ungated mode.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, cast

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import FromClause

from fieldstone.engine.storage.tables import PARENT, EntityTable, table_for
from fieldstone.expressions import Bindings
from fieldstone.expressions.sql import LinesSource, to_sql
from fieldstone.metadata.definitions import Entity, Field, Model
from fieldstone.metadata.fields.multi_link import LINK, is_joining

OPEN_TARGETS = ("user", "team")
"""Entities that anybody may link to: a record has an owner whom its reader need not be allowed to open."""

SET_MARK: Final = sa.literal_column("'{\"set\": true}'::jsonb", JSONB())
"""All that a statement tells of a secret."""

ReadPredicate = Callable[["EntityColumns"], ColumnElement[bool] | None]


class EntityColumns:
    """The columns of one entity in one statement.

    `source` grows by LEFT JOINs as paths are asked for; take it when all columns have been asked for.
    `gate` gives the read predicate of a joined entity (None: ungated).
    """

    def __init__(
        self,
        model: Model,
        entity: Entity,
        *,
        bindings: Bindings | None = None,
        gate: "Callable[[EntityColumns], ColumnElement[bool] | None] | None" = None,
        alias: bool = False,
        root: "EntityColumns | None" = None,
    ) -> None:
        self.model = model
        self.entity = entity
        self.bindings = bindings or Bindings()
        self.gate = gate
        self.built: EntityTable = table_for(entity)
        self.table: Any = self.built.table.alias() if alias else self.built.table
        self._root = root or self
        self._hops: dict[str, EntityColumns] = {}
        if root is None:
            self._source: FromClause = self.table

    @property
    def source(self) -> FromClause:
        """The FROM clause with every join that was needed so far."""
        return self._root._source

    def own(self, name: str) -> ColumnElement[Any]:
        """A stored column of this entity by its API name (companions too: `price_currency`)."""
        column = self.built.fields.get(name)
        if column is None:
            column = self.built.companions[name]
        if name in self.built.masked:
            return sa.case((self.table.c[column.name].is_not(None), SET_MARK))
        return self.table.c[column.name]  # type: ignore[no-any-return]

    def raw(self, column_name: str) -> ColumnElement[Any]:
        return self.table.c[column_name]  # type: ignore[no-any-return]

    def column(self, path: tuple[str, ...]) -> ColumnElement[Any]:
        """The value at a path: an own field, or a field of a linked record."""
        name = path[0]
        if len(path) > 1:
            part = self.built.parts.get((name, path[1]))
            if part is not None:
                return self.raw(part.name)
            return self.hop(name).column(path[1:])
        if name in self.built.fields or name in self.built.companions:
            return self.own(name)
        field = self.entity.fields[name]
        if field.formula is not None:
            return to_sql(field.formula, self, self.bindings)
        if field.related is not None:
            return self.column(field.related)
        raise KeyError(name)

    def hop(self, link: str) -> "EntityColumns":
        """The columns of the record that a link field leads to, joined once."""
        found = self._hops.get(link)
        if found is not None:
            return found
        target = self.model.entities[link_target(self.entity, link)]
        joined = EntityColumns(
            self.model, target, bindings=self.bindings, gate=self.gate, alias=True, root=self._root
        )
        self._hops[link] = joined
        on = [joined.own("id") == self.own(link)]
        if not target.parent:
            on.append(joined.own("deleted_at").is_(None))
        if self.gate is not None:
            predicate = self.gate(joined)
            if predicate is not None:
                on.append(predicate)
        self._root._source = self._root._source.outerjoin(joined.table, sa.and_(*on))
        return joined

    def lines(self, path: tuple[str, ...]) -> LinesSource:
        """The child records of a lines field."""
        name = path[-1]
        holder: EntityColumns = self
        for link in path[:-1]:
            holder = holder.hop(link)
        field = holder.entity.fields[name]
        assert field.lines is not None
        child = EntityColumns(
            self.model, self.model.entities[field.lines], bindings=self.bindings, gate=self.gate, alias=True
        )
        condition = child.raw(PARENT) == holder.own("id")
        met = child.met()
        return cast(LinesSource, _Lines(child, condition if met is None else sa.and_(condition, met)))

    def met(self) -> ColumnElement[bool] | None:
        """For rows of several links: that the linked record is one that may be read; None where all may."""
        if self.gate is None or not is_joining(self.entity):
            return None
        if self.entity.fields[LINK].target in OPEN_TARGETS:
            return None
        return self.hop(LINK).own("id").is_not(None)


@dataclass(frozen=True)
class _Lines:
    """Lines whose FROM is read after the body was compiled, since link hops of a line join into it."""

    columns: EntityColumns
    condition: ColumnElement[bool]

    @property
    def from_(self) -> FromClause:
        return self.columns.source


def link_target(entity: Entity, link: str) -> str:
    """The entity that a link field leads to; `created_by`, `updated_by` and `owner_id` lead to users."""
    if link in ("created_by", "updated_by", "owner_id"):
        return "user"
    field: Field = entity.fields[link]
    assert field.target is not None
    return field.target
