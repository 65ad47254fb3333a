"""Reading package folders: every problem at once, each with file, pointer, line and a hint."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from fieldstone.metadata.documents import Package, PackageError, read_package

PACKAGES = Path(__file__).parents[1] / "packages"
Write = Callable[[Mapping[str, Any]], Path]
BOOK = {"type": "object", "properties": {"title": {"type": "string"}}}
OURS = "https://fieldstone.dev/schemas/entity-1.json"


def problems(path: Path) -> list[tuple[str | None, str, str]]:
    with pytest.raises(PackageError) as caught:
        read_package(path)
    return [(problem.file, problem.path, problem.code) for problem in caught.value.problems]


def test_a_package_with_one_entity_is_complete(folder: Write) -> None:
    package = read_package(folder({"entities/book.json": BOOK}))
    assert (package.name, package.version, package.title) == ("shop", "1.0.0", "Shop")
    assert list(package.documents) == [("entities", "book")]


@pytest.mark.parametrize("name", ["library", "plain"])
def test_a_stored_package_is_the_same_package(name: str) -> None:
    package = read_package(PACKAGES / name)
    again = Package.from_json(package.to_json())
    assert again == package
    assert list(again.documents[next(iter(again.documents))].body) == list(
        package.documents[next(iter(package.documents))].body
    )
    with pytest.raises(PackageError):
        Package.from_json({**package.to_json(), "format": 9})


WRONG: dict[str, tuple[dict[str, Any], tuple[str | None, str, str]]] = {
    "no package.json": (
        {"package.json": None, "entities/a.json": BOOK},
        ("package.json", "", "package.missing"),
    ),
    "package.json is no object": ({"package.json": "[]"}, ("package.json", "", "type")),
    "no version": ({"package.json": {"name": "shop"}}, ("package.json", "/version", "required")),
    "version": (
        {"package.json": {"name": "shop", "version": "1.0"}},
        ("package.json", "/version", "pattern"),
    ),
    "package name": (
        {"package.json": {"name": "My shop", "version": "1.0.0"}},
        ("package.json", "/name", "pattern"),
    ),
    "format": (
        {"package.json": {"name": "shop", "version": "1.0.0", "format": 2}},
        ("package.json", "/format", "const"),
    ),
    "range": (
        {"package.json": {"name": "shop", "version": "1.0.0", "requires": {"core": "newest"}}},
        ("package.json", "/requires/core", "package.range"),
    ),
    "misspelt folder": ({"entites/a.json": BOOK}, ("entites/", "", "folder.unknown")),
    "no JSON file": ({"entities/a.yaml": "a: 1"}, ("entities/a.yaml", "", "file.unknown")),
    "folder in a folder": ({"entities/a/b.json": BOOK}, ("entities/a", "", "file.unknown")),
    "capital letter": ({"entities/Book.json": BOOK}, ("entities/Book.json", "", "document.name")),
    "name too long": (
        {f"entities/{'a' * 41}.json": BOOK},
        (f"entities/{'a' * 41}.json", "", "document.name"),
    ),
    "another name inside": (
        {"entities/a.json": {**BOOK, "name": "b"}},
        ("entities/a.json", "/name", "document.name"),
    ),
    "no object": ({"entities/a.json": "7"}, ("entities/a.json", "", "type")),
    "empty": ({"entities/a.json": ""}, ("entities/a.json", "", "json.syntax")),
    "wrong encoding": (
        {"entities/a.json": '{"title": "é"}'.encode("latin-1")},
        ("entities/a.json", "", "json.encoding"),
    ),
    "duplicate key": (
        {"entities/a.json": '{"title": "a", "title": "b"}'},
        ("entities/a.json", "/title", "json.duplicate"),
    ),
    "NaN": (
        {"entities/a.json": '{"minProperties": NaN}'},
        ("entities/a.json", "/minProperties", "json.syntax"),
    ),
    "deep": ({"entities/a.json": '{"a":' * 5000}, ("entities/a.json", "/a" * 60, "json.depth")),
    "misspelt keyword": (
        {"entities/a.json": {"$schema": OURS, "properties": {"x": {"serach": True}}}},
        ("entities/a.json", "/properties/x/serach", "keyword.unknown"),
    ),
    "misspelt keyword of a form": (
        {"forms/a.json": {"entity": "a", "itmes": []}},
        ("forms/a.json", "/itmes", "keyword.unknown"),
    ),
}


@pytest.mark.parametrize(("files", "expected"), WRONG.values(), ids=WRONG)
def test_a_bad_package_names_file_and_place(
    folder: Write, files: dict[str, Any], expected: tuple[str, str, str]
) -> None:
    assert expected in problems(folder(files))


def test_all_problems_come_at_once_with_lines_and_hints(folder: Write) -> None:
    path = folder(
        {
            "package.json": {"name": "shop"},
            "entities/a.json": f'{{\n  "$schema": "{OURS}",\n  "properties": {{\n'
            '    "x": {"maxLenght": 3}\n  }\n}',
            "entities/b.json": '{"a": 1,\n "a": 2}',
            "view/c.json": {},
        }
    )
    with pytest.raises(PackageError) as caught:
        read_package(path)
    text = str(caught.value)
    assert (
        'entities/a.json:4 /properties/x/maxLenght: unknown keyword "maxLenght"; did you mean "maxLength"?'
        in text
    )
    assert 'entities/b.json:2 /a: the key "a" stands twice (first on line 1)' in text
    assert 'did you mean "views"?' in text
    assert 'package.json:1 /version: "version" is missing' in text


def test_a_missing_folder_and_a_file_are_no_package(tmp_path: Path) -> None:
    assert problems(tmp_path / "nowhere") == [(None, "", "package.missing")]
    (tmp_path / "file").write_text("x")
    assert problems(tmp_path / "file") == [(None, "", "archive.broken")]


def test_what_is_no_document_is_passed_over(folder: Write) -> None:
    path = folder(
        {
            "README.md": "#",
            "LICENSE": "x",
            "entities/.a.json": "",
            "entities/README.md": "#",
            ".git/config.json": "x",
        }
    )
    assert read_package(path).documents == {}


def test_folders_of_later_versions_and_foreign_keywords_are_noted(folder: Write) -> None:
    package = read_package(
        folder({"reports/a.json": {}, "entities/a.json": {"properties": {"x": {"x-hint": 1}}}})
    )
    assert [(note.file, note.code) for note in package.notes] == [
        ("entities/a.json", "keyword.unknown"),
        ("reports/", "folder.later"),
    ]


def test_a_document_may_be_a_patch_of_another_package(folder: Write) -> None:
    patch = {
        "$schema": OURS,
        "title": None,
        "properties": {"x": None},
        "rules": [{"name": "r", "$remove": True}],
    }
    assert read_package(folder({"entities/a.json": patch})).documents["entities", "a"].body == patch
