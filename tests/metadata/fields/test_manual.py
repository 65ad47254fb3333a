"""The manual page of field types is what the types say today."""

from pathlib import Path

from fieldstone.metadata.fields import FIELD_TYPES
from fieldstone.metadata.fields.manual import manual

PAGE = Path(__file__).parents[3] / "docs" / "fields.md"


def test_page_is_current() -> None:
    hint = "run: python -m fieldstone.metadata.fields.manual > docs/fields.md"
    assert PAGE.read_text("utf-8") == manual(), hint


def test_every_type_has_a_page() -> None:
    for name in FIELD_TYPES:
        assert f"\n## {name}\n" in manual()
