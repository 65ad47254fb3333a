"""Pictures that are made here: every icon exists, every barcode is what a reader expects."""

import re

import pytest

from fieldstone.metadata.fields.icon import ICONS
from fieldstone.metadata.fields.rich_text import cleaned
from fieldstone.ui.widgets.marks import QUIET, picture, shapes
from fieldstone.ui.widgets.prose import EXCERPT, MARKDOWN, excerpt


def test_the_screens_have_every_icon_of_the_set() -> None:
    assert [name for name in ICONS if name not in shapes().icons] == []


def bars(svg: str) -> str:
    """The modules of a linear barcode: 1 is black."""
    width = int(re.search(r'viewBox="0 0 (\d+)', svg)[1])  # type: ignore[index]
    row = ["0"] * width
    for at, size in re.findall(r"M(\d+) 0h(\d+)", svg):
        row[int(at) : int(at) + int(size)] = "1" * int(size)
    return "".join(row[QUIET : width - QUIET])


EAN13 = (
    "101" "0001101" "0100111" "0101111" "0111101" "0001001" "0110011"
    "01010" "1000010" "1000010" "1000010" "1110100" "1000010" "1100110" "101"
)  # fmt: skip
"""4006381333931 as GS1 codes it: parity of the first digit 4 is LGLLGG."""


def test_an_ean_is_drawn_as_gs1_codes_it() -> None:
    assert bars(picture("ean13", "4006381333931")) == EAN13


@pytest.mark.parametrize(
    ("symbology", "text", "modules"),
    [
        ("ean8", "96385074", 67),
        ("upca", "036000291452", 95),
        ("isbn", "9783161484100", 95),
        ("code128", "AB-12", 90),
    ],
)
def test_linear_codes_have_their_width(symbology: str, text: str, modules: int) -> None:
    drawn = bars(picture(symbology, text))
    assert len(drawn) == modules
    assert drawn.startswith("1")
    assert drawn.endswith("1")


def test_a_text_that_cannot_be_drawn_is_left_to_be_read() -> None:
    assert picture("ean13", "abc") == ""
    assert picture("qr", "x" * 5000) == ""
    assert "style=" not in picture("qr", "hello")


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "<img src=x onerror=alert(1)>",
        "![x](https://example.org/track.png)",
    ],
)
def test_markdown_never_becomes_live_html(text: str) -> None:
    html = cleaned(MARKDOWN.render(text))
    assert not re.search(r"<(script|img|iframe)|href=\"javascript|onerror=[^&]*\"", html)


def test_an_excerpt_cuts_between_characters_not_within_entities() -> None:
    short = excerpt("&amp;" * (EXCERPT + 5))
    assert short == "&amp;" * EXCERPT + "…"
