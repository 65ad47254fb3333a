"""A colour."""

import re
from typing import Any, Final

from fieldstone.metadata.definitions import Field
from fieldstone.metadata.fields.patterned import PatternedType

SHORT: Final = re.compile(r"#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})")


class Colour(PatternedType):
    id = "colour"
    title = "Colour"
    description = (
        "A colour as #rrggbb; kept in small letters. Tables may leave the # out or write three digits."
    )
    form = "^#[0-9a-fA-F]{6}$"
    longest = 7

    def canonical(self, definition: Field, text: str) -> str:
        return text.lower()

    def parse_text(self, definition: Field, text: str) -> Any:
        found = SHORT.fullmatch(text.strip())
        if not found:
            return text
        digits = found[1] if len(found[1]) == 6 else "".join(digit * 2 for digit in found[1])
        return f"#{digits.lower()}"
