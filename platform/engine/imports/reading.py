"""The one door to all kinds of sources."""

from pathlib import PurePath

from fieldstone.engine.imports.csv_source import csv_source
from fieldstone.engine.imports.errors import UnreadableSource
from fieldstone.engine.imports.ndjson_source import ndjson_source
from fieldstone.engine.imports.options import ImportOptions
from fieldstone.engine.imports.sources import SUFFIXES, TYPES, Kind, Source
from fieldstone.engine.imports.xlsx_source import xlsx_source


def kind_of(name: str = "", content_type: str = "") -> Kind:
    """What a file is, by its content type or its name."""
    media = content_type.partition(";")[0].strip().lower()
    kind = TYPES.get(media) or SUFFIXES.get(PurePath(name).suffix.lower())
    if kind is None:
        raise UnreadableSource("Only CSV, XLSX and NDJSON can be imported.", code="import.type")
    return kind


def open_source(data: bytes, kind: Kind, options: ImportOptions) -> Source:
    """A file's rows. Raises UnreadableSource."""
    if kind == "xlsx":
        return xlsx_source(data, sheet=options.sheet, header=options.header)
    if kind == "ndjson":
        return ndjson_source(data)
    return csv_source(data, encoding=options.encoding, delimiter=options.delimiter, header=options.header)
