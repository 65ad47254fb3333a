"""How Japanese text is read: in kana, from the IPA dictionary through MeCab.

The dictionary is mapped into memory and shared by all processes; it is opened when the first Japanese or
Chinese text is ordered.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Any, Final

import fugashi
import ipadic

_READING: Final = 7
_KANA_ONLY: Final = re.compile("[^\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]*")
_HIRAGANA: Final = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}
_SMALL: Final = str.maketrans("ぁぃぅぇぉっゃゅょゎゕゖ", "あいうえおつやゆよわかけ")
_MARKS: Final = re.compile("[\u3099\u309a]")
_LONG: Final = re.compile("([\u3041-\u3096])ー")
_VOWELS: Final = {
    char: vowel
    for vowel, row in {
        "あ": "あかさたなはまやらわ",
        "い": "いきしちにひみりゐ",
        "う": "うくすつぬふむゆる",
        "え": "えけせてねへめれゑ",
        "お": "おこそとのほもよろを",
    }.items()
    for char in row
}


@lru_cache(maxsize=1)
def _tagger() -> Any:
    return fugashi.GenericTagger(ipadic.MECAB_ARGS)


def kana_reading(text: str) -> tuple[str, str]:
    """How `text` is read, in hiragana: first without marks, as dictionaries order, then exactly.

    What has no reading stays as it is and so comes after all kana.
    """
    exact = (text if _KANA_ONLY.fullmatch(text) else _read(text)).translate(_HIRAGANA)
    base = _MARKS.sub("", unicodedata.normalize("NFD", exact)).translate(_SMALL)
    base = unicodedata.normalize("NFC", base)
    while (longer := _LONG.sub(_lengthen, base)) != base:
        base = longer
    return base, exact


def _lengthen(match: "re.Match[str]") -> str:
    """`かー` is ordered as `かあ`."""
    return match.group(1) + _VOWELS.get(match.group(1), "ー")


def _read(text: str) -> str:
    parts = []
    for word in _tagger()(text):
        feature = word.feature
        reading = feature[_READING] if len(feature) > _READING else "*"
        parts += [word.white_space, word.surface if reading == "*" else reading]
    return "".join(parts)
