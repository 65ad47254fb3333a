"""Rules of the whole tree that no tool checks: names, words, raw SQL, the standard library's `platform`."""

import ast
import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAYERS = sorted(
    path.name for path in (ROOT / "platform").iterdir() if path.is_dir() and path.name[0] not in "._"
)
PROGRAM = [ROOT / "platform", ROOT / "ui"]
SKIPPED = {"node_modules", "dist", "__pycache__"}

BUSINESS_WORDS = re.compile(
    r"(?<![a-z])(customers?|tickets?|opportunit(?:y|ies)|sales|invoices?|prospects?|deals?|crm)(?![a-z])"
    r"|(?<![a-z])(quotes?|leads?|contracts?|accounts?)_(?:id|name|no|number|list|lines?|status|stage|owner)(?![a-z])"
    r"|[\"'](quotes|leads?|contracts?)[\"']|[\"']entity[\"']: [\"']quote[\"']",
    re.IGNORECASE,
)
"""Words of one business. A quote is a character too, and leads, contracts and accounts mean other things:
these are caught only where they are names."""

OUTSIDE = {"platform/metadata/fields/icon.py": "ticket"}
"""File -> a word that is another vocabulary's: Tabler calls one of its pictures so."""

SQL = re.compile(
    r"^\s*(select\s.+\sfrom\s|insert\s+into\s|update\s+\S+\s+set\s|delete\s+from\s|"
    r"(create|alter|drop)\s+(table|index|schema|role|database|function|type)\s|grant\s|revoke\s|"
    r"set\s+(local\s+)?role\s|truncate\s|copy\s+\S+\s+from)",
    re.IGNORECASE | re.DOTALL,
)


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def program_files(*suffixes: str) -> list[Path]:
    return [
        path
        for folder in PROGRAM
        for path in sorted(folder.rglob("*"))
        if path.suffix in suffixes and not SKIPPED & set(path.parts) and path.is_file()
    ]


def test_platform_is_no_package_and_the_standard_librarys_is_imported_from_the_root() -> None:
    assert not (ROOT / "platform" / "__init__.py").exists()
    code = "import sys; sys.path.insert(0, ''); import platform; print(platform.python_version())"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ".".join(map(str, sys.version_info[:3]))


@pytest.mark.parametrize("layer", [*LAYERS, "ui"])
def test_every_layer_is_typed_documented_installed_and_under_contract(layer: str) -> None:
    folder = ROOT / "ui" if layer == "ui" else ROOT / "platform" / layer
    assert (folder / "py.typed").exists()
    assert len(ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))) or "") > 40
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    assert f"fieldstone.{layer}" in contracts["root_packages"]
    assert any(f"fieldstone.{layer}" in line for line in contracts["contracts"][0]["layers"])
    assert layer == "ui" or f'"{layer}"' in (ROOT / "setup.py").read_text(encoding="utf-8")
    assert layer == "ui" or layer in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_imports_go_downwards_only() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_platform_and_screens_know_no_business() -> None:
    found = []
    for path in program_files(".py", ".json", ".html", ".ts", ".css", ".txt", ".md", ".po"):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            allowed = OUTSIDE.get(path.relative_to(ROOT).as_posix(), "")
            match = BUSINESS_WORDS.search(line.replace(allowed, "") if allowed else line)
            if match and "sort_keys" not in line and "data" not in path.parts:
                found.append(f"{path.relative_to(ROOT)}:{number}: {match[0]}")
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("line", "caught"),
    [
        ('Field("customer")', True),
        ('{"entity": "quote"}', True),
        ("lead_id = 1", True),
        ("from urllib.parse import quote", False),
        ("both quote characters", False),
        ("the contract of this module", False),
        ("a misleading lead-in", False),
    ],
)
def test_the_word_check_can_fail(line: str, caught: bool) -> None:
    assert bool(BUSINESS_WORDS.search(line)) is caught


def test_raw_sql_only_in_storage() -> None:
    found = []
    for path in program_files(".py"):
        place = path.relative_to(ROOT)
        if path.name != "storage.py" and "engine/storage/" not in place.as_posix():
            found += [f"{place}:{line}: {text[:60]!r}" for line, text in raw_sql(tree_of(path))]
    assert not found, "\n".join(found)


def raw_sql(tree: ast.Module) -> list[tuple[int, str]]:
    """String constants that look like SQL, docstrings left out, and every call of sqlalchemy's `text`."""
    nodes = list(ast.walk(tree))
    prose = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    texts = {
        alias.asname or alias.name
        for node in nodes
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy")
        for alias in node.names
        if alias.name == "text"
    }
    found = []
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            if SQL.search(node.value):
                found.append((node.lineno, node.value))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in texts:
            found.append((node.lineno, "text(...)"))
    return found


@pytest.mark.parametrize(
    ("source", "caught"),
    [
        ('x = "SELECT a FROM b"', True),
        ('f"DELETE FROM {table}"', True),
        ("from sqlalchemy import text\ntext(s)", True),
        ('"""Select the best from all."""', False),
        ('x = "Select a file from the list"', True),
        ("select(a).where(b)", False),
    ],
)
def test_the_sql_check_can_fail(source: str, caught: bool) -> None:
    assert bool(raw_sql(ast.parse(source))) is caught


def test_nothing_is_evaluated_and_nothing_is_pickled() -> None:
    found = []
    for path in program_files(".py"):
        for node in ast.walk(tree_of(path)):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in {"eval", "exec"}
            ):
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}: {node.func.id}")
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            found += [
                f"{path.relative_to(ROOT)}: {name}" for name in names if name.split(".")[0] in FORBIDDEN
            ]
    assert not found, "\n".join(found)


FORBIDDEN = {"pickle", "marshal", "shelve", "dill", "cloudpickle"}


def test_every_dependency_is_locked() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    locked = {line.split("==")[0].lower().replace("_", "-") for line in lock.splitlines() if "==" in line}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    names = {re.split(r"[\[<>=!~; ]", line)[0].lower().replace("_", "-") for line in wanted}
    assert not names - locked, "run `make lock`"
