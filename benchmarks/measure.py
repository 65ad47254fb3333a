"""Timing two things against each other: in turns, in small rounds, medians of medians.

The machine is never quiet. What slows it down for a second slows down a round of each side, and the median over
rounds leaves it out; the ratio is that of two medians taken in the same minute.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

Work = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Result:
    """One row of the table. Seconds, shown in `unit` (or megabytes where it says MB); `goal` is the highest ratio, or for
    rows without reference the most.
    """

    name: str
    ours: float
    reference: float | None
    goal: float | None
    unit: str = "ms"
    note: str = ""

    @property
    def ratio(self) -> float | None:
        return self.ours / self.reference if self.reference else None

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None without one."""
        if self.goal is None:
            return None
        measured = self.ratio if self.reference is not None else self.ours
        return measured is not None and measured <= self.goal


def timed(work: Work) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def in_turns(ours: Work, reference: Work, *, rounds: int, each: int) -> tuple[float, float]:
    """Median seconds of each side: `rounds` rounds of `each` calls, the sides in turns."""
    for work in (ours, reference):
        for _ in range(max(5, each // 4)):
            work()
    mine, other = [], []
    for number in range(rounds):
        sides = [(ours, mine), (reference, other)]
        for work, found in sides if number % 2 == 0 else reversed(sides):
            found.append(median(timed(work) for _ in range(each)))
    return median(mine), median(other)


HEADING = f"{'':<44}{'ours':>12}{'reference':>12}{'ratio':>8}{'goal':>10}"


def line(result: Result) -> str:
    """A result for people, under HEADING."""
    ratio = "" if result.ratio is None else f"{result.ratio:.2f}"
    goal = "" if result.goal is None else _goal(result)
    verdict = {True: "  ok", False: "  MISSED", None: ""}[result.met]
    theirs = "" if result.reference is None else _figure(result.reference, result.unit)
    ours = _figure(result.ours, result.unit)
    note = f"   {result.note}" if result.note else ""
    return f"{result.name:<44}{ours:>12}{theirs:>12}{ratio:>8}{goal:>10}{verdict}{note}"


def _figure(seconds: float, unit: str) -> str:
    return f"{seconds * 1000:,.2f} ms" if unit == "ms" else f"{seconds:,.2f} {unit}"


def _goal(result: Result) -> str:
    assert result.goal is not None
    if result.reference is not None:
        return f"<= {result.goal:g}"
    return f"< {_figure(result.goal, result.unit).replace('.00', '')}"
