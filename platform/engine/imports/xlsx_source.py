"""XLSX workbooks: the first sheet, or a named one; `header_of` says which row holds the column names.

A workbook is a zip of XML and may unpack to a thousand times its size, so its directory is judged before
anything is unpacked; openpyxl reads it row by row, with defusedxml. Rows are kept, many of them in a file, since reading a workbook
again takes seconds. Formulas count with their stored values.
"""

import datetime
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Final

from openpyxl import load_workbook
from openpyxl.utils.cell import range_boundaries
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._reader import FORMULA_TAG, WorkSheetParser

from fieldstone.engine.imports.errors import UnreadableSource
from fieldstone.engine.imports.guard import unescape_xlsx
from fieldstone.engine.imports.sources import (
    MAX_COLUMNS,
    Row,
    Source,
    check_headers,
    check_size,
    header_of,
    row_of,
)
from fieldstone.engine.imports.spool import Spool

MAX_PARTS: Final = 2000
MAX_UNPACKED: Final = 200_000_000
MAX_RATIO: Final = 200
MAX_ROWS: Final = 1_048_576
MAX_MERGED: Final = 10_000
_MERGED: Final = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*ref="([A-Z]+\d+(?::[A-Z]+\d+)?)"')


def xlsx_source(data: bytes, *, sheet: str | None = None, header: int | None = None) -> Source:
    """A sheet of a workbook. Raises UnreadableSource."""
    check_size(data)
    check_zip(data)
    names = sheet_names(data)
    if sheet is not None and sheet not in names:
        raise UnreadableSource(f'The workbook has no sheet "{sheet}"; it has {", ".join(names)}.')
    chosen = sheet or names[0]
    start, headers = header_of(((number, cells) for number, cells, _ in _table(data, chosen)), header)
    while headers and not headers[-1]:
        headers.pop()
    check_headers(headers)

    merged = merged_rows(data, chosen, start)
    kept = Spool()
    for number, cells, flaw in _table(data, chosen):
        if number > start:
            cells += [""] * (len(headers) - len(cells))
            row = row_of(headers, cells, number)
            if row is not None or number in merged:
                kept.add(_judged(row or Row(number, {}), headers, flaw, merged.get(number)))

    notes = () if len(names) == 1 else (f'The sheet "{chosen}" was read; the workbook has {len(names)}.',)
    return Source("xlsx", tuple(name for name in headers if name), kept.rows, notes=notes, header=start)


def check_zip(data: bytes) -> None:
    """Refuse what is no workbook, and zip bombs. zipfile reads no more of a part than it claims."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise UnreadableSource("The file is no XLSX workbook.") from error
    unpacked = sum(part.file_size for part in parts)
    worst = any(part.file_size > MAX_RATIO * max(part.compress_size, 1) + 1_000_000 for part in parts)
    if len(parts) > MAX_PARTS or unpacked > MAX_UNPACKED or worst:
        raise UnreadableSource("The workbook unpacks to more than can be read.", code="import.too_large")
    if "[Content_Types].xml" not in {part.filename for part in parts}:
        raise UnreadableSource("The file is no XLSX workbook.")


def sheet_names(data: bytes) -> list[str]:
    """The names of a workbook's sheets, in their order; there is at least one."""
    book = _open(data)
    try:
        if not book.sheetnames:
            raise UnreadableSource("The workbook has no sheet.")
        return list(book.sheetnames)
    finally:
        book.close()


def _open(data: bytes) -> Any:
    try:
        return load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    except (InvalidFileException, KeyError, ValueError, zipfile.BadZipFile, OSError, SyntaxError) as error:
        raise UnreadableSource("The file is no XLSX workbook that can be read.") from error


@dataclass(frozen=True, slots=True)
class Flaw:
    """A cell without a value that could be read: its place in the row (from 0), and what it is."""

    place: int
    code: str
    message: str


class _Parser(WorkSheetParser):  # type: ignore[misc]
    """openpyxl's reader, which says nothing of formulas that were never computed."""

    def parse_cell(self, element: Any) -> dict[str, Any]:
        cell: dict[str, Any] = super().parse_cell(element)
        if cell["data_type"] == "e":
            message = f"The cell holds the error {cell['value']}."
            cell["value"] = Flaw(cell["column"] - 1, "cell.error", message)
        elif cell["value"] is None and element.get("t") != "str" and element.find(FORMULA_TAG) is not None:
            message = "The formula has no stored value; open the file in a spreadsheet program and save it."
            cell["value"] = Flaw(cell["column"] - 1, "cell.formula", message)
        return cell


def _table(data: bytes, sheet: str) -> Iterator[tuple[int, list[str], Flaw | None]]:
    """Rows of texts by number, each with its first flaw."""
    book = _open(data)
    try:
        page = book[sheet]
        with page._get_source() as source:
            parser = _Parser(
                source, page._shared_strings, data_only=True, epoch=book.epoch,
                date_formats=book._date_formats, timedelta_formats=book._timedelta_formats,
            )  # fmt: skip
            for number, found in parser.parse():
                if number > MAX_ROWS:
                    return
                yield _row(number, found)
    except UnreadableSource:
        raise
    except (KeyError, ValueError, TypeError, zipfile.BadZipFile, SyntaxError, AttributeError) as error:
        raise UnreadableSource("The sheet cannot be read.") from error
    finally:
        book.close()


def _row(number: int, found: list[dict[str, Any]]) -> tuple[int, list[str], Flaw | None]:
    cells: list[str] = []
    flaw = None
    for each in found:
        value, place = each["value"], each["column"] - 1
        if value is None:
            continue
        if place >= MAX_COLUMNS:
            raise UnreadableSource(f"Row {number} has more than {MAX_COLUMNS} columns.")
        if isinstance(value, Flaw):
            flaw = flaw or value
            value = value.message
        cells += [""] * (place + 1 - len(cells))
        cells[place] = cell_text(value)
    return number, cells, flaw


def _judged(row: Row, headers: list[str], flaw: Flaw | None, merged: str | None) -> Row:
    """The row with what is wrong with it; a flaw in a column without a name is nobody's."""
    if merged is not None:
        message = f"Cells are merged here ({merged}); which rows they speak of is not said. Unmerge them."
        return replace(row, wrong=message, code="cell.merged", column=_name(headers, merged))
    if flaw is not None and flaw.place < len(headers) and headers[flaw.place]:
        return replace(row, wrong=flaw.message, code=flaw.code, column=headers[flaw.place])
    return row


def _name(headers: list[str], reference: str) -> str | None:
    place = range_boundaries(reference)[0]
    return (headers[place - 1] or None) if place is not None and place <= len(headers) else None


def merged_rows(data: bytes, sheet: str, start: int) -> dict[int, str]:
    """The rows below the header that merged cells lie in, with the first such range; at most 10,000 ranges are read."""
    book = _open(data)
    try:
        with book[sheet]._get_source() as source:
            ranges = list(islice(_ranges(source), MAX_MERGED))
    except (KeyError, ValueError, TypeError, zipfile.BadZipFile, AttributeError):
        return {}
    finally:
        book.close()
    found: dict[int, str] = {}
    for reference in ranges:
        _, top, _, bottom = range_boundaries(reference)
        for number in range(max(top or 1, start + 1), min(bottom or 0, (top or 1) + MAX_MERGED) + 1):
            found.setdefault(number, reference)
    return found


def _ranges(source: Any) -> Iterator[str]:
    """They stand behind all rows, so the file is looked through as it is."""
    rest = b""
    while piece := source.read(1_000_000):
        text = rest + piece
        end = 0
        for match in _MERGED.finditer(text):
            end = match.end()
            yield match.group(1).decode()
        rest = text[max(end, len(text) - 200) :]


def cell_text(value: Any) -> str:
    """A cell as text that field types read back: 2822.0 is `2822`, a date `2026-01-31`."""
    if value is None:
        return ""
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime.datetime):
        if value.time() == datetime.time():
            return value.date().isoformat()
        return value.replace(microsecond=0).isoformat(sep=" ")
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return unescape_xlsx(str(value))
