"""Rows of one file that name the same record by its key and contradict each other.

Which of them is meant nobody can know, so the later ones are refused, with the row of the first. Rows that say the same
again, or add to it, do no harm: many tables repeat what a row belongs to. Told from the file alone, so that a run that
goes on where it was broken off tells the same.
"""

from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from fieldstone.engine.imports.plan import Draft, ImportPlan
from fieldstone.engine.imports.sources import Source

SIZE: Final = 1000
HEAPS: Final = 64


@dataclass(frozen=True, slots=True)
class Repeat:
    """A row contradicts `first`, an earlier one, in a field."""

    first: int
    field: str


def repeats_of(source: Source, plan: ImportPlan) -> Mapping[int, Repeat]:
    """The rows that contradict an earlier row of the same key. Of most rows only two numbers are kept, side by side
    in heaps: together in one dictionary they would take ten times the memory."""
    if not plan.key:
        return {}
    heaps = [array("q") for _ in range(HEAPS)]
    for key, draft in _keyed(source, plan):
        heaps[key % HEAPS].extend((key, hash(repr(sorted(_said(draft).items())))))
    unlike: set[int] = set()
    for heap in heaps:
        said: dict[int, int] = {}
        for key, now in zip(heap[::2], heap[1::2], strict=True):
            if said.setdefault(key, now) != now:
                unlike.add(key)
    return _contradictions(source, plan, unlike) if unlike else {}


def _contradictions(source: Source, plan: ImportPlan, unlike: set[int]) -> dict[int, Repeat]:
    known: dict[int, tuple[int, dict[str, Any]]] = {}
    found: dict[int, Repeat] = {}
    for key, draft in _keyed(source, plan):
        if key not in unlike:
            continue
        row, before = known.setdefault(key, (draft.row, {}))
        now = _said(draft)
        clash = next((name for name, value in now.items() if before.get(name, value) != value), None)
        if clash is None:
            before.update(now)
        else:
            found[draft.row] = Repeat(row, clash)
    return found


def _keyed(source: Source, plan: ImportPlan) -> Iterator[tuple[int, Draft]]:
    """The rows that have a key, with a number for it."""
    good = (row for row in source.rows() if not row.wrong)
    while rows := list(islice(good, SIZE)):
        for draft in plan.drafts(rows):
            texts = {field.name: text for field, text in draft.links}
            parts = tuple(str(draft.key.get(name) or texts.get(name) or "").strip() for name in plan.key)
            if all(parts):
                yield hash(parts), draft


def _said(draft: Draft) -> dict[str, Any]:
    return {**draft.body, **{field.name: text for field, text in draft.links}}
