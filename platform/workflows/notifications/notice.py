"""A notice: something that people are to be told, before anybody is told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Notice:
    """What happened, whom it concerns and where a click leads.

    `kind` decides by which ways a receiver hears of it (`approval.asked`, `reminder`, ...). `template` names a message
    template (a document of `templates/`); `data` are plain values for it: what is not in the record. Values of the
    record itself the template takes from `record`, which holds what the receiver may see of it. Who may not read the
    record is told nothing of `data` either. `link` is a path below the tenant (`inbox/<task>`); left out, the record.
    `key` makes it once per receiver, however often it is said.
    """

    kind: str
    receivers: tuple[UUID, ...]
    template: str
    data: Mapping[str, Any] = field(default_factory=dict)
    entity: str | None = None
    record: UUID | None = None
    link: str | None = None
    key: str | None = None


KINDS: Final[Mapping[str, str]] = {
    "approval.asked": "approval.asked",
    "approval.transferred": "approval.asked",
    "approval.delegated": "approval.asked",
    "approval.added": "approval.asked",
    "approval.urged": "approval.urged",
    "approval.reminded": "approval.urged",
    "approval.escalated": "approval.urged",
    "approval.approved": "approval.decided",
    "approval.rejected": "approval.decided",
    "approval.returned": "approval.decided",
    "approval.withdrawn": "approval.decided",
    "approval.ended": "approval.decided",
    "approval.cancelled": "approval.cc",
    "approval.cc": "approval.cc",
    "approval.commented": "approval.cc",
    "approval.stuck": "approval.stuck",
    "reminder": "reminder",
    "assigned": "assigned",
    "mention": "mention",
    "automation": "automation",
}
"""Kinds of notices, and the line of the preferences that decides about each. Others count as `automation`."""


def group_of(kind: str) -> str:
    """The line of the preferences that a kind of notices belongs to."""
    return KINDS.get(kind, "automation")


GROUPS: Final = tuple(dict.fromkeys(KINDS.values()))
"""The lines of the preferences, in the order in which they are shown."""
