"""Gaps and overlaps of conditions: found where there are any, and nowhere else."""

import os
import random
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from metadata.flow_cases import compiled

from fieldstone.expressions import DEFAULT, Checked, check, evaluate
from fieldstone.metadata.coverage import Coverage, Undecided, coverage
from fieldstone.metadata.definitions import Entity
from fieldstone.metadata.expression_types import record_types

MODEL = compiled({}).model
assert MODEL is not None
ASSET: Entity = MODEL.entities["asset"]
TYPES = record_types(MODEL).of("asset").allowing(DEFAULT)


def condition(text: str) -> Checked:
    return check(text, TYPES)


def found(*rows: str) -> Coverage | Undecided:
    return coverage([[condition(row)] if row else [] for row in rows], ASSET)


WHOLE = {
    "a required number": ("price < 5", "price >= 5"),
    "its smallest value": ("price > 5", "price <= 5 && price >= 0"),
    "whole numbers next to each other": ("pieces <= 3", "pieces >= 4", "isEmpty(pieces)"),
    "every value of a choice": ("kind == 'tool'", "kind in ['vehicle']", "kind == null"),
    "a text and all others": ("serial == 'a'", "serial != 'a'"),
    "yes and no": ("rare", "!rare", "isEmpty(rare)"),
    "two fields": ("price < 5 && rare", "price >= 5", "rare != true"),
    "days": ("due < date('2026-01-01')", "due >= date('2026-01-01')", "due == null"),
    "nothing asked": ("",),
}


@pytest.mark.parametrize("rows", WHOLE.values(), ids=WHOLE)
def test_conditions_that_cover_everything_have_no_gap(rows: Sequence[str]) -> None:
    told = found(*rows)
    assert isinstance(told, Coverage)
    assert told.gap is None


GAPS = {
    "between two numbers": (("price < 5", "price > 7"), "price is 5"),
    "one number": (("price < 5", "price > 5"), "price is 5"),
    "one hundredth": (("price < 5", "price > 5.01", "price == 5"), "price is 5.01"),
    "nothing there": (("pieces < 5", "pieces >= 5"), "pieces is empty"),
    "one value of a choice": (("kind == 'tool'", "isEmpty(kind)"), 'kind is "vehicle"'),
    "behind a link": (("place.name == 'a'", "place.name != 'b' && !isEmpty(place.name)"), "place.name is"),
    "one corner": (("price < 5", "rare"), "rare is"),
}


@pytest.mark.parametrize(("rows", "words"), GAPS.values(), ids=GAPS)
def test_a_gap_is_named(rows: Sequence[str], words: str) -> None:
    told = found(*rows)
    assert isinstance(told, Coverage)
    assert told.gap is not None
    assert words in told.gap.text


def test_rows_that_are_both_true_and_rows_that_never_count_are_told() -> None:
    told = found("price > 5", "price > 10", "price <= 5")
    assert isinstance(told, Coverage)
    assert told.overlap is not None
    assert told.overlap[:2] == (0, 1)
    assert told.never_first == {1}
    assert told.certain


def test_computed_fields_are_not_judged_for_certain() -> None:
    told = found("double < 5 && pieces > 10", "double >= 5", "isEmpty(double)", "pieces <= 10")
    assert isinstance(told, Coverage)
    assert not told.certain


UNDECIDED = (
    "coalesce(price, 0) < 5",
    "price < pieces",
    "price * 2 > 5",
    "due < today()",
    "contains(label, 'x')",
    "label < 'b'",
    "count(parts) > 1",
)


@pytest.mark.parametrize("text", UNDECIDED)
def test_other_conditions_are_not_judged(text: str) -> None:
    assert isinstance(found(text), Undecided)


def test_too_many_cases_are_not_tried() -> None:
    numbers = " || ".join(f"pieces == {at}" for at in range(60))
    prices = " || ".join(f"price == {at}" for at in range(60))
    kinds = " || ".join(f"serial == '{at}'" for at in range(60))
    told = coverage([[condition(numbers), condition(prices), condition(kinds)]], ASSET)
    assert told == Undecided("there are too many cases to try")


def test_made_up_rows_agree_with_trying_every_record() -> None:
    """Random rows over small fields, against the truth by brute force."""
    rounds, seed = (
        int(os.environ.get("DRILL_ROUNDS", "1")) * 60,
        int(os.environ.get("SEED", "0")) or random.randrange(2**32),
    )
    print("seed", seed)
    rng = random.Random(seed)
    whole = [
        {"price": price, "kind": kind, "rare": rare}
        for price in [Decimal(cents) / 4 for cents in range(21)]
        for kind in ("tool", "vehicle", None)
        for rare in (True, False, None)
    ]

    def atom() -> str:
        sign = rng.choice(("<", "<=", ">", ">=", "==", "!="))
        return rng.choice(
            (
                f"price {sign} {rng.randrange(5)}",
                f"kind {rng.choice(('==', '!='))} 'tool'",
                "rare",
                "isEmpty(kind)",
                "!rare",
            )
        )

    def row() -> str:
        return f" {rng.choice(('&&', '||'))} ".join(atom() for _ in range(rng.randrange(1, 3)))

    for _ in range(rounds):
        rows = [row() for _ in range(rng.randrange(1, 5))]
        checked = [condition(text) for text in rows]
        told = coverage([[each] for each in checked], ASSET)
        assert isinstance(told, Coverage), rows
        truth = [
            [at for at, each in enumerate(checked) if evaluate(each, record) is True] for record in whole
        ]
        assert (told.gap is None) == all(truth), (seed, rows)
        assert (told.overlap is None) == all(len(each) < 2 for each in truth), (seed, rows)
        assert told.never_first == set(range(len(rows))) - {each[0] for each in truth if each}, (seed, rows)


def test_a_case_stands_for_a_value_that_the_field_can_have() -> None:
    record: dict[str, Any] = {"price": Decimal("5.01")}
    assert evaluate(condition("price > 5 && price < 5.02"), record) is True
    told = found("price <= 5", "price >= 5.02")
    assert isinstance(told, Coverage)
    assert told.gap is not None and "between 5 and 5.02" in told.gap.text
