"""The import page in a real browser: from a file with misspelt values to records, and back."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from ui_world import World

from fieldstone.engine.query.listing import list_records
from fieldstone.engine.query.request import ListRequest
from fieldstone.engine.records import delete
from fieldstone.engine.transaction import Transaction

pytestmark = pytest.mark.browser

FILE = """Title,Writer,status,Published,isbn,price,shelfmark
Notes on Engines,Ada Lovelce,new,1843,980-1,"1,200.50",X
Diary,Ada Lovelce,usde,1918,980-2,3,Y
Canto,Nobody At All,new,1901,980-3,4,Z
Night Train,Kenji Miyazawa,new,1927,980-4,5,W
"""


@pytest.fixture
def upload(home: Page, world: World, tmp_path: Path) -> Page:
    path = tmp_path / "books.csv"
    path.write_text(FILE, "utf-8")
    home.goto(f"{world.base}/e/book")
    home.get_by_role("button", name="More actions").click()
    home.get_by_role("link", name="Import…").click()
    home.locator("input[type=file]").set_input_files(path)
    expect(home.get_by_role("heading", name="What the columns mean")).to_be_visible()
    return home


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_label(label, exact=True).select_option(option)


def test_a_file_with_near_misses_is_settled_once_imported_and_taken_back(upload: Page, world: World) -> None:
    page = upload
    expect(page.get_by_label("Columns are divided by")).to_have_value(",")
    expect(page.get_by_label("Field for the column Title")).to_have_value("title")
    expect(page.get_by_label("How to read the column Published")).to_have_value("year")
    expect(page.get_by_label("Field for the column shelfmark")).to_have_value("")
    choose(page, "Field for the column Writer", "author")

    page.get_by_role("button", name="Try without importing").click()
    result = page.locator("[data-result]")
    expect(result).to_contain_text("1would be created")
    expect(result).to_contain_text("3would fail")
    expect(page.locator("[data-settle]").filter(has_text="Ada Lovelce")).to_contain_text("in 2 rows (2, 3)")
    choose(page, "What Ada Lovelce stands for", "near")
    expect(page.get_by_text("Something was changed since")).to_be_visible()
    choose(page, "What usde stands for", "other")
    choose(page, "Stands in for usde", "used")
    choose(page, "What Nobody At All stands for", "other")
    other = page.get_by_label("Stands in for Nobody At All")
    other.press_sequentially("王小")
    expect(page.locator("datalist option[value='王小明']")).to_have_count(1)
    other.fill("王小明")

    page.get_by_role("button", name="Try again").click()
    expect(result).to_contain_text("4would be created")
    expect(page.get_by_label("What Nobody At All stands for")).to_have_value("other")
    page.get_by_role("button", name="Import 4 rows").click()
    expect(page.get_by_text("4 created, 0 updated, 0 failed")).to_be_visible()
    page.get_by_role("link", name="Show the records").click()
    expect(page.get_by_role("row")).to_have_count(5)
    row = page.get_by_role("row").filter(has_text="Notes on Engines")
    expect(row).to_contain_text("Ada Lovelace")

    page.go_back()
    page.get_by_role("button", name="Take back…").click()
    page.get_by_role("dialog").get_by_role("button", name="Take back").click()
    expect(page.get_by_text("4 records were put back as they were.")).to_be_visible()
    page.goto(f"{world.base}/e/book?q=Engines")
    expect(page.get_by_text("Nothing fits")).to_be_visible()


def test_decisions_are_remembered_for_the_next_file_with_these_columns(upload: Page, world: World) -> None:
    expect(upload.get_by_text("Your decisions from the last file")).to_be_visible()
    expect(upload.get_by_label("Field for the column Writer")).to_have_value("author")
    upload.get_by_role("button", name="Start afresh").click()
    expect(upload.get_by_label("Field for the column Writer")).to_have_value("")


def test_a_mapping_is_saved_by_name_used_for_another_file_replaced_and_deleted(
    upload: Page, world: World, tmp_path: Path
) -> None:
    page = upload
    choose(page, "Field for the column Writer", "author")
    page.get_by_text("The same value in every row").click()
    page.get_by_label("Field", exact=True).first.select_option("summary")
    page.get_by_label("Value", exact=True).first.fill("Bought")
    page.get_by_text("Saved mappings").click()
    name = page.get_by_label("Name of the mapping")
    name.fill("a/b")
    page.get_by_role("button", name="Save the mapping").click()
    expect(page.locator("#saved-problem")).to_contain_text("A name is 1 to 60")
    name.fill("Our books")
    page.get_by_role("button", name="Save the mapping").click()
    expect(page.get_by_text("Kept as “Our books”.")).to_be_visible()

    path = tmp_path / "more.csv"
    path.write_text(FILE.replace("Title,", "Remark,Title,").replace("\n", "\nx,", 4), "utf-8")
    page.goto(f"{world.base}/e/book/import")
    page.locator("input[type=file]").set_input_files(path)
    choose(page, "Field for the column Writer", "")
    page.get_by_text("Saved mappings (1)").click()
    page.get_by_role("button", name="Use the saved mapping Our books").click()
    expect(page.get_by_text("The decisions of “Our books” were taken over.")).to_be_visible()
    expect(page.get_by_label("Field for the column Writer")).to_have_value("author")
    expect(page.get_by_label("Value", exact=True).first).to_have_value("Bought")
    expect(name).to_have_value("Our books")

    choose(page, "Field for the column Remark", "topics")
    page.get_by_role("button", name="Save the mapping").click()
    expect(page.get_by_text("Kept as “Our books”.")).to_be_visible()
    path.write_text(FILE, "utf-8")
    page.goto(f"{world.base}/e/book/import")
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_text("Saved mappings (1)").click()
    expect(page.locator(".fs-saved-list li")).to_contain_text("This file lacks: Remark")
    expect(page.get_by_role("button", name="Use the saved mapping")).to_have_count(0)
    name.fill("Our books")
    page.get_by_role("button", name="Save the mapping").click()
    expect(page.get_by_text("There is a saved mapping “Our books” already.")).to_be_visible()
    page.get_by_role("button", name="Replace it").click()
    expect(page.get_by_role("button", name="Use the saved mapping Our books")).to_be_visible()
    page.get_by_role("button", name="Delete the saved mapping Our books").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("“Our books” was deleted.")).to_be_visible()
    expect(page.locator(".fs-saved-list")).to_have_count(0)


def test_failed_rows_put_right_begin_with_the_decisions_of_their_file(
    home: Page, world: World, tmp_path: Path
) -> None:
    page = home
    path = tmp_path / "who.csv"
    path.write_text("Title,Wrote it,isbn\nGood,Lu Xun,982-1\nBad,Lu Xun,982-1\n", "utf-8")
    page.goto(f"{world.base}/e/book/import")
    page.locator("input[type=file]").set_input_files(path)
    expect(page.get_by_label("Field for the column Wrote it")).to_have_value("author")
    expect(page.get_by_text("Suggested by its values")).to_have_count(1)
    choose(page, "Field for the column isbn", "isbn")
    page.get_by_role("button", name="Try without importing").click()
    page.get_by_role("button", name="Import only the").click()
    expect(page.get_by_text("1 created, 0 updated, 1 failed")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="rows that failed").click()
    fixed = tmp_path / "fixed.csv"
    fixed.write_text(download.value.path().read_text("utf-8-sig").replace("982-1", "982-2"), "utf-8")
    page.goto(f"{world.base}/e/book/import")
    page.locator("input[type=file]").set_input_files(fixed)
    expect(page.get_by_text("Your decisions from the last file")).to_be_visible()
    page.get_by_role("button", name="Try without importing").click()
    page.get_by_role("button", name="Import 1 row").click()
    expect(page.get_by_text("1 created, 0 updated, 0 failed")).to_be_visible()
    world.services.engine.write(world.system(), take_away)


def take_away(tx: Transaction) -> None:
    """The books of this page's files: other pages count what is there."""
    found = list_records(tx, "book", ListRequest('startsWith(isbn, "982-")', limit=10)).data
    assert len(found) == 2
    for each in found:
        delete(tx, "book", each["id"])


def test_what_is_wrong_with_the_decisions_is_said_and_the_form_stays(upload: Page) -> None:
    choose(upload, "Field for the column Writer", "title")
    choose(upload, "Field for the column Title", "title")
    upload.get_by_role("button", name="Try without importing").click()
    expect(upload.get_by_role("alert")).to_contain_text("filled from two columns")
    expect(upload.get_by_label("Field for the column Writer")).to_have_value("title")


def test_a_file_that_is_no_table_is_refused_in_words(home: Page, world: World, tmp_path: Path) -> None:
    path = tmp_path / "picture.xlsx"
    path.write_bytes(b"GIF89a")
    home.goto(f"{world.base}/e/book/import")
    home.locator("input[type=file]").set_input_files(path)
    expect(home.get_by_role("alert")).to_contain_text("no XLSX workbook")


def test_a_heading_above_the_names_is_passed_over_and_errors_are_found_by_word_and_column(
    home: Page, world: World, tmp_path: Path
) -> None:
    page = home
    path = tmp_path / "many.csv"
    bad = "".join(f"Bad {n},someday {n},{n},Lu Xun\n" for n in range(30))
    path.write_text(
        f"Books of 2026\n\nTitle,Published,isbn,author\n{bad}Good,2001-01-01,981-1,Lu Xun\n,2001-01-01,981-2,Lu Xun\n",
        "utf-8",
    )
    page.goto(f"{world.base}/e/book/import")
    page.locator("input[type=file]").set_input_files(path)
    expect(page.get_by_label("Row with the names of the columns")).to_have_value("3")
    expect(page.get_by_label("Field for the column Title")).to_have_value("title")
    page.get_by_label("Each row").select_option("upsert")
    page.get_by_label("Existing records are found by").select_option("isbn")
    page.get_by_label("and by").select_option("title")
    expect(page.get_by_label("and by")).to_have_count(2)

    page.get_by_role("button", name="Try without importing").click()
    expect(page.locator("[data-result]")).to_contain_text("1would be created")
    rows = page.locator("[data-faults] tbody tr:visible")
    expect(rows).to_have_count(25)
    page.get_by_role("button", name="Show more").click()
    expect(rows).to_have_count(31)
    page.locator("[data-fault-column]").select_option("Title")
    expect(rows).to_have_count(1)
    page.get_by_label("Find in the errors").fill("no such words")
    expect(rows).to_have_count(0)
    expect(page.get_by_text("Something was changed since")).to_be_hidden()
    page.get_by_label("Row with the names of the columns").fill("4")
    page.get_by_label("Row with the names of the columns").press("Tab")
    expect(page.get_by_label("Field for the column Bad 0")).to_be_visible()
