"""Full-text search for somebody who may not read every searched field: only what can be read may match.

A record's search vector holds the terms of all its searched fields, so alone it would tell of hidden ones. Here each
term must also begin a word of a readable field, tested on the text itself. The test is never looser than the vector's
own terms, or a match in a hidden field would show through it.
"""

from collections.abc import Collection
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.elements import ColumnElement

from fieldstone.engine.query.columns import EntityColumns
from fieldstone.engine.search import folded_characters

MARKS = "[\u0300-\u036f]"
FOLDED = "pg_unicode_fast"


def readable_match(columns: EntityColumns, readable: Collection[str]) -> ColumnElement[bool] | None:
    """The condition over parameter `patterns`; None where every searched field is readable."""
    searched = [field for field in columns.entity.fields.values() if field.search]
    if all(field.name in readable for field in searched):
        return None
    texts = [
        _folded(columns.own(field.name))
        for field in searched
        if field.name in readable
        and field.name in columns.built.fields
        and isinstance(columns.own(field.name).type, sa.Text)
    ]
    if not texts:
        return sa.false()
    pattern = sa.func.unnest(sa.bindparam("patterns", type_=ARRAY(sa.Text()))).column_valued("wanted")
    found = sa.or_(
        *(sa.func.coalesce(text.op("~")(sa.cast(pattern, sa.Text())), sa.false()) for text in texts)
    )
    return ~sa.exists(sa.select(pattern).where(~found).correlate(columns.table))


def _folded(column: ColumnElement[str]) -> ColumnElement[str]:
    """What `search.fold` does, as far as SQL can."""
    before, after = _characters()
    plain = sa.func.regexp_replace(
        sa.func.normalize(sa.collate(column, FOLDED), sa.literal_column("NFKD")), sa.literal(MARKS), "", "g"
    )
    return sa.collate(sa.func.translate(sa.func.lower(plain), sa.literal(before), sa.literal(after)), FOLDED)


@lru_cache(maxsize=1)
def _characters() -> tuple[str, str]:
    return folded_characters()
