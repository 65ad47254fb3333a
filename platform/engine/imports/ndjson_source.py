"""NDJSON: one JSON object per line, its values as they are."""

import codecs
import io
from collections.abc import Iterator

from fieldstone.engine.imports.encodings import encoding_of
from fieldstone.engine.imports.errors import UnreadableSource
from fieldstone.engine.imports.sources import Row, Source, check_size
from fieldstone.metadata.json_text import MalformedJson, parse_json


def ndjson_source(data: bytes) -> Source:
    """A file of JSON objects, read as strictly as a request's body."""
    check_size(data)
    encoding_of(data, "utf-8")
    if not data.strip():
        raise UnreadableSource("The file is empty.")

    def rows() -> Iterator[Row]:
        for number, line in enumerate(io.BytesIO(data), start=1):
            line = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
            if not line.strip():
                continue
            try:
                value = parse_json(line)
            except MalformedJson as error:
                yield Row(number, {}, f"The line is no JSON: {error}", "row.unreadable")
                continue
            if isinstance(value, dict):
                yield Row(number, value)
            else:
                yield Row(number, {}, "The line is no JSON object.", "row.unreadable")

    names: dict[str, None] = {}
    for seen, row in enumerate(rows()):
        names.update(dict.fromkeys(row.cells))
        if seen >= 200:
            break
    return Source("ndjson", tuple(names), rows, textual=False)
