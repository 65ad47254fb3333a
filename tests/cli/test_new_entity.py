"""What `fieldstone import --new-entity` says and makes."""

import argparse
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from publish_world import Workshop, workshop

from fieldstone.cli import import_
from fieldstone.cli.new_entity import new_entities
from fieldstone.cli.output import Output
from fieldstone.engine.spreadsheets import BadProposal, unfinished

Run = Callable[..., tuple[int, dict[str, Any]]]
FILE = "label,size\none,12\ntwo,13\n"


@pytest.fixture(scope="module")
def shop(postgres_url: str) -> Iterator[Workshop]:
    with workshop(postgres_url, "cli-sheets") as made:
        yield made


@pytest.fixture
def run(shop: Workshop, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command with JSON asked for: its exit code and what it says."""

    def call(path: Path, *more: str) -> tuple[int, dict[str, Any]]:
        parser = argparse.ArgumentParser()
        import_.configure(parser)
        given = parser.parse_args(["--tenant", "cli-sheets", "--new-entity", str(path), *more])
        code = new_entities(shop.engine, shop.context, given, path.read_bytes(), Output(True))
        return code, json.loads(capsys.readouterr().out)

    return call


def entities(shop: Workshop) -> set[str]:
    return set(shop.engine.read(shop.context, lambda tx: tx.model).entities)


def test_a_dry_run_says_what_would_be_made_and_keeps_nothing(
    shop: Workshop, run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "bolts.csv"
    path.write_text(FILE, "utf-8")
    code, said = run(path, "--dry-run")
    assert (code, said["sheets"][0]["name"]) == (0, "bolts")
    assert "bolts" not in entities(shop)
    assert not shop.engine.read(shop.context, unfinished)


def test_entities_are_made_as_the_mapping_file_says(shop: Workshop, run: Run, tmp_path: Path) -> None:
    path, mapping = tmp_path / "bolts.csv", tmp_path / "bolts.json"
    path.write_text(FILE, "utf-8")
    sent = {"sheets": [{"sheet": "bolts", "name": "bolt", "columns": [{"column": "size", "type": "text"}]}]}
    mapping.write_text(json.dumps(sent), "utf-8")
    code, said = run(path, "--mapping", str(mapping))
    assert code == 0
    assert [(each["entity"], each["created"], each["failed"]) for each in said["imports"]] == [("bolt", 2, 0)]
    assert "bolt" in entities(shop)


def test_what_cannot_be_made_leaves_nothing_behind(shop: Workshop, run: Run, tmp_path: Path) -> None:
    path, mapping = tmp_path / "bolts.csv", tmp_path / "bolts.json"
    path.write_text(FILE, "utf-8")
    mapping.write_text(json.dumps({"sheets": [{"sheet": "bolts", "name": "part"}]}), "utf-8")
    with pytest.raises(BadProposal):
        run(path, "--mapping", str(mapping))
    assert not shop.engine.read(shop.context, unfinished)
