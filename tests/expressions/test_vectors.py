"""Every function and operator, case by case, in all three back ends: `vectors/<name>.json`.

A case is `{"expr", "with": values, "bindings", "is"}`; `is` is null, true, false or the text of the result.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from expressions.backends import Node, Postgres, Python
from expressions.world import ENV

from fieldstone.expressions import FUNCTION_NAMES, check, from_json, to_json

FOLDER = Path(__file__).with_name("vectors")
FILES = sorted(FOLDER.glob("*.json"))
OTHERS = {
    "in",
    "names",
    "parts",
    "operators_arithmetic",
    "operators_division",
    "operators_equality",
    "operators_logic",
    "operators_ordering",
}


def load(name: str) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    for case in cases:
        case["with"] = {field: expand(value) for field, value in case.get("with", {}).items()}
    return cases


def expand(value: Any) -> Any:
    """`{"repeat": [text, times]}` stands for a long text."""
    if isinstance(value, dict) and "repeat" in value:
        text, times = value["repeat"]
        return text * times
    return value


def canonical(value: Any, kind: str) -> Any:
    return datetime.fromisoformat(value).isoformat() if kind == "datetime" and value is not None else value


def test_every_function_has_vectors() -> None:
    assert {path.stem for path in FILES} == set(FUNCTION_NAMES) | OTHERS


@pytest.mark.parametrize("name", [path.stem for path in FILES])
def test_vectors_hold_in_python_postgres_and_node(name: str, backends: tuple[Python, Postgres, Node]) -> None:
    cases = load(name)
    records = [case["with"] for case in cases]
    wrong = []
    assert name in OTHERS or all(f"{name}(" in case["expr"] for case in cases)
    for backend in backends:
        if isinstance(backend, Postgres):
            backend.load(records)
        for number, case in enumerate(cases):
            checked = check(case["expr"], ENV)
            checked = from_json(json.loads(json.dumps(to_json(checked))), ENV)
            wanted = canonical(case["is"], checked.type.kind)
            found = backend.one(checked, records, number, case.get("bindings", {}))
            if (type(found), found) != (type(wanted), wanted):
                shown = {field: str(value)[:80] for field, value in case["with"].items()}
                wrong.append(
                    f"{backend.name}: {case['expr']} with {shown} is {str(found)[:80]}, not {wanted}"
                )
    assert not wrong, "\n".join(wrong)
