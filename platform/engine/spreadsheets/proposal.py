"""A proposal: what a file is to become, as plain data that a person changes before anything is done.

`to_json` and `from_json` are the form in which it is stored, answered by the API and sent back. Sheets and
columns are known by their names in the file; a proposal that is sent back may leave out what it does not
change. States of a column: `type` is one of `kinds.TYPES`; `target` names the sheet or the entity of a link.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Final

from fieldstone.engine.spreadsheets.kinds import TYPES
from fieldstone.problems import FieldstoneError, Problem, did_you_mean

FORMAT: Final = 1
LONGEST_TITLE: Final = 120
SEEN: Final = ("samples", "filled", "distinct", "misfits")


class BadProposal(FieldstoneError):
    """A proposal that cannot be carried out as it was changed."""

    code = "spreadsheet.invalid"
    kind = "invalid"


@dataclass(frozen=True, slots=True)
class ColumnProposal:
    """What becomes of a column. `samples`, `filled`, `distinct` and `misfits` (values that the type cannot read)
    are what was seen; everything else may be changed.
    """

    column: str
    name: str
    title: str
    type: str
    use: bool = True
    required: bool = False
    unique: bool = False
    target: str | None = None
    options: tuple[str, ...] = ()
    currency: str | None = None
    parse: str | None = None
    scale: int | None = None
    blanks: tuple[str, ...] = ()
    samples: tuple[str, ...] = ()
    filled: int = 0
    distinct: int = 0
    misfits: int = 0


@dataclass(frozen=True, slots=True)
class SheetProposal:
    """What becomes of a sheet: an entity with its fields. `roles` may work with its records."""

    sheet: str
    name: str
    title: str
    title_field: str
    columns: tuple[ColumnProposal, ...]
    use: bool = True
    rows: int = 0
    icon: str = "table"
    roles: tuple[str, ...] = ()

    def used(self) -> tuple[ColumnProposal, ...]:
        return tuple(column for column in self.columns if column.use)


@dataclass(frozen=True, slots=True)
class Proposal:
    """The whole of a file."""

    sheets: tuple[SheetProposal, ...]
    notes: tuple[str, ...] = field(default=())

    def used(self) -> tuple[SheetProposal, ...]:
        return tuple(sheet for sheet in self.sheets if sheet.use)

    def rows(self) -> int:
        return sum(sheet.rows for sheet in self.used())

    def sheet(self, name: str) -> SheetProposal | None:
        return next((sheet for sheet in self.sheets if sheet.sheet == name), None)

    def to_json(self) -> dict[str, Any]:
        return {"format": FORMAT, **asdict(self)}


_SHEET: Final = tuple(each.name for each in fields(SheetProposal))
_COLUMN: Final = tuple(each.name for each in fields(ColumnProposal))
_FLAGS: Final = frozenset(("use", "required", "unique"))
_LISTS: Final = frozenset(("options", "blanks", "samples", "roles", "notes"))
_COUNTS: Final = frozenset(("filled", "distinct", "misfits", "rows"))
_TEXTS: Final = frozenset(("name", "title", "type", "title_field", "icon", "column", "sheet"))


def proposal_from(data: Mapping[str, Any]) -> Proposal:
    """A stored proposal."""
    return Proposal(
        tuple(
            SheetProposal(
                **{**_lists(sheet), "columns": tuple(ColumnProposal(**_lists(c)) for c in sheet["columns"])}
            )
            for sheet in data["sheets"]
        ),
        tuple(data.get("notes", ())),
    )


def _lists(data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if name in _LISTS else value for name, value in data.items()}


def changed(proposal: Proposal, sent: Any) -> Proposal:
    """The proposal with what somebody changed in it. Raises BadProposal with every problem."""
    problems: list[Problem] = []
    if not isinstance(sent, Mapping) or not isinstance(sent.get("sheets", []), list):
        raise BadProposal("A proposal is an object with a list of `sheets`.")
    sheets = {sheet.sheet: sheet for sheet in proposal.sheets}
    for place, each in enumerate(sent.get("sheets", [])):
        path = f"/sheets/{place}"
        known = sheets.get(str(each.get("sheet"))) if isinstance(each, Mapping) else None
        if known is None:
            problems.append(Problem(path, "sheet.unknown", f"There is no such sheet{_near(each, sheets)}"))
            continue
        columns = {column.column: column for column in known.columns}
        listed = each.get("columns", [])
        if not isinstance(listed, list):
            problems.append(Problem(f"{path}/columns", "type", "The columns of a sheet are a list."))
            continue
        for at, one in enumerate(listed):
            where = f"{path}/columns/{at}"
            column = columns.get(str(one.get("column"))) if isinstance(one, Mapping) else None
            if column is None:
                problems.append(
                    Problem(where, "column.unknown", f"There is no such column{_near(one, columns)}")
                )
                continue
            columns[column.column] = replace(column, **_given(one, _COLUMN, SEEN, where, problems))
        given = _given(each, _SHEET, ("rows", "columns"), path, problems)
        sheets[known.sheet] = replace(known, **given, columns=tuple(columns.values()))
    if problems:
        raise BadProposal(problems[0].message, problems=problems)
    return replace(proposal, sheets=tuple(sheets.values()))


def _near(each: Any, known: Mapping[str, Any]) -> str:
    if not isinstance(each, Mapping):
        return "."
    name = str(each.get("sheet") or each.get("column") or "")
    return f' as "{name}"{did_you_mean(name, known) or "."}'


def _given(
    data: Mapping[str, Any],
    known: tuple[str, ...],
    fixed: tuple[str, ...],
    path: str,
    problems: list[Problem],
) -> dict[str, Any]:
    """The attributes that were sent and may be changed; what was only shown is passed over."""
    found: dict[str, Any] = {}
    for name, value in data.items():
        if name in fixed or name in ("sheet", "column"):
            continue
        if name not in known:
            message = f'There is no "{name}" in a proposal{did_you_mean(name, known)}'
            problems.append(Problem(f"{path}/{name}", "option.unknown", message))
        elif not _fits(name, value):
            problems.append(Problem(f"{path}/{name}", "type", f'"{name}" cannot be {value!r:.60}.'))
        else:
            found[name] = (
                tuple(value) if name in _LISTS else value.strip() if isinstance(value, str) else value
            )
    return found


def _fits(name: str, value: Any) -> bool:
    if name in _FLAGS:
        return value is True or value is False
    if name in _LISTS:
        return isinstance(value, list | tuple) and all(map(_storable, value))
    if name == "scale":
        return value is None or (type(value) is int and 0 <= value <= 10)
    if name == "type":
        return value in TYPES
    if name in _TEXTS:
        return isinstance(value, str) and len(value) <= LONGEST_TITLE and value.isprintable()
    return value is None or _storable(value)


def _storable(value: Any) -> bool:
    return isinstance(value, str) and "\0" not in value
