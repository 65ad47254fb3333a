"""`fieldstone import`: a file to records, first perhaps as a dry run; or to new entities (`new_entity`)."""

import argparse
import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from fieldstone.app.services import open_services
from fieldstone.app.settings import read_settings
from fieldstone.cli.actors import add_actor, context_of
from fieldstone.cli.new_entity import new_entities
from fieldstone.cli.output import Output
from fieldstone.engine.context import Context
from fieldstone.engine.imports import (
    BadImportOptions,
    ImportOptions,
    ImportResult,
    UnreadableSource,
    kind_of,
    open_source,
    run_import,
    save_mapping,
    saved_mapping,
    with_saved,
)
from fieldstone.engine.imports.error_file import error_rows
from fieldstone.engine.imports.options import MODES
from fieldstone.engine.imports.result import Finding, RowError
from fieldstone.engine.service import Engine

SHOWN = 20


def configure(parser: argparse.ArgumentParser) -> None:
    add_actor(parser)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--entity", help="what the rows are")
    what.add_argument(
        "--new-entity",
        action="store_true",
        help="make an entity of each sheet and import its rows; with --dry-run only say what would be made",
    )
    parser.add_argument("file", type=Path, help="a CSV, XLSX or NDJSON file")
    parser.add_argument("--mode", choices=MODES, default=None, help="default: create")
    parser.add_argument("--key", help="fields by which rows find their records, with commas in between")
    parser.add_argument(
        "--mapping",
        type=Path,
        metavar="FILE|NAME",
        help="a JSON file with `mapping` and `values`, for --new-entity with `sheets` (see docs/importing.md); or the"
        " name of a saved mapping",
    )
    parser.add_argument(
        "--save-mapping",
        metavar="NAME",
        help="keep the mapping under this name, for everybody who imports these",
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would happen and change nothing")
    parser.add_argument(
        "--partial", action="store_true", help="import the good rows (default: all rows or none)"
    )
    parser.add_argument("--sheet", help="the sheet of a workbook (default: the first)")
    parser.add_argument(
        "--header", type=int, metavar="ROW", help="the row that names the columns (default: found out)"
    )
    parser.add_argument("--encoding", help="the encoding of a CSV file (default: found out)")
    parser.add_argument("--errors", type=Path, help="write the failed rows here, as CSV with what is wrong")


def run(arguments: argparse.Namespace, output: Output) -> int:
    options = options_of(arguments)
    try:
        content = arguments.file.read_bytes()
    except OSError as error:
        raise UnreadableSource(f"{arguments.file}: {error.strerror}") from error
    with open_services(read_settings()) as services:
        context = context_of(services, arguments)
        if arguments.new_entity:
            return new_entities(services.engine, context, arguments, content, output)
        return records(services.engine, context, arguments, content, options, output)


def records(
    engine: Engine,
    context: Context,
    arguments: argparse.Namespace,
    content: bytes,
    options: ImportOptions,
    output: Output,
) -> int:
    """Rows to records of an entity that is there. Exit code 1 when a row was refused."""
    entity, kind, name = arguments.entity, kind_of(arguments.file.name), saved_name(arguments)
    if name is not None:
        options = with_saved(options, engine.read(context, lambda tx: saved_mapping(tx, entity, name)))
    result = run_import(
        engine, context, entity, content, kind, options,
        name=arguments.file.name, progress=lambda done, total: progress(output, done, total),
    )  # fmt: skip
    if arguments.save_mapping and result.state == "done":
        decided = replace(options, mapping=ImportOptions.from_json({"mapping": result.mapping}).mapping)
        engine.write(context, lambda tx: save_mapping(tx, entity, arguments.save_mapping, decided))
    if arguments.errors and result.failed:
        write_errors(arguments.errors, content, kind, options, result)
    output.result(result.to_json(), describe(result))
    return 0 if result.state == "done" and not result.failed else 1


def saved_name(arguments: argparse.Namespace) -> str | None:
    """The name of a saved mapping, where `--mapping` names no file."""
    given: Path | None = arguments.mapping
    if given is None or arguments.new_entity or given.suffix == ".json" or given.exists():
        return None
    return str(given)


def options_of(arguments: argparse.Namespace) -> ImportOptions:
    """Options of the mapping file, overridden by those of the command line."""
    data: dict[str, Any] = {}
    if arguments.mapping and saved_name(arguments) is None:
        try:
            data = json.loads(arguments.mapping.read_text("utf-8"))
        except OSError as error:
            raise BadImportOptions(f"{arguments.mapping}: {error.strerror}") from error
        except ValueError as error:
            raise BadImportOptions(f"{arguments.mapping}: {error}") from error
        if not isinstance(data, dict):
            raise BadImportOptions(f"{arguments.mapping}: a mapping file is a JSON object.")
    given = {
        "mode": arguments.mode,
        "key": arguments.key,
        "sheet": arguments.sheet,
        "header": arguments.header,
        "encoding": arguments.encoding,
    }
    data |= {name: value for name, value in given.items() if value}
    data |= {name: True for name in ("dry_run", "partial") if getattr(arguments, name)}
    return ImportOptions.from_json(data)


def write_errors(path: Path, content: bytes, kind: Any, options: ImportOptions, result: ImportResult) -> None:
    failed = sorted({error.row for error in result.errors})
    path.write_bytes(error_rows(open_source(content, kind, options), failed, result.errors))


def progress(output: Output, done: int, total: int) -> None:
    if done < total:
        output.note(f"{done} of {total} rows")


def describe(result: ImportResult) -> str:
    """The result for people."""
    done = "would be" if result.dry_run else "were"
    lines = [
        f"{result.rows} rows: {result.created} {done} created, {result.updated} updated, "
        f"{result.failed} failed" + ("" if result.state == "done" else f" ({result.state})")
    ]
    lines += [f"  note: {note}" for note in result.notes]
    if result.links:
        lines.append("values that stand for nothing known (settle them in the mapping file under `values`):")
    for each in result.links:
        near = f', did you mean "{each.suggestion}"?' if each.suggestion else ""
        lines.append(f'  {each.field}: "{each.value}" in {each.count} rows (row {each.rows[0]} ...){near}')
    told = {(row, each.column, each.code) for each in result.links for row in each.rows}
    rest = [each for each in result.errors if not _is_told(each, result.links, told)]
    for error in rest[:SHOWN]:
        column = f", {error.column}" if error.column else ""
        lines.append(f"  row {error.row}{column}: {error.message}")
    if len(rest) > SHOWN:
        lines.append(f"  ... {sum(result.error_counts.values())} errors in all; --json lists 1,000")
    if result.failed and not result.dry_run and result.state == "failed":
        lines.append("nothing was imported; --partial imports the good rows")
    return "\n".join(lines)


def _is_told(
    error: RowError, findings: Sequence[Finding], rows: Collection[tuple[int, str | None, str]]
) -> bool:
    """Whether the summary of values has an error already; of a value in very many rows it names the first only."""
    code = "option.unknown" if error.code == "enum" else error.code
    return (error.row, error.column, code) in rows or any(
        each.count > len(each.rows)
        and (each.column, each.code) == (error.column, code)
        and f'"{each.value}"' in error.message
        for each in findings
    )
