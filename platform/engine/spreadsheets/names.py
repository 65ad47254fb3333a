"""Readable names for the API, made from headings and titles of any language.

A heading with a usual meaning gets its English word; other Latin text is taken as it is; Chinese is written
in pinyin, Japanese in Latin letters as it is read. What cannot be written so is numbered (`column_3`).
"""

import re
import unicodedata
from collections.abc import Collection
from functools import lru_cache
from typing import Final

from fieldstone.engine.search import plain
from fieldstone.engine.search.readings import kana_reading
from fieldstone.engine.search.tables import phrases, simplified, syllables
from fieldstone.engine.spreadsheets.words import exact_meaning, heading

LONGEST: Final = 40
HAN: Final = re.compile(r"[\u3007\u3400-\u4dbf\u4e00-\u9fff]+")
KANA: Final = re.compile(r"[\u3041-\u3096\u30a1-\u30fa]")
_WORD: Final = re.compile(r"[a-z0-9]+")

_ROWS: Final = (
    ("あいうえお", "a i u e o"), ("かきくけこ", "ka ki ku ke ko"), ("さしすせそ", "sa shi su se so"),
    ("たちつてと", "ta chi tsu te to"), ("なにぬねの", "na ni nu ne no"), ("はひふへほ", "ha hi fu he ho"),
    ("まみむめも", "ma mi mu me mo"), ("やゆよ", "ya yu yo"), ("らりるれろ", "ra ri ru re ro"),
    ("わゐゑをん", "wa i e o n"), ("がぎぐげご", "ga gi gu ge go"), ("ざじずぜぞ", "za ji zu ze zo"),
    ("だぢづでど", "da ji zu de do"), ("ばびぶべぼ", "ba bi bu be bo"), ("ぱぴぷぺぽ", "pa pi pu pe po"),
    ("ゔ", "vu"), ("ぁぃぅぇぉ", "a i u e o"),
)  # fmt: skip
_ROMAN: Final = {
    kana: roman for row, sounds in _ROWS for kana, roman in zip(row, sounds.split(), strict=True)
}
_GLIDES: Final = {"ゃ": "a", "ゅ": "u", "ょ": "o"}


def is_japanese(texts: Collection[str]) -> bool:
    """Whether texts are Japanese rather than Chinese: some of them has kana."""
    return any(KANA.search(text) for text in texts)


def readable(text: str, *, japanese: bool = False) -> str:
    """A text in small Latin letters, digits and underscores, as people would write it; empty if none."""
    usual = exact_meaning(text)
    if usual:
        return usual
    short = plain(heading(text) if heading(text) else text)
    if japanese and (HAN.search(short) or KANA.search(short)):
        short = _romanised(kana_reading(unicodedata.normalize("NFKC", text))[1].lower())
    else:
        short = HAN.sub(lambda run: f" {_pinyin(run.group())} ", short)
        short = _romanised(kana_reading(short)[1]) if KANA.search(short) else short
    return _latin(short)


def _latin(text: str) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return "_".join(_WORD.findall(bare.lower()))[:LONGEST].strip("_")


def free_name(
    text: str, otherwise: str, taken: Collection[str], *, japanese: bool = False, as_written: bool = False
) -> str:
    """A name as documents have it, that is not taken: readable, beginning with a letter, 40 characters.

    `as_written` takes Latin text without looking at what headings usually mean.
    """
    latin = as_written and text.isascii()
    base = (_latin(text) if latin else readable(text, japanese=japanese)) or otherwise
    if not base[0].isalpha():
        base = f"{otherwise.partition('_')[0]}_{base}"[:LONGEST].strip("_")
    name, number = base, 1
    while name in taken:
        number += 1
        end = f"_{number}"
        name = base[: LONGEST - len(end)].rstrip("_") + end
    return name


@lru_cache(maxsize=1)
def _spoken() -> dict[int, str]:
    """The toneless syllable of each place."""
    return {place: toned.rstrip("12345") for toned, place in syllables()[0].items()}


def _pinyin(run: str) -> str:
    """Han characters as syllables; words that are read in a way of their own are."""
    names, usual, known = _spoken(), syllables()[1], phrases()
    simple = run.translate(simplified())
    said: list[str] = []
    at = 0
    while at < len(run):
        size = next((size for size in (3, 2) if simple[at : at + size] in known), 1)
        if size > 1:
            said += [names[place] for place in known[simple[at : at + size]]]
        else:
            place = usual.get(run[at], usual.get(simple[at]))
            said += [names[place]] if place is not None else []
        at += size
    return "_".join(said).replace("ü", "v")


def _romanised(kana: str) -> str:
    """Hiragana in Latin letters, by Hepburn's rules as far as plain letters go."""
    out: list[str] = []
    doubled = False
    for char in kana:
        if char == "っ":
            doubled = True
            continue
        if char in _GLIDES and out and out[-1].endswith("i"):
            stem = out[-1][:-1]
            out[-1] = stem + ("" if stem.endswith(("sh", "ch", "j")) else "y") + _GLIDES[char]
            continue
        sound = _ROMAN.get(char, "" if char == "ー" else char)
        if doubled and sound:
            sound = ("t" if sound.startswith("ch") else sound[0]) + sound
            doubled = False
        out.append(sound)
    return "".join(out)
