"""Files as people have them: every flaw is a finding with row and column, and nothing is half written."""

import io
import tracemalloc
from typing import Any

import pytest
from openpyxl import Workbook

from fieldstone.engine.imports.csv_source import csv_source
from fieldstone.engine.imports.eras import era_date, republic_date
from fieldstone.engine.imports.spool import IN_MEMORY
from fieldstone.engine.imports.xlsx_source import xlsx_source


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("民國113年5月1日", "2024-05-01"),
        ("中華民國 113 年 5 月 1 日", "2024-05-01"),
        ("民國１１３/０５/０１", "2024-05-01"),
        ("民國元年1月1日", "1912-01-01"),
        ("令和6年5月1日", "2024-05-01"),
        ("令和元年5月1日", "2019-05-01"),
        ("R6.5.1", "2024-05-01"),
        ("H31/4/30", "2019-04-30"),
        ("昭和64年1月7日", "1989-01-07"),
        ("昭和64年1月8日", None),
        ("令和元年4月30日", None),
        ("民國113年2月30日", None),
        ("113/05/01", None),
        ("X6.5.1", None),
        ("2024-05-01", None),
    ],
)
def test_years_of_an_era_are_understood_where_the_era_is_named(text: str, day: str | None) -> None:
    assert era_date(text) == (day or text)


@pytest.mark.parametrize(
    ("text", "day"), [("113/05/01", "2024-05-01"), ("1130501", "2024-05-01"), ("99.12.31", "2010-12-31")]
)
def test_bare_years_of_the_republic_are_read_when_the_mapping_says_so(text: str, day: str) -> None:
    assert republic_date(text) == day


def test_a_day_that_does_not_exist_is_a_finding_with_row_and_column(library: Any) -> None:
    text = "label,published\nA,2024-02-29\nB,2024-02-30\nC,民國113年5月1日\nD,113/05/01\n"
    result = library.load("book", text, {"partial": True})
    assert result.created == 2
    assert [(error.row, error.column, error.code) for error in result.errors] == [
        (3, "published", "format"), (5, "published", "format"),
    ]  # fmt: skip
    mapping = {"label": "label", "published": {"field": "published", "parse": "roc"}}
    result = library.load("book", "label,published\nE,113/05/01\n", {"mapping": mapping})
    assert result.created == 1
    found = {record["label"]: str(record["published"]) for record in library.records("book")}
    assert found == {"A": "2024-02-29", "C": "2024-05-01", "E": "2024-05-01"}


def workbook(rows: list[list[Any]], merge: tuple[str, ...] = ()) -> bytes:
    book = Workbook()
    page = book.active
    assert page is not None
    for row in rows:
        page.append(row)
    for reference in merge:
        page.merge_cells(reference)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def test_a_formula_without_a_stored_value_is_a_finding(library: Any) -> None:
    data = workbook([["label", "pages"], ["A", 3], ["B", "=1+2"]])
    result = library.load("book", data, {"partial": True}, kind="xlsx")
    assert (result.created, result.failed) == (1, 1)
    assert [(e.row, e.column, e.code) for e in result.errors] == [(3, "pages", "cell.formula")]


def test_merged_cells_are_a_finding_below_the_header_only(library: Any) -> None:
    rows = [["Books", None, None], ["label", "note", "pages"], ["A", "x", 1], ["B", None, 2], ["C", "y", 3]]
    result = library.load("book", workbook(rows, ("A1:C1", "B3:B4")), {"partial": True}, kind="xlsx")
    assert [(e.row, e.column, e.code) for e in result.errors] == [
        (3, "note", "cell.merged"), (4, "note", "cell.merged"),
    ]  # fmt: skip
    assert [record["label"] for record in library.records("book")] == ["C"]


def test_a_big_workbook_is_kept_in_a_file_and_read_twice() -> None:
    count = IN_MEMORY + 50
    source = xlsx_source(workbook([["label"], *([f"b{n}"] for n in range(count))]))
    for _ in range(2):
        rows = list(source.rows())
        assert [len(rows), rows[-1].number, rows[-1].cells] == [count, count + 1, {"label": f"b{count - 1}"}]


@pytest.mark.parametrize("field", ["label", "genre", "author"])
def test_a_cell_of_ten_megabytes_is_a_finding_like_any_other(library: Any, field: str) -> None:
    text = f"label,{field}\n" if field != "label" else "label,note\n"
    row = {"label": "x" * 10_000_000 + ",n"}.get(field, "B," + "x" * 10_000_000)
    result = library.load("book", f"{text}A,\n{row}\n", {"partial": True})
    assert (result.created, result.failed) == (1, 1)
    assert [(e.row, e.column) for e in result.errors] == [(3, field)]
    assert len(result.errors[0].message) < 2000


def test_a_long_file_is_read_without_being_held() -> None:
    data = b"label,note\n" + b"".join(b"b%d,%s\n" % (n, b"n" * 80) for n in range(200_000))
    tracemalloc.start()
    source = csv_source(data)
    assert source.count() == 200_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 6_000_000, peak


@pytest.mark.parametrize("mode", ["update", "upsert"])
def test_rows_of_one_key_that_contradict_each_other_are_told_with_both_rows(library: Any, mode: str) -> None:
    library.add("book", label="Old", isbn="1")
    text = "isbn,label,pages\n1,New,\n1,New,5\n1,Newer,\n"
    result = library.load("book", text, {"mode": mode, "key": "isbn", "partial": True})
    assert (result.updated, result.failed) == (2, 1)
    error = result.errors[0]
    assert (error.row, error.column, error.code) == (4, "label", "key.repeated")
    assert "Row 2" in error.message


def test_a_hidden_record_and_none_at_all_are_refused_alike(library: Any) -> None:
    library.add("author", name="Hidden Jane")
    reader = library.as_user("ann")
    errors = []
    for name in ("Hidden Jane", "Nobody"):
        result = library.load("book", f"label,author\nA,{name}\n", {"dry_run": True}, context=reader)
        errors.append([(e.code, e.message.replace(name, "?"), e.suggestion) for e in result.errors])
    assert errors[0] == errors[1] != []
