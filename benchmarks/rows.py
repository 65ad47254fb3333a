"""The benchmark's records: the same ones for the same number, in the form that the API takes."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

REGIONS = ("North", "South", "East", "West", "Centre", "Coast", "Hills", "Islands", "Plains", "Valley")
WORDS = (
    "Granite", "Harbour", "Lantern", "Meadow", "Copper", "Willow", "Summit", "Orchard", "Beacon", "Quarry",
    "Timber", "Crystal", "Falcon", "Maple", "Anchor", "Ember", "Juniper", "Canyon", "Pioneer", "Sterling",
)  # fmt: skip
TAGS = ("first", "second", "third", "fourth", "fifth", "sixth")
FIRST_DAY = date(1970, 1, 1)


def body(number: int, *, series: str = "L") -> dict[str, Any]:
    """The record of a number; `series` keeps the codes of one purpose apart from those of another."""
    random = Random(f"{series}{number}")
    words = random.sample(WORDS, 3)
    name = f"{words[0]} {words[1]} {number}"
    region = random.choice(REGIONS)
    ceiling = random.randrange(1_000, 1_000_000)
    seen = date(2024, 1, 1) + timedelta(days=random.randrange(700))
    return {
        "label": f"{name} Works",
        "short_label": words[2],
        "code": f"{series}-{number:08}",
        "kind": random.choice(("company", "company", "person")),
        "status": random.choice(("new", "active", "active", "closed")),
        "grade": random.choice("ABCD"),
        "region": region,
        "city": f"{region} {words[2]}",
        "place": {
            "street": f"{number % 400} {words[1]} Street",
            "city": f"{region} {words[2]}",
            "country": "DE",
        },
        "email": f"office{number}@example.com",
        "phone": f"+4930{number:08}",
        "site": f"https://example.com/{words[0].lower()}/{number}",
        "tax_code": f"DE{number:09}",
        "people": random.randrange(1, 5_000),
        "turnover": f"{random.randrange(10_000, 90_000_000)}.50",
        "ceiling": f"{ceiling}.00",
        "used": f"{random.randrange(ceiling)}.25",
        "discount": f"0.{random.randrange(10, 40)}",
        "rating": random.randrange(1, 6),
        "vip": random.random() < 0.1,
        "founded": (FIRST_DAY + timedelta(days=random.randrange(19_000))).isoformat(),
        "last_seen": f"{seen.isoformat()}T{number % 24:02}:30:00Z",
        "tags": random.sample(TAGS, 2),
        "note": f"{words[0]} {words[1]} {words[2]}: " + "a remark of ordinary length. " * (number % 4 + 1),
    }


def bodies(count: int, *, series: str = "L", start: int = 0) -> Iterator[dict[str, Any]]:
    return (body(number, series=series) for number in range(start, start + count))
