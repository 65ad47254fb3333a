"""What came of an import, as people and programs read it.

`row` is the row of the file as a spreadsheet shows it: the header is row 1, so the first record is row 2
(in NDJSON, which has no header, the line). Findings say once per value what `errors` say row by row.
"""

import dataclasses
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import UUID

State = Literal["draft", "waiting", "running", "done", "failed", "stopped", "reverted"]

MAX_ERRORS: Final = 1000
MAX_FINDINGS: Final = 500
ROWS_SHOWN: Final = 5
MAX_FAILED: Final = 100_000
"""Failed rows that an error file holds."""


@dataclass(frozen=True, slots=True)
class RowError:
    """One thing that is wrong with one row. `suggestion` is what was probably meant."""

    row: int
    column: str | None
    code: str
    message: str
    suggestion: str | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "row": self.row,
            "column": self.column,
            "code": self.code,
            "message": self.message,
            "suggestion": self.suggestion,
        }


@dataclass(slots=True)
class Finding:
    """A value that stands for nothing known, wherever it occurs; a value map settles it once."""

    field: str
    column: str | None
    value: str
    code: str
    count: int = 0
    rows: list[int] = dataclasses.field(default_factory=list)
    suggestion: str | None = None
    suggestion_id: str | None = None

    def met(self, row: int) -> None:
        self.count += 1
        if len(self.rows) < ROWS_SHOWN:
            self.rows.append(row)

    def to_json(self) -> dict[str, Any]:
        return {
            "field": self.field,
            "column": self.column,
            "value": self.value,
            "code": self.code,
            "count": self.count,
            "rows": list(self.rows),
            "suggestion": self.suggestion,
            "suggestion_id": self.suggestion_id,
        }


@dataclass(slots=True)
class Tally:
    """Counts and errors of a run while it goes on."""

    position: int = 0
    created: int = 0
    updated: int = 0
    failed: int = 0
    errors: list[RowError] = dataclasses.field(default_factory=list)
    counts: Counter[str] = dataclasses.field(default_factory=Counter)
    findings: dict[tuple[str, str], Finding] = dataclasses.field(default_factory=dict)
    failed_rows: list[int] = dataclasses.field(default_factory=list)

    def fail(self, row: int, errors: list[RowError]) -> None:
        """Count a row as failed, for these reasons."""
        self.failed += 1
        if len(self.failed_rows) < MAX_FAILED:
            self.failed_rows.append(row)
        self.note(errors)

    def note(self, errors: list[RowError]) -> None:
        for error in errors:
            self.counts[error.code] += 1
            if len(self.errors) < MAX_ERRORS:
                self.errors.append(error)

    def finding(self, key: tuple[str, str], make: Finding, row: int) -> None:
        found = self.findings.get(key)
        if found is None:
            if len(self.findings) >= MAX_FINDINGS:
                return
            found = self.findings[key] = make
        found.met(row)

    def report(self) -> dict[str, Any]:
        """What `_import.errors` stores; `Tally.restored` reads it."""
        return {
            "format": 1,
            "errors": [error.to_json() for error in self.ordered_errors()],
            "counts": dict(self.counts),
            "links": [finding.to_json() for finding in self.ordered_findings()],
            "failed_rows": self.failed_rows,
        }

    def ordered_errors(self) -> list[RowError]:
        return sorted(self.errors, key=lambda error: error.row)

    def ordered_findings(self) -> list[Finding]:
        return sorted(self.findings.values(), key=lambda each: (-each.count, each.field, each.value))

    @classmethod
    def restored(cls, report: Any, *, position: int, created: int, updated: int, failed: int) -> "Tally":
        """The tally of a stored run, to go on with."""
        data = report if isinstance(report, Mapping) else {}
        tally = cls(position, created, updated, failed)
        tally.errors = [RowError(**each) for each in data.get("errors", ())]
        tally.counts = Counter(data.get("counts", {}))
        tally.failed_rows = list(data.get("failed_rows", ()))
        for each in data.get("links", ()):
            tally.findings[each["field"], each["value"]] = Finding(**each)
        return tally


@dataclass(frozen=True, slots=True)
class ImportResult:
    """The outcome of a run. A dry run has no id; its counts say what would be written."""

    id: UUID | None
    entity: str
    state: State
    rows: int
    created: int
    updated: int
    failed: int
    errors: tuple[RowError, ...] = ()
    error_counts: Mapping[str, int] = dataclasses.field(default_factory=dict)
    links: tuple[Finding, ...] = ()
    dry_run: bool = False
    position: int = 0
    mapping: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    notes: tuple[str, ...] = ()
    reverting: Mapping[str, int] | None = None
    """`done` and `total` records of a revert that is under way."""

    def to_json(self) -> dict[str, Any]:
        """The answer of the API."""
        return {
            "id": None if self.id is None else str(self.id),
            "entity": self.entity,
            "state": self.state,
            "dry_run": self.dry_run,
            "rows": self.rows,
            "position": self.position,
            "created": self.created,
            "updated": self.updated,
            "failed": self.failed,
            "errors": [error.to_json() for error in self.errors],
            "error_counts": dict(self.error_counts),
            "links": [finding.to_json() for finding in self.links],
            "mapping": dict(self.mapping),
            "notes": list(self.notes),
            "reverting": None if self.reverting is None else dict(self.reverting),
        }
