"""What a command says: its result on standard output, as text or JSON, and errors on standard error."""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from fieldstone.problems import FieldstoneError, Problem


class Output:
    """Where a command puts its result; it need not know which form was asked for."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json

    def result(self, data: Any, text: str) -> None:
        """Print `data` as JSON or `text` for people. Values JSON does not know are written as text."""
        if self.as_json:
            text = json.dumps(data, ensure_ascii=False, indent=1, default=str)
        print(text, flush=True)

    def rows(self, rows: Sequence[Mapping[str, Any]], text: Sequence[str]) -> None:
        """The same for a list: one line of `text` each, nothing at all when there is none."""
        if self.as_json or text:
            self.result(list(rows), "\n".join(text))

    def note(self, text: str) -> None:
        """Something for people beside the result (progress, a hint)."""
        print(text, file=sys.stderr, flush=True)

    def error(self, error: FieldstoneError) -> None:
        self.note(f"fieldstone: {error.message}")
        if "\n" not in error.message:  # a message of several lines has said them
            for problem in error.problems:
                self.note(f"  {problem}")
        if self.as_json:
            self.result({"error": _error(error)}, "")


def _error(error: FieldstoneError) -> dict[str, Any]:
    problems = [_problem(problem) for problem in error.problems]
    return {"code": error.code, "kind": error.kind, "message": error.message, "problems": problems}


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "pointer": problem.path,
        "code": problem.code,
        "message": problem.message,
        "file": problem.file,
        "line": problem.line,
    }
