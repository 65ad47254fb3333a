"""Cells that a spreadsheet would run as a formula: guarded when written, taken back when read.

Text that begins with = + - @ tab or CR gets an apostrophe in front. So does text that already looks
guarded, so that reading takes off exactly what writing put on.
"""

import re
from typing import Final

_RISKY: Final = re.compile(r"'*[=+\-@\t\r]")
_GUARDED: Final = re.compile(r"'+[=+\-@\t\r]")


def guard(text: str) -> str:
    """`text` as a cell that no spreadsheet runs."""
    return "'" + text if _RISKY.match(text) else text


def unguard(cell: str) -> str:
    """What was guarded."""
    return cell[1:] if _GUARDED.match(cell) else cell
