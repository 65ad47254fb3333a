"""Importing tables: CSV, XLSX and NDJSON files to records, through the same verbs as everything else.

The path of a row: `sources` (file to rows) -> `plan` (mapping and readers: row to draft) -> `links` and
`keys` (texts to records) -> `write` (record verbs) -> `result`. `run` is the life of a run: at once, as a
job, dry, stopped, gone on with. May import records, query, permissions, search, storage; nothing above the
engine.

Public names: see `__all__`. The API, the screens and the CLI call `run_import`, or `start_import` and a job
that calls `continue_import`.
"""

from fieldstone.engine.imports.content import suggest_by_content
from fieldstone.engine.imports.drafts import (
    RunSummary,
    StoredImport,
    add_draft,
    drop_draft,
    earlier_options,
    recent_runs,
    resume_import,
    save_draft,
    start_draft,
    start_trial,
    stored_import,
)
from fieldstone.engine.imports.error_file import error_file
from fieldstone.engine.imports.errors import (
    BadImportOptions,
    ImportBusy,
    TooManyMappings,
    UnknownImport,
    UnknownMapping,
    UnreadableSource,
)
from fieldstone.engine.imports.layout import ENCODINGS, Layout, layout_of
from fieldstone.engine.imports.mapping import Suggestion, importable, suggest_mapping
from fieldstone.engine.imports.options import PARSERS, ImportOptions, Target
from fieldstone.engine.imports.reading import kind_of, open_source
from fieldstone.engine.imports.result import Finding, ImportResult, RowError
from fieldstone.engine.imports.revert import Kept, Reverted, read_reverted, revert_import
from fieldstone.engine.imports.run import (
    SYNCHRONOUS_ROWS,
    continue_import,
    read_import,
    run_import,
    start_import,
    stop_import,
)
from fieldstone.engine.imports.saved import (
    SavedMapping,
    delete_mapping,
    fitting_mappings,
    save_mapping,
    saved_mapping,
    saved_mappings,
    with_saved,
)
from fieldstone.engine.imports.sources import Kind, Source

__all__ = [
    "ENCODINGS",
    "PARSERS",
    "SYNCHRONOUS_ROWS",
    "BadImportOptions",
    "Finding",
    "ImportBusy",
    "ImportOptions",
    "ImportResult",
    "Kept",
    "Kind",
    "Layout",
    "Reverted",
    "RowError",
    "RunSummary",
    "SavedMapping",
    "Source",
    "StoredImport",
    "Suggestion",
    "Target",
    "TooManyMappings",
    "UnknownImport",
    "UnknownMapping",
    "UnreadableSource",
    "add_draft",
    "continue_import",
    "delete_mapping",
    "drop_draft",
    "earlier_options",
    "error_file",
    "fitting_mappings",
    "importable",
    "kind_of",
    "layout_of",
    "open_source",
    "read_import",
    "read_reverted",
    "recent_runs",
    "resume_import",
    "revert_import",
    "run_import",
    "save_draft",
    "save_mapping",
    "saved_mapping",
    "saved_mappings",
    "start_draft",
    "start_import",
    "start_trial",
    "stop_import",
    "stored_import",
    "suggest_by_content",
    "suggest_mapping",
    "with_saved",
]
