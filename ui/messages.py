"""Every text of the screens, in four languages.

`messages/<locale>.json` maps a key to a text with `{placeholders}`. A key that depends on a number has the
forms `key.one` and `key.other`, chosen by the language's plural rule. English is the catalogue of reference:
a test fails when another language lacks a key, has one too many, or uses other placeholders.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from babel import Locale
from markupsafe import Markup

FOLDER: Final = Path(__file__).parent / "messages"
LOCALES: Final[Mapping[str, str]] = {
    "en": "English",
    "zh-Hans": "简体中文",
    "zh-Hant": "繁體中文",
    "ja": "日本語",
}
DEFAULT: Final = "en"


@dataclass(frozen=True)
class Texts:
    """The catalogue of one language, called as `t("key", name=value)`."""

    locale: str
    catalogue: Mapping[str, str]
    babel: Locale

    def __call__(self, key: str, **values: Any) -> str:
        text = self.catalogue[key]
        return text.format_map(values) if values else text

    def count(self, key: str, n: int, **values: Any) -> str:
        """The form of `key` that the language uses for `n`; `{n}` is the number, written for the language."""
        form = "one" if self.babel.plural_form(n) == "one" else "other"
        return self(f"{key}.{form}", n=f"{n:,}", **values)

    def markup(self, key: str, **values: Any) -> Markup:
        """A text whose placeholders are filled with HTML; what is not `Markup` is escaped."""
        return Markup(self.catalogue[key].replace("<", "&lt;")).format(**values)

    def has(self, key: str) -> bool:
        """Whether there is such a text; for keys made from data (error codes)."""
        return key in self.catalogue


def load_texts(folder: Path = FOLDER) -> Mapping[str, Texts]:
    """All catalogues by locale."""
    return {locale: _load(folder, locale) for locale in LOCALES}


def _load(folder: Path, locale: str) -> Texts:
    catalogue = json.loads((folder / f"{locale}.json").read_text("utf-8"))
    return Texts(locale, catalogue, Locale.parse(locale, sep="-"))


def known_locale(wish: str | None) -> str | None:
    """The supported locale that a language tag means (`zh-TW` is zh-Hant, `en-GB` is en), if any."""
    if not wish:
        return None
    tag = wish.strip().replace("_", "-").casefold()
    if tag.startswith("zh"):
        traditional = any(part in ("hant", "tw", "hk", "mo") for part in tag.split("-"))
        return "zh-Hant" if traditional else "zh-Hans"
    return next((locale for locale in LOCALES if locale == tag.split("-")[0]), None)


def best_locale(accepted: list[str]) -> str:
    """The first supported locale of an Accept-Language list, else English."""
    return next((found for found in map(known_locale, accepted) if found), DEFAULT)
