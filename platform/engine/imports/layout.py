"""How a file is laid out, as found or as told: its encoding and delimiter, or its sheets.

For people who have to see what was found before they trust it; `open_source` finds the same.
"""

from dataclasses import dataclass
from typing import Final

from fieldstone.engine.imports.csv_source import sniff
from fieldstone.engine.imports.encodings import decode
from fieldstone.engine.imports.errors import UnreadableSource
from fieldstone.engine.imports.options import ImportOptions
from fieldstone.engine.imports.reading import open_source
from fieldstone.engine.imports.sources import Kind
from fieldstone.engine.imports.xlsx_source import sheet_names

ENCODINGS: Final = ("utf-8", "utf-16", "cp950", "gb18030", "cp932", "cp1252")
"""What a person may choose from: the encodings that `encodings.detect` knows."""


@dataclass(frozen=True, slots=True)
class Layout:
    """`encoding` and `delimiter` are those of a CSV file, `sheets` and `sheet` those of a workbook."""

    kind: Kind
    encoding: str | None = None
    delimiter: str | None = None
    sheets: tuple[str, ...] = ()
    sheet: str | None = None
    header: int = 1


def header_row(data: bytes, kind: Kind, options: ImportOptions) -> int:
    """The row of the column names; the first where the file cannot be read as it stands."""
    try:
        return open_source(data, kind, options).header
    except UnreadableSource:
        return 1


def layout_of(data: bytes, kind: Kind, options: ImportOptions) -> Layout:
    """The layout of a file. Raises UnreadableSource."""
    header = options.header or header_row(data, kind, options)
    if kind == "xlsx":
        names = tuple(sheet_names(data))
        return Layout(kind, sheets=names, sheet=options.sheet or names[0], header=header)
    if kind == "ndjson":
        return Layout(kind)
    text, encoding = decode(data, options.encoding)
    encoding = "utf-8" if encoding == "utf-8-sig" else encoding
    return Layout(kind, encoding, options.delimiter or sniff(text), header=header)
