"""What is wrong with an expression, with its place in the source."""

from collections.abc import Sequence
from dataclasses import replace

from fieldstone.problems import FieldstoneError, Problem


class ExpressionError(FieldstoneError):
    """An expression that cannot be read or does not fit its record.

    `problems` lists everything found; each one's `data` has `position` (0-based, in code points), `length`,
    `line`, `column`, and where known `found` and `suggestion`.
    """

    code = "expression.invalid"
    kind = "malformed"

    def __init__(self, source: str, problems: Sequence[Problem], *, code: str | None = None) -> None:
        super().__init__("; ".join(p.message for p in problems), code=code, problems=problems)
        self.source = source

    def at(self, pointer: str) -> list[Problem]:
        """The problems, below the JSON pointer of the document's property that holds the expression."""
        return [replace(problem, path=pointer) for problem in self.problems]


def problem_at(
    source: str, position: int, length: int, code: str, message: str, *, found: str = "", suggestion: str = ""
) -> Problem:
    """A problem whose message says where in `source` it is (nothing is said of places without a source)."""
    data: dict[str, object] = {"position": position, "length": length}
    if source:
        line = source.count("\n", 0, position) + 1
        column = position - (source.rfind("\n", 0, position) + 1) + 1
        data |= {"line": line, "column": column}
        message = f"{message} (at {column})" if line == 1 else f"{message} (at line {line}, {column})"
    if found:
        data["found"] = found
    if suggestion:
        data["suggestion"] = suggestion
    return Problem(path="", code=code, message=message, data=data)
