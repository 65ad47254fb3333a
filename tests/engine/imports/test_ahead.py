"""The next batch is got ready beforehand, and what is wrong with it is told when its turn comes."""

from collections.abc import Iterator, Sequence
from typing import Any, cast

import pytest

from fieldstone.engine.imports.ahead import Ahead
from fieldstone.engine.imports.plan import Draft, ImportPlan
from fieldstone.engine.imports.repeats import Repeat
from fieldstone.engine.imports.sources import Row


class Plan:
    """What a batch asks of a plan: drafts in two steps."""

    def fill(self, rows: Sequence[Row], found: Sequence[Draft]) -> Iterator[None]:
        yield
        for row, draft in zip(rows, found, strict=True):
            draft.body.update(row.cells)
        yield

    def drafts(self, rows: Sequence[Row]) -> list[Draft]:
        return [Draft(row.number, dict(row.cells)) for row in rows]


PLAN = cast(ImportPlan, Plan())


def rows(*numbers: int) -> list[Row]:
    return [Row(number, {"label": f"Row {number}"}) for number in numbers]


def bodies(drafts: Sequence[Draft]) -> list[Any]:
    return [draft.body for draft in drafts]


def test_batches_come_in_turn_however_far_the_next_one_was_got_ready() -> None:
    ahead = Ahead(iter([rows(1, 2), rows(3), rows(4)]), PLAN, {})
    found = []
    for batch in ahead:
        drafts = batch.drafts(PLAN)
        found.append([draft.row for draft in drafts])
        for _ in zip(range(len(found)), ahead.work(), strict=False):
            pass
    assert found == [[1, 2], [3], [4]]


def test_rows_that_are_wrong_or_repeat_another_say_nothing() -> None:
    wrong = Row(2, {}, "The row has only 1 cells.")
    (batch,) = Ahead(iter([[*rows(1), wrong, *rows(3)]]), PLAN, {3: Repeat(1, "label")})
    assert [draft.row for draft in batch.drafts(PLAN)] == [1]
    assert [row.number for row in batch.rows] == [1, 2, 3]


def test_drafts_that_were_changed_are_made_anew_when_asked_again() -> None:
    (batch,) = Ahead(iter([rows(1)]), PLAN, {})
    batch.drafts(PLAN)[0].body["label"] = "Changed"
    assert bodies(batch.drafts(PLAN)) == [{"label": "Row 1"}]


def test_what_is_wrong_with_a_batch_is_raised_in_its_turn() -> None:
    def batches() -> Iterator[list[Row]]:
        yield rows(1)
        raise OSError("the file is gone")

    ahead = Ahead(batches(), PLAN, {})
    turns = iter(ahead)
    assert [row.number for row in next(turns).rows] == [1]
    list(ahead.work())
    with pytest.raises(OSError, match="the file is gone"):
        next(turns)
