"""CSV files: any of the encodings in `encodings`, and the delimiter that divides the first rows alike."""

import csv
import io
from collections.abc import Iterator
from typing import Final, TextIO

from fieldstone.engine.imports.encodings import encoding_of, open_text
from fieldstone.engine.imports.errors import UnreadableSource
from fieldstone.engine.imports.sources import (
    MAX_BYTES,
    Row,
    Source,
    check_headers,
    check_size,
    filled,
    header_of,
    row_of,
)

HEAD: Final = 20_000
"""Characters that are looked at to find the delimiter."""

Table = Iterator[tuple[int, list[str], str | None]]

DELIMITERS: Final = (",", ";", "\t", "|")


def csv_source(
    data: bytes, *, encoding: str | None = None, delimiter: str | None = None, header: int | None = None
) -> Source:
    """A CSV file with a header row. Raises UnreadableSource."""
    check_size(data)
    found = encoding_of(data, encoding)
    head = open_text(data, found).read(HEAD)
    if not head.strip() and not data.strip():
        raise UnreadableSource("The file is empty.")
    delimiter = delimiter or sniff(head)
    if len(delimiter) != 1:
        raise UnreadableSource("The delimiter is one character.")

    def table() -> Table:
        return _table(open_text(data, found), delimiter)

    first = next((cells for _, cells, _ in table() if cells), [])
    start, headers = header_of(((number, cells) for number, cells, _ in table()), header)
    if header is None and not any(first):
        headers = []  # a header of nothing but delimiters names nothing
    while headers and not headers[-1]:
        headers.pop()
    check_headers(headers)

    def rows() -> Iterator[Row]:
        for number, cells, wrong in table():
            if number <= start:
                continue
            row = Row(number, {}, wrong, "row.unreadable") if wrong else row_of(headers, cells, number)
            if row is not None:
                yield row

    def counted() -> int:
        return sum(1 for number, cells, wrong in table() if number > start and (wrong or filled(cells)))

    notes = () if found.startswith("utf-8") else (f"The file was read as {found}.",)
    return Source(
        "csv", tuple(name for name in headers if name), rows, notes=notes, header=start, counted=counted
    )


def sniff(text: str) -> str:
    """The delimiter that divides the first rows into the most columns, the same number in each."""
    head = text[:HEAD]
    scores = {}
    for delimiter in DELIMITERS:
        widths = []
        for number, cells, wrong in _table(io.StringIO(head, newline=""), delimiter):
            if wrong or number > 20:
                break
            if cells:
                widths.append(len(cells))
        same = sum(1 for width in widths if width == widths[0]) / len(widths) if widths else 0.0
        scores[delimiter] = (widths[0] > 1 and same > 0.5, widths[0]) if widths else (False, 0)
    return max(DELIMITERS, key=lambda delimiter: scores[delimiter])


def _table(text: TextIO, delimiter: str) -> Table:
    """Rows by number. What the csv module refuses ends the file with a row that says why."""
    csv.field_size_limit(MAX_BYTES)  # how long a text may be is the field's to say, at its row and column
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        try:
            yield number, next(reader), None
        except StopIteration:
            return
        except csv.Error as error:
            message = f"From line {reader.line_num} on the file cannot be read: {error}."
            if "unexpected end" in str(error):
                message = "A quotation mark is opened in this row and never closed."
            yield number, [], message
            return
