"""Links between the sheets of a file: a column whose texts are what another sheet's records are called.

A link needs texts on one side and a column on the other in which no text stands twice. Numbers count only
where the heading names the sheet or the column that it would link to, since many sheets count from 1.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from fieldstone.engine.search import plain
from fieldstone.engine.spreadsheets.sheets import Column, Sheet
from fieldstone.engine.spreadsheets.words import heading

NEARLY_ALL: Final = 0.9
LEAST: Final = 2


@dataclass(frozen=True, slots=True)
class Relation:
    """The column `column` of `sheet` names records of `target` by their column `by`."""

    sheet: str
    column: str
    target: str
    by: str


def relations(sheets: Sequence[Sheet], titles: Mapping[str, str]) -> list[Relation]:
    """Every column that names records of a sheet. `titles` is the title column of each sheet."""
    names = {sheet.name: _names(sheet, titles.get(sheet.name, "")) for sheet in sheets}
    found: list[Relation] = []
    for sheet in sheets:
        for column in sheet.columns:
            if column.heading == titles.get(sheet.name) or not column.texts:
                continue
            best = _best(sheet, column, sheets, names)
            if best is not None:
                found.append(best)
    return _without_circles(found)


def _names(sheet: Sheet, title: str) -> list[tuple[Column, frozenset[str]]]:
    """The columns that tell a sheet's rows apart, the title first."""
    unique = [column for column in sheet.columns if column.texts and column.filled == len(column.texts)]
    unique.sort(key=lambda column: (column.heading != title, column.place))
    found = []
    for column in unique:
        texts = frozenset(plain(text).strip() for text in column.texts)
        if len(texts) == len(column.texts):
            found.append((column, texts))
    return found


def _best(
    sheet: Sheet,
    column: Column,
    sheets: Sequence[Sheet],
    names: Mapping[str, list[tuple[Column, frozenset[str]]]],
) -> Relation | None:
    said, _ = column.said()
    texts = {plain(text).strip() for text in said}
    numbers = all(text.replace(".", "").isdigit() for text in texts)
    scored: list[tuple[float, str, str]] = []
    for other in sheets:
        for by, known in names[other.name]:
            if other is sheet and by is column:
                continue
            inside = len(texts & known) / len(texts)
            named = _named(column, other, by, alone=numbers and len(said) == column.filled)
            if inside < NEARLY_ALL or (len(texts) < LEAST and not named):
                continue
            if (numbers or len(known) < LEAST) and not named:
                continue
            if other is sheet and not (_repeats(column) or column.blank):
                continue
            scored.append((inside + named + (by is names[other.name][0][0]) / 10, other.name, by.heading))
    if not scored:
        return None
    _, target, by_heading = max(scored)
    return Relation(sheet.name, column.heading, target, by_heading)


def _named(column: Column, other: Sheet, by: Column, *, alone: bool) -> bool:
    """Whether a heading speaks of the sheet or of the very column; `alone`: of the sheet."""
    own, theirs, key = heading(column.heading), heading(other.name), heading(by.heading)
    singular = theirs.removesuffix("s")
    return bool(singular and singular in own) or (own == key and len(own) > 1 and not alone)


def _repeats(column: Column) -> bool:
    return any(count > 1 for count in column.texts.values())


def _without_circles(found: list[Relation]) -> list[Relation]:
    """Links in the order found, less those that would close a circle between sheets."""
    kept: list[Relation] = []
    for each in found:
        if each.sheet == each.target or not _reaches(kept, each.target, each.sheet):
            kept.append(each)
    return kept


def _reaches(kept: Sequence[Relation], start: str, goal: str) -> bool:
    """Whether sheets lead from one to another by links."""
    seen, open_ = {start}, [start]
    while open_:
        at = open_.pop()
        if at == goal:
            return True
        for each in kept:
            if each.sheet == at and each.target not in seen:
                seen.add(each.target)
                open_.append(each.target)
    return False
