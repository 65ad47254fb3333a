"""Where a column goes whose name says nothing: told by what its cells hold.

Only what is plain is suggested: every cell looked at fits the field, no other free field of the kind would take them,
and no other nameless column fits it as well. It is for a person to confirm, never taken by an import itself.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from fieldstone.engine.imports.cells import LINKS, option_names, reader
from fieldstone.engine.imports.links import find
from fieldstone.engine.imports.mapping import Suggestion, importable
from fieldstone.engine.imports.options import Target
from fieldstone.engine.imports.sources import Row
from fieldstone.engine.permissions import EntityAccess
from fieldstone.engine.search import fold
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Entity, Field
from fieldstone.metadata.fields import INVALID, compile_check
from fieldstone.problems import Problem

LOOKED_AT: Final = 50
"""Different texts of a column that are looked at."""

KNOWN_TITLES: Final = 0.8
"""The share of a column's texts that must be titles of a link's target."""

_PHONE: Final = re.compile(r"(?:\+|00|\(?0)[\d()\s./-]{6,24}")
_DATE_READINGS: Final = (None, "dmy", "mdy", "roc")
_LOOKS: Final[Mapping[str, Callable[[str], object]]] = {
    "email": lambda text: "@" in text,
    "url": lambda text: "://" in text,
    "phone": _PHONE.fullmatch,
    "date": lambda text: len(text) > 5,
    "datetime": lambda text: ":" in text,
}
"""Types that are recognised by their form, with what their texts must look like besides being legal."""


def suggest_by_content(
    tx: Transaction, entity: str, access: EntityAccess, sample: Sequence[Row], found: Sequence[Suggestion]
) -> list[Suggestion]:
    """Suggestions by name, completed by content for the columns that fit no name: `by_content` tells which.

    `sample` are rows of the file with texts as cells (`Source.sample`).
    """
    definition = tx.model.entities[entity]
    taken = {target.field for each in found for target in each.targets}
    free = [
        field
        for field in definition.fields.values()
        if field.name not in taken and importable(definition, access, field.name)
    ]
    fitting: dict[str, list[Target]] = {}
    for each in found:
        texts = [] if each.targets or each.ignored else _texts(sample, each.column)
        if texts:
            fitting[each.column] = list(_fitting(tx, definition, free, texts))
    wanted = [target.field for targets in fitting.values() for target in targets]
    return [
        replace(each, targets=tuple(fitting[each.column]), by_content=True)
        if len(fitting.get(each.column, ())) == 1 and wanted.count(fitting[each.column][0].field) == 1
        else each
        for each in found
    ]


def _texts(sample: Sequence[Row], column: str) -> list[str]:
    cells = (row.cells.get(column) for row in sample if not row.wrong)
    texts = dict.fromkeys(cell.strip() for cell in cells if isinstance(cell, str) and cell.strip())
    return list(texts)[:LOOKED_AT]


def _fitting(tx: Transaction, entity: Entity, free: Sequence[Field], texts: list[str]) -> Iterator[Target]:
    """Each free field that the texts fit."""
    for field in free:
        if field.type in _LOOKS:
            if all(map(_LOOKS[field.type], texts)):
                yield from _legal(tx, entity, field, texts)
        elif field.type in ("select", "radio"):
            names = option_names(tx.model, entity, field)
            if all(fold(text) in names for text in texts):
                yield Target(field.name)
        elif field.type in LINKS and _known(tx, field.target or "", texts) >= KNOWN_TITLES:
            yield Target(field.name)


def _known(tx: Transaction, target: str, texts: list[str]) -> float:
    """The share of texts that name a record of the target."""
    return len(find(tx, target, texts)) / len(texts) if target in tx.model.entities else 0.0


def _legal(tx: Transaction, entity: Entity, field: Field, texts: list[str]) -> Iterator[Target]:
    """The one way of reading by which all texts are legal values; none where there are several."""
    check = compile_check(field)

    def reads(target: Target) -> bool:
        read = reader(tx.model, entity, field, target, {})
        problems: list[Problem] = []
        values: Iterator[Any] = (check(read(text), "", problems) for text in texts)
        return all(value is not INVALID for value in values) and not problems

    readings = _DATE_READINGS if field.type == "date" else (None,)
    targets = [target for parse in readings if reads(target := Target(field.name, parse))]
    if targets and (targets[0].parse is None or len(targets) == 1):
        yield targets[0]


__all__ = ["suggest_by_content"]
