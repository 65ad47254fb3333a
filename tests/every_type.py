"""Documents with a field of every type that there is: one entity in whose records all of them stand."""

from typing import Any

from metadata.fields.test_contract import ROWS

ALL = dict.fromkeys(("create", "read", "update", "delete"), "all")
NEEDS: dict[str, dict[str, Any]] = {
    "related": {"field": "related", "related": "a_link.name"},
    "snapshot": {"field": "snapshot", "of": "a_link", "fields": ["name"]},
    "rollup": {"field": "rollup", "rollup": {"of": "a_lines", "fn": "sum", "value": "qty"}},
    "formula": {"field": "formula", "formula": "a_integer + 1"},
    "sequence": {"field": "sequence", "sequence": "T-{n:05}"},
    "any_link": {"field": "any_link", "targets": ["place", "thing"]},
    "dependent_select": {
        "field": "dependent_select",
        "dependsOn": "a_radio",
        "oneOf": [{"const": "oak", "title": "Oak", "when": ["low"]}, {"const": "any", "title": "Any"}],
    },
}
"""Types whose row in the contract suite speaks of other names than the fields here have."""

DOCUMENTS: dict[str, dict[str, Any]] = {
    "entities/place.json": {
        "title": "Place",
        "type": "object",
        "required": ["name"],
        "properties": {"name": {"type": "string", "minLength": 1, "search": True}},
        "titleField": "name",
        "duplicates": [{"name": "same_name", "fields": [{"name": "name"}]}],
        "conversions": [
            {"name": "copy", "creates": [{"name": "copy", "entity": "place", "values": {"name": "name"}}]}
        ],
    },
    "entities/thing.json": {
        "title": "Thing",
        "type": "object",
        "properties": {f"a_{name}": NEEDS.get(name, row.schema) for name, row in ROWS.items()}
        | {"serial": {"type": "string", "maxLength": 40, "unique": True, "title": "Serial number"}},
        "titleField": "a_text",
        "rules": [
            {
                "name": "few",
                "when": "a_integer > 1000000",
                "field": "a_integer",
                "message": "No more than a million",
            }
        ],
    },
    "roles/clerk.json": {
        "entities": [
            {"name": "thing", "verbs": ALL, "hidden": ["a_secret", "serial"], "locked": ["a_code"]},
            {"name": "place", "verbs": {"read": "all"}},
        ]
    },
    "roles/reader.json": {"entities": [{"name": "place", "verbs": {"read": "all"}}]},
}
