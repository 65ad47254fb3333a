"""Pages of the manual as tests read them: headings, links, code blocks with the file that each is the content of."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"


@dataclass(frozen=True)
class Block:
    """A code block: its language line, its text, its line in the page, and the file that the line above it names."""

    language: str
    text: str
    line: int
    file: str = ""


def blocks_of(page: str) -> list[Block]:
    return list(_blocks(page.splitlines()))


def _blocks(lines: list[str]) -> Iterator[Block]:
    start: int | None = None
    before = language = ""
    for number, line in enumerate(lines, 1):
        if start is None and line.startswith("```"):
            start, language = number, line[3:].strip()
        elif start is not None and line == "```":
            named = re.fullmatch(r"`([\w./-]+)`", before)
            text = "\n".join(lines[start : number - 1]) + "\n"
            yield Block(language, text, start, named[1] if named else "")
            start, before = None, ""
        elif start is None and line.strip():
            before = line.strip()
    assert start is None, f"the block of line {start} does not end"


def prose_of(page: str) -> str:
    """The page without its code blocks."""
    return re.sub(r"^```.*?^```$", "", page, flags=re.M | re.S)


def anchors_of(page: str) -> set[str]:
    """What `#...` may name: headings as GitHub writes them."""
    headings = re.findall(r"^#+ +(.+?) *$", prose_of(page), flags=re.M)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


def links_of(page: str) -> list[str]:
    """Where links and pictures lead."""
    text = re.sub(r"`[^`\n]*`", "", prose_of(page))
    return re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'<img src="([^"]+)"', text)
