"""The tables about Han characters in `data/`, each read once, when the first text needs it.

`data/build.py` makes them. They are immutable once read.
"""

from functools import lru_cache
from importlib.resources import files


def _read(name: str) -> str:
    return (files("fieldstone.engine.search") / "data" / name).read_text("utf-8")


@lru_cache(maxsize=1)
def simplified() -> dict[int, str]:
    """From code point to the simplified character that it is searched as."""
    left, right = _read("simplified.txt").split()
    return dict(zip(map(ord, left), right, strict=True))


@lru_cache(maxsize=1)
def strokes() -> dict[str, int]:
    """The place of each Han character in the order by strokes."""
    return {char: place for place, char in enumerate(_read("strokes.txt").strip())}


@lru_cache(maxsize=1)
def syllables() -> tuple[dict[str, int], dict[str, int]]:
    """The place of each toned syllable, and of the usual syllable of each character."""
    places: dict[str, int] = {}
    usual: dict[str, int] = {}
    for place, line in enumerate(_read("pinyin.txt").splitlines()):
        toned, _, chars = line.partition(" ")
        places[toned] = place
        usual.update(dict.fromkeys(chars, place))
    return places, usual


@lru_cache(maxsize=1)
def phrases() -> dict[str, tuple[int, ...]]:
    """Words (in simplified characters) that are not read as their characters usually are."""
    places = syllables()[0]
    lines = (line.split(" ") for line in _read("phrases.txt").splitlines())
    return {word: tuple(places[toned] for toned in spoken) for word, *spoken in lines}
