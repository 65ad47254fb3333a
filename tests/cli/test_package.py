"""`fieldstone package test`: one line per scenario, exit code 1 when one fails. `package build`: one zip."""

import json
import shutil
from pathlib import Path

import pytest

from fieldstone.app.embedded import Endpoints
from fieldstone.cli.command_line import main

LIBRARY = Path(__file__).parents[1] / "packages" / "library"


@pytest.fixture(autouse=True)
def on_test_servers(endpoints: Endpoints, test_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands use the servers of the test run."""
    monkeypatch.setenv("FIELDSTONE_HOME", str(test_home))
    monkeypatch.setenv("FIELDSTONE_DATABASE_URL", endpoints.database_url)
    monkeypatch.setenv("FIELDSTONE_REDIS_URL", endpoints.redis_url)


def test_scenarios_that_hold_are_listed_and_the_command_succeeds(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["package", "test", str(LIBRARY)]) == 0
    captured = capsys.readouterr()
    lines = captured.out.splitlines()
    assert lines[0] == "ok    books: A used book needs its number"
    assert all(line.startswith("ok ") for line in lines)
    assert f"{len(lines)} scenarios, 0 failed" in captured.err


def test_a_failing_scenario_is_explained_and_the_command_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "library"
    shutil.copytree(LIBRARY, broken)
    book = broken / "entities" / "book.json"
    book.write_text(book.read_text().replace("status == 'used' && isEmpty(isbn)", "status == 'gone'"))
    assert main(["package", "test", str(broken)]) == 1, "a package that does not compile"
    book.write_text(book.read_text().replace("status == 'gone'", "false"))
    capsys.readouterr()
    assert main(["package", "test", str(broken), "--only", "a_used_book_needs_its_number", "--json"]) == 1
    captured = capsys.readouterr()
    (outcome,) = json.loads(captured.out)
    assert (outcome["document"], outcome["passed"]) == ("books", False)
    assert outcome["problems"][0].startswith("step unnumbered: expected to be refused")
    assert main(["package", "test", str(broken), "--only", "a_used_book_needs_its_number"]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("FAIL  books: ")
    assert said[1].startswith("      step unnumbered: ")


def test_a_built_package_is_as_good_as_its_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["package", "build", str(LIBRARY), "--out", str(tmp_path / "out")]) == 0
    built = capsys.readouterr().out.strip()
    assert built == str(tmp_path / "out" / "library-1.2.0.zip")
    assert main(["package", "test", built, "--only", "a_used_book_needs_its_number"]) == 0
    assert main(["package", "build", built]) == 1
    assert "no folder" in capsys.readouterr().err


def test_what_does_not_compile_is_not_built(tmp_path: Path) -> None:
    broken = tmp_path / "library"
    shutil.copytree(LIBRARY, broken)
    book = broken / "entities" / "book.json"
    book.write_text(book.read_text().replace("price * copy_count", "price * nothing"))
    assert main(["package", "build", str(broken), "--out", str(tmp_path / "out")]) == 1
    assert not (tmp_path / "out").exists()
