"""A number of stars."""

from typing import Any, Final

from fieldstone.metadata.fields.base import Source
from fieldstone.metadata.fields.integer import Integer

USUAL: Final = 5
MOST: Final = 10


class Rating(Integer):
    id = "rating"
    title = "Rating"
    description = (
        f"A number of stars: a whole number from 0 to `maximum` ({USUAL} when left out, {MOST} at most)."
    )

    def wire_schema(self, source: Source) -> dict[str, Any]:
        most = source.plain.get("maximum", USUAL)
        if not isinstance(most, int) or not 1 <= most <= MOST:
            source.refuse("maximum", "rating.maximum", f"a rating has 1 to {MOST} stars, not {most}")
            most = USUAL
        schema = super().wire_schema(source)
        return {**schema, "minimum": max(schema["minimum"], 0), "maximum": most}
