"""A place on the earth."""

import math
import re
from decimal import Decimal
from typing import Any, Final

from fieldstone.metadata.definitions import Field
from fieldstone.metadata.fields.base import INVALID
from fieldstone.metadata.fields.pairs import PairType
from fieldstone.metadata.fields.wording import problem, wrong_type
from fieldstone.problems import Problem

MOST: Final = {"lat": 90, "lon": 180}
NUMBER: Final = r"([+-]?\d{1,3}(?:\.\d{1,17})?)\s*°?\s*"
PAIR: Final = re.compile(NUMBER + r"([NSns北南]?)\s*[,;，、\s/]\s*" + NUMBER + r"([EWew東东西]?)", re.ASCII)
NEGATIVE: Final = frozenset("SsWw南西")


class GeoPoint(PairType):
    id = "geo_point"
    title = "Place on the map"
    description = (
        "A point in degrees (WGS 84): `lat` from -90 to 90, `lon` from -180 to 180. Expressions read `spot.lat` and "
        "`spot.lon`. Tables write 25.0330, 121.5654."
    )
    operators = ("lat", "lon", "isEmpty")
    parts = {"lat": "number", "lon": "number"}

    def shape(self) -> dict[str, Any]:
        degrees = {
            name: {"title": title, "type": "number", "minimum": -MOST[name], "maximum": MOST[name]}
            for name, title in (("lat", "Latitude"), ("lon", "Longitude"))
        }
        return {"properties": degrees, "additionalProperties": False, "required": ["lat", "lon"]}

    def part(self, name: str, value: Any, path: str, problems: list[Problem]) -> Any:
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            problems.append(wrong_type(path, value, "a number"))
            return INVALID
        most = MOST[name]
        if not -most <= value <= most or not math.isfinite(value):
            code, limit = ("minimum", -most) if value < 0 else ("maximum", most)
            problems.append(problem(code, path, value, limit))
            return INVALID
        return float(value) + 0.0

    def whole(self, value: dict[str, Any], path: str, problems: list[Problem]) -> Any:
        missing = [name for name, each in value.items() if each is None]
        problems += [problem("required", f"{path}/{name}") for name in missing]
        return INVALID if missing else value

    def words(self, text: str) -> dict[str, Any] | None:
        found = PAIR.fullmatch(text)
        if not found:
            return None
        lat, south, lon, west = found.groups()
        return {
            "lat": -Decimal(lat) if south in NEGATIVE else Decimal(lat),
            "lon": -Decimal(lon) if west in NEGATIVE else Decimal(lon),
        }

    def format_text(self, definition: Field, value: Any) -> str:
        return ", ".join(format(Decimal(repr(value[name])), "f") for name in self.parts)
