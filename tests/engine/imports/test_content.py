"""Columns whose names say nothing are suggested by what they hold, where only one field fits."""

from typing import Any

import pytest

from fieldstone.engine.imports import (
    BadImportOptions,
    ImportOptions,
    open_source,
    suggest_by_content,
    suggest_mapping,
)
from fieldstone.engine.permissions import need


def suggested(library: Any, text: str, entity: str = "book", who: str = "lib") -> dict[str, Any]:
    source = open_source(text.encode(), "csv", ImportOptions())
    sample = source.sample()

    def work(tx: Any) -> Any:
        access = need(tx, entity, "import")
        named = suggest_mapping(tx.model, tx.model.entities[entity], access, source.headers, sample)
        return suggest_by_content(tx, entity, access, sample, named)

    found = library.engine.read(library.as_user(who) if who else library.system(), work)
    return {each.column: (each.targets[0].field, each.targets[0].parse) for each in found if each.by_content}


@pytest.mark.parametrize(
    ("column", "cells", "field"),
    [
        pytest.param("Z", ["2001-05-01", "1999/12/31"], ("published", None), id="dates"),
        pytest.param("Z", ["31.12.1999", "2.1.2001"], ("published", "dmy"), id="dates, day first"),
        pytest.param("Z", ["1.2.1999", "2.1.2001"], None, id="dates that may be read in two ways"),
        pytest.param("Z", ["Poetry", "小說", "essay"], ("genre", None), id="options by title and name"),
        pytest.param("Z", ["Poetry", "cookery"], None, id="one that is no option"),
        pytest.param("Z", ["Ada", "Bo", "Ada"], ("author", None), id="titles of a link's target"),
        pytest.param("Z", ["Ada", "Nobody", "Noone"], None, id="few titles"),
        pytest.param("Z", ["", " "], None, id="nothing"),
        pytest.param("pages", ["2001-05-01", "1999-12-31"], None, id="the name decides first"),
    ],
)
def test_cells_tell_the_field(library: Any, column: str, cells: list[str], field: Any) -> None:
    for name in ("Ada", "Bo"):
        library.add("author", name=name)
    file = f"label,{column}\n" + "".join(f"x{n},{cell}\n" for n, cell in enumerate(cells))
    assert suggested(library, file) == ({column: field} if field else {})


def test_two_columns_that_fit_one_field_are_not_told_apart(library: Any) -> None:
    assert suggested(library, "label,Y,Z\na,2001-05-01,2002-05-01\n") == {}


def test_an_address_is_recognised(library: Any) -> None:
    file = "name,Z,username\nAda,ada@example.org,ada\n"
    assert suggested(library, file, "user", "") == {"Z": ("email", None)}


def test_titles_that_one_may_not_see_tell_nothing(library: Any) -> None:
    library.add("author", name="Ada")
    assert suggested(library, "label,Z\nx,Ada\n", who="ann") == {}


def test_an_import_names_the_field_but_does_not_take_it(library: Any) -> None:
    with pytest.raises(BadImportOptions, match='"Z"; its values look like those of "published"') as refused:
        library.load("book", "label,Z\nx,2001-05-01\n")
    assert refused.value.problems[0].data == {"suggestion": "published"}
