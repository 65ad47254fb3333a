"""The errors of a run as a person reads them: in their language, the same ones together."""

from dataclasses import dataclass
from typing import Final

from fieldstone.engine.imports import ImportResult, RowError
from fieldstone.metadata.definitions import Entity
from fieldstone.ui.visit import Visit

MOST: Final = 500
ROWS_SHOWN: Final = 6
SETTLED: Final = frozenset({"link.unknown", "link.ambiguous", "option.unknown"})


@dataclass(slots=True)
class Fault:
    """One thing that is wrong in one column, with the rows where it is."""

    column: str | None
    message: str
    rows: list[int]

    @property
    def more(self) -> int:
        return max(0, len(self.rows) - ROWS_SHOWN)


@dataclass(frozen=True, slots=True)
class Report:
    """`complete` is whether every error is in it: very many are only counted."""

    faults: tuple[Fault, ...]
    complete: bool
    shown_rows: int = ROWS_SHOWN

    @property
    def columns(self) -> list[str]:
        """The columns in which something is wrong, to choose among."""
        return list(dict.fromkeys(fault.column for fault in self.faults if fault.column))


def report(visit: Visit, entity: Entity, result: ImportResult, *, with_values: bool = False) -> Report:
    """The errors by column and message, in the order of rows. What is settled by value is left to that list."""
    known = {(finding.column, finding.value) for finding in result.links}
    faults: dict[tuple[str | None, str], Fault] = {}
    for error in result.errors:
        if not with_values and known and _is_of_value(error):
            continue
        message = _message(visit, error)
        faults.setdefault((error.column, message), Fault(error.column, message, [])).rows.append(error.row)
    told = tuple(faults.values())
    complete = sum(result.error_counts.values()) <= len(result.errors) and len(told) <= MOST
    return Report(told[:MOST], complete)


def _is_of_value(error: RowError) -> bool:
    return error.code in SETTLED or error.code == "enum"


def _message(visit: Visit, error: RowError) -> str:
    code = error.code.replace(".", "_")
    key = f"import.error.{code}"
    return visit.texts(f"import.error.{code}") if visit.texts.has(key) else error.message
