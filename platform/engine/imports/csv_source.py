"""CSV files: any of the encodings in `encodings`, and the delimiter that divides the first rows alike."""

import csv
import io
from collections.abc import Iterator
from typing import Final

from fieldstone.engine.imports.encodings import decode
from fieldstone.engine.imports.errors import UnreadableSource
from fieldstone.engine.imports.sources import Row, Source, check_headers, check_size, header_of, row_of

DELIMITERS: Final = (",", ";", "\t", "|")


def csv_source(
    data: bytes, *, encoding: str | None = None, delimiter: str | None = None, header: int | None = None
) -> Source:
    """A CSV file with a header row. Raises UnreadableSource."""
    check_size(data)
    text, found = decode(data, encoding)
    if not text.strip():
        raise UnreadableSource("The file is empty.")
    delimiter = delimiter or sniff(text)
    if len(delimiter) != 1:
        raise UnreadableSource("The delimiter is one character.")
    first = next((cells for _, cells, _ in _table(text, delimiter) if cells), [])
    start, headers = header_of(((number, cells) for number, cells, _ in _table(text, delimiter)), header)
    if header is None and not any(first):
        headers = []  # a header of nothing but delimiters names nothing
    while headers and not headers[-1]:
        headers.pop()
    check_headers(headers)

    def rows() -> Iterator[Row]:
        for number, cells, wrong in _table(text, delimiter):
            if number <= start:
                continue
            row = Row(number, {}, wrong, "row.unreadable") if wrong else row_of(headers, cells, number)
            if row is not None:
                yield row

    notes = () if found.startswith("utf-8") else (f"The file was read as {found}.",)
    return Source("csv", tuple(name for name in headers if name), rows, notes=notes, header=start)


def sniff(text: str) -> str:
    """The delimiter that divides the first rows into the most columns, the same number in each."""
    head = text[:20_000]
    scores = {}
    for delimiter in DELIMITERS:
        widths = []
        for number, cells, wrong in _table(head, delimiter):
            if wrong or number > 20:
                break
            if cells:
                widths.append(len(cells))
        same = sum(1 for width in widths if width == widths[0]) / len(widths) if widths else 0.0
        scores[delimiter] = (widths[0] > 1 and same > 0.5, widths[0]) if widths else (False, 0)
    return max(DELIMITERS, key=lambda delimiter: scores[delimiter])


def _table(text: str, delimiter: str) -> Iterator[tuple[int, list[str], str | None]]:
    """Rows by number. What the csv module refuses ends the file with a row that says why."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
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
