"""The addresses about what people and other systems are told: notifications, web hooks, chat channels."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fieldstone.api.openapi.operations import (
    ID,
    LOCATION,
    Operations,
    answer,
    body_of,
    json_of,
    reading,
    ref,
    tagged,
    writing,
)
from fieldstone.api.openapi.shared import (
    BOOLEAN,
    COUNT,
    MAYBE_TEXT,
    MAYBE_TIME,
    MAYBE_UUID,
    TEXT,
    TIME,
    UUID,
    many,
    whole,
)
from fieldstone.workflows.notifications import GROUPS, MAIL
from fieldstone.workflows.webhooks import VERBS
from fieldstone.workflows.webhooks.events import STATES

CLOCK: Final = {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"}
VERB: Final = {"type": "string", "enum": list(VERBS)}
QUIET: Final = whole(**{"from": CLOCK, "to": CLOCK, "weekend": BOOLEAN})
WAYS: Final = whole(app=BOOLEAN, mail={"type": "string", "enum": list(MAIL)}, chat=BOOLEAN)
SCHEMAS: Final[Mapping[str, dict[str, Any]]] = {
    "Notification": whole(
        id=UUID, kind=TEXT, title=TEXT, text=TEXT, entity=MAYBE_TEXT, record=MAYBE_UUID, created_at=TIME,
        read_at=MAYBE_TIME, link={**MAYBE_TEXT, "description": "Where a click leads, below the tenant's pages."},
    ),
    "NotificationPreferences": whole(
        groups={"type": "object", "additionalProperties": WAYS}, digest=CLOCK, chat=MAYBE_UUID,
        quiet={"anyOf": [QUIET, {"type": "null"}]},
    ),
    "NotificationChoices": {
        "type": "object",
        "description": "What is to be changed; null goes back to the company's choice, or the usual one.",
        "additionalProperties": False,
        "properties": {
            "groups": {
                "type": ["object", "null"],
                "additionalProperties": False,
                "properties": {
                    name: {"type": ["object", "null"], "properties": WAYS["properties"], "additionalProperties": False}
                    for name in GROUPS
                },
            },
            "quiet": {
                "description": "false for none.",
                "anyOf": [
                    {"type": "null"},
                    {"const": False},
                    {**QUIET, "required": ["from", "to"], "additionalProperties": False},
                ],
            },
            "digest": {"type": ["string", "null"], "pattern": CLOCK["pattern"]},
            "chat": {
                "description": "A channel's id; empty for none.",
                "anyOf": [{"type": "null"}, {"const": ""}, UUID],
            },
        },
    },
    "Webhook": whole(
        id=UUID, name=TEXT, entity=TEXT, verbs=many(VERB), url=TEXT, active=BOOLEAN, run_as=UUID, created_at=TIME,
        version=COUNT,
    ),
    "WebhookEvent": whole(
        id=UUID, entity=TEXT, record=UUID, version=COUNT, verb=VERB, at=TIME, attempts=COUNT,
        state={"type": "string", "enum": list(STATES)}, status={"type": ["integer", "null"]}, response=MAYBE_TEXT,
        tried_at=MAYBE_TIME, sent_at=MAYBE_TIME,
    ),
    "ChatChannel": whole(
        id=UUID, name=TEXT, format=TEXT, has_secret=BOOLEAN, details=BOOLEAN, active=BOOLEAN, created_at=TIME
    ),
}  # fmt: skip
MADE: Final = {
    "allOf": [ref("Webhook"), whole(secret={**MAYBE_TEXT, "description": "Shown when it was made, and never again."})]
}  # fmt: skip


def notification_paths(parameters: Sequence[Mapping[str, Any]]) -> dict[str, Operations]:
    """What everybody has; `parameters` are those of a page of notices."""
    page = whole(data=many(ref("Notification")), next=MAYBE_UUID, unread=COUNT)
    changed = {"200": answer("How many", json_of(whole(changed=COUNT, unread=COUNT)))}
    ids = {"type": "array", "items": UUID, "maxItems": 1000}
    which = {
        "oneOf": [
            {
                "type": "object",
                "required": ["ids"],
                "properties": {"ids": ids},
                "additionalProperties": False,
            },
            {
                "type": "object",
                "required": ["all"],
                "properties": {"all": {"const": True}, "until": UUID},
                "additionalProperties": False,
            },
        ]
    }
    some = {"type": "object", "required": ["ids"], "properties": {"ids": ids}, "additionalProperties": False}
    chosen = {"200": answer("All of them", json_of(ref("NotificationPreferences")))}
    found: dict[str, Operations] = {
        "/notifications": {
            "get": reading(
                "notifications", "What I have been told, newest first", {"200": answer("A page", json_of(page))},
                parameters=list(parameters),
            )
        },
        "/notifications/read": {
            "post": writing(
                "mark_read", "Mark notices as read", changed, parameters=["Idempotency-Key"], requestBody=body_of(which)
            )
        },
        "/notifications/unread": {
            "post": writing(
                "mark_unread", "Mark notices as unread", changed, parameters=["Idempotency-Key"], requestBody=body_of(some)
            )
        },
        "/notifications/preferences": {
            "get": reading("notification_preferences", "By which ways I hear of what", chosen),
            "patch": writing(
                "change_notification_preferences", "Choose by which ways I hear of what", chosen,
                parameters=["Idempotency-Key"], requestBody=body_of(ref("NotificationChoices")),
            ),
        },
        "/notifications/defaults": {
            "get": reading("notification_defaults", "What holds for who chose nothing", chosen),
            "patch": writing(
                "change_notification_defaults", "Choose for who chose nothing", chosen,
                parameters=["Idempotency-Key"], requestBody=body_of(ref("NotificationChoices")),
            ),
        },
        "/chat-channels": {
            "get": reading(
                "chat_channels", "Rooms that notices can be posted to",
                {"200": answer("By name", json_of(whole(data=many(ref("ChatChannel")))))},
            )
        },
    }  # fmt: skip
    return tagged(found, "notifications")


def integration_paths(parameters: Sequence[Mapping[str, Any]]) -> dict[str, Operations]:
    """For those who manage the company; `parameters` are those of a page of a log."""
    key = ["Idempotency-Key"]
    hook, channel = json_of(ref("Webhook")), json_of(ref("ChatChannel"))
    event = {"name": "event", "in": "path", "required": True, "schema": UUID}
    log = whole(data=many(ref("WebhookEvent")), next=MAYBE_UUID)
    found: dict[str, Operations] = {
        "/webhooks": {
            "get": reading(
                "webhooks", "Subscriptions", {"200": answer("By name", json_of(whole(data=many(ref("Webhook")))))}
            ),
            "post": writing(
                "create_webhook", "Subscribe to changes", {"201": answer("The subscription", json_of(MADE), LOCATION)},
                parameters=key, requestBody=body_of(ref("CreateWebhook")),
            ),
        },
        "/webhooks/{id}": {
            "get": reading("read_webhook", "A subscription", {"200": answer("It", hook)}, (404,), parameters=[ID]),
            "patch": writing(
                "change_webhook", "Change a subscription", {"200": answer("It", json_of(MADE))}, (404,),
                parameters=[ID, *key], requestBody=body_of(ref("ChangeWebhook")),
            ),
            "delete": writing(
                "drop_webhook", "Forget a subscription with its log", {"204": answer("Done")}, (404,), parameters=[ID]
            ),
        },
        "/webhooks/{id}/events": {
            "get": reading(
                "webhook_events", "What was sent, newest first", {"200": answer("A page", json_of(log))}, (404,),
                parameters=[ID, *parameters],
            )
        },
        "/webhooks/{id}/events/{event}/replay": {
            "post": writing(
                "replay_webhook_event", "Send an event again",
                {"202": answer("A job does it", json_of(whole(id=UUID, state=TEXT)))}, (404,),
                parameters=[ID, event, *key],
            )
        },
        "/chat-channels": {
            "post": writing(
                "create_chat_channel", "Add a room", {"201": answer("The channel", channel)}, parameters=key,
                requestBody=body_of(ref("CreateChatChannel")),
            )
        },
        "/chat-channels/{id}": {
            "patch": writing(
                "change_chat_channel", "Change a room", {"200": answer("The channel", channel)}, (404,),
                parameters=[ID, *key], requestBody=body_of(ref("ChangeChatChannel")),
            ),
            "delete": writing(
                "drop_chat_channel", "Forget a room", {"204": answer("Done")}, (404,), parameters=[ID]
            ),
        },
    }  # fmt: skip
    return tagged(found, "integration")
