import csv
import io
import json
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import load_workbook

from fieldstone.engine.exports import ExportRequest, export
from fieldstone.engine.imports.guard import guard, unguard
from fieldstone.engine.query.errors import BadRequest
from fieldstone.engine.records import create
from fieldstone.problems import FieldstoneError

NASTY = [
    "=1+1",
    "+886 2",
    "-1",
    "@sum",
    "\tx",
    "\rx",
    "'=1",
    "''=1",
    "'",
    "'tis",
    "plain",
    "=",
    "a=b",
    "，=1",
]


def write(library: Any, kind: str, context: Any = None, **request: Any) -> bytes:
    target = io.BytesIO()
    export(library.engine, context or library.as_user("lib"), "book", ExportRequest(**request), kind, target)
    return target.getvalue()


def table(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("text", NASTY, ids=ascii)
def test_no_guarded_text_is_a_formula_and_all_come_back(text: str) -> None:
    cell = guard(text)
    assert cell[:1] not in ("=", "+", "-", "@", "\t", "\r")
    assert unguard(cell) == text


@pytest.fixture
def shelf(library: Any) -> Any:
    jane = library.add("author", name="Jane Austen")
    library.add("author", name="Twin")
    twin = library.add("author", name="Twin")
    for number, note in enumerate(NASTY):
        library.add("book", label=f"Book {number}", isbn=str(number), note=note)
    library.add(
        "book",
        label="Emma",
        isbn="E",
        author=str(jane["id"]),
        genre="essay",
        published="1915-12-23",
        pages=474,
        price="1234.5",
        share="0.15",
        lent=True,
        keywords=["a;b", "c"],
        found_at={"city": "Bath", "street": "Gay St"},
    )
    library.add("book", label="Twice", isbn="T", author=str(twin["id"]))
    return library


@pytest.mark.parametrize("kind", ["csv", "xlsx", "ndjson"])
def test_what_was_exported_comes_back_as_it_was(shelf: Any, kind: str) -> None:
    before = shelf.records("book")
    data = write(shelf, kind)
    result = shelf.load("book", data, {"mode": "update", "key": "id"}, kind=kind)
    assert (result.updated, result.failed) == (len(before), 0), result.errors
    assert shelf.records("book") == before, "updating with the same values changes nothing"
    fresh = {"mode": "upsert", "key": "isbn"}
    for record in before:
        shelf.engine.write(shelf.system(), lambda tx, r=record: _delete(tx, r["id"]))
    assert shelf.load("book", data, fresh, kind=kind).created == len(before)
    stable = [
        name
        for name in before[0]
        if name not in ("id", "version", "number", "owner_id") and "_at" not in name
    ]
    stable = [name for name in stable if name not in ("created_by", "updated_by")] + ["found_at"]
    after = {record["isbn"]: record for record in shelf.records("book")}
    for record in before:
        assert {name: after[record["isbn"]][name] for name in stable} == {
            name: record[name] for name in stable
        }


def _delete(tx: Any, record_id: Any) -> None:
    from fieldstone.engine.records import delete

    delete(tx, "book", record_id)


def test_links_are_texts_where_these_are_unique(shelf: Any) -> None:
    rows = {row["label"]: row for row in table(write(shelf, "csv"))}
    assert rows["Emma"]["author"] == "Jane Austen"
    assert len(rows["Twice"]["author"]) == 36
    assert rows["Emma"]["owner_id"] == ""


def test_titles_and_options_in_the_readers_language(shelf: Any) -> None:
    from dataclasses import replace

    context = replace(shelf.as_user("lib"), locale="zh-Hant")
    rows = table(write(shelf, "csv", context, titles=True, fields=("label", "genre"), filter="isbn == '1'"))
    assert rows == [{"id": rows[0]["id"], "version": "1", "書名": "Book 1", "類別": "小說"}]


def test_numbers_and_dates_of_a_workbook_are_numbers_and_dates(shelf: Any) -> None:
    sheet = load_workbook(io.BytesIO(write(shelf, "xlsx"))).active
    assert sheet is not None
    head, *rows = sheet.iter_rows()
    names = [cell.value for cell in head]
    emma = dict(zip(names, next(r for r in rows if r[names.index("label")].value == "Emma"), strict=True))
    assert (emma["pages"].value, emma["price"].value, emma["published"].is_date) == (474, 1234.5, True)
    assert all(cell.data_type != "f" for row in rows for cell in row)


def test_json_is_what_the_api_answers(shelf: Any) -> None:
    records = json.loads(write(shelf, "json", filter="isbn == 'E'"))
    assert (records[0]["price"], records[0]["keywords"], records[0]["lent"]) == (
        "1234.50",
        ["a;b", "c"],
        True,
    )
    assert Decimal(records[0]["value"]) == Decimal("1234.5") * 474
    assert json.loads(write(shelf, "json", filter="isbn == 'none'")) == []


def test_only_what_the_reader_may_see_is_exported(shelf: Any) -> None:
    ann = shelf.as_user("ann")
    assert table(write(shelf, "csv", ann)) == []
    shelf.engine.write(ann, lambda tx: create(tx, "book", {"label": "Hers"}))
    rows = table(write(shelf, "csv", ann))
    assert [row["label"] for row in rows] == ["Hers"]
    assert "secret" not in rows[0]
    for wrong in ({"fields": ("secret",)}, {"filter": "secret == 'x'"}):
        with pytest.raises(BadRequest):
            write(shelf, "csv", ann, **wrong)
    with pytest.raises(FieldstoneError) as denied:
        write(shelf, "csv", shelf.as_user("vic"))
    assert denied.value.kind == "denied"


def test_more_than_one_batch_comes_whole(library: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fieldstone.engine.exports.run.BATCH", 7)
    library.load("book", "label\n" + "".join(f"b{n}\n" for n in range(30)))
    assert [row["label"] for row in table(write(library, "csv"))] == [f"b{n}" for n in range(30)]


def test_a_list_is_exported_in_its_order(library: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fieldstone.engine.exports.run.PAGE", 7)
    library.load("book", "label,pages\n" + "".join(f"b{n:02},{n % 5 + 1}\n" for n in range(30)))
    rows = table(
        write(library, "csv", sort=("-pages", "label"), filter="pages > 2", fields=("pages", "label"))
    )
    expected = sorted(
        ((n % 5 + 1, f"b{n:02}") for n in range(30) if n % 5 > 1), key=lambda row: (-row[0], row[1])
    )
    assert [(int(row["pages"]), row["label"]) for row in rows] == expected
