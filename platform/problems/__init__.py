"""How things that are wrong are said: the one error base and the `Problem` value, for every layer.

This is the lowest layer and imports nothing of Fieldstone. An error is named by what is wrong and lives
beside the code that raises it; it carries a stable `code`, a `kind` (the only thing the edge maps to a
status), `data` for callers and a message for people. Checks that can find several things wrong return a
list of `Problem` and raise once, at the end, with all of them.

Public names: `FieldstoneError`, `Problem`, `Kind`, `nearest`, `did_you_mean`.
"""

from fieldstone.problems.errors import FieldstoneError, Kind, Problem
from fieldstone.problems.nearest import did_you_mean, nearest

__all__ = ["FieldstoneError", "Kind", "Problem", "did_you_mean", "nearest"]
