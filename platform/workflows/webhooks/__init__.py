"""Outgoing web hooks: other systems are told of changes of records.

An event is a row of the transaction that made the change; a job sends it, signed, with the same id at each attempt, and
never before an earlier event of the same record is through. Entities that nobody subscribed to pay nothing: the
subscriptions stand in the company's settings, which every request has anyway. May import the engine and metadata.
"""

from fieldstone.workflows.webhooks.events import Event, events_of, find_event, replay
from fieldstone.workflows.webhooks.following import WebhookFollower
from fieldstone.workflows.webhooks.sending import ping, webhook_jobs
from fieldstone.workflows.webhooks.signing import sign
from fieldstone.workflows.webhooks.subscriptions import (
    VERBS,
    BadWebhook,
    UnknownWebhook,
    Webhook,
    drop_webhook,
    find_webhook,
    save_webhook,
    webhooks,
)

__all__ = [
    "VERBS", "BadWebhook", "Event", "UnknownWebhook", "Webhook", "WebhookFollower", "drop_webhook", "events_of",
    "find_event", "find_webhook", "ping", "replay", "save_webhook", "sign", "webhook_jobs", "webhooks",
]  # fmt: skip
