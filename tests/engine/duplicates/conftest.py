"""One tenant with places that may be entered twice, and assets and stays that link to them."""

from collections.abc import Iterator

import pytest
from record_world import RecordWorld, package, record_world

DOCUMENTS = {
    "entities/place": {
        "title": "Place",
        "required": ["name"],
        "properties": {
            "name": {"type": "string"},
            "country": {"enum": ["tw", "de", "jp"]},
            "phone": {"field": "phone"},
            "mobile": {"field": "phone"},
            "number": {"type": "string"},
            "secret": {"type": "string"},
            "closed": {"type": "boolean"},
        },
        "duplicates": [
            {"name": "same_name", "fields": [{"name": "name", "compare": "company_name"}]},
            {
                "name": "same_phone",
                "fields": [{"name": "phone", "compare": "phone", "also": ["mobile"]}],
                "reveal": "owner",
            },
            {
                "name": "same_number",
                "title": "Same number",
                "fields": [
                    {"name": "number", "compare": "tax_number"},
                    {"name": "country", "compare": "exact"},
                ],
                "action": "block",
                "when": "closed != true",
            },
            {"name": "same_secret", "fields": [{"name": "secret"}]},
        ],
    },
    "roles/all": {
        "entities": [
            {
                "name": "place",
                "verbs": {"create": "all", "read": "all", "update": "all", "delete": "all"},
                "hidden": ["secret"],
            }
        ]
    },
    "roles/own": {
        "entities": [
            {
                "name": "place",
                "verbs": {"create": "own", "read": "own", "update": "own", "delete": "own"},
            }
        ]
    },
}


@pytest.fixture(scope="module")
def places(postgres_url: str) -> Iterator[RecordWorld]:
    with record_world(postgres_url, "duplicates", [package("places", DOCUMENTS)]) as world:
        world.add_user("ann", "all")
        world.add_user("bob", "own")
        world.add_user("cay", "own")
        yield world
