"""Notifications: people are told of things in the application, by e-mail and in chat tools, as each prefers.

`notify` writes rows and one job in the transaction of the change; everything else follows from the job. May import the
engine, metadata and workflows.messages. Public names are those below.
"""

from fieldstone.workflows.notifications.delivery import ActionLink, Delivery
from fieldstone.workflows.notifications.inbox import (
    Entry,
    Unread,
    entries,
    mark_all_read,
    mark_read,
    mark_unread,
    unread,
)
from fieldstone.workflows.notifications.kinds import notification_jobs
from fieldstone.workflows.notifications.notice import GROUPS, KINDS, Notice, group_of
from fieldstone.workflows.notifications.preferences import (
    MAIL,
    BadPreferences,
    Preferences,
    change_company,
    change_own,
    company_preferences,
    own_preferences,
)
from fieldstone.workflows.notifications.telling import BadNotice, notify

__all__ = [
    "GROUPS", "KINDS", "MAIL", "ActionLink", "BadNotice", "BadPreferences", "Delivery", "Entry", "Notice", "Preferences",
    "Unread", "change_company", "change_own", "company_preferences", "entries", "group_of", "mark_all_read", "mark_read",
    "mark_unread", "notification_jobs", "notify", "own_preferences", "unread",
]  # fmt: skip
