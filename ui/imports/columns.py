"""The columns of a file with what they hold and where they go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from fieldstone.engine.imports import (
    ImportOptions,
    Source,
    Target,
    earlier_options,
    suggest_by_content,
    suggest_mapping,
)
from fieldstone.engine.imports.sources import ERROR_COLUMN, Row
from fieldstone.engine.permissions import access
from fieldstone.engine.transaction import Transaction
from fieldstone.ui.imports.sent import FIXED

EXAMPLES = 3
SHOWN_ROWS = 5


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """`near` is the field whose name is nearest, where none is the same. `by_content`: the values told it."""

    name: str
    examples: tuple[str, ...]
    targets: tuple[Target, ...]
    near: str | None = None
    by_content: bool = False


@dataclass(frozen=True, slots=True)
class Decided:
    """Options with a mapping for each column: decided, remembered from last time, or suggested.

    `near` is the nearest field of columns that fit none, `by_content` the columns whose field their values told.
    """

    options: ImportOptions
    near: Mapping[str, str]
    by_content: frozenset[str]
    remembered: bool


@dataclass(frozen=True, slots=True)
class FileLook:
    """What is shown of a file before anything is done with it."""

    columns: tuple[ColumnRow, ...]
    headers: tuple[str, ...]
    rows: tuple[Row, ...]
    fixed: tuple[tuple[str, str], ...]
    remembered: bool


def decided(
    tx: Transaction, entity: str, source: Source, options: ImportOptions, *, afresh: bool = False
) -> Decided:
    """What is decided about a file so far, with suggestions for the rest."""
    definition, rights = tx.model.entities[entity], access(tx, entity)
    known = dict(options.mapping or {})
    remembered = False
    if options.mapping is None and not afresh:
        earlier = earlier_options(tx, entity, source.headers)
        if earlier is not None:
            options = _taken_over(options, earlier)
            known, remembered = dict(options.mapping or {}), True
    sample = source.sample()
    suggested = suggest_mapping(tx.model, definition, rights, source.headers, sample)
    if any(each.column not in known and not each.targets for each in suggested):
        suggested = suggest_by_content(tx, entity, rights, sample, suggested)
    taken = {target.field for targets in known.values() for target in targets}
    near: dict[str, str] = {}
    by_content: set[str] = set()
    mapping = {
        name: targets
        for name, targets in known.items()
        if name.startswith(FIXED) and targets and targets[0].const is not None
    }
    for each in suggested:
        if each.column in known:
            mapping[each.column] = known[each.column]
        else:
            mapping[each.column] = tuple(t for t in each.targets if t.field not in taken and t.field != "id")
            if each.by_content and mapping[each.column]:
                by_content.add(each.column)
            elif each.near and each.near not in taken:
                near[each.column] = each.near
    return Decided(replace(options, mapping=mapping), near, frozenset(by_content), remembered)


def _taken_over(options: ImportOptions, earlier: ImportOptions) -> ImportOptions:
    """The decisions of last time; how the file is laid out stays as it is now."""
    data = earlier.to_json()
    now = options.to_json()
    return ImportOptions.from_json(
        {
            **data,
            **{name: now[name] for name in ("sheet", "encoding", "delimiter", "header")},
            "partial": False,
            "dry_run": False,
        }
    )


def look_at(source: Source, found: Decided) -> FileLook:
    """The file as the page shows it."""
    sample = source.sample()
    mapping = found.options.mapping or {}
    return FileLook(
        columns=tuple(
            ColumnRow(
                name,
                _examples(name, sample),
                mapping.get(name, ()),
                found.near.get(name),
                name in found.by_content,
            )
            for name in source.headers
            if name != ERROR_COLUMN
        ),
        headers=source.headers,
        rows=tuple(sample[:SHOWN_ROWS]),
        fixed=tuple((t.field, str(t.const)) for ts in mapping.values() for t in ts if t.const is not None),
        remembered=found.remembered,
    )


def _examples(column: str, sample: Sequence[Row]) -> tuple[str, ...]:
    texts = (str(row.cells.get(column) or "").strip() for row in sample)
    return tuple(dict.fromkeys(text for text in texts if text))[:EXAMPLES]
