import io
import zipfile

import pytest
from openpyxl import Workbook

from fieldstone.engine.imports import UnreadableSource
from fieldstone.engine.imports.csv_source import csv_source
from fieldstone.engine.imports.encodings import detect
from fieldstone.engine.imports.ndjson_source import ndjson_source
from fieldstone.engine.imports.xlsx_source import xlsx_source

TRADITIONAL = "書名,作者\n紅樓夢,曹雪芹\n台北人,白先勇\n"
SIMPLIFIED = "书名,作者\n红楼梦,曹雪芹\n边城,沈从文\n"
JAPANESE = "題名,著者\n吾輩は猫である,夏目漱石\nノルウェイの森,村上春樹\n"

ENCODED = [
    pytest.param(TRADITIONAL, "utf-8", id="utf-8"),
    pytest.param(TRADITIONAL, "utf-8-sig", id="utf-8 with mark"),
    pytest.param(TRADITIONAL, "utf-16", id="utf-16 with mark"),
    pytest.param("label,note\na,b\n", "utf-16-le", id="utf-16 without mark"),
    pytest.param(TRADITIONAL, "big5", id="big5"),
    pytest.param(SIMPLIFIED, "gb18030", id="gb18030"),
    pytest.param(JAPANESE, "shift_jis", id="shift_jis"),
    pytest.param("Titel;Größe\nMüller;Über die Brücke\n", "cp1252", id="western"),
]


@pytest.mark.parametrize(("text", "encoding"), ENCODED)
def test_encodings_are_found_out(text: str, encoding: str) -> None:
    source = csv_source(text.encode(encoding))
    delimiter = ";" if ";" in text else ","
    lines = [line.split(delimiter) for line in text.strip().split("\n")]
    assert list(source.headers) == lines[0]
    assert [list(row.cells.values()) for row in source.rows()] == lines[1:]


def test_a_wrong_byte_is_said_with_its_line() -> None:
    with pytest.raises(UnreadableSource, match="Line 2"):
        csv_source(b"label\n\xff\xfe\xff\n", encoding="utf-8")
    with pytest.raises(UnreadableSource, match="no encoding"):
        csv_source(b"label\na\n", encoding="klingon")
    assert detect(b"label\n\x81\xff\n") == "utf-8"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"], ids=["comma", "semicolon", "tab", "bar"])
def test_delimiters_are_found_out(delimiter: str) -> None:
    rows = [["label", "note", "price"], ["a", "x, y; z", "1"], ["b", 'say "hi"', "2"]]
    text = "\r\n".join(delimiter.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows)
    found = csv_source(text.encode())
    assert [list(row.cells.values()) for row in found.rows()] == rows[1:]


def test_ragged_rows_are_named_and_the_others_stay() -> None:
    source = csv_source(b'label,note\na,1\nb\nc,3,4\n\n"d\ne",5,\n')
    rows = list(source.rows())
    assert [(row.number, row.wrong is not None) for row in rows] == [
        (2, False),
        (3, True),
        (4, True),
        (6, False),
    ]
    assert "only 1" in (rows[1].wrong or "")
    assert "3 cells" in (rows[2].wrong or "")
    assert rows[3].cells == {"label": "d\ne", "note": "5"}


def test_an_open_quotation_mark_is_named() -> None:
    rows = list(csv_source(b'label,note\na,1\nb,"open\nc,2\n').rows())
    assert rows[0].wrong is None
    assert (rows[1].number, rows[1].code) == (3, "row.unreadable")


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "empty"), (b"\n\n", "empty"), (b",,\n1,2,3\n", "header"), (b"a,b,a\n1,2,3\n", "twice")],
    ids=["empty", "blank", "no header", "same name twice"],
)
def test_unusable_files_are_refused(content: bytes, words: str) -> None:
    with pytest.raises(UnreadableSource, match=words):
        csv_source(content)


def workbook(rows: list[list[object]], **more: list[list[object]]) -> bytes:
    book = Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    for name, content in more.items():
        other = book.create_sheet(name)
        for row in content:
            other.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def test_cells_of_a_workbook_are_texts_that_fields_read() -> None:
    import datetime

    data = workbook(
        [[], ["label", "pages", "price", "published", "lent"],
         ["Emma", 474, 9.5, datetime.date(1815, 12, 23), True], [], ["short", 1]]
    )  # fmt: skip
    rows = list(xlsx_source(data).rows())
    assert [row.number for row in rows] == [3, 5]
    assert list(rows[0].cells.values()) == ["Emma", "474", "9.5", "1815-12-23", "true"]
    assert list(rows[1].cells.values()) == ["short", "1", "", "", ""]


def test_a_sheet_is_chosen_by_name() -> None:
    data = workbook([["label"], ["first"]], Other=[["label"], ["second"]])
    assert next(xlsx_source(data, sheet="Other").rows()).cells == {"label": "second"}
    assert "Sheet" in xlsx_source(data).notes[0]
    with pytest.raises(UnreadableSource, match="Other"):
        xlsx_source(data, sheet="Third")


def test_zip_bombs_are_refused_before_they_are_unpacked() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 30_000_000)
    with pytest.raises(UnreadableSource) as refused:
        xlsx_source(target.getvalue())
    assert refused.value.code == "import.too_large"


@pytest.mark.parametrize("data", [b"PK\x03\x04 no zip", b"plain text", b""], ids=["broken", "text", "empty"])
def test_what_is_no_workbook_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableSource):
        xlsx_source(data)


def test_a_zip_without_a_workbook_is_refused() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
    with pytest.raises(UnreadableSource):
        xlsx_source(target.getvalue())


def test_ndjson_keeps_json_values_and_names_bad_lines() -> None:
    source = ndjson_source(
        b'{"label": "a", "pages": 3}\n\n{"label": }\n[1]\n{"label": "a", "label": "b"}\n{"note": NaN}'
    )
    rows = list(source.rows())
    assert [row.number for row in rows] == [1, 3, 4, 5, 6]
    assert rows[0].cells == {"label": "a", "pages": 3}
    assert all(row.code == "row.unreadable" and row.wrong for row in rows[1:])


HEADED = b"List of parts\n\nname,size,place\nbolt,3,A1\n"


@pytest.mark.parametrize(
    ("content", "header", "columns", "row"),
    [
        (HEADED, None, ("name", "size", "place"), 3),
        (b"name,size,place\nbolt,3,A1\n", None, ("name", "size", "place"), 1),
        (b"name\nbolt\nnut\n", None, ("name",), 1),
        (b"old,way\nname,size\nbolt,3\n", 2, ("name", "size"), 2),
    ],
    ids=["heading above", "plain", "one column", "as told"],
)
def test_the_row_of_the_names_is_found_or_told(
    content: bytes, header: int | None, columns: tuple[str, ...], row: int
) -> None:
    source = csv_source(content, header=header)
    assert (source.headers, source.header) == (columns, row)
    assert [each.cells[columns[0]] for each in source.rows()][:1] == ["bolt"]


def test_a_heading_above_a_sheet_is_no_header() -> None:
    data = workbook([["Parts of 2026", None, None], [], ["name", "size", "place"], ["bolt", 3, "A1"]])
    source = xlsx_source(data)
    assert (source.headers, source.header) == (("name", "size", "place"), 3)
    assert [row.number for row in source.rows()] == [4]
