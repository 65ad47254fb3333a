"""Likely duplicates in a file: counted and told by row, against stored records and rows of the same file."""

from collections.abc import Iterator

import pytest
from record_world import RecordWorld, package, record_world

from fieldstone.engine.imports import ImportOptions, run_import

DOCUMENTS = {
    "entities/place": {
        "properties": {"name": {"type": "string"}, "code": {"type": "string"}},
        "duplicates": [
            {
                "name": "same_name",
                "title": "Same name",
                "fields": [{"name": "name", "compare": "company_name"}],
            },
            {"name": "same_code", "fields": [{"name": "code", "compare": "exact"}], "action": "block"},
        ],
    }
}


@pytest.fixture(scope="module")
def places(postgres_url: str) -> Iterator[RecordWorld]:
    with record_world(postgres_url, "import-alike", [package("places", DOCUMENTS)]) as world:
        yield world


def test_likely_duplicates_are_noted_and_blocked_ones_refused(places: RecordWorld) -> None:
    places.create("place", {"name": "Harbour Ltd", "code": "h"})
    file = b"name,code\nHARBOUR,a\nMill,b\nMill Inc.,c\nQuay,h\nPier,b\n"

    def run(dry_run: bool) -> dict[str, object]:
        options = ImportOptions(partial=True, dry_run=dry_run)
        return run_import(places.engine, places.context(), "place", file, "csv", options).to_json()

    for dry_run in (True, False):
        done = run(dry_run)
        assert (done["created"], done["failed"]) == (3, 2)
        assert done["error_counts"] == {"duplicate.likely": 2, "duplicate.blocked": 2}
        told = {(each["row"], each["code"]): each["message"] for each in done["errors"]}  # type: ignore[union-attr]
        assert '"Harbour Ltd"' in told[2, "duplicate.likely"]
        assert "row 3" in told[4, "duplicate.likely"]
    assert len(places.rows("place")) == 4
