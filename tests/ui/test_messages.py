"""The texts: complete in four languages, none missing, none left over."""

import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from fieldstone import ui
from fieldstone.ui.messages import LOCALES, best_locale, known_locale, load_texts

ROOT = Path(ui.__file__).parent
TEXTS = load_texts()
ENGLISH = TEXTS["en"].catalogue
CALL = re.compile(
    r"""\b(?:t|texts)(\.count|\.markup)?\(\s*f?["']([a-z_0-9.]+(?:\{[^}]*\})?[a-z_.0-9]*)["']\s*(~?)"""
)
ASKED_BY_CODE = {"password.short", "password.long", "password.repeating", "password.common", "password.name"}
"""Keys that are error codes of the engine."""


ANYTHING = "[A-Za-z_0-9.-]+"


def pattern_of(key: str) -> str:
    """The keys that an f-string may ask for."""
    return re.sub(r"\\\{.*?\\\}", ANYTHING, re.escape(key))


def sources() -> Iterator[tuple[str, str]]:
    for path in (*ROOT.rglob("*.py"), *ROOT.rglob("*.html")):
        if "node_modules" not in path.parts and path.name != "messages.py":
            yield path.name, path.read_text("utf-8")


def used() -> set[tuple[str, str]]:
    """Every key that the code asks for, as (place, pattern)."""
    found = set()
    for place, text in sources():
        for kind, key, more in CALL.findall(text):
            pattern = pattern_of(key) + (ANYTHING if more else "")
            if kind == ".count":
                found |= {(place, rf"{pattern}\.one"), (place, rf"{pattern}\.other")}
            else:
                found.add((place, pattern))
        for key in re.findall(r'f"((?:[a-z_]+\.)+\{[^}"]+\}[a-z_.0-9]*)"', text):
            if any(re.fullmatch(pattern_of(key), known) for known in ENGLISH):
                found.add((place, pattern_of(key)))
        for key in re.findall(r'"((?:[a-z_]+\.)+[a-z_0-9]+)"', text):
            if key in ENGLISH:
                found.add((place, re.escape(key)))
            elif f"{key}.one" in ENGLISH:
                found |= {(place, re.escape(f"{key}.one")), (place, re.escape(f"{key}.other"))}
    return found


def test_every_text_that_is_asked_for_exists() -> None:
    missing = [
        (place, key) for place, key in used() if not any(re.fullmatch(key, known) for known in ENGLISH)
    ]
    assert not missing


def test_every_text_is_asked_for() -> None:
    patterns = [re.compile(key) for _, key in used()]
    unused = [
        key for key in ENGLISH if key not in ASKED_BY_CODE and not any(p.fullmatch(key) for p in patterns)
    ]
    assert not unused


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("locale", [locale for locale in LOCALES if locale != "en"])
def test_a_language_has_the_same_texts_with_the_same_placeholders(locale: str) -> None:
    catalogue = TEXTS[locale].catalogue
    assert set(catalogue) == set(ENGLISH)
    for key, text in catalogue.items():
        assert text.strip(), key
        if not key.endswith(".one"):
            assert placeholders(text) == placeholders(ENGLISH[key]), key


def test_numbers_choose_the_form_of_the_language() -> None:
    assert TEXTS["en"].count("list.count", 1) == "1 record"
    assert TEXTS["en"].count("list.count", 1200) == "1,200 records"
    assert TEXTS["ja"].count("list.count", 1) == "1 件"


@pytest.mark.parametrize(
    ("tag", "locale"),
    [("zh-TW", "zh-Hant"), ("zh-CN", "zh-Hans"), ("zh_HK", "zh-Hant"), ("zh", "zh-Hans"), ("en-GB", "en"),
     ("ja-JP", "ja"), ("fr", None), ("", None)],
)  # fmt: skip
def test_a_language_tag_leads_to_a_language_we_have(tag: str, locale: str | None) -> None:
    assert known_locale(tag) == locale


def test_without_any_language_of_ours_english_is_shown() -> None:
    assert best_locale(["fr", "de"]) == "en"
    assert best_locale(["fr", "zh-TW", "en"]) == "zh-Hant"
