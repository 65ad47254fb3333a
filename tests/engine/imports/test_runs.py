import csv
import io
from typing import Any

import pytest

from fieldstone.engine.imports import (
    ImportOptions,
    continue_import,
    error_file,
    read_import,
    run_import,
    start_import,
    stop_import,
)
from fieldstone.engine.imports import run as running
from fieldstone.problems import FieldstoneError

ROWS = "label,isbn\n" + "".join(f"b{n},{n}\n" for n in range(25))


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "BATCH", 10)


def start(library: Any, content: str = ROWS, **options: Any) -> Any:
    context = library.as_user("lib")
    chosen = ImportOptions.from_json(options)
    return start_import(library.engine, context, "book", content.encode(), "csv", chosen, name="books.csv")


def test_a_started_import_waits_and_is_then_run(library: Any) -> None:
    run_id = start(library)
    assert read_import(library.engine, library.as_user("lib"), run_id).state == "waiting"
    assert library.records("book") == []
    seen: list[tuple[int, int]] = []
    result = continue_import(
        library.engine, library.as_user("lib"), run_id, progress=lambda done, all_: seen.append((done, all_))
    )
    assert (result.state, result.created, result.position) == ("done", 25, 25)
    assert seen == [(10, 25), (20, 25), (25, 25)]
    again = continue_import(library.engine, library.as_user("lib"), run_id)
    assert (again.state, len(library.records("book"))) == ("done", 25)


class Killed(BaseException):
    """What a killed process does: nothing more."""


@pytest.mark.parametrize("partial", [True, False], ids=["partial", "all or nothing"])
def test_a_killed_run_goes_on_and_every_row_is_there_once(library: Any, partial: bool) -> None:
    run_id = start(library, partial=partial)

    def kill(done: int, total: int) -> None:
        if done == 20:
            raise Killed

    with pytest.raises(Killed):
        continue_import(library.engine, library.as_user("lib"), run_id, progress=kill)
    assert len(library.records("book")) == (20 if partial else 0)
    result = continue_import(library.engine, library.as_user("lib"), run_id)
    assert (result.state, result.created, result.failed) == ("done", 25, 0)
    assert sorted(int(record["isbn"]) for record in library.records("book")) == list(range(25))


@pytest.mark.parametrize("partial", [True, False], ids=["partial", "all or nothing"])
def test_a_run_can_be_stopped_and_gone_on_with(library: Any, partial: bool) -> None:
    run_id = start(library, partial=partial)
    context = library.as_user("lib")

    def stop(done: int, total: int) -> None:
        if done == 10:
            stop_import(library.engine, context, run_id)

    result = continue_import(library.engine, context, run_id, progress=stop)
    assert result.state == "stopped"
    assert len(library.records("book")) == (10 if partial else 0)
    assert continue_import(library.engine, context, run_id).created == 25
    with pytest.raises(FieldstoneError) as done:
        stop_import(library.engine, context, run_id)
    assert done.value.kind == "conflict"


def test_the_error_file_is_put_right_and_imported_again(library: Any) -> None:
    text = "label,isbn,pages,note\nA,1,5,=x\nB,2,zero,y\n,3,5,=z\n"
    result = library.load("book", text, {"partial": True})
    assert (result.created, result.failed) == (1, 2)
    name, content = error_file(library.engine, library.as_user("lib"), result.id)
    assert name == "file-errors.csv"
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert rows[0] == ["label", "isbn", "pages", "note", "Import errors"]
    assert [row[:4] for row in rows[1:]] == [["B", "2", "zero", "y"], ["", "3", "5", "=z"]]
    assert rows[1][4].startswith("pages: ")
    again = library.load(
        "book", content.decode("utf-8-sig").replace("zero", "7").replace("\r\n,3", "\r\nC,3")
    )
    assert (again.state, again.created) == ("done", 2)


def test_a_refused_import_is_kept_with_its_errors(library: Any) -> None:
    result = library.load("book", "label,pages\nA,0\nB,1\n")
    stored = read_import(library.engine, library.as_user("lib"), result.id)
    assert (stored.state, stored.created, stored.failed) == ("failed", 0, 1)
    assert [error.row for error in stored.errors] == [2]
    assert stored.error_counts == {"minimum": 1}


def test_rights_are_those_of_the_time_it_runs(library: Any) -> None:
    run_id = start(library)
    from dataclasses import replace

    context = library.as_user("lib")
    without = replace(context, actor=replace(context.actor, roles=frozenset({"visitor"})))
    with pytest.raises(FieldstoneError) as denied:
        continue_import(library.engine, without, run_id)
    assert denied.value.kind == "denied"
    assert library.records("book") == []


def test_many_errors_are_counted_and_a_thousand_listed(library: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "BATCH", 1000)
    text = "label,pages\n" + "".join(f"b{n},0\n" for n in range(1200))
    chosen = ImportOptions(dry_run=True)
    result = run_import(library.engine, library.as_user("lib"), "book", text.encode(), "csv", chosen)
    assert (result.failed, len(result.errors), result.error_counts) == (1200, 1000, {"minimum": 1200})
