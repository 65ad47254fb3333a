"""Files as rows: what CSV, XLSX and NDJSON have in common.

A source can be read again from the start (rows are made anew each time), keeps its row numbers, and says
what is wrong with a row as a problem of that row, so that one bad line never hides the others.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from fieldstone.engine.imports.errors import UnreadableSource

Kind = Literal["csv", "xlsx", "ndjson"]
MAX_BYTES: Final = 100_000_000
MAX_COLUMNS: Final = 500
ERROR_COLUMN: Final = "Import errors"
"""The column that an error file adds; a source's column of this name is not read."""

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

    `code` of what is wrong: `row.ragged` (too many or too few cells) or `row.unreadable`.
    """

    number: int
    cells: Mapping[str, Any]
    wrong: str | None = None
    code: str = "row.ragged"


@dataclass(frozen=True, slots=True)
class Source:
    """A readable file. `textual`: cells are texts that field types read; otherwise JSON values."""

    kind: Kind
    headers: tuple[str, ...]
    open_rows: Callable[[], Iterator[Row]]
    textual: bool = True
    notes: tuple[str, ...] = ()

    def rows(self) -> Iterator[Row]:
        return self.open_rows()

    def count(self) -> int:
        return sum(1 for _ in self.open_rows())

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


def row_of(headers: list[str], cells: list[str], number: int) -> Row | None:
    """A row of a table; None for a blank one. Cells beyond the header, or missing ones, are wrong."""
    if not any(cell.strip() for cell in cells):
        return None
    wrong = None
    if len(cells) > len(headers) and any(cell.strip() for cell in cells[len(headers) :]):
        wrong = f"The row has {len(cells)} cells, but the header has {len(headers)}."
    elif len(cells) < len(headers):
        wrong = f"The row has only {len(cells)} cells, but the header has {len(headers)}."
    named = {name: cell for name, cell in zip(headers, cells, strict=False) if name}
    return Row(number, named, wrong)
