"""Assets in places, and automations of every trigger and every action about them."""

from typing import Any

ALL = dict.fromkeys(("create", "read", "update", "delete", "import"), "all")
STATES = [{"const": each, "title": each.title()} for each in ("new", "used", "gone", "sold")]


def template(text: str) -> dict[str, Any]:
    locales = dict.fromkeys(("en", "zh-Hans", "zh-Hant", "ja"), text)
    return {"title": text, "subject": locales, "text": locales}


DOCUMENTS: dict[str, Any] = {
    "entities/place": {
        "title": "Place",
        "properties": {"name": {"type": "string"}, "town": {"type": "string"}, "open": {"type": "boolean"}},
    },
    "entities/asset": {
        "title": "Asset",
        "required": ["label"],
        "properties": {
            "label": {"type": "string"},
            "code": {"type": "string", "unique": True},
            "price": {"field": "money"},
            "count": {"type": "integer"},
            "note": {"type": "string"},
            "place": {"field": "link", "target": "place"},
            "keeper": {"field": "user"},
            "due": {"type": "string", "format": "date"},
            "closed": {"type": "boolean"},
            "checked": {"type": "string", "format": "date-time"},
            "parts": {
                "field": "lines",
                "properties": {
                    "name": {"type": "string"}, "qty": {"type": "integer"}, "done": {"type": "boolean"},
                    "place": {"field": "link", "target": "place"},
                },
            },
            "status": {
                "oneOf": STATES, "initial": "new",
                "transitions": [
                    {"name": "use", "from": ["new"], "to": "used"},
                    {"name": "scrap", "to": "gone", "when": "count > 0"},
                    {"name": "sell", "from": ["used"], "to": "sold", "workflow": "selling", "when": "price > 0"},
                ],
            },
        },
        "conversions": [
            {"name": "visit", "title": "Visit",
             "creates": [{"name": "visit", "entity": "visit", "values": {"asset": "id", "title": "label"}}]}
        ],
    },
    "entities/visit": {
        "title": "Visit",
        "required": ["title"],
        "properties": {
            "title": {"type": "string"}, "asset": {"field": "link", "target": "asset"}, "number": {"type": "integer"},
            "open": {"type": "boolean", "default": True}, "keeper": {"field": "user"},
        },
    },
    "roles/clerk": {"entities": [{"name": each, "verbs": ALL} for each in ("asset", "place", "visit")]},
    "roles/helper": {"entities": [{"name": "asset", "verbs": {"read": "all"}}]},
    "workflows/selling": {
        "entity": "asset", "title": "Selling",
        "on": {"approved": {"status": "'sold'"}, "rejected": {"note": "'not sold'"}},
        "steps": [{"name": "ask", "type": "approve", "title": "Ask",
                   "assign": [{"name": "helpers", "type": "role", "value": "helper"}]}],
    },
    "templates/note": template("About {{ record_title }}"),
}  # fmt: skip


def add(name: str, **body: Any) -> None:
    DOCUMENTS[f"automations/{name}"] = body


def on(trigger: str, **more: Any) -> dict[str, Any]:
    return {"on": trigger, **more}


add(
    "price_note", entity="asset", trigger=on("create"), when='place.town == "Bonn" && label != "quiet"',
    actions=[
        {"name": "note", "type": "set", "values": {"note": 'concat("in ", place.name)'}},
        {"name": "visit", "type": "create", "entity": "visit", "when": "price > 100",
         "values": {"title": 'concat("Visit ", label)', "asset": "id"}},
    ],
)  # fmt: skip
add(
    "renamed", entity="asset", trigger=on("changed", fields=["label"]), when='startsWith(label, "Re") && old.label == "Old"',
    actions=[{"name": "count", "type": "set", "values": {"count": "coalesce(count, 0) + 1", "note": '"renamed"'}}],
)  # fmt: skip
add(
    "in_use", entity="asset", trigger=on("stage", field="status", after=["used"]), order=5,
    actions=[{"name": "tell", "type": "notify", "template": "note",
              "receivers": [{"name": "clerks", "type": "role", "value": "clerk"}]}],
)  # fmt: skip
add(
    "scrapped",
    entity="asset",
    trigger=on("stage", field="status", transitions=["scrap"]),
    actions=[{"name": "note", "type": "set", "values": {"note": '"scrapped"'}}],
)
add(
    "mourn", entity="asset", trigger=on("delete"), when='label == "Dear"',
    actions=[{"name": "visit", "type": "create", "entity": "visit", "values": {"title": 'concat("Farewell, ", label)'}}],
)  # fmt: skip
add(
    "spawn", entity="visit", trigger=on("create"), when="number > 0", maxDepth=4,
    actions=[{"name": "next", "type": "create", "entity": "visit",
              "values": {"title": "title", "number": "number + 1"}}],
)  # fmt: skip
add(
    "ping", entity="place", trigger=on("changed", fields=["name"]), when='startsWith(name, "loop")',
    actions=[{"name": "town", "type": "set", "values": {"town": 'concat(coalesce(town, ""), "x")'}}],
)  # fmt: skip
add(
    "pong", entity="place", trigger=on("changed", fields=["town"]), when='startsWith(name, "loop")',
    actions=[{"name": "name", "type": "set", "values": {"name": 'concat(name, "y")'}}],
)  # fmt: skip
add(
    "broken_code", entity="asset", trigger=on("create"), when='startsWith(label, "Twin")', order=1,
    actions=[
        {"name": "visit", "type": "create", "entity": "visit", "values": {"title": '"never"'}},
        {"name": "code", "type": "set", "values": {"code": '"taken"'}},
    ],
)  # fmt: skip
add(
    "tidy", entity="asset", title="Tidy up", trigger=on("button", confirm="Really?", icon="broom"), when='status == "new"',
    actions=[
        {"name": "lines", "type": "each", "lines": "parts", "where": "qty > 1", "actions": [
            {"name": "done", "type": "set", "values": {"done": "true", "name": 'concat(source.label, ": ", name)'}},
            {"name": "made", "type": "create", "entity": "visit",
             "values": {"title": 'concat(name, " at ", place.name)', "number": "-qty"}},
        ]},
        {"name": "all", "type": "update_where", "entity": "visit", "where": "asset == source.id && open",
         "values": {"open": "false", "number": "source.count"}},
        {"name": "enough", "type": "stop", "when": "count > 5"},
        {"name": "use", "type": "transition", "transition": "use"},
        {"name": "visit", "type": "convert", "conversion": "visit"},
        {"name": "town", "type": "set", "record": "place", "values": {"town": "label"}},
    ],
)  # fmt: skip
add(
    "copy_places", entity="asset", title="Copy", trigger=on("button", roles=["helper"]),
    actions=[{"name": "copy", "type": "create_from", "of": "place", "where": "open && town == source.note", "limit": 2,
              "entity": "visit", "values": {"title": 'concat(name, "/", source.label)', "asset": "source.id"}}],
)  # fmt: skip
add(
    "sell_it",
    entity="asset",
    title="Sell it",
    trigger=on("button"),
    when='status == "used"',
    actions=[{"name": "sell", "type": "transition", "transition": "sell"}],
)
add(
    "slow", entity="asset", title="Slow", trigger=on("button"),
    actions=[
        {"name": "first", "type": "set", "values": {"note": '"first"'}},
        {"name": "pause", "type": "wait", "after": "P2D"},
        {"name": "second", "type": "set", "values": {"note": 'concat(note, " second")', "keeper": "user.id"}},
    ],
)  # fmt: skip
add(
    "turn", entity="visit", title="Turn", trigger=on("button"),
    actions=[{"name": "turn", "type": "assign", "field": "keeper",
              "among": [{"name": "clerks", "type": "role", "value": "clerk"}]}],
)  # fmt: skip
add(
    "idle", entity="visit", title="Idle", trigger=on("button"),
    actions=[{"name": "idle", "type": "assign", "field": "keeper", "by": "least_busy", "busy": "open",
              "among": [{"name": "clerks", "type": "role", "value": "clerk"}]}],
)  # fmt: skip
add(
    "reminder", entity="asset",
    trigger=on("date", field="due", offsets=["-P30D", "-P7D", "-P1D"], at="09:00", until="closed"),
    actions=[{"name": "tell", "type": "notify", "template": "note",
              "receivers": [{"name": "keeper", "type": "field", "value": "keeper"}]}],
)  # fmt: skip
add(
    "visit_due",
    entity="visit",
    trigger=on("date", field="asset.due", offsets=["PT0S"]),
    actions=[{"name": "shut", "type": "set", "values": {"open": "false"}}],
)
add(
    "write",
    entity="asset",
    title="Write",
    trigger=on("button"),
    when='label == "Letter"',
    actions=[
        {
            "name": "mail",
            "type": "email",
            "template": "note",
            "to": '"outside@example.org"',
            "receivers": [{"name": "keeper", "type": "field", "value": "keeper"}],
        },
        {
            "name": "call",
            "type": "webhook",
            "endpoint": "Sink",
            "values": {"label": "label", "total": "price * 2"},
        },
    ],
)
add(
    "nag", entity="visit", trigger=on("schedule", cron="0 8 * * 1-5", where="number == 77"), when="open",
    actions=[{"name": "count", "type": "set", "values": {"number": "78"}}],
)  # fmt: skip
add(
    "check", entity="asset",
    trigger=on("webhook", match={"field": "code", "value": "payload.code"},
               inputs=[{"name": "code", "type": "text", "required": True}, {"name": "pieces", "type": "integer"},
                       {"name": "at", "type": "datetime"}]),
    when="payload.pieces > 0",
    actions=[{"name": "take", "type": "set", "values": {"count": "payload.pieces", "checked": "payload.at"}}],
)  # fmt: skip
