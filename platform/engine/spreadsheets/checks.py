"""What is wrong with a proposal before it is made into documents, said in its own terms.

What documents may say is checked by the compiler; here is what a person can put right in the proposal.
"""

import re
from collections.abc import Iterator
from typing import Final

from fieldstone.engine.spreadsheets.proposal import ColumnProposal, Proposal, SheetProposal
from fieldstone.metadata.definitions import Model
from fieldstone.metadata.entities import RESERVED, TITLE_TYPES, name_problem
from fieldstone.metadata.fields.currencies import currency_codes
from fieldstone.problems import Problem

NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
MOST_OPTIONS: Final = 500


def problems_of(proposal: Proposal, model: Model) -> list[Problem]:
    """Everything that stands in the way. Pointers are into the proposal; `data` names sheet and column."""
    if not proposal.used():
        return [Problem("/sheets", "spreadsheet.nothing", "Choose at least one sheet.")]
    found: list[Problem] = []
    names: dict[str, str] = {}
    for place, sheet in enumerate(proposal.sheets):
        if not sheet.use:
            continue
        path = f"/sheets/{place}"
        if not NAME.fullmatch(sheet.name):
            message = f'"{sheet.name}" is no name: small letters, digits and _, a letter first, at most 40.'
            found.append(_problem(f"{path}/name", "spreadsheet.name", message, sheet))
        elif sheet.name in model.entities or sheet.name in RESERVED or sheet.name in names:
            message = f'The name "{sheet.name}" is taken; choose another.'
            found.append(_problem(f"{path}/name", "spreadsheet.name_taken", message, sheet))
        names[sheet.name] = sheet.sheet
        if not sheet.title:
            found.append(
                _problem(f"{path}/title", "spreadsheet.title", "Say what the records are called.", sheet)
            )
        if sheet.roles and (unknown := [role for role in sheet.roles if role not in model.roles]):
            found.append(
                _problem(f"{path}/roles", "spreadsheet.role", f'There is no role "{unknown[0]}".', sheet)
            )
        found += _columns(proposal, sheet, path, model)
    return found


def _columns(proposal: Proposal, sheet: SheetProposal, path: str, model: Model) -> Iterator[Problem]:
    used = sheet.used()
    if not used:
        yield _problem(f"{path}/columns", "spreadsheet.no_column", "Choose at least one column.", sheet)
        return
    titled = next((column for column in used if column.name == sheet.title_field), None)
    if titled is None or titled.type not in TITLE_TYPES:
        message = "Choose a column of text that says what a record is called."
        yield _problem(f"{path}/title_field", "spreadsheet.title_field", message, sheet)
    seen: set[str] = set()
    for place, column in enumerate(sheet.columns):
        if column.use:
            for code, message in _column(proposal, column, model, seen):
                yield _problem(f"{path}/columns/{place}", code, message, sheet, column)
            seen.add(column.name.casefold())


def _column(
    proposal: Proposal, column: ColumnProposal, model: Model, seen: set[str]
) -> Iterator[tuple[str, str]]:
    wrong = name_problem(column.name, {})
    if wrong is not None:
        yield "spreadsheet.field_name", wrong[1]
    elif column.name.casefold() in seen:
        yield "spreadsheet.field_taken", f'Two columns have the name "{column.name}".'
    if not column.title:
        yield "spreadsheet.title", "A field needs a label."
    if column.type in ("select", "multi_select") and not column.options:
        yield "spreadsheet.options", "A choice needs options."
    if len(column.options) > MOST_OPTIONS:
        yield "spreadsheet.options_many", f"At most {MOST_OPTIONS} options."
    if column.type == "link":
        sheet = proposal.sheet(column.target or "")
        if (sheet is None or not sheet.use) and column.target not in model.entities:
            yield "spreadsheet.target", "Choose what the link leads to."
    if column.type == "money" and column.currency and column.currency not in currency_codes():
        yield "spreadsheet.currency", f'"{column.currency}" is no currency code such as USD.'


def _problem(
    path: str, code: str, message: str, sheet: SheetProposal, column: ColumnProposal | None = None
) -> Problem:
    return Problem(path, code, message, {"sheet": sheet.sheet, "column": column.column if column else None})
