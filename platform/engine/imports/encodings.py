"""Which encoding a text file is in, without being told.

UTF-8 and UTF-16 are certain (by mark, or because nothing else decodes so). Between Big5, GB18030 and
Shift_JIS, which decode much of each other's text, the one wins in whose table the characters are the common
ones: each of these character sets has a first level of everyday characters, where wrong guesses rarely
land.
"""

import codecs
import io
import re
from collections.abc import Callable
from typing import Final, TextIO

from fieldstone.engine.imports.errors import UnreadableSource

ALIASES: Final = {
    "big5": "cp950",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "gbk": "gb18030",
    "gb2312": "gb18030",
}
_SAMPLE: Final = 200_000
_STEP: Final = 1_000_000
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_KANA: Final = re.compile("[\u3041-\u309f\u30a1-\u30fe]")
_SIGNS: Final = re.compile("[\u3000-\u3002\u300a-\u3011\uff01-\uff5e\u2018-\u201d\u2014\u2026\u00b7]")


def decode(data: bytes, encoding: str | None = None) -> tuple[str, str]:
    """The text of a file and its encoding. Raises UnreadableSource with the place that cannot be read."""
    name = encoding_of(data, encoding)
    return data.decode(name).removeprefix("\ufeff"), name


def encoding_of(data: bytes, encoding: str | None = None) -> str:
    """The encoding that a file is in, as told or found out, once all of it was decoded: a megabyte at a time."""
    name = ALIASES.get(encoding.lower(), encoding) if encoding else detect(data)
    try:
        decoder = codecs.getincrementaldecoder(name)()
    except (LookupError, AttributeError):
        raise UnreadableSource(f'There is no encoding "{encoding}".', encoding=encoding) from None
    for start in range(0, max(len(data), 1), _STEP):
        try:
            decoder.decode(data[start : start + _STEP], final=start + _STEP >= len(data))
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, max(start + error.start - len(decoder.getstate()[0]), 0)) + 1
            message = f"Line {line} cannot be read as {name}; save the file as UTF-8, or name its encoding."
            raise UnreadableSource(message, line=line, encoding=name) from None
    return name


def open_text(data: bytes, name: str) -> TextIO:
    """A file's text to be read piece by piece, without the mark at its beginning."""
    text = io.TextIOWrapper(io.BytesIO(data), encoding=name, newline="")
    if text.read(1) != "\ufeff":
        text.seek(0)
    return text


def detect(data: bytes) -> str:
    """The name of the encoding that `data` is most likely in."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name
    if b"\0" in data[:2000]:
        evens, odds = data[:2000:2].count(0), data[1:2000:2].count(0)
        return "utf-16-le" if odds > evens else "utf-16-be"
    if _decodes(data, "utf-8"):
        return "utf-8"
    scores = {name: _score(data, name, common) for name, common in _COMMON.items()}
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] > 0 else "utf-8"


def _decodes(data: bytes, name: str) -> bool:
    decoder = codecs.getincrementaldecoder(name)()
    try:
        for start in range(0, len(data), _STEP):
            decoder.decode(data[start : start + _STEP], final=start + _STEP >= len(data))
    except UnicodeDecodeError:
        return False
    return True


def _score(data: bytes, name: str, common: "Callable[[str], bool]") -> float:
    decoder = codecs.getincrementaldecoder(name)()
    try:
        text = decoder.decode(data[:_SAMPLE], final=len(data) <= _SAMPLE)
    except UnicodeDecodeError:
        return 0.0
    foreign = [char for char in text if ord(char) > 127]
    if not foreign:
        return 0.0
    return sum(1 for char in foreign if _SIGNS.match(char) or common(char)) / len(foreign)


def _big5(char: str) -> bool:
    return 0xA4 <= _lead(char, "big5") <= 0xC6


def _gb(char: str) -> bool:
    return 0xB0 <= _lead(char, "gb2312") <= 0xD7


def _sjis(char: str) -> bool:
    return bool(_KANA.match(char)) or 0x88 <= _lead(char, "shift_jis") <= 0x98


def _western(char: str) -> bool:
    """Letters of Western European languages; half a point, since any bytes decode as these."""
    return char in "äöüÄÖÜßéèêëàâçñáíóúîïôûùåøæÅØÆÉÈÀÇÑÁÍÓÚœ€£°²³"


def _lead(char: str, name: str) -> int:
    try:
        encoded = char.encode(name)
    except UnicodeEncodeError:
        return 0
    return encoded[0] if len(encoded) == 2 else 0


_COMMON: Final["dict[str, Callable[[str], bool]]"] = {
    "cp950": _big5,
    "gb18030": _gb,
    "cp932": _sjis,
    "cp1252": _western,
}
