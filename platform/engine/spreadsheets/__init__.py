"""Spreadsheets that become entities: from a CSV or XLSX file to definitions and records, by a proposal.

The path: `sheets` (file to columns) -> `kinds`, `names`, `relations` (guesses) -> `propose` -> a person changes
the `proposal` -> `checks` and `documents` (edits of the tenant's layer) -> `run` (one commit with the imports).
May import imports, publish, permissions, search, storage; nothing above the engine.

Public names: see `__all__`. The API, the screens and the CLI call the same functions.
"""

from fieldstone.engine.spreadsheets.kinds import TYPES
from fieldstone.engine.spreadsheets.proposal import (
    BadProposal,
    ColumnProposal,
    Proposal,
    SheetProposal,
    changed,
)
from fieldstone.engine.spreadsheets.run import (
    Outcome,
    apply_spreadsheet,
    change_spreadsheet,
    continue_spreadsheet,
    drop_spreadsheet,
    plan_spreadsheet,
    read_spreadsheet,
    start_spreadsheet,
)
from fieldstone.engine.spreadsheets.storage import Stored, unfinished

__all__ = [
    "TYPES",
    "BadProposal",
    "ColumnProposal",
    "Outcome",
    "Proposal",
    "SheetProposal",
    "Stored",
    "apply_spreadsheet",
    "change_spreadsheet",
    "changed",
    "continue_spreadsheet",
    "drop_spreadsheet",
    "plan_spreadsheet",
    "read_spreadsheet",
    "start_spreadsheet",
    "unfinished",
]
