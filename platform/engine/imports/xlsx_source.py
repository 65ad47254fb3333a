"""XLSX workbooks: the first sheet, or a named one; `header_of` says which row holds the column names.

A workbook is a zip of XML and may unpack to a thousand times its size, so its directory is judged before
anything is unpacked; openpyxl reads it row by row, with defusedxml. Rows are kept, since reading a workbook
again takes seconds.
"""

import datetime
import io
import zipfile
from collections.abc import Iterator
from typing import Any, Final

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

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

MAX_PARTS: Final = 2000
MAX_UNPACKED: Final = 200_000_000
MAX_RATIO: Final = 200
MAX_ROWS: Final = 1_048_576


def xlsx_source(data: bytes, *, sheet: str | None = None, header: int | None = None) -> Source:
    """A sheet of a workbook. Raises UnreadableSource."""
    check_size(data)
    check_zip(data)
    names = sheet_names(data)
    if sheet is not None and sheet not in names:
        raise UnreadableSource(f'The workbook has no sheet "{sheet}"; it has {", ".join(names)}.')
    chosen = sheet or names[0]
    start, headers = header_of(_table(data, chosen), header)
    while headers and not headers[-1]:
        headers.pop()
    check_headers(headers)

    found: list[Row] = []
    for number, cells in _table(data, chosen):
        if number > start:
            cells += [""] * (len(headers) - len(cells))
            row = row_of(headers, cells, number)
            if row is not None:
                found.append(row)

    def rows() -> Iterator[Row]:
        return iter(found)

    notes = () if len(names) == 1 else (f'The sheet "{chosen}" was read; the workbook has {len(names)}.',)
    return Source("xlsx", tuple(name for name in headers if name), rows, notes=notes, header=start)


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


def _table(data: bytes, sheet: str) -> Iterator[tuple[int, list[str]]]:
    """Rows of texts by number."""
    book = _open(data)
    try:
        page = book[sheet]
        if hasattr(page, "reset_dimensions"):
            page.reset_dimensions()  # what the file claims about its size may be anything
        for number, values in enumerate(page.iter_rows(values_only=True, max_row=MAX_ROWS), start=1):
            if len(values) > MAX_COLUMNS and any(value is not None for value in values[MAX_COLUMNS:]):
                raise UnreadableSource(f"Row {number} has more than {MAX_COLUMNS} columns.")
            yield number, [cell_text(value) for value in values[:MAX_COLUMNS]]
    except (KeyError, ValueError, TypeError, zipfile.BadZipFile, SyntaxError, AttributeError) as error:
        raise UnreadableSource("The sheet cannot be read.") from error
    finally:
        book.close()


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
