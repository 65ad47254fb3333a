from decimal import Decimal
from typing import Any

import pytest

from fieldstone.engine.imports import BadImportOptions, UnknownImport, read_import, revert_import
from fieldstone.engine.records import create, update
from fieldstone.problems import FieldstoneError


def codes(result: Any) -> list[tuple[int, str | None, str]]:
    return [(error.row, error.column, error.code) for error in result.errors]


def labels(library: Any, entity: str = "book") -> list[Any]:
    return [record["label"] for record in library.records(entity)]


def test_columns_are_recognised_by_name_title_and_language(library: Any) -> None:
    library.add("author", name="Jane Austen", code="JA")
    result = library.load(
        "book",
        "書名,Genre,頁數,PRICE,author,Published\n"
        'Emma,小說,474,"1,234.50",jane austen,1815\nOde,Poetry,,,JA,1819',
    )
    assert (result.state, result.created, result.failed) == ("done", 2, 0)
    first, second = library.records("book")
    assert (first["label"], first["genre"], first["pages"], first["price"]) == (
        "Emma",
        "novel",
        474,
        Decimal("1234.50"),
    )
    assert (str(first["published"]), second["genre"]) == ("1815-01-01", "poems")
    assert first["author"] == second["author"]
    assert first["number"] == "B-0001"


def test_a_column_that_nobody_knows_is_refused_with_the_nearest_field(library: Any) -> None:
    with pytest.raises(BadImportOptions) as refused:
        library.load("book", "label,publishd\na,2020-01-01\n")
    assert refused.value.code == "column.unknown"
    assert 'did you mean "published"' in refused.value.message
    assert labels(library) == []


def test_one_bad_row_refuses_all_and_every_error_is_listed(library: Any) -> None:
    result = library.load(
        "book",
        "label,isbn,pages,genre,published\nA,1,0,novel,\nB,2,x,Novl,\n,3,1,novel,1999-02-30\nD,4,10,novel,\nE,4,10,poems,\n",
    )
    assert (result.state, result.rows, result.created, result.failed) == ("failed", 5, 0, 4)
    assert codes(result) == [
        (2, "pages", "minimum"),
        (3, "pages", "type"),
        (3, "genre", "enum"),
        (4, "label", "required"),
        (4, "published", "format"),
        (6, "isbn", "unique"),
    ]
    assert result.errors[2].suggestion == "Novel"
    assert labels(library) == []


def test_partial_imports_the_good_rows(library: Any) -> None:
    result = library.load("book", "label,isbn,pages\nA,1,5\nB,1,5\nC,3,-5\nD,4,5\nE\n", {"partial": True})
    assert (result.state, result.created, result.failed) == ("done", 2, 3)
    assert sorted(codes(result)) == [(3, "isbn", "unique"), (4, "pages", "minimum"), (6, None, "row.ragged")]
    assert labels(library) == ["A", "D"]


def test_a_dry_run_says_it_all_and_writes_nothing(library: Any) -> None:
    result = library.load("book", "label,pages,genre\nA,5,novel\nB,600,poems\n", {"dry_run": True})
    assert (result.id, result.state, result.created, result.failed) == (None, "failed", 1, 1)
    assert result.errors[0].message == "Nobody prints so many poems"
    assert labels(library) == []


def test_what_a_link_means_is_settled_once(library: Any) -> None:
    for name in ("Jane Austen", "Mary Shelley"):
        library.add("author", name=name)
    text = "label,author\nEmma,JaneAusten\nPersuasion,JaneAusten\nX,Nobody At All\nY,\n"
    result = library.load("book", text, {"dry_run": True})
    found = [(f.value, f.count, f.rows, f.suggestion) for f in result.links]
    assert found == [("JaneAusten", 2, [2, 3], "Jane Austen"), ("Nobody At All", 1, [4], None)]
    assert codes(result)[0] == (2, "author", "link.unknown")
    settled = {"values": {"author": {"janeausten": "Jane Austen", "Nobody At All": None}}}
    assert library.load("book", text, settled).created == 4
    jane = library.records("author")[0]
    assert [record["author"] for record in library.records("book")] == [jane["id"], jane["id"], None, None]
    assert jane["book_count"] == 2


def test_a_title_of_two_records_is_taken_for_neither(library: Any) -> None:
    library.add("author", name="Smith", code="1")
    library.add("author", name="Smith", code="2")
    result = library.load("book", "label,author\nA,Smith\nB,1\n", {"partial": True})
    assert codes(result) == [(2, "author", "link.ambiguous")]
    assert result.created == 1


def test_users_are_found_by_name_username_and_email(library: Any) -> None:
    result = library.load(
        "shelf", "label,keeper\nA,Lib\nB,ANN@example.org\nC,vic\nD,nobody\n", {"partial": True}
    )
    assert result.created == 3
    keepers = [record["keeper"] for record in library.records("shelf")]
    assert keepers == [library.users[name] for name in ("lib", "ann", "vic")]


def test_rows_that_link_to_rows_of_the_file_come_after_them(library: Any) -> None:
    result = library.load("shelf", "label,within\nC,B\nB,A\nA,\nD,E\nE,D\nF,Z\n", {"partial": True})
    assert result.created == 3
    assert sorted(codes(result)) == [
        (5, "within", "link.row_failed"),
        (6, "within", "link.row_failed"),
        (7, "within", "link.unknown"),
    ]
    by_label = {record["label"]: record for record in library.records("shelf")}
    assert by_label["C"]["within"] == by_label["B"]["id"]
    assert by_label["B"]["within"] == by_label["A"]["id"]


def test_upsert_by_key_creates_once_and_updates_what_the_file_names(library: Any) -> None:
    library.add("book", label="Old", isbn="1", note="keep")
    text = "isbn,label,note,pages\n1,New,,7\n2,Two,x,\n2,Two,,8\n"
    result = library.load("book", text, {"mode": "upsert", "key": "isbn"})
    assert (result.created, result.updated, result.failed) == (1, 2, 0)
    first, second = library.records("book")
    assert (first["label"], first["note"], first["pages"]) == ("New", "keep", 7)
    assert (second["label"], second["note"], second["pages"]) == ("Two", "x", 8)


def test_blank_cells_clear_only_when_asked(library: Any) -> None:
    library.add("book", label="A", isbn="1", note="keep")
    library.load("book", "isbn,note\n1,\n", {"mode": "update", "clear_blanks": True})
    assert library.records("book")[0]["note"] is None


def test_update_names_rows_without_a_record(library: Any) -> None:
    library.add("book", label="A", isbn="1")
    result = library.load("book", "isbn,pages\n1,3\n9,3\n,3\n", {"mode": "update", "partial": True})
    assert (result.updated, codes(result)) == (1, [(3, "isbn", "key.unknown"), (4, "isbn", "key.blank")])


def test_a_key_may_be_a_number_that_the_platform_gave(library: Any) -> None:
    library.add("book", label="A")
    result = library.load("book", "number,pages\nB-0001,12\n", {"mode": "update", "key": "number"})
    assert result.updated == 1
    assert library.records("book")[0]["pages"] == 12


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"mode": "upsert", "key": "isbn"}, "key.unmapped"),
        ({"mode": "upsert", "key": "nonsense"}, "field.unknown"),
        ({"mode": "sideways"}, "import.options"),
        ({"mapping": {"labl": "label"}}, "import.options"),
        ({"mapping": {"label": "labell"}}, "import.options"),
        ({"mapping": {"label": "value"}}, "import.options"),
        ({"mapping": {"label": {"field": "label", "parse": "yaer"}}}, "import.options"),
        ({"mapping": {"label": "label", "note": "label"}}, "import.options"),
        ({"mapping": {"label": "label"}, "values": {"gnre": {}}}, "values.unknown"),
        ({"colour": "red"}, "import.options"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_options_that_do_not_fit_are_refused(library: Any, options: dict[str, Any], code: str) -> None:
    with pytest.raises(BadImportOptions) as refused:
        library.load("book", "label,note\na,b\n", options)
    assert refused.value.code == code


PARSED = [
    ("published", "year", "1996", "1996-01-01"),
    ("published", "month", "2017-03", "2017-03-01"),
    ("published", "dmy", "31.1.2026", "2026-01-31"),
    ("published", "mdy", "1/31/26", "2026-01-31"),
    ("price", "comma", "1.234,50", "1234.50"),
    ("price", None, "NT$ 1,200", "1200.00"),
    ("share", "percent", "15", "0.15"),
    ("share", None, "15 %", "0.15"),
    ("note", "slug", "Ana de Souza", "ana.de.souza"),
    ("lent", None, "是", "True"),
    ("keywords", None, "red; blue", "['red', 'blue']"),
    ("note", None, "'=1+1", "=1+1"),
    ("note", None, "''=1+1", "'=1+1"),
    ("note", None, "'tis", "'tis"),
]


@pytest.mark.parametrize(("name", "parse", "cell", "value"), PARSED, ids=[f"{p[0]} {p[2]}" for p in PARSED])
def test_cells_are_read_as_people_write_them(
    library: Any, name: str, parse: str | None, cell: str, value: str
) -> None:
    mapping = {"t": "label", "c": {"field": name, "parse": parse}}
    result = library.load("book", f't;"c"\na;"{cell}"\n', {"mapping": mapping})
    assert result.created == 1, result.errors
    assert str(library.records("book")[0][name]) == value


def test_columns_can_be_multiplied_split_and_constant(library: Any) -> None:
    mapping = {
        "name": ["label", {"field": "note", "parse": "lower"}],
        "millions": {"field": "price", "multiply": 1000000},
        "city": "found_at.city",
        "zip": "found_at.postal_code",
        "*": {"field": "genre", "const": "Essays"},
    }
    result = library.load("book", "name,millions,city,zip\nAbc,1.5,Rome,00100\n", {"mapping": mapping})
    assert result.created == 1, result.errors
    record = library.records("book")[0]
    assert (record["label"], record["note"], record["price"], record["genre"]) == (
        "Abc",
        "abc",
        1500000,
        "essay",
    )
    assert record["found_at"] == {"city": "Rome", "postal_code": "00100"}


def test_ndjson_is_as_strict_as_a_request(library: Any) -> None:
    library.add("author", name="Jane Austen")
    lines = (
        '{"label": "Emma", "pages": 474, "keywords": ["a"], "author": "Jane Austen", "genre": "Essays"}\n'
        '{"label": "B", "pages": "474"}\n{"label": "C", "colour": "red"}\n{"label": "D", "note": null}\n'
    )
    result = library.load("book", lines, {"partial": True}, kind="ndjson")
    assert codes(result) == [(2, "pages", "type"), (3, "colour", "additionalProperties")]
    assert labels(library) == ["Emma", "D"]


def test_hidden_records_are_never_met(library: Any) -> None:
    library.add("author", name="Jane Austen")
    library.add("book", label="Not hers", isbn="1")
    ann = library.as_user("ann")
    assert library.load("book", "isbn,label\n2,Hers\n", {"mode": "upsert"}, context=ann).created == 1
    result = library.load(
        "book", "isbn,label\n1,Mine now\n2,Changed\n", {"mode": "upsert", "partial": True}, context=ann
    )
    assert (result.created, result.updated, codes(result)) == (0, 1, [(2, "isbn", "unique")])
    result = library.load("book", "isbn,label\n1,Mine now\n", {"mode": "update"}, context=ann)
    assert codes(result) == [(2, "isbn", "key.unknown")]
    result = library.load("book", "label,author\nA,Jane Austen\n", context=ann)
    assert codes(result) == [(2, "author", "link.unknown")]
    assert result.links[0].suggestion is None
    assert labels(library) == ["Not hers", "Changed"]


@pytest.mark.parametrize(
    "options", [{}, {"mode": "upsert", "key": "secret"}, {"mapping": {"secret": "secret"}}], ids=str
)
def test_a_hidden_field_is_a_field_that_does_not_exist(library: Any, options: dict[str, Any]) -> None:
    ann = library.as_user("ann")

    def refusal(name: str) -> str:
        changed = {key: renamed(value, name) for key, value in options.items()}
        with pytest.raises(BadImportOptions) as refused:
            library.load("book", f"{name},label\n1,A\n", changed, context=ann)
        return refused.value.message.replace(name, "_")

    assert refusal("secret") == refusal("zzzzzz")


def renamed(value: Any, name: str) -> Any:
    """The option with another field name in it."""
    if isinstance(value, dict):
        return {name: name}
    return name if value == "secret" else value


def test_import_is_a_right_of_its_own(library: Any) -> None:
    with pytest.raises(FieldstoneError) as denied:
        library.load("book", "label\nA\n", context=library.as_user("vic"))
    assert denied.value.kind == "denied"
    with pytest.raises(FieldstoneError) as unknown:
        library.load("shelf", "label\nA\n", context=library.as_user("vic"))
    assert unknown.value.kind == "not_found"


def test_runs_are_their_owners(library: Any) -> None:
    run = library.load("book", "label\nA\n", context=library.as_user("ann"))
    assert read_import(library.engine, library.as_user("ann"), run.id).created == 1
    with pytest.raises(UnknownImport):
        read_import(library.engine, library.as_user("vic"), run.id)


def test_revert_restores_all_but_what_was_edited_later(library: Any) -> None:
    library.add("book", label="Old", isbn="1", pages=1)
    library.add("book", label="Old too", isbn="2", pages=2)
    text = "isbn,label,pages\n1,New,10\n2,New too,20\n3,Three,30\n4,Four,40\n"
    run = library.load("book", text, {"mode": "upsert", "key": "isbn"})
    by_isbn = {record["isbn"]: record for record in library.records("book")}
    edited = [by_isbn["2"]["id"], by_isbn["4"]["id"]]
    for record_id in edited:
        library.engine.write(
            library.system(), lambda tx, i=record_id: update(tx, "book", i, {"note": "edited"})
        )
    result = revert_import(library.engine, library.as_user("lib"), run.id)
    assert result.reverted == 2
    assert {(kept.id, kept.code) for kept in result.kept} == {(record_id, "edited") for record_id in edited}
    now = {record["isbn"]: (record["label"], record["pages"]) for record in library.records("book")}
    assert now == {"1": ("Old", 1), "2": ("New too", 20), "4": ("Four", 40)}
    with pytest.raises(FieldstoneError) as again:
        revert_import(library.engine, library.as_user("lib"), run.id)
    assert again.value.kind == "conflict"


def test_what_is_linked_since_is_kept_by_a_revert(library: Any) -> None:
    run = library.load("author", "name\nJane\n")
    author = library.records("author")[0]
    library.engine.write(
        library.system(), lambda tx: create(tx, "book", {"label": "E", "author": str(author["id"])})
    )
    result = revert_import(library.engine, library.as_user("lib"), run.id)
    assert result.reverted + len(result.kept) == 1
