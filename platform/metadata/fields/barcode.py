"""A number or text that machines read: its symbology says what is legal."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from fieldstone.metadata.definitions import Field
from fieldstone.metadata.fields.base import JsonSchema, Source
from fieldstone.metadata.fields.numbers import FULL_WIDTH
from fieldstone.metadata.fields.patterned import PatternedType
from fieldstone.problems import Problem

FORMS: Final[Mapping[str, str]] = {
    "code128": r"^[\x20-\x7e]{1,80}$",
    "ean13": "^[0-9]{13}$",
    "ean8": "^[0-9]{8}$",
    "upca": "^[0-9]{12}$",
    "isbn": "^97[89][0-9]{10}$",
    "qr": r"^[^\u0000\ud800-\udfff]{1,500}$",
}
DIGITS: Final = frozenset(("ean13", "ean8", "upca", "isbn"))


class Barcode(PatternedType):
    id = "barcode"
    title = "Barcode"
    description = (
        "A number or text that is shown as a barcode. Numbers carry their check digit, and it must be right. Tables may "
        "group digits by spaces or hyphens; an ISBN of ten digits is read as the one of thirteen."
    )
    longest = 500
    vocabulary: ClassVar[Mapping[str, JsonSchema]] = {
        "symbology": {
            "enum": list(FORMS),
            "description": (
                "Which barcode: `code128` (printable ASCII; when left out), `ean13`, `ean8`, `upca`, `isbn`, or `qr` "
                "(any text up to 500 characters)."
            ),
        }
    }

    def read(self, source: Source) -> dict[str, Any]:
        return {**super().read(source), "settings": {"symbology": symbology(source.ours)}}

    def form_of(self, source: Source) -> str:
        return FORMS[symbology(source.ours)]

    def wrong(self, definition: Field, text: str, path: str) -> Problem | None:
        if definition.settings["symbology"] not in DIGITS:
            return None
        right = check_digit(text[:-1])
        if text[-1] == right:
            return None
        message = f'the check digit of "{text}" is {text[-1]}, but should be {right}'
        return Problem(path, "barcode.check_digit", message, {"found": text, "limit": right})

    def parse_text(self, definition: Field, text: str) -> Any:
        kind = definition.settings["symbology"]
        if kind not in DIGITS:
            return text.strip()
        short = "".join(c for c in text.strip().translate(FULL_WIDTH) if c not in " -").upper()
        if kind == "isbn" and len(short) == 10 and short[:9].isdigit():
            return isbn13(short)
        return short if short.isdigit() else text


def symbology(ours: Mapping[str, Any]) -> str:
    named = ours.get("symbology")
    return named if isinstance(named, str) and named in FORMS else "code128"


def check_digit(digits: str) -> str:
    """The last digit of an EAN, UPC or ISBN-13, by the digits before it (GS1: weights 3 and 1 from the right)."""
    total = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def isbn13(ten: str) -> str:
    """The thirteen digits of an ISBN of ten, when its own check digit is right; else as it was."""
    values = [10 if c == "X" else int(c) if c.isdigit() else 99 for c in ten]
    if sum(value * (10 - place) for place, value in enumerate(values)) % 11:
        return ten
    digits = "978" + ten[:9]
    return digits + check_digit(digits)
