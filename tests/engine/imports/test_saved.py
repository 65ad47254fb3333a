"""Saved mappings: kept under a name, shared with who may import, without what the reader may not see."""

from typing import Any

import pytest

from fieldstone.engine.imports import (
    BadImportOptions,
    ImportOptions,
    UnknownMapping,
    delete_mapping,
    fitting_mappings,
    save_mapping,
    saved_mapping,
    saved_mappings,
    with_saved,
)
from fieldstone.engine.permissions import Denied
from fieldstone.problems import FieldstoneError


def decided(**more: Any) -> ImportOptions:
    return ImportOptions.from_json(
        {"mode": "upsert", "key": ["isbn"], "mapping": {"Name": "label", "No": "isbn"}, **more}
    )


def save(library: Any, name: str, options: ImportOptions, who: str = "lib") -> None:
    library.engine.write(library.as_user(who), lambda tx: save_mapping(tx, "book", name, options))


def listed(library: Any, who: str = "lib") -> dict[str, Any]:
    return {
        each.name: each
        for each in library.engine.read(library.as_user(who), lambda tx: saved_mappings(tx, "book"))
    }


def test_a_mapping_is_saved_replaced_used_and_forgotten(library: Any) -> None:
    save(library, "old shop", decided())
    save(library, "old shop", decided(clear_blanks=True))
    found = listed(library)["old shop"]
    assert (found.options.mode, found.options.key, found.options.clear_blanks) == ("upsert", ("isbn",), True)
    assert found.columns == {"Name", "No"}
    options = with_saved(
        ImportOptions.from_json({"sheet": "May", "values": {"genre": {"x": "novel"}}}), found
    )
    assert (options.sheet, options.mapping, options.mode) == ("May", found.options.mapping, "upsert")
    assert options.values == {"genre": {"x": "novel"}}
    library.engine.write(library.as_user("lib"), lambda tx: delete_mapping(tx, "book", "old shop"))
    assert "old shop" not in listed(library)
    with pytest.raises(UnknownMapping):
        library.engine.read(library.as_user("lib"), lambda tx: saved_mapping(tx, "book", "old shop"))


def test_it_is_offered_for_files_that_have_its_columns(library: Any) -> None:
    save(library, "two", decided())
    save(
        library,
        "three",
        decided(
            mapping={"Name": "label", "No": "isbn", "Pages": "pages", "*": {"field": "note", "const": "x"}}
        ),
    )

    def offered(*headers: str) -> list[str]:
        found = library.engine.read(library.as_user("lib"), lambda tx: fitting_mappings(tx, "book", headers))
        return [each.name for each in found if each.name in ("two", "three")]

    assert offered("Name", "No", "Pages", "More") == ["three", "two"]
    assert offered("Name", "No") == ["two"]
    assert offered("Name") == []


def test_others_see_of_it_what_they_may_see_of_the_entity(library: Any) -> None:
    library.add("author", name="Ada Shown")
    values = {"author": {"A. Shown": "Ada Shown", "none": None}}
    mapping = {"Name": "label", "Key": "secret", "By": "author"}
    save(library, "shared", decided(mapping=mapping, key=["secret"], values=values))
    mine, theirs = listed(library)["shared"].options, listed(library, "ann")["shared"].options
    assert mine.values == values
    assert theirs.mapping is not None and theirs.mapping["Key"] == ()
    assert theirs.key == ()
    assert theirs.values == {"author": {"none": None}}, "a reader of own authors does not meet this one"


def test_who_may_not_import_has_none(library: Any) -> None:
    with pytest.raises(Denied):
        listed(library, "vic")
    with pytest.raises(Denied):
        save(library, "mine", decided(), "vic")


@pytest.mark.parametrize(
    ("name", "options", "path"),
    [
        pytest.param("x", {"mapping": {"Name": "nosuch"}, "key": []}, "/mapping/Name", id="unknown field"),
        pytest.param("x", {"mapping": {}}, "/mapping", id="nothing mapped"),
        pytest.param("x", {"mapping": None}, "/mapping", id="no mapping"),
        pytest.param("a/b", {}, "/name", id="slash in the name"),
        pytest.param("..", {}, "/name", id="no letter in the name"),
        pytest.param("x" * 61, {}, "/name", id="long name"),
    ],
)
def test_what_no_import_could_use_is_not_saved(
    library: Any, name: str, options: dict[str, Any], path: str
) -> None:
    with pytest.raises(BadImportOptions) as refused:
        save(library, name, decided(**options))
    assert [problem.path for problem in refused.value.problems] == [path]


def test_hidden_fields_cannot_be_saved_by_who_does_not_see_them(library: Any) -> None:
    with pytest.raises(FieldstoneError) as hidden:
        save(library, "h", decided(mapping={"Key": "secret"}, key=[]), "ann")
    with pytest.raises(FieldstoneError) as absent:
        save(library, "h", decided(mapping={"Key": "secrex"}, key=[]), "ann")
    assert hidden.value.message.replace("secret", "secrex") == absent.value.message
