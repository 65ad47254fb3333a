"""`fieldstone import --new-entity`: a spreadsheet to entities with their records, first perhaps as a dry run.

What is proposed can be changed by a mapping file with `sheets` in the form that `--dry-run --json` answers.
"""

import argparse
import json
from typing import Any

from fieldstone.cli.output import Output
from fieldstone.engine.context import Context
from fieldstone.engine.imports import BadImportOptions, ImportResult, kind_of
from fieldstone.engine.service import Engine
from fieldstone.engine.spreadsheets import (
    BadProposal,
    Proposal,
    apply_spreadsheet,
    change_spreadsheet,
    continue_spreadsheet,
    drop_spreadsheet,
    plan_spreadsheet,
    read_spreadsheet,
    start_spreadsheet,
)


def new_entities(
    engine: Engine, context: Context, arguments: argparse.Namespace, content: bytes, output: Output
) -> int:
    """Propose, and unless it is a dry run, make and import. Exit code 1 when a row was refused."""
    name = arguments.file.name
    sent = _changes(arguments)
    draft = start_spreadsheet(engine, context, content, kind_of(name), name)
    try:
        if sent is not None:
            change_spreadsheet(engine, context, draft, sent)
        proposal = read_spreadsheet(engine, context, draft).proposal
        plan = engine.read(context, lambda tx: plan_spreadsheet(tx, proposal))
        if plan.problems:
            raise BadProposal(plan.problems[0].message, problems=plan.problems)
    except BaseException:
        drop_spreadsheet(engine, context, draft)
        raise
    if arguments.dry_run:
        drop_spreadsheet(engine, context, draft)
        output.result(proposal.to_json(), describe(proposal))
        return 0
    outcome = apply_spreadsheet(engine, context, draft, plan.base, plan.hash, here=True)
    results = continue_spreadsheet(engine, context.at(outcome.revision), draft)
    found = {"revision": outcome.revision, "imports": [result.to_json() for result in results]}
    output.result(found, "\n".join(_line(result) for result in results))
    return 0 if all(result.state == "done" and not result.failed for result in results) else 1


def _changes(arguments: argparse.Namespace) -> Any:
    if not arguments.mapping:
        return None
    try:
        return json.loads(arguments.mapping.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BadImportOptions(f"{arguments.mapping}: {error}") from error


def describe(proposal: Proposal) -> str:
    """A proposal for people."""
    lines = []
    for sheet in proposal.used():
        lines.append(f"{sheet.sheet}: entity {sheet.name}, {sheet.rows} rows, known by {sheet.title_field}")
        for column in sheet.used():
            more = [word for word, on in (("required", column.required), ("unique", column.unique)) if on]
            more += [f"to {column.target}"] if column.target else []
            lines.append(
                f"  {column.column}: {column.name}, {column.type}" + "".join(f", {each}" for each in more)
            )
    return "\n".join(lines)


def _line(result: ImportResult) -> str:
    return f"{result.entity}: {result.created} of {result.rows} rows were imported, {result.failed} failed"
