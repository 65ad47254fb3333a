"""What makes two values the same for each way of comparing: a text that is equal when they are.

Pure functions of text. All but `exact` fold width, case, accents and script (traditional, simplified) as search does.
An empty text means that there is nothing to compare.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from fieldstone.engine.search import fold

_MARKS: Final = re.compile(r"[\W_]+")
_HAN: Final = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_EXTENSION: Final = re.compile(r"(?:ext\.?|x|#|分机|内线|转)\s*[:.]?\s*\d+\s*$")
_NORTH_AMERICA: Final = re.compile(r"1(?:\D|2)")
"""A 1, then a separator: mobile numbers of China, which begin with 1 too, are not grouped that way."""

_TRUNK: Final = re.compile(r"\(0\)")

_FORMS_OF_WORDS: Final = frozenset((
    "inc", "incorporated", "corp", "corporation", "co", "company", "ltd", "limited", "llc", "llp", "lp", "plc",
    "gmbh", "mbh", "ag", "kg", "kgaa", "ohg", "ug", "ev", "eg", "se", "sa", "sarl", "sas", "sasu", "srl", "spa",
    "bv", "nv", "oy", "oyj", "ab", "as", "asa", "aps", "pte", "pty", "pvt", "private", "kk", "gk", "kabushiki",
    "kaisha", "sdn", "bhd",
))  # fmt: skip
_FORMS_OF_HAN: Final = (
    "股份有限公司", "有限责任公司", "责任有限公司", "有限公司", "股份公司", "(股)公司", "(股)", "公司",
    "株式会社", "有限会社", "合同会社", "合资会社", "合名会社", "一般社団法人", "(株)", "(有)", "(合)", "かぶしきがいしゃ",
)  # fmt: skip
_TITLES: Final = frozenset(["mr", "mrs", "ms", "miss", "dr", "prof", "herr", "frau"])
_TITLES_OF_HAN: Final = ("先生", "小姐", "女士", "太太", "様", "さん", "さま", "殿")

_LONG_PREFIXES: Final = frozenset((
    "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47", "48", "49",
    "51", "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63", "64", "65", "66", "81", "82", "84",
    "86", "90", "91", "92", "93", "94", "95", "98",
))  # fmt: skip
SHORTEST_NUMBER: Final = 5


def text(value: str) -> str:
    return _MARKS.sub("", fold(value))


def company_name(value: str) -> str:
    """A company's name without its legal form, wherever that stands; what is nothing but a form stays."""
    whole = fold(value).strip()
    found = _without_words(whole)
    for _ in range(3):
        shorter = _without_words(_without_han(found))
        if shorter == found:
            break
        found = shorter
    return text(found) or text(whole)


def _without_words(name: str) -> str:
    """Without legal forms in Latin letters at the end, and a leading `the`."""
    words = [word for word in re.split(r"[\s,&/]+", name) if word]
    while len(words) > 1 and (_bare(words[-1]) in _FORMS_OF_WORDS or _bare(words[-1]) in ("", "and", "und")):
        words.pop()
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    return " ".join(words)


def _bare(word: str) -> str:
    return _MARKS.sub("", word)


def _without_han(name: str) -> str:
    """Without legal forms in Han characters or kana, at the end or at the beginning."""
    if name in _han_forms():
        return name
    for form in _han_forms():
        if name.endswith(form) and len(name) > len(form):
            return name[: -len(form)].strip()
        if name.startswith(form) and len(name) > len(form):
            return name[len(form) :].strip()
    return name


@lru_cache(maxsize=1)
def _han_forms() -> tuple[str, ...]:
    """The forms as `fold` leaves them, long ones first."""
    return tuple(sorted({fold(form) for form in _FORMS_OF_HAN}, key=len, reverse=True))


@lru_cache(maxsize=1)
def _han_titles() -> tuple[str, ...]:
    return tuple(fold(title) for title in _TITLES_OF_HAN)


def person_name(value: str | Mapping[str, Any]) -> str:
    """A person's name, its words in any order; names in Han characters or kana have one order only."""
    if isinstance(value, Mapping):
        value = " ".join(str(value[part]) for part in ("family", "given", "middle") if value.get(part))
    folded = fold(value).strip()
    if _HAN.search(folded):
        found = text(folded)
        for title in _han_titles():
            if found.endswith(title) and len(found) > len(title) + 1:
                found = found.removesuffix(title)
        return found
    words = [_bare(word) for word in re.split(r"[\s,.·]+", folded)]
    kept = [word for word in words if word and word not in _TITLES]
    return " ".join(sorted(kept))


def phone(value: str) -> str:
    """The digits of a number within its country; none for what is too short to tell anybody."""
    plain = unicodedata.normalize("NFKC", fold(value)).strip()
    plain = _TRUNK.sub("", _EXTENSION.sub("", plain))
    digits = re.sub(r"\D", "", plain)
    if plain.startswith("+"):
        digits = _without_prefix(digits)
    elif digits.startswith("00"):
        digits = _without_prefix(digits[2:])
    elif len(digits) > 11 and not digits.startswith("0"):
        digits = _without_prefix(digits)
    elif len(digits) == 11 and _NORTH_AMERICA.match(plain):
        digits = digits[1:]
    digits = digits.lstrip("0")
    return digits if len(digits) >= SHORTEST_NUMBER else ""


def _without_prefix(digits: str) -> str:
    if digits[:1] in ("1", "7"):
        return digits[1:]
    return digits[2:] if digits[:2] in _LONG_PREFIXES else digits[3:]


def email(value: str) -> str:
    return unicodedata.normalize("NFKC", value).strip().casefold()


def tax_number(value: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", value)).upper()


def exact(value: Any) -> str:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "\x1e".join(f"{key}={value[key]}" for key in sorted(value) if value[key])
    return str(value)


COMPARE: Final[Mapping[str, Callable[[Any], str]]] = {
    "text": text, "company_name": company_name, "person_name": person_name, "phone": phone, "email": email,
    "tax_number": tax_number, "exact": exact,
}  # fmt: skip


def comparable(how: str, value: Any) -> str:
    """The text of a value that is the same for what counts as the same; empty when there is nothing."""
    if value is None or value == "":
        return ""
    if isinstance(value, Mapping) and how not in ("person_name", "exact"):
        value = " ".join(str(part) for part in value.values() if part)
    if not isinstance(value, str | Mapping) and how != "exact":
        value = str(value)
    return COMPARE[how](value)
