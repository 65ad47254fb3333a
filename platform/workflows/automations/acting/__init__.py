"""What automations can do: one function per kind of action, all listed in `ACTIONS`."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from fieldstone.workflows.automations.acting.flow import each, stop, wait
from fieldstone.workflows.automations.acting.many import create_from, update_where
from fieldstone.workflows.automations.acting.people import assign
from fieldstone.workflows.automations.acting.records import (
    convert_record,
    create_record,
    set_values,
    take_transition,
)
from fieldstone.workflows.automations.acting.telling import email, notify, submit, webhook
from fieldstone.workflows.automations.performing import Act

ACTIONS: Final[Mapping[str, Act]] = MappingProxyType(
    {
        "set": set_values,
        "create": create_record,
        "create_from": create_from,
        "update_where": update_where,
        "convert": convert_record,
        "transition": take_transition,
        "assign": assign,
        "notify": notify,
        "email": email,
        "webhook": webhook,
        "submit": submit,
        "each": lambda run, action, subject: each(run, ACTIONS, action, subject),
        "wait": wait,
        "stop": stop,
    }
)

__all__ = ["ACTIONS"]
