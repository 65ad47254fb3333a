"""When two texts are the same to somebody who looks for one: `plain` for any language, `fold` for CJK as
well.

Accents are taken from Latin, Greek and Cyrillic letters only: the marks of kana, Hangul, Arabic or Indic
scripts make other letters, not other spellings.
"""

import re
import unicodedata
from typing import Final

from fieldstone.engine.search import tables

_MARKS: Final = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]+")

_LETTERS: Final = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t"}
)

_KANA: Final = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}

_HAN: Final = re.compile("[\u3400-\u9fff]")
_KATAKANA: Final = re.compile("[\u30a1-\u30f6]")


def plain(text: str) -> str:
    """`text` without differences of case, width and accent: `Ｃａｆé` is `cafe`."""
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKC", text).casefold()
    text = _MARKS.sub("", unicodedata.normalize("NFKD", text)).translate(_LETTERS)
    return unicodedata.normalize("NFC", text)


def folded_characters() -> tuple[str, str]:
    """The single characters that `fold` replaces in CJK text, and their replacements, place by place."""
    pairs = {chr(left): right for left, right in tables.simplified().items()}
    pairs |= {chr(left): chr(right) for left, right in _KANA.items()}
    return "".join(pairs), "".join(pairs.values())


def fold(text: str) -> str:
    """`plain`, and katakana as hiragana, traditional and Japanese Han characters as simplified ones."""
    if text.isascii():
        return text.lower()
    text = plain(text)
    if _KATAKANA.search(text):
        text = text.translate(_KANA)
    if _HAN.search(text):
        text = text.translate(tables.simplified())
    return text
