"""NDJSON: one JSON object per line, its values as they are."""

from collections.abc import Iterator

from fieldstone.engine.imports.encodings import decode
from fieldstone.engine.imports.errors import UnreadableSource
from fieldstone.engine.imports.sources import Row, Source, check_size
from fieldstone.metadata.json_text import MalformedJson, parse_json


def ndjson_source(data: bytes) -> Source:
    """A file of JSON objects, read as strictly as a request's body."""
    check_size(data)
    text, _ = decode(data, "utf-8")
    if not text.strip():
        raise UnreadableSource("The file is empty.")
    lines = text.split("\n")

    def rows() -> Iterator[Row]:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                value = parse_json(line.encode("utf-8"))
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
