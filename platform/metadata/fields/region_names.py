"""Countries and their parts by ISO 3166 code: which there are, what they belong to, what they are called.

Countries are named by CLDR (Babel), parts by the translations of iso-codes (pycountry). A name that a language lacks
is that of its nearest one: Simplified for Traditional Chinese, else English.
"""

import gettext
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

import pycountry
from babel import Locale

CLDR: Final[Mapping[str, str]] = {"en": "en", "zh-Hans": "zh_Hans", "zh-Hant": "zh_Hant", "ja": "ja"}
ISO_CODES: Final[Mapping[str, tuple[str, ...]]] = {
    "en": (), "zh-Hans": ("zh_CN",), "zh-Hant": ("zh_TW", "zh_CN"), "ja": ("ja",),
}  # fmt: skip
SEPARATORS: Final = ("/", "›", "·", ">")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a country: its code, that of what it lies in, and its name in the given language."""

    code: str
    parent: str
    name: str


@cache
def countries() -> frozenset[str]:
    """The ISO 3166-1 codes of all countries."""
    return frozenset(country.alpha_2 for country in pycountry.countries)


@cache
def parents() -> Mapping[str, str]:
    """By code of a part: that of the part or country in which it lies."""
    return MappingProxyType(
        {part.code: part.parent_code or part.country_code for part in pycountry.subdivisions}
    )


def is_region(code: str) -> bool:
    """Whether a text is the code of a country or of a part of one."""
    return code in (countries() if "-" not in code else parents())


def country_of(code: str) -> str:
    """The country's code of a region."""
    return code.partition("-")[0]


@cache
def country_names(locale: str) -> Mapping[str, str]:
    """The countries' names by code."""
    known = Locale.parse(CLDR.get(locale, "en")).territories
    return MappingProxyType({c.alpha_2: str(known.get(c.alpha_2) or c.name) for c in pycountry.countries})


@cache
def part_names(locale: str) -> Mapping[str, str]:
    """The parts' names by code."""
    tables = [
        gettext.translation("iso3166-2", pycountry.LOCALES_DIR, [name], fallback=True)
        for name in ISO_CODES.get(locale, ())
    ]
    found = {}
    for part in pycountry.subdivisions:
        names = (table.gettext(part.name) for table in tables)
        found[part.code] = next((name for name in names if name != part.name), part.name)
    return MappingProxyType(found)


def region_name(code: str, locale: str) -> str:
    """What a region is called; an unknown code is itself."""
    return (country_names(locale) if "-" not in code else part_names(locale)).get(code, code)


def path_of(code: str) -> tuple[str, ...]:
    """The regions from the country down to this one."""
    found = [code]
    while "-" in found[0] and len(found) < 5:
        found.insert(0, parents().get(found[0], country_of(found[0])))
    return tuple(found)


def parts_of(country: str, locale: str) -> list[Part]:
    """All parts of a country, those of one parent together by name."""
    names = part_names(locale)
    found = [
        Part(code, parent, names[code]) for code, parent in parents().items() if country_of(code) == country
    ]
    return sorted(found, key=lambda part: (part.parent, part.name))


@cache
def _codes() -> Mapping[str, str]:
    """Codes by folded name, in every language; names that mean several regions are left out."""
    found: dict[str, set[str]] = {}
    for locale in CLDR:
        for code, name in (*country_names(locale).items(), *part_names(locale).items()):
            found.setdefault(name.casefold(), set()).add(code)
    sure = {}
    for name, codes in found.items():
        first = [code for code in codes if "-" not in code] or list(codes)
        if len(first) == 1:
            sure[name] = first[0]
    return MappingProxyType(sure)


def code_of(text: str) -> str | None:
    """The code that people mean: itself, a name, or names from the country down (`Germany / Bavaria`)."""
    short = text.strip()
    if is_region(short.upper()):
        return short.upper()
    known = _codes().get(short.casefold())
    if known is not None:
        return known
    for mark in SEPARATORS:
        country, found, part = short.partition(mark)
        if found and (code := code_of(country)) is not None:
            wanted = part.rpartition(mark)[2].strip().casefold()
            for locale in CLDR:
                names = part_names(locale)
                hits = [c for c in parents() if country_of(c) == code and names[c].casefold() == wanted]
                if len(hits) == 1:
                    return hits[0]
    return None
