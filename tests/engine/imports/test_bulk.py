"""An import is the create verb, many times: what one refuses the other refuses, with the same code and place."""

import json
from typing import Any
from uuid import UUID

import pytest

from fieldstone.engine.imports import ImportOptions, revert_import, run_import, store
from fieldstone.engine.query.listing import list_records
from fieldstone.engine.query.request import ListRequest
from fieldstone.engine.records import history, update
from fieldstone.engine.records.take_back import Run, count_written, written_by
from fieldstone.engine.search import tokens
from fieldstone.engine.storage import connection
from fieldstone.problems import FieldstoneError

GOOD = {"label": "Good", "isbn": "good", "pages": 3}

REFUSED: dict[str, tuple[str, dict[str, Any]]] = {
    "required": ("lib", {"isbn": "r"}),
    "minimum": ("lib", {"label": "A", "pages": 0}),
    "not a number": ("lib", {"label": "A", "pages": "many"}),
    "too long": ("lib", {"label": "A" * 81}),
    "not a date": ("lib", {"label": "A", "published": "2024-02-30"}),
    "no option": ("lib", {"label": "A", "genre": "opera"}),
    "rule": ("lib", {"label": "A", "genre": "poems", "pages": 501}),
    "unique": ("lib", {"label": "A", "isbn": "taken"}),
    "unique within the file": ("lib", {"label": "A", "isbn": "good"}),
    "link to nothing": ("lib", {"label": "A", "author": "0190b0a0-0000-7000-8000-000000000000"}),
    "currency": ("lib", {"label": "A", "price": "1", "price_currency": "XYZ"}),
    "unknown property": ("lib", {"label": "A", "weight": 4}),
    "hidden property": ("ann", {"label": "A", "secret": "s"}),
    "somebody else's": ("ann", {"label": "A", "owner_id": "@lib"}),
    "null character": ("lib", {"label": "A\0"}),
}


def ndjson(rows: list[dict[str, Any]]) -> bytes:
    return "\n".join(json.dumps(row) for row in rows).encode()


def codes(error: FieldstoneError) -> list[str]:
    return sorted(problem.code for problem in error.problems) or [error.code]


@pytest.mark.parametrize("name", list(REFUSED))
@pytest.mark.parametrize("others", [2, 60], ids=["among few", "among many"])
def test_an_import_refuses_what_the_verb_refuses(library: Any, name: str, others: int) -> None:
    user, body = REFUSED[name]
    body = {key: str(library.users[v[1:]]) if str(v)[:1] == "@" else v for key, v in body.items()}
    library.add("book", label="There", isbn="taken")
    context = library.as_user(user)
    rows = [GOOD, *({"label": f"b{n}", "isbn": f"b{n}"} for n in range(others)), body]
    mapping = {key: key for key in {k for row in rows for k in row}}
    options = ImportOptions.from_json({"partial": True, "dry_run": True})
    if set(body) - {"weight", "secret"} == set(body):
        options = ImportOptions.from_json({"partial": True, "dry_run": True, "mapping": mapping})
    try:
        result = run_import(library.engine, context, "book", ndjson(rows), "ndjson", options)
    except FieldstoneError:  # a column that cannot be written refuses the whole file
        if name not in ("hidden property", "unknown property"):
            raise
        return
    assert (result.created, result.failed) == (others + 1, 1), result.errors
    if name == "unique within the file":
        library.add("book", label="Good", isbn="good")
    with pytest.raises(FieldstoneError) as alone:
        library.add("book", context, **body)
    assert sorted(error.code for error in result.errors) == codes(alone.value)
    assert {error.row for error in result.errors} == {len(rows)}


def test_many_created_are_as_each_created_alone(library: Any) -> None:
    jane = library.add("author", name="Jane", code="J")
    many = [
        {
            "label": f"Ünïcode \\ tab\there {n}\nline", "isbn": f"i{n}", "author": str(jane["id"]),
            "pages": n + 1, "price": "12.345", "keywords": ["a,b", 'qu"ote', "{x}", "\\N"],
            "found_at": {"street": "S", "city": "台北", "country": "TW"}, "published": "2024-02-29",
            "share": "0.15", "lent": n % 2 == 0,
        }
        for n in range(30)
    ]  # fmt: skip
    result = library.load("book", ndjson(many), kind="ndjson")
    assert result.created == 30, result.errors
    alone = library.add("book", library.as_user("lib"), **(many[0] | {"isbn": "alone"}))
    found = {record["isbn"]: record for record in library.records("book")}
    made, own = found["i0"], found["alone"]
    differ = {"id", "isbn", "number", "created_at", "updated_at"}
    assert {k: v for k, v in made.items() if k not in differ} == {
        k: v for k, v in own.items() if k not in differ
    }
    assert alone["keywords"] == made["keywords"]
    assert library.records("author")[0]["book_count"] == 31

    def entries(tx: Any) -> Any:
        return [history(tx, "book", found[name]["id"])[0][0] for name in ("i0", "alone")]

    first, second = library.engine.read(library.system(), entries)
    same = [{k: v for k, v in e["changes"].items() if k not in differ} for e in (first, second)]
    assert same[0] == same[1]
    assert (first["verb"], first["version"]) == ("create", 1)
    asked = ListRequest(limit=200, q=tokens("Ünïcode")[0])
    hits = library.engine.read(library.system(), lambda tx: list_records(tx, "book", asked)).data
    assert len(hits) == 31


def test_numbers_have_no_gap_for_rows_that_were_refused(library: Any) -> None:
    rows = [{"label": f"b{n}", "pages": 1 if n % 3 else 0} for n in range(30)]
    library.load("book", ndjson(rows), {"partial": True}, kind="ndjson")
    numbers = sorted(record["number"] for record in library.records("book"))
    assert numbers == [f"B-{n + 1:04}" for n in range(20)]


def test_an_import_asks_once_per_chunk_whatever_its_rows_link_to(library: Any) -> None:
    names = [library.add("author", name=f"A{n}")["name"] for n in range(40)]
    trips = []
    for count in (25, 200):
        text = "label,author\n" + "".join(f"b{count}-{n},{names[n % 40]}\n" for n in range(count))
        context = library.as_user("lib")
        seen: list[int] = []
        run = connection.Connection.run
        copy = connection.Connection.copy
        patch = pytest.MonkeyPatch()
        patch.setattr(
            connection.Connection,
            "run",
            lambda self, steps, run=run, seen=seen: (seen.append(1), run(self, steps))[1],
        )
        patch.setattr(
            connection.Connection,
            "copy",
            lambda self, *a, copy=copy, seen=seen: (seen.append(1), copy(self, *a))[1],
        )
        with patch.context():
            assert (
                run_import(library.engine, context, "book", text.encode(), "csv", ImportOptions()).created
                == count
            )
        patch.undo()
        trips.append(len(seen))
    assert trips[0] == trips[1], trips


def test_links_inside_rows_are_asked_for_once_per_chunk(library: Any) -> None:
    authors = [str(library.add("author", name=f"A{n}")["id"]) for n in range(5)]
    books = [str(library.add("book", label=f"B{n}", pages=n + 1)["id"]) for n in range(5)]
    trips = []
    for count in (25, 200):
        rows = [
            {
                "label": f"x{count}-{n}",
                "authors": [{"id": authors[n % 5]}, {"id": authors[(n + 1) % 5]}],
                "pieces": [{"work": books[n % 5]}, {"work": books[(n + 2) % 5]}],
            }
            for n in range(count)
        ]
        context, seen = library.as_user("lib"), []
        run = connection.Connection.run

        def counting(self: Any, steps: Any, seen: list[int] = seen, run: Any = run) -> Any:
            seen.append(1)
            return run(self, steps)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(connection.Connection, "run", counting)
            result = run_import(
                library.engine, context, "exhibition", ndjson(rows), "ndjson", ImportOptions()
            )
        assert result.created == count, result.errors
        trips.append(len(seen))
    assert trips[0] == trips[1], trips
    pages = {tuple(line["pages"] for line in each["pieces"]) for each in library.records("exhibition")}
    assert pages == {(n + 1, (n + 2) % 5 + 1) for n in range(5)}


def test_a_link_inside_a_row_that_leads_nowhere_costs_its_row_alone(library: Any) -> None:
    author = str(library.add("author", name="A")["id"])
    book = str(library.add("book", label="B")["id"])
    rows = [{"label": f"x{n}", "authors": [{"id": author}], "pieces": [{"work": book}]} for n in range(30)]
    rows[3]["pieces"] = [{"work": book}, {"work": author}]
    rows[4]["authors"] = [{"id": book}]
    result = library.load("exhibition", ndjson(rows), {"partial": True}, kind="ndjson")
    assert (result.created, result.failed) == (28, 2)
    assert [(error.row, error.column, error.code) for error in result.errors] == [
        (4, "pieces", "link.unknown"),
        (5, "authors", "link.unknown"),
    ]


@pytest.mark.parametrize(
    "rows", [{"isbn": "1", "pages": "x"}, {"isbn": "2", "label": ""}], ids=["type", "required"]
)
def test_an_update_refuses_its_row_and_writes_the_others(library: Any, rows: dict[str, str]) -> None:
    for n in range(1, 4):
        library.add("book", label=f"b{n}", isbn=str(n), pages=1)
    bad = {"isbn": "", "label": "New", "pages": "7", **rows}
    text = "isbn,label,pages\n3,Other,9\n" + ",".join(bad[k] for k in ("isbn", "label", "pages")) + "\n"
    options = {"mode": "update", "key": "isbn", "partial": True, "clear_blanks": True}
    result = library.load("book", text, options)
    assert (result.updated, result.failed) == (1, 1), result.errors
    assert {r["label"] for r in library.records("book")} == {"b1", "b2", "Other"}


@pytest.mark.parametrize("updated", [False, True], ids=["created", "updated"])
def test_a_revert_restores_all_but_the_forty_that_were_edited(library: Any, updated: bool) -> None:
    count, edited = 1200, 40
    text = "isbn,label,pages\n" + "".join(f"{n},old {n},{n + 1}\n" for n in range(count))
    first = library.load("book", text)
    last = first
    if updated:
        last = library.load("book", text.replace("old", "new"), {"mode": "upsert", "key": "isbn"})
        assert last.updated == count
    found = library.engine.read(
        library.system(), lambda tx: list_records(tx, "book", ListRequest(limit=200, sort=("id",)))
    ).data
    chosen = [record["id"] for record in found[:: len(found) // edited][:edited]]
    library.engine.write(
        library.system(), lambda tx: [update(tx, "book", each, {"note": "edited"}) for each in chosen]
    )
    seen: list[tuple[int, int]] = []
    result = revert_import(
        library.engine,
        library.as_user("lib"),
        last.id,
        progress=lambda done, total: seen.append((done, total)),
    )
    assert (result.reverted, result.kept_count, {kept.id for kept in result.kept}) == (
        count - edited, edited, set(chosen),
    )  # fmt: skip
    assert seen == [(1000, count), (count, count)]
    request = ListRequest(limit=1, filter="startsWith(label, 'old')", count=True)
    left = library.engine.read(library.system(), lambda tx: list_records(tx, "book", request)).count
    assert left == (count - edited if updated else edited)


def test_reverting_newest_first_brings_everything_back(library: Any) -> None:
    text = "isbn,label\n1,old\n2,old\n"
    first = library.load("book", text)
    second = library.load("book", text.replace("old", "new"), {"mode": "upsert", "key": "isbn"})
    context = library.as_user("lib")
    assert revert_import(library.engine, context, second.id).reverted == 2
    assert revert_import(library.engine, context, first.id).reverted == 2
    assert library.records("book") == []


def test_records_that_link_to_one_another_are_reverted_together(library: Any) -> None:
    text = (
        "label,within\n" + "Top,\n" + "".join(f"s{n},{'Top' if n == 0 else f's{n - 1}'}\n" for n in range(30))
    )
    run = library.load("shelf", text)
    assert run.created == 31, run.errors
    result = revert_import(library.engine, library.as_user("lib"), run.id)
    assert (result.reverted, library.records("shelf")) == (31, [])


def test_what_a_run_wrote_is_found_in_pages_the_last_first(library: Any) -> None:
    for label in ("A", "B", "C"):
        library.add("shelf", label=label)
    rows = "label,keeper\nD,lib\nA,lib\nB,lib\nD,lib\nC,lib\nE,lib\n"
    run = library.load("shelf", rows, {"mode": "upsert", "key": ["label"]})
    wrote = Run(run.id, store.request_id(run.id), "shelf")

    def pages(tx: Any) -> list[UUID]:
        found, before = [], None
        while True:
            page, before = written_by(tx, wrote, before, limit=2)
            found += [each.record_id for each in page]
            if before is None:
                return found

    context = library.as_user("lib")
    whole, _ = library.engine.read(context, lambda tx: written_by(tx, wrote))
    assert library.engine.read(context, pages) == [each.record_id for each in whole]
    assert len(whole) == library.engine.read(context, lambda tx: count_written(tx, wrote)) == 5
