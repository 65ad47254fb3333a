"""Every link of every page leads somewhere, and every page of the manual can be reached from the index."""

from pathlib import Path

import pytest
from doc_pages import DOCS, anchors_of, links_of

ROOT = DOCS.parent
FOLDERS = ("docs", "apps", "platform", "ui", "tests", "benchmarks")
FOUND = [
    path for folder in FOLDERS for path in (ROOT / folder).rglob("*.md") if "node_modules" not in path.parts
]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(FOUND)]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_links_lead_somewhere(path: Path) -> None:
    wrong = []
    for link in links_of(path.read_text("utf-8")):
        if link.startswith(("https://", "http://", "mailto:")):
            continue
        file, _, anchor = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        if not target.exists():
            wrong.append(f"{link}: there is no such file")
        elif anchor and anchor not in anchors_of(target.read_text("utf-8")):
            wrong.append(f"{link}: there is no such heading")
    assert not wrong, "\n".join(wrong)


def test_every_page_is_in_the_index() -> None:
    index = DOCS / "README.md"
    linked = {(DOCS / link.partition("#")[0]).resolve() for link in links_of(index.read_text("utf-8"))}
    pages = {path.resolve() for path in DOCS.glob("*.md")} - {index.resolve()}
    assert pages <= linked, sorted(name_of(page) for page in pages - linked)


def test_pictures_are_shown() -> None:
    """A picture that no page shows is a picture that nobody renews."""
    shown = {(path.parent / link).resolve() for path in PAGES for link in links_of(path.read_text("utf-8"))}
    pictures = {path.resolve() for path in (DOCS / "images").iterdir()}
    assert pictures <= shown, sorted(map(name_of, pictures - shown))
