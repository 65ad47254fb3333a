"""Stored sort keys: text in the order that people expect, compared by code point.

Text of plain ASCII has no stored key; SQL compares `lower(column)`. All other text gets three: pinyin
(which also serves every language that is not Chinese or Japanese), strokes, Japanese reading. In each,
letters are folded as `plain` does, which for ASCII letters is `lower`, so that stored and computed keys
may be compared: `é` beside `e`. Latin stands before kana and Han, in every language.

pinyin   each Han character is two code points: its toned syllable (in this word), then its strokes
strokes  each Han character is one code point: its place in CLDR's stroke order
reading  kana without marks, then with them, then the text itself
"""

import re
from typing import Final

from fieldstone.engine.search import tables
from fieldstone.engine.search.folding import plain
from fieldstone.engine.search.readings import kana_reading
from fieldstone.engine.search.terms import RUN

MAX_TEXT: Final = 80
"""Characters of a text that are ordered. A key must fit an index entry (2,700 bytes)."""

HAN: Final = re.compile("[\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af]+")

_SYLLABLE: Final = 0xF0000
_STROKES: Final = 0x100000
_UNRANKED: Final = 0xFFFD

_INDEXES: Final = {"zh-hant": 2, "zh-tw": 2, "zh-hk": 2, "zh-mo": 2, "ja": 3}

_LONGEST_PHRASE: Final = 3

_SURNAMES: Final = {
    "单": "shan4", "曾": "zeng1", "解": "xie4", "仇": "qiu2", "区": "ou1", "朴": "piao2",
    "查": "zha1", "翟": "zhai2", "盖": "ge3", "乐": "yue4", "覃": "qin2", "种": "chong2",
    "缪": "miao4", "秘": "bi4", "尉迟": "yu4", "万俟": "mo4", "长孙": "zhang3", "令狐": "ling2",
    "冼": "xian3", "员": "yun4", "折": "she2", "召": "shao4", "洗": "xian3", "繁": "po2",
}  # fmt: skip
"""Family names that are not read as the character usually is; for texts of two to four characters."""


def sort_index(locale: str) -> int:
    """The place (from 1, as SQL counts) of a locale's key among `sort_keys`."""
    folded = locale.lower().replace("_", "-")
    for known, index in _INDEXES.items():
        if folded == known or folded.startswith(known + "-"):
            return index
    return 1


def sort_keys(text: str) -> list[str] | None:
    """The keys of a text for `sort_index` 1, 2 and 3; None for ASCII, which SQL orders by `lower`."""
    if text.isascii():
        return None
    folded = plain(text[:MAX_TEXT]).replace("\0", "")[: 2 * MAX_TEXT]
    if not RUN.search(folded):
        return [folded, folded, folded]
    return [pinyin_key(folded), stroke_key(folded), reading_key(folded)]


def pinyin_key(folded: str) -> str:
    if not HAN.search(folded):
        return folded
    return HAN.sub(lambda run: _pinyin(run.group(), run.group() == folded), folded)


def stroke_key(folded: str) -> str:
    return HAN.sub(lambda run: "".join(map(_stroke, run.group())), folded)


def reading_key(folded: str) -> str:
    base, exact = kana_reading(folded)
    return f"{base}\x01{exact}\x01{folded}" if base != folded else folded


def _stroke(char: str) -> str:
    place = tables.strokes().get(char)
    return chr(_STROKES + place) if place is not None else chr(_STROKES + _UNRANKED) + char


def _pinyin(run: str, alone: bool) -> str:
    usual, phrases = tables.syllables()[1], tables.phrases()
    simple = run.translate(tables.simplified())
    said: list[int | None] = []
    at = 0
    if alone and 2 <= len(run) <= 4 and simple not in phrases:
        surname = _SURNAMES.get(simple[:2]) if len(run) > 2 else None
        surname = surname or _SURNAMES.get(simple[0])
        if surname and not any(simple[:size] in phrases for size in (2, 3)):
            said, at = [tables.syllables()[0].get(surname)], 1
    while at < len(run):
        for size in range(min(_LONGEST_PHRASE, len(run) - at), 1, -1):
            spoken = phrases.get(simple[at : at + size])
            if spoken:
                said += spoken
                at += size
                break
        else:
            said.append(usual.get(run[at], usual.get(simple[at])))
            at += 1
    return "".join(
        chr(_SYLLABLE + (place if place is not None else _UNRANKED)) + _stroke(char)
        for char, place in zip(run, said, strict=True)
    )
