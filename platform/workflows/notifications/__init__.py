"""Notifications: people are told of things in the application, by e-mail and in chat tools, as each prefers.

`notify` writes rows and one job in the transaction of the change; everything else follows from the job. May import the
engine, metadata and workflows.messages. Public names are those below.
"""

from fieldstone.workflows.notifications.notice import GROUPS, KINDS, Notice, group_of
from fieldstone.workflows.notifications.telling import BadNotice, notify

__all__ = ["GROUPS", "KINDS", "BadNotice", "Notice", "group_of", "notify"]
