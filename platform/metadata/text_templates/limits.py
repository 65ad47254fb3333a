"""How much a template may do, and the count of what one rendering has done."""

import time
from dataclasses import dataclass, field
from typing import Final

from fieldstone.problems import FieldstoneError


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a template and of one rendering: characters, repetitions in all, seconds."""

    source: int = 20_000
    output: int = 200_000
    steps: int = 10_000
    seconds: float = 1.0


LIMITS: Final = Limits()
DEEPEST: Final = 6
"""Loops and conditions inside each other."""


class TemplateFailed(FieldstoneError):
    """A template that cannot be rendered with these values, or that does too much."""

    code = "template.failed"
    kind = "invalid"


@dataclass(slots=True)
class Budget:
    """What one rendering may still do."""

    limits: Limits
    steps: int = 0
    written: int = 0
    started: float = field(default_factory=time.monotonic)

    def step(self) -> None:
        """One repetition of a loop."""
        self.steps += 1
        if self.steps > self.limits.steps:
            raise TemplateFailed(f"The template repeats something more than {self.limits.steps:,} times.")
        self.look_at_the_clock()

    def write(self, characters: int) -> None:
        self.written += characters
        self.hold(self.written)
        self.look_at_the_clock()

    def hold(self, characters: int) -> None:
        """A text of so many characters is about to be made."""
        if characters > self.limits.output:
            raise TemplateFailed(f"The template writes more than {self.limits.output:,} characters.")

    def look_at_the_clock(self) -> None:
        if time.monotonic() - self.started > self.limits.seconds:
            raise TemplateFailed(f"The template takes longer than {self.limits.seconds:g} s.")
