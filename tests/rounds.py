"""How much a run looks at: samples in the ordinary run, everything in `make drills`.

Samples go round: the day decides whose turn it is, so that a run can be repeated, and a week has seen it all. `DRILL_TURN`
names another turn; it stands in the first lines of each run.
"""

import os
from collections.abc import Sequence
from datetime import date
from typing import TypeVar

T = TypeVar("T")

ROUNDS = int(os.environ.get("DRILL_ROUNDS", "0"))
"""How long drills go on; 0 in the ordinary run."""

TURN_VARIABLE = "DRILL_TURN"


def turn() -> int:
    return int(os.environ.get(TURN_VARIABLE) or date.today().toordinal())


def in_turn(cases: Sequence[T], one_in: int) -> list[T]:
    """Every `one_in`-th of some cases, beginning with the one whose turn it is; all in drills."""
    return list(cases) if ROUNDS else list(cases)[turn() % one_in :: one_in]
