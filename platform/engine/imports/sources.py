"""Files as rows: what CSV, XLSX and NDJSON have in common.

A source can be read again from the start (rows are made anew each time), keeps its row numbers, and says
what is wrong with a row as a problem of that row, so that one bad line never hides the others.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from fieldstone.engine.imports.errors import UnreadableSource

Kind = Literal["csv", "xlsx", "ndjson"]
MAX_BYTES: Final = 100_000_000
MAX_COLUMNS: Final = 500
ERROR_COLUMN: Final = "Import errors"
"""The column that an error file adds; a source's column of this name is not read."""

LOOKED_AT: Final = 10
WIDE: Final = 3
"""Where the first of this many filled rows has one cell and another this many, the names come later."""

TYPES: Final[Mapping[str, Kind]] = {
    "text/csv": "csv",
    "text/tab-separated-values": "csv",
    "text/plain": "csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/x-ndjson": "ndjson",
    "application/jsonl": "ndjson",
}
SUFFIXES: Final[Mapping[str, Kind]] = {
    ".csv": "csv", ".tsv": "csv", ".txt": "csv", ".xlsx": "xlsx", ".ndjson": "ndjson", ".jsonl": "ndjson",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a source. `cells` are texts, or JSON values in NDJSON; `wrong` is why it cannot be used.

    `code` of what is wrong: `row.ragged` (too many or too few cells), `row.unreadable`, `cell.formula` (no stored
    value), `cell.error` (such as #REF!) or `cell.merged`, these three in `column`.
    """

    number: int
    cells: Mapping[str, Any]
    wrong: str | None = None
    code: str = "row.ragged"
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A readable file. `textual`: cells are texts that field types read; otherwise JSON values. `header` is the
    number of the row that names the columns. `counted` counts the rows where that is quicker than making them.
    """

    kind: Kind
    headers: tuple[str, ...]
    open_rows: Callable[[], Iterator[Row]]
    textual: bool = True
    notes: tuple[str, ...] = ()
    header: int = 1
    counted: Callable[[], int] | None = None

    def rows(self) -> Iterator[Row]:
        return self.open_rows()

    def count(self) -> int:
        return sum(1 for _ in self.open_rows()) if self.counted is None else self.counted()

    def sample(self, size: int = 200) -> list[Row]:
        """The first rows, for suggestions."""
        found = []
        for row in self.open_rows():
            found.append(row)
            if len(found) >= size:
                break
        return found


def check_size(data: bytes) -> None:
    if len(data) > MAX_BYTES:
        raise UnreadableSource(
            f"The file is larger than {MAX_BYTES // 1_000_000} MB.", code="import.too_large"
        )


def header_of(table: Iterable[tuple[int, list[str]]], asked: int | None) -> tuple[int, list[str]]:
    """The row that names the columns, and the names: the row asked for, else the first that is not blank.

    A lone cell above a wide table is its heading, not a column; so is every row before the first wide one.
    """
    filled: list[tuple[int, list[str]]] = []
    for number, cells in table:
        if asked is not None:
            if number >= asked:
                return number, [cell.strip() for cell in cells]
        elif any(cell.strip() for cell in cells):
            filled.append((number, [cell.strip() for cell in cells]))
            if len(filled) == LOOKED_AT or _width(filled[0][1]) > 1:
                break
    if not filled:
        return 1, []
    widest = max(_width(cells) for _, cells in filled)
    if _width(filled[0][1]) == 1 and widest >= WIDE:
        return next(row for row in filled if _width(row[1]) * 2 > widest)
    return filled[0]


def _width(cells: list[str]) -> int:
    return sum(1 for cell in cells if cell)


def check_headers(headers: list[str]) -> None:
    """Refuse headers that a mapping could not name."""
    if not any(headers):
        raise UnreadableSource("The file has no header row with the names of the columns.")
    if len(headers) > MAX_COLUMNS:
        raise UnreadableSource(f"The file has {len(headers)} columns; at most {MAX_COLUMNS} can be imported.")
    seen: set[str] = set()
    for name in headers:
        if name and name in seen:
            raise UnreadableSource(f'The column "{name}" stands twice in the header.', column=name)
        seen.add(name)


def filled(cells: list[str]) -> bool:
    """Whether a row is more than blank."""
    return any(cells) and any(map(str.strip, cells))


def row_of(headers: list[str], cells: list[str], number: int) -> Row | None:
    """A row of a table; None for a blank one. Cells beyond the header, or missing ones, are wrong."""
    if not filled(cells):
        return None
    wrong = None
    if len(cells) > len(headers) and any(cell.strip() for cell in cells[len(headers) :]):
        wrong = f"The row has {len(cells)} cells, but the header has {len(headers)}."
    elif len(cells) < len(headers):
        wrong = f"The row has only {len(cells)} cells, but the header has {len(headers)}."
    named = dict(zip(headers, cells, strict=False))
    named.pop("", None)
    return Row(number, named, wrong)
