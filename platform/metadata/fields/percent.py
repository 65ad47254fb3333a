"""A share: 0.15 is 15 %."""

from decimal import Decimal as Exact
from typing import Any

from fieldstone.metadata.definitions import Field
from fieldstone.metadata.fields.decimal import Decimal
from fieldstone.metadata.fields.numbers import number_in


class Percent(Decimal):
    id = "percent"
    title = "Percent"
    description = "A share as an exact number: 0.15 is 15 %. In tables it is written `15%`."

    def parse_text(self, definition: Field, text: str) -> Any:
        short = text.strip()
        number = number_in(short.rstrip("%％ "), None)
        if number is None:
            return text
        exact = Exact(number)
        return format(shifted(exact, -2) if short.endswith(("%", "％")) else exact, "f")

    def format_text(self, definition: Field, value: Any) -> str:
        return format(shifted(value, 2), "f") + "%"


def shifted(value: Exact, places: int) -> Exact:
    """`value` times a power of ten, exact whatever the precision of the decimal context."""
    sign, digits, exponent = value.as_tuple()
    return Exact((sign, digits, int(exponent) + places))
