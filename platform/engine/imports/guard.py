"""Cells that a spreadsheet would run as a formula: guarded when written, taken back when read.

Text that begins with = + - @ tab or CR gets an apostrophe in front. So does text that already looks
guarded, so that reading takes off exactly what writing put on.
"""

import re
from typing import Final

_RISKY: Final = re.compile(r"'*[=+\-@\t\r]")
_GUARDED: Final = re.compile(r"'+[=+\-@\t\r]")

_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")


def guard(text: str) -> str:
    """`text` as a cell that no spreadsheet runs."""
    return "'" + text if _RISKY.match(text) else text


def unguard(cell: str) -> str:
    """What was guarded."""
    return cell[1:] if _GUARDED.match(cell) else cell


def escape_xlsx(text: str) -> str:
    """`text` for an XLSX cell: XML makes a carriage return a line feed, so it becomes `_x000D_`."""
    return _ESCAPED.sub(r"_x005F_x\1_", text).replace("\r", "_x000D_")


def unescape_xlsx(text: str) -> str:
    """What `escape_xlsx`, or Excel, wrote."""
    return _ESCAPED.sub(_character, text) if "_x" in text else text


def _character(match: "re.Match[str]") -> str:
    code = int(match.group(1), 16)
    return match.group() if code == 0 or 0xD800 <= code < 0xE000 else chr(code)
