"""Rows kept to be read again: the first ones in memory, the others in a nameless file."""

import json
from collections.abc import Iterator
from tempfile import TemporaryFile
from typing import IO, Final

from fieldstone.engine.imports.sources import Row

IN_MEMORY: Final = 20_000


class Spool:
    """Rows of texts, written once and read as often as needed."""

    def __init__(self) -> None:
        self._rows: list[Row] = []
        self._file: IO[bytes] | None = None

    def add(self, row: Row) -> None:
        if len(self._rows) < IN_MEMORY:
            self._rows.append(row)
            return
        if self._file is None:
            self._file = TemporaryFile()  # noqa: SIM115 - it lives as long as the spool
        parts = (row.number, dict(row.cells), row.wrong, row.code, row.column)
        self._file.write(json.dumps(parts).encode() + b"\n")

    def rows(self) -> Iterator[Row]:
        """All rows from the first one; several readers do not disturb each other."""
        yield from self._rows
        if self._file is None:
            return
        position = 0
        while True:
            self._file.seek(position)
            lines = self._file.readlines(1_000_000)
            if not lines:
                return
            position = self._file.tell()
            for line in lines:
                yield Row(*json.loads(line))
