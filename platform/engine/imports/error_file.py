"""The failed rows of a run as a CSV file: the columns of the source and one with what is wrong.

It can be put right and imported again with the same mapping: a column of this name is left out.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from fieldstone.engine.context import Context
from fieldstone.engine.imports import store
from fieldstone.engine.imports.guard import guard
from fieldstone.engine.imports.options import ImportOptions
from fieldstone.engine.imports.reading import open_source
from fieldstone.engine.imports.result import RowError
from fieldstone.engine.imports.sources import ERROR_COLUMN, Source
from fieldstone.engine.service import Engine
from fieldstone.engine.transaction import Transaction


def error_file(engine: Engine, context: Context, run_id: UUID) -> tuple[str, bytes]:
    """Name and content (UTF-8 with mark, which Excel needs) of a stored run's error file."""

    def work(tx: Transaction) -> tuple[Mapping[str, Any], tuple[bytes, str, str]]:
        run = store.load_run(tx, run_id)
        return run, store.load_source(tx, run)

    run, (content, kind, name) = engine.read(context, work)
    tally = store.tally_of(run)
    source = open_source(content, kind, ImportOptions.from_json(run["options"]))  # type: ignore[arg-type]
    stem = name.rpartition(".")[0] or name
    return f"{stem}-errors.csv", error_rows(source, tally.failed_rows, tally.errors)


def error_rows(source: Source, failed: Sequence[int], errors: Iterable[RowError]) -> bytes:
    """The CSV of some rows of a source."""
    messages: dict[int, list[str]] = {}
    for error in errors:
        place = f"{error.column}: " if error.column else ""
        messages.setdefault(error.row, []).append(place + error.message)
    wanted = set(failed)
    headers = [name for name in source.headers if name != ERROR_COLUMN]
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    writer.writerow([*map(guard, headers), ERROR_COLUMN])
    for row in source.rows():
        if row.number in wanted:
            cells = [_text(row.cells.get(name), source.textual) for name in headers]
            writer.writerow([*cells, guard("; ".join(messages.get(row.number, ["(see the report)"])))])
    return b"\xef\xbb\xbf" + target.getvalue().encode("utf-8", "replace")


def _text(cell: Any, textual: bool) -> str:
    """A cell as it was; guards of the source are kept as they are."""
    if cell is None:
        return ""
    return str(cell) if textual else guard(str(cell))
