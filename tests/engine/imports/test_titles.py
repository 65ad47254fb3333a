import pytest

from fieldstone.engine.imports.titles import Titles

KNOWN = Titles(
    [("GTX Pro", "1"), ("GTX Plus Pro", "2"), ("Müller & Söhne", "3"), ("臺積電", "4"), ("Acme", "5")]
)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("GTXPro", "GTX Pro"), ("gtx-plus pro", "GTX Plus Pro"), ("Muller und Sohne", "Müller & Söhne"),
        ("台積电", "臺積電"), ("Acmee", "Acme"), ("nothing like it", None), ("", None), ("!", None),
    ],
)  # fmt: skip
def test_the_nearest_title(text: str, title: str | None) -> None:
    found = KNOWN.nearest(text)
    assert (found[0] if found else None) == title


def test_case_width_and_accents_do_not_make_another_title() -> None:
    assert KNOWN.ids("ＡＣＭＥ") == {"5"}
    assert KNOWN.ids("MULLER & SOHNE ") == {"3"}
    assert KNOWN.ids("GTXPro") == set()
