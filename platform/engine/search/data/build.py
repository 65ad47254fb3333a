"""Makes the tables in this folder; run by hand, when CLDR, pypinyin or OpenCC have news.

`python platform/engine/search/data/build.py` needs Node (for `build.mjs`), pypinyin and
opencc-python-reimplemented, which are development dependencies: loading pypinyin at run time costs 58 MB
in each process and 130 µs per text.

strokes.txt      Han characters in CLDR's stroke order pinyin.txt       one line per toned syllable, in
sorting order: `chong2 虫崇...` (a character's usual reading) phrases.txt      words in which a character is
read otherwise: `重庆 chong2 qing4` simplified.txt   two lines: characters, and what each is folded to for
search (traditional and Japanese forms)
"""

import re
import subprocess
from importlib.resources import files
from pathlib import Path

from pypinyin.constants import PHRASES_DICT, PINYIN_DICT
from pypinyin.contrib.tone_convert import to_tone3

HERE = Path(__file__).parent
LONGEST_PHRASE = 3


def syllable(marked: str) -> str:
    return to_tone3(marked, v_to_u=False)


def order(toned: str) -> tuple[str, str]:
    """`lü` after `lu` and before `luan`; the neutral tone after the others."""
    letters, tone = re.fullmatch(r"([a-zêḿńňǹ̀ṁü]+)([1-4]?)", toned).groups()  # type: ignore[union-attr]
    return letters.replace("v", "u\x01").replace("ü", "u\x01"), tone or "5"


def strokes() -> str:
    done = subprocess.run(["node", HERE / "build.mjs"], capture_output=True, check=True)
    return done.stdout.decode()


def readings(known: set[str]) -> dict[str, str]:
    usual = {}
    for code, marked in PINYIN_DICT.items():
        toned = syllable(marked.split(",")[0])
        if chr(code) in known and re.fullmatch(r"[a-zü]+[1-4]?", toned):
            usual[chr(code)] = toned
    return usual


def phrases(usual: dict[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}

    def plain(text: str) -> list[str]:
        spoken, at = [], 0
        while at < len(text):
            for size in range(min(LONGEST_PHRASE, len(text) - at), 1, -1):
                if text[at : at + size] in found:
                    spoken += found[text[at : at + size]]
                    at += size
                    break
            else:
                spoken.append(usual.get(text[at], ""))
                at += 1
        return spoken

    for text in sorted(PHRASES_DICT, key=lambda text: (len(text), text)):
        if len(text) > LONGEST_PHRASE:
            break
        expected = plain(text)
        said = [syllable(options[0]) for options in PHRASES_DICT[text]]
        if len(said) != len(text):
            continue
        said = [now if re.search(r"\d", now) else old for now, old in zip(said, expected, strict=True)]
        if said != expected and all(said):
            found[text] = said
    return found


def simplified() -> tuple[str, str]:
    folder = files("opencc") / "dictionary"
    table = dict(pairs((folder / "TSCharacters.txt").read_text("utf-8")))
    for traditional, japanese in pairs((folder / "JPVariants.txt").read_text("utf-8")):
        table.setdefault(japanese, table.get(traditional, traditional))
    for char, to in table.items():
        while to in table and table[to] != char and table[to] != to:
            to = table[to]
        table[char] = to
    table = {char: to for char, to in sorted(table.items()) if char != to and len(char) == len(to) == 1}
    return "".join(table), "".join(table.values())


def pairs(text: str) -> list[tuple[str, str]]:
    """OpenCC's lines: a character, and the first of what stands for it."""
    lines = (line.partition("\t") for line in text.splitlines())
    return [(left, right.split(" ")[0]) for left, _, right in lines]


def main() -> None:
    ranked = strokes()
    usual = readings(set(ranked))
    said = phrases(usual)
    lines: dict[str, list[str]] = {}
    for char in ranked.strip():
        if char in usual:
            lines.setdefault(usual[char], []).append(char)
    for toned in {part for spoken in said.values() for part in spoken}:
        lines.setdefault(toned, [])
    write("strokes.txt", ranked)
    write("pinyin.txt", "".join(f"{toned} {''.join(lines[toned])}\n" for toned in sorted(lines, key=order)))
    write("phrases.txt", "".join(f"{text} {' '.join(spoken)}\n" for text, spoken in sorted(said.items())))
    write("simplified.txt", "\n".join(simplified()) + "\n")


def write(name: str, text: str) -> None:
    (HERE / name).write_text(text, "utf-8")
    print(f"{name}: {len(text)} characters")


if __name__ == "__main__":
    main()
