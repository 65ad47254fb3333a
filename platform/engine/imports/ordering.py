"""Rows whose records link to records of the same file: the linked ones first.

The level of a row is one more than that of the row it links to; rows that link to nothing in the file have
level 0. The file is read once per level, so it need not be kept in memory.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from fieldstone.engine.imports.links import lookup_fields
from fieldstone.engine.imports.plan import ImportPlan
from fieldstone.engine.imports.sources import Row, Source
from fieldstone.engine.search import plain


@dataclass(frozen=True, slots=True)
class Order:
    """The levels of rows other than 0, and the row of the file that each name means."""

    levels: Mapping[int, int] = field(default_factory=dict)
    rows: Mapping[str, int] = field(default_factory=dict)

    def batches(self, source: Source, position: int, size: int) -> Iterator[list[Row]]:
        """All rows from `position` on, in batches that never hold rows of two levels."""
        for level in range(max(self.levels.values(), default=0) + 1):
            batch: list[Row] = []
            for row in source.rows():
                if self.levels.get(row.number, 0) != level:
                    continue
                if position:
                    position -= 1
                    continue
                batch.append(row)
                if len(batch) == size:
                    yield batch
                    batch = []
            if batch:
                yield batch


def order_of(source: Source, plan: ImportPlan) -> Order:
    """The order of a file's rows: as they stand, unless they may link to one another."""
    return _order(source, plan) if plan.self_links() else Order()


def _order(source: Source, plan: ImportPlan) -> Order:
    named = {field.name for field in lookup_fields(plan.entity)}
    own = set(plan.self_links())
    by_title: dict[str, int] = {}
    above: dict[int, list[str]] = {}
    for row in source.rows():
        if row.wrong:
            continue
        draft = plan.draft(row)
        for name in named:
            value = draft.body.get(name)
            if isinstance(value, str):
                by_title.setdefault(plain(value).strip(), row.number)
        texts = [plain(text).strip() for field, text in draft.links if field.name in own]
        if texts:
            above[row.number] = texts
    levels: dict[int, int] = {}
    for number in above:
        _level(number, above, by_title, levels)
    return Order(levels, by_title)


def _level(
    number: int, above: dict[int, list[str]], by_title: dict[str, int], levels: dict[int, int]
) -> None:
    """Set the level of a row and of all above it, without recursion; a circle is cut where it closes."""
    path = [number]
    while path:
        current = path[-1]
        linked = [by_title[text] for text in above.get(current, ()) if text in by_title]
        missing = [row for row in linked if row not in levels and row not in path]
        if missing:
            path.append(missing[0])
            continue
        known = [levels[row] for row in linked if row in levels and row != current]
        levels[current] = max(known) + 1 if known else (1 if any(row in path[:-1] for row in linked) else 0)
        path.pop()
