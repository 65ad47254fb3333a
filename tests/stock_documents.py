"""The documents that the tests of records share: assets in places, with parts."""

from typing import Any

ALL = dict.fromkeys(("create", "read", "update", "delete", "assign"), "all")

DOCUMENTS: dict[str, Any] = {
    "entities/place": {
        "type": "object",
        "required": ["name"],
        "titleField": "name",
        "properties": {
            "name": {"type": "string", "search": True},
            "country": {"type": "string"},
            "asset_count": {"field": "rollup", "rollup": {"of": "asset.place", "fn": "count"}},
        },
    },
    "entities/asset": {
        "type": "object",
        "plural": "Assets",
        "required": ["label"],
        "titleField": "label",
        "rateDate": "bought",
        "properties": {
            "label": {"type": "string", "maxLength": 80, "search": True},
            "serial": {"type": "string", "unique": True},
            "number": {"field": "sequence", "sequence": "A-{n:05}"},
            "status": {
                "oneOf": [{"const": "new", "title": "New"}, {"const": "used", "title": "Used"}],
                "default": "new",
            },
            "bought": {"type": "string", "format": "date", "defaultExpression": "today()"},
            "code": {"type": "string", "defaultExpression": "upper(label)"},
            "price": {"field": "money", "minimum": 0},
            "deposit": {"field": "money", "rateRequired": True},
            "pieces": {"type": "integer", "minimum": 0, "readOnlyWhen": "status == 'used'"},
            "reason": {"type": "string", "requiredWhen": "pieces > 100"},
            "worth": {"field": "formula", "formula": "price * pieces"},
            "place": {"field": "link", "target": "place", "onDelete": "restrict"},
            "country": {"field": "related", "related": "place.country"},
            "origin": {"field": "formula", "formula": "place.country"},
            "parts": {
                "field": "lines",
                "properties": {
                    "name": {"type": "string", "maxLength": 40},
                    "qty": {"type": "integer", "default": 1},
                    "cost": {"field": "money"},
                    "batch": {"type": "string", "defaultExpression": "lower(name)"},
                    "sum": {"field": "formula", "formula": "cost * qty"},
                    "note": {"type": "string", "requiredWhen": "qty > 10"},
                    "home": {"field": "link", "target": "place", "onDelete": "clear"},
                    "home_country": {"field": "related", "related": "home.country"},
                    "origin": {"type": "string", "defaultExpression": "home.country"},
                },
                "rules": [
                    {"name": "not_odd", "when": "name == 'odd'", "field": "name", "message": "No odd parts"}
                ],
            },
            "part_count": {"field": "rollup", "rollup": {"of": "parts", "fn": "sum", "value": "qty"}},
            "home_count": {
                "field": "rollup",
                "rollup": {"of": "parts", "fn": "count", "where": "!isEmpty(home)"},
            },
            "topics": {"field": "tags"},
            "address": {"field": "address"},
        },
        "rules": [
            {
                "name": "serial_when_used",
                "when": "status == 'used' && isEmpty(serial)",
                "field": "serial",
                "message": "A used asset needs its serial number",
            },
            {"name": "not_too_dear", "when": "worth > 1000000", "message": "Too dear"},
            {"name": "not_there", "when": "country == 'XX'", "field": "place", "message": "Not there"},
        ],
    },
    "entities/folder": {
        "type": "object",
        "required": ["name"],
        "additionalProperties": True,
        "properties": {"name": {"type": "string"}},
    },
    "entities/stamp": {
        "type": "object",
        "required": ["label"],
        "properties": {
            "label": {"type": "string"},
            "code": {"type": "string", "unique": True},
            "number": {"field": "sequence", "sequence": "gapless"},
        },
    },
    "sequences/gapless": {"pattern": "G{n}", "gapless": True},
    # a link of each kind to `target`
    "entities/target": {
        "type": "object",
        "required": ["name"],
        "properties": {"name": {"type": "string"}, "tone": {"type": "string"}},
    },
    "entities/strict": {
        "type": "object",
        "properties": {
            "label": {"type": "string"},
            "to": {"field": "link", "target": "target", "onDelete": "restrict"},
        },
    },
    "entities/loose": {
        "type": "object",
        "properties": {
            "label": {"type": "string"},
            "to": {"field": "link", "target": "target", "onDelete": "clear"},
            "tone": {"field": "formula", "formula": "to.tone"},
            "inner": {
                "field": "lines",
                "properties": {
                    "label": {"type": "string"},
                    "of": {"field": "link", "target": "target", "onDelete": "cascade"},
                    "near": {"field": "link", "target": "target", "onDelete": "clear"},
                    "never": {"field": "link", "target": "target", "onDelete": "restrict"},
                },
            },
            "inner_count": {"field": "rollup", "rollup": {"of": "inner", "fn": "count"}},
            "near_count": {
                "field": "rollup",
                "rollup": {"of": "inner", "fn": "count", "where": "!isEmpty(near)"},
            },
        },
    },
    "entities/bound": {
        "type": "object",
        "properties": {
            "label": {"type": "string"},
            "to": {"field": "link", "target": "target", "onDelete": "cascade"},
            "next": {"field": "link", "target": "bound", "onDelete": "cascade"},
        },
    },
    "roles/clerk": {
        "entities": [
            {"name": "asset", "verbs": ALL},
            {
                "name": "place",
                "verbs": {"read": "all"},
                "recordRules": [{"name": "not_far", "when": "country != 'FAR'", "verbs": ["read"]}],
            },
        ]
    },
}
