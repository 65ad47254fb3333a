"""What is made of a file before anybody changed anything."""

from typing import Any

import pytest
from spreadsheet_files import suppliers, workbook

from fieldstone.engine.imports import UnreadableSource
from fieldstone.engine.spreadsheets.proposal import ColumnProposal, Proposal
from fieldstone.engine.spreadsheets.propose import propose
from fieldstone.metadata.definitions import Model

EMPTY = Model("", {}, {}, {})


def proposed(*values: Any, heading: str = "Something", currency: str = "EUR") -> ColumnProposal:
    """The second column of a sheet whose first tells the rows apart."""
    rows = [("Label", heading), *((f"row {n}", value) for n, value in enumerate(values))]
    made = propose(workbook({"Parts": rows}), "xlsx", "parts.xlsx", EMPTY, currency)
    return made.sheets[0].columns[1]


def csv(text: str, name: str = "parts.csv") -> Proposal:
    return propose(text.encode(), "csv", name, EMPTY, "EUR")


@pytest.mark.parametrize(
    ("values", "heading", "kind"),
    [
        (("a", "b"), "Word", "text"),
        (("one\ntwo", "three"), "Word", "multiline"),
        (("x" * 300, "y"), "Word", "multiline"),
        ((1, 22, 3000), "Pieces", "integer"),
        (("1,200", "5"), "Pieces", "integer"),
        ((1.25, 2), "Weight", "decimal"),
        (("1.234,50", "2,5"), "Weight", "decimal"),
        (("15%", "7.5 %"), "Part", "percent"),
        (("€ 12.50", "€ 3"), "Worth", "money"),
        ((12.5, 3), "Unit price", "money"),
        (("yes", "no", "yes"), "Lent", "boolean"),
        (("是", "否"), "启用", "boolean"),
        (("有", "無"), "在庫", "boolean"),
        (("はい", "いいえ"), "確認", "boolean"),
        (("○", "×"), "確認", "boolean"),
        (("2026-01-31", "2026/2/1"), "Day", "date"),
        (("2026年1月31日", "2026年2月1日"), "日付", "date"),
        (("31.01.2026", "1.2.2026"), "Day", "date"),
        (("1/31/2026", "2/1/2026"), "Day", "date"),
        (("2026-01-31 09:30", "2026-02-01 10:00"), "Moment", "datetime"),
        (("09:30", "10:15"), "Opens", "time"),
        (("a@b.example", "c@d.example"), "Reach", "email"),
        (("+49 30 1234567", "+81 3-1234-5678"), "Reach", "phone"),
        (("5551234", "5559876"), "电话", "phone"),
        (("https://a.example", "https://b.example/x"), "Link", "url"),
        (("new", "used", "new", "new", "used", "new"), "Status", "select"),
        (("red", "blue") * 6, "Paint", "select"),
        (("a, b", "b, c", "a, c"), "Marks", "tags"),
        (("00123", "00456"), "Plate", "text"),
        (("123456789012345", "123456789012346"), "Card", "text"),
        (("Ada", "Ada", "Ben", "Ada", "Ben", "Ada", "Ada", "Ben", "Ada"), "Contact person", "text"),
        (("12", "abc"), "Mixed", "text"),
        (("2026-02-30", "2026-01-01"), "Day", "text"),
    ],
)
def test_a_column_gets_the_narrowest_type_that_reads_all_of_it(values: Any, heading: str, kind: str) -> None:
    assert proposed(*values, heading=heading).type == kind


@pytest.mark.parametrize(
    ("values", "heading", "own", "currency"),
    [
        (("¥5", "¥6"), "价格", "EUR", "CNY"),
        (("¥5", "¥6"), "価格 (くん)", "EUR", "JPY"),
        (("NT$5", "NT$6"), "Price", "EUR", "TWD"),
        (("USD 5", "USD 6.20"), "Price", "EUR", "USD"),
        (("5円", "6円"), "価格", "EUR", "JPY"),
        ((5, 6), "Price (GBP)", "EUR", "GBP"),
        (("€5", "€6"), "Price", "EUR", None),
    ],
)
def test_the_currency_is_named_where_it_is_not_the_company_s(
    values: Any, heading: str, own: str, currency: str | None
) -> None:
    found = proposed(*values, heading=heading, currency=own)
    assert (found.type, found.currency) == ("money", currency)


def test_a_percentage_is_told_by_its_format() -> None:
    data = workbook({"Parts": [("Label", "Share"), ("a", 0.15), ("b", 0.2)]}, {"B": "0.0%"})
    assert propose(data, "xlsx", "x.xlsx", EMPTY, "EUR").sheets[0].columns[1].type == "percent"


def test_words_for_nothing_do_not_spoil_a_type() -> None:
    found = proposed(12, "n/a", 15, "-")
    assert (found.type, set(found.blanks), found.required) == ("integer", {"n/a", "-"}, False)


def test_always_filled_is_required_and_never_filled_is_left_out() -> None:
    made = csv("label,always,sometimes,never\na,1,,\nb,2,3,\n").sheets[0]
    assert [column.required for column in made.columns] == [True, True, False, False]
    assert [column.use for column in made.columns] == [True, True, True, False]


def test_codes_that_tell_rows_apart_are_keys() -> None:
    made = csv("code,label,pieces\nA-1,one,1\nA-2,two,2\n").sheets[0]
    assert [column.unique for column in made.columns] == [True, False, False]
    assert made.title_field == "label"


def test_a_list_in_three_languages_is_understood() -> None:
    made = propose(suppliers(), "xlsx", "x.xlsx", EMPTY, "CNY")
    first, second = made.sheets
    assert (first.name, first.title, first.title_field, first.rows) == ("supplier", "供应商", "name", 6)
    assert {column.name: column.type for column in first.columns} == {
        "number": "text", "name": "text", "category": "select", "country": "text", "contact": "text", "phone": "phone",
        "email": "email", "he_zuo_kai_shi": "date", "unit_price": "money", "tax_rate": "percent", "active": "boolean",
        "tags": "tags", "notes": "multiline",
    }  # fmt: skip
    link = next(column for column in second.columns if column.column == "供应商")
    assert (link.type, link.target, link.required) == ("link", "供应商", True)


def test_a_column_that_names_rows_of_its_own_sheet_makes_a_tree() -> None:
    made = csv("label,above\nroot,\nbranch,root\nleaf,branch\nother,root\n").sheets[0]
    assert (made.columns[1].type, made.columns[1].target, made.columns[1].required) == (
        "parent",
        "parts",
        False,
    )


def test_numbers_that_count_rows_link_to_nothing() -> None:
    data = workbook(
        {"One": [("no", "word"), (1, "a"), (2, "b")], "Two": [("no", "other"), (1, "c"), (2, "d")]}
    )
    made = propose(data, "xlsx", "x.xlsx", EMPTY, "EUR")
    assert all(column.type not in ("link", "parent") for sheet in made.sheets for column in sheet.columns)


def test_sheets_without_rows_are_passed_over_and_a_file_without_any_is_refused() -> None:
    data = workbook({"Empty": [], "Names only": [("a", "b")], "Full": [("a", "b"), (1, 2)]})
    assert [sheet.sheet for sheet in propose(data, "xlsx", "x.xlsx", EMPTY, "EUR").sheets] == ["Full"]
    with pytest.raises(UnreadableSource):
        propose(workbook({"Names only": [("a", "b")]}), "xlsx", "x.xlsx", EMPTY, "EUR")
