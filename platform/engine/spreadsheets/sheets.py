"""The sheets of a file as columns with all their values: what a proposal is made from.

A column knows its place, its heading, and every text with the number of rows that say it. Cells are read by
`imports`, so what is proposed is what will be imported. In a workbook a number's format says what it is:
`0.15` shown as 15 % is a percentage, `¥1,200` an amount.
"""

import io
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from openpyxl import load_workbook

from fieldstone.engine.imports import ImportOptions, Kind, Source, UnreadableSource, layout_of, open_source
from fieldstone.engine.imports.guard import unguard
from fieldstone.engine.imports.sources import ERROR_COLUMN

MOST_SHEETS: Final = 20
SAMPLES: Final = 4
FORMATTED_ROWS: Final = 30
LOOKED_AT: Final = 100_000
"""Rows that are looked at; types are proposed from these."""

BLANKS: Final = frozenset(
    ("-", "--", "—", "–", "/", "n/a", "na", "#n/a", "none", "null", "无", "無", "暂无", "なし", "未定", "－")
)
"""What people write where there is nothing to say."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `texts` counts each different text; `blank` rows say nothing. `format` is a number format."""

    heading: str
    place: int
    texts: Mapping[str, int]
    blank: int
    format: str = ""

    @property
    def filled(self) -> int:
        return sum(self.texts.values())

    @property
    def samples(self) -> tuple[str, ...]:
        return tuple(text[:120] for text, _ in zip(self.texts, range(SAMPLES), strict=False))

    def said(self) -> tuple[dict[str, int], tuple[str, ...]]:
        """The texts without those that only say that there is nothing, and these."""
        nothing = tuple(text for text in self.texts if text.casefold() in BLANKS)
        if not nothing or len(nothing) == len(self.texts):
            return dict(self.texts), ()
        return {text: count for text, count in self.texts.items() if text not in nothing}, nothing


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of a file.."""

    name: str
    header: int
    rows: int
    columns: tuple[Column, ...]

    def column(self, heading: str) -> Column | None:
        return next((column for column in self.columns if column.heading == heading), None)


def sheets_of(content: bytes, kind: Kind, name: str) -> list[Sheet]:
    """All tables of a file that have a header and rows. Raises UnreadableSource when there is none."""
    layout = layout_of(content, kind, ImportOptions())
    found: list[Sheet] = []
    wrong: UnreadableSource | None = None
    for sheet in layout.sheets[:MOST_SHEETS] or ("",):
        try:
            source = open_source(content, kind, ImportOptions(sheet=sheet or None))
            if not source.textual:
                raise UnreadableSource("Only tables (CSV, XLSX) become entities.", code="import.type")
            formats = number_formats(content, sheet, source) if sheet else {}
            table = sheet_of(sheet or stem(name), source, formats)
        except UnreadableSource as error:
            wrong = wrong or error
            continue
        if table.rows and table.columns:
            found.append(table)
    if not found:
        raise wrong or UnreadableSource("The file has no table with a header and at least one row.")
    return found


def stem(name: str) -> str:
    """A file's name without its path and ending."""
    base = name.replace("\\", "/").rpartition("/")[2]
    return base.rpartition(".")[0] or base


def sheet_of(name: str, source: Source, formats: Mapping[str, str]) -> Sheet:
    """The columns of one table."""
    headings = [heading for heading in source.headers if heading != ERROR_COLUMN]
    counts: dict[str, Counter[str]] = {heading: Counter() for heading in headings}
    rows = 0
    for row in source.rows():
        if row.wrong:
            continue
        rows += 1
        for heading in headings:
            text = unguard(str(row.cells.get(heading) or "")).strip()
            if text:
                counts[heading][text] += 1
        if rows >= LOOKED_AT:
            break
    columns = tuple(
        Column(heading, place, counts[heading], rows - counts[heading].total(), formats.get(heading, ""))
        for place, heading in enumerate(headings, 1)
    )
    return Sheet(name, source.header, rows, columns)


def number_formats(content: bytes, sheet: str, source: Source) -> dict[str, str]:
    """The number format of each column's first number."""
    book: Any = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    found: dict[str, str] = {}
    try:
        page = book[sheet]
        page.reset_dimensions()
        first = source.header
        headings: list[str] = []
        for row in page.iter_rows(min_row=first, max_row=first + FORMATTED_ROWS):
            if not headings:
                headings = ["" if cell.value is None else str(cell.value).strip() for cell in row]
                continue
            for heading, cell in zip(headings, row, strict=False):
                if heading and heading not in found and isinstance(cell.value, int | float):
                    found[heading] = str(cell.number_format or "")
    except (KeyError, ValueError, TypeError, AttributeError):
        return found  # formats only help to guess
    finally:
        book.close()
    return found
