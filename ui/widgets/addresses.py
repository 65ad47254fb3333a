"""Postal addresses as their countries write them: which parts share a line, and in which order the lines stand.

Without a known country the script of the address decides. The country stands last, or first where addresses go from
large to small, under its name in the reader's language.
"""

from collections.abc import Mapping
from typing import Any, Final

from fieldstone.metadata.fields.region_names import code_of, country_names

LARGE_TO_SMALL: Final = ("postal_code", "country", "region", "city", "district", "street", "street2")
SMALL_TO_LARGE: Final = ("street", "street2", "district", "city", "region", "postal_code", "country")
"""The order in which forms ask for the parts."""

Layout = tuple[str, ...]
"""The lines of an address; `+` in a line stands for parts that follow each other without a space."""

STREET: Final = ("{street}", "{street2}")
CODE_FIRST: Final[Layout] = (*STREET, "{district}", "{postal_code} {city}", "{region}", "{country}")
STATE_CODE: Final[Layout] = (*STREET, "{district}", "{city}, {region} {postal_code}", "{country}")
SUBURB_CODE: Final[Layout] = (*STREET, "{district}", "{city} {region} {postal_code}", "{country}")
CODE_LAST: Final[Layout] = (*STREET, "{district}", "{city}", "{region}", "{postal_code}", "{country}")
CITY_CODE: Final[Layout] = (*STREET, "{district}", "{city} {postal_code}", "{region}", "{country}")
FROM_LARGE: Final[Layout] = ("{postal_code} {country}", "{region+city+district+street}", "{street2}")
FROM_LARGE_SPACED: Final[Layout] = (
    "{postal_code} {country}",
    "{region} {city} {district} {street}",
    "{street2}",
)

COUNTRIES: Final[Mapping[str, Layout]] = {
    **dict.fromkeys(("US", "CA", "PR"), STATE_CODE),
    **dict.fromkeys(("AU", "NZ"), SUBURB_CODE),
    **dict.fromkeys(("GB", "IE", "HK", "MO", "ZA"), CODE_LAST),
    **dict.fromkeys(("SG", "IN", "ID", "TH", "PK", "BD", "LB", "SA"), CITY_CODE),
    **dict.fromkeys(("TW", "CN", "JP"), FROM_LARGE),
    "KR": FROM_LARGE_SPACED,
}  # fmt: skip
"""Countries that do not write the postal code before the city, as most do."""


def is_han(text: str) -> bool:
    """Whether a text is written in Han characters, kana or Hangul, where small follows large."""
    return any("\u3040" <= char <= "\u9fff" or "\uac00" <= char <= "\ud7a3" for char in text)


def address_lines(value: Mapping[str, Any], locale: str) -> list[str]:
    """The lines of an address, its country named in the reader's language."""
    parts = {name: str(part).strip() for name, part in value.items() if part and str(part).strip()}
    code = code_of(parts["country"]) if "country" in parts else None
    han = _in_han(value)
    if code is not None and code in country_names(locale):
        parts["country"] = country_names(locale)[code]
    found = (_line(line, parts) for line in _layout(code, han))
    return [line for line in found if line]


def one_line(value: Mapping[str, Any], locale: str) -> str:
    """An address where there is only one line for it."""
    return (" " if _in_han(value) else ", ").join(address_lines(value, locale))


def _in_han(value: Mapping[str, Any]) -> bool:
    return is_han("".join(str(part or "") for name, part in value.items() if name != "country"))


def _layout(code: str | None, han: bool) -> Layout:
    """What a country writes in its own script; in Latin letters everybody goes from small to large."""
    layout = COUNTRIES.get(code or "", CODE_FIRST)
    if han:
        return FROM_LARGE if code is None or code in ("HK", "MO") else layout
    return CITY_CODE if layout in (FROM_LARGE, FROM_LARGE_SPACED) else layout


def _line(layout: str, parts: Mapping[str, str]) -> str:
    """The parts of one line that there are, and of the marks between them those that still part something."""
    line = ""
    for word in layout.replace("{", " {").split():
        name = word.strip("{},")
        text = "".join(parts.get(each, "") for each in name.split("+"))
        if text:
            line += text + (", " if word.endswith(",") else " ")
    return line.rstrip(" ,")
