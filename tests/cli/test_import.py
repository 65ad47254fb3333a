"""What `fieldstone import` does with saved mappings and with the row of the names."""

import argparse
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from publish_world import Workshop, workshop

from fieldstone.cli import import_
from fieldstone.cli.output import Output
from fieldstone.engine.imports import BadImportOptions, ImportResult, UnknownMapping, saved_mappings
from fieldstone.engine.imports.result import Finding, RowError

Run = Callable[..., tuple[int, dict[str, Any]]]
FILE = "List of users\nWho,Called,Sheet\nann,Ann,1\n"
DECIDED = {"mapping": {"Who": "username", "Called": "name", "Sheet": None}}


@pytest.fixture(scope="module")
def shop(postgres_url: str) -> Iterator[Workshop]:
    with workshop(postgres_url, "cli-imports") as made:
        yield made


@pytest.fixture
def run(shop: Workshop, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """The command with JSON asked for, on a file of users: its exit code and what it says."""

    def call(text: str, *more: str) -> tuple[int, dict[str, Any]]:
        path = tmp_path / "users.csv"
        path.write_text(text, "utf-8")
        parser = argparse.ArgumentParser()
        import_.configure(parser)
        given = parser.parse_args(["--tenant", "cli-imports", "--entity", "user", str(path), *more])
        options = import_.options_of(given)
        code = import_.records(shop.engine, shop.context, given, path.read_bytes(), options, Output(True))
        return code, json.loads(capsys.readouterr().out)

    return call


def test_a_mapping_is_saved_by_a_dry_run_and_used_by_name(shop: Workshop, run: Run, tmp_path: Path) -> None:
    decided = tmp_path / "users.json"
    decided.write_text(json.dumps(DECIDED), "utf-8")
    told = run(FILE, "--header", "2", "--mapping", str(decided), "--dry-run", "--save-mapping", "old list")
    assert (told[0], told[1]["created"]) == (0, 1)
    kept = shop.engine.read(shop.context, lambda tx: saved_mappings(tx, "user"))
    assert [(each.name, each.columns) for each in kept] == [("old list", {"Who", "Called"})]
    code, said = run(FILE, "--header", "2", "--mapping", "old list")
    assert (code, said["created"], said["errors"]) == (0, 1, [])


def test_a_failed_import_keeps_no_mapping(shop: Workshop, run: Run) -> None:
    code, _ = run("username,name\nx,\n,\nx y,\n", "--save-mapping", "bad list")
    assert code == 1
    kept = shop.engine.read(shop.context, lambda tx: saved_mappings(tx, "user"))
    assert "bad list" not in {each.name for each in kept}


def test_a_name_that_nothing_has_is_told_with_the_nearest(shop: Workshop, run: Run) -> None:
    with pytest.raises(UnknownMapping):
        run("username\nx\n", "--mapping", "nothing like it")
    with pytest.raises(BadImportOptions):
        run("username\nx\n", "--mapping", "missing.json")


def test_what_the_summary_says_of_a_value_is_not_said_again_for_its_rows() -> None:
    unknown = [
        RowError(row, "Place", "link.unknown", 'Place: there is no "Habour"; did you mean "Harbour"?')
        for row in range(2, 40)
    ]
    colour = RowError(3, "Colour", "enum", "Colour: choose one of the options.")
    other = RowError(3, "Name", "required", "Name: must not be blank.")
    links = (
        Finding("place", "Place", "Habour", "link.unknown", 38, [2, 3, 4], "Harbour"),
        Finding("colour", "Colour", "gren", "option.unknown", 1, [3], "green"),
    )
    errors = (*unknown, colour, other)
    said = import_.describe(ImportResult(None, "part", "failed", 40, 0, 0, 38, errors, links=links))
    assert said.count("Habour") == said.count("gren") == 1
    assert said.count("must not be blank") == 1
    assert "errors in all" not in said
