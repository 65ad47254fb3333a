"""Guards of the whole: every function is in the manual, the layer imports what it may."""

import ast
import re
from pathlib import Path

import pytest

from fieldstone.expressions import FUNCTION_NAMES
from fieldstone.expressions import limits as bounds

ROOT = Path(__file__).parents[2]
MANUAL = (ROOT / "docs" / "expressions.md").read_text("utf-8")
LAYER = ROOT / "platform" / "expressions"


@pytest.mark.parametrize("name", FUNCTION_NAMES)
def test_every_function_is_described_in_the_manual(name: str) -> None:
    assert re.search(rf"\*\*`{name}\(", MANUAL), f"docs/expressions.md has no entry **`{name}(...)`**"


def test_the_manual_describes_no_function_that_is_not_there() -> None:
    assert set(re.findall(r"\*\*`(\w+)\(", MANUAL)) == set(FUNCTION_NAMES)


def test_the_manual_states_the_bounds_that_hold() -> None:
    stated = (
        f"{bounds.MAX_SOURCE:,} characters, {bounds.MAX_NODES} parts, {bounds.MAX_DEPTH} levels",
        f"smaller than 10^{bounds.NUMBER_DIGITS}",
        f"at most {bounds.NUMBER_PLACES} fractional digits",
        f"round to {bounds.DIVISION_PLACES} fractional digits",
        f"cost {bounds.FILTER_COST:,} units",
        f"{bounds.MAX_TEXT:,} code points",
    )
    for sentence in stated:
        assert sentence in MANUAL.replace("\n", " "), sentence


def imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    found = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    return found | {
        name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names
    }


@pytest.mark.parametrize("path", sorted(LAYER.rglob("*.py")), ids=lambda path: str(path.relative_to(LAYER)))
def test_the_layer_imports_problems_and_sqlalchemy_in_sql_only(path: Path) -> None:
    for module in imports(path):
        if module.startswith("fieldstone"):
            assert module.startswith(("fieldstone.problems", "fieldstone.expressions")), module
        if module.startswith(("sqlalchemy", "fieldstone.expressions.sql")):
            assert path.is_relative_to(LAYER / "sql"), f"{path} imports {module}"


def test_nothing_is_run_by_eval() -> None:
    for path in LAYER.rglob("*.py"):
        calls = [
            n.func.id
            for n in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)
        ]
        assert not {"eval", "exec", "compile", "__import__"} & set(calls), path
