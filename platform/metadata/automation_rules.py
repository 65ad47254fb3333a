"""The compiled form of automations (documents in `automations/`): a trigger, a condition, and actions in order.

Names beside the record's own fields that expressions see: `payload` (what an incoming webhook brought, its parts typed
by `inputs`), and inside `each`, `create_from` and `update_where` also `source`, the record that the automation is about.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as part
from types import MappingProxyType
from typing import Any, Final, Literal, get_args

from fieldstone.expressions import Checked
from fieldstone.metadata.approval_flows import Assignee

NO_VALUES: Final[Mapping[str, Any]] = MappingProxyType({})

TriggerKind = Literal[
    "create", "update", "delete", "changed", "stage", "button", "schedule", "date", "webhook"
]
ActionKind = Literal[
    "set", "create", "create_from", "update_where", "convert", "notify", "email", "webhook", "submit", "assign", "each",
    "wait", "stop", "transition",
]  # fmt: skip
TRIGGERS: Final[tuple[TriggerKind, ...]] = get_args(TriggerKind)
ACTIONS: Final[tuple[ActionKind, ...]] = get_args(ActionKind)


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time as ISO 8601 says it: `months` and `days` of the calendar, then `seconds`. Negative: before."""

    months: int = 0
    days: int = 0
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class Trigger:
    """What starts an automation; which attributes count is said by `on`.

    create, update, delete: of a record of the entity. changed: one of `fields` got another value. stage: the state
    `field` went from one of `before` to one of `after` (empty: any) or by one of `transitions`. button: a person with one
    of `roles` presses it (empty: who may update the record); `icon`, `confirm` (a question first). schedule: `cron` (five
    parts, in the tenant's time zone), on days of `calendar` only when `working`; with an
    entity it runs for every record for which `where` is true. date: `offsets` from the date or datetime at the path
    `field`, at the time of day `at` (dates only), counted in working days when `working`; `repeat` goes on every so often
    after the last offset, at most `times` times, and nothing is done any more once `until` is true. webhook: a signed
    request; `inputs` are (name, type, required) of the members of its JSON body that `payload` holds; `match` (field,
    expression) finds the record.
    """

    on: TriggerKind
    fields: frozenset[str] = frozenset()
    field: str | None = None
    before: frozenset[str] = frozenset()
    after: frozenset[str] = frozenset()
    transitions: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    icon: str = "bolt"
    confirm: str = ""
    cron: str | None = None
    calendar: str | None = None
    working: bool = False
    where: Checked | None = None
    offsets: tuple[Span, ...] = ()
    at: str = "09:00"
    repeat: Span | None = None
    times: int = 0
    until: Checked | None = None
    inputs: tuple[tuple[str, str, bool], ...] = ()
    match: tuple[str, Checked] | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that an automation does; which attributes count is said by `kind`. It is left out unless `when` is true.

    `record` is a link path to the record it is done to; None: the record itself.

    set: `values` stored by the update verb. create: a record of `entity` with `values`. create_from: for every record of
    `of` for which `where` is true (at most `limit`), a record of `entity` with `values` over it. update_where: `values` for
    every record of `entity` for which `where` is true (at most `limit`). convert: by the conversion `conversion`.
    notify: `receivers` get a notice by `template`. email: `receivers` and the address `to` get a mail by `template`.
    webhook: `values` are sent to the tenant's endpoint `endpoint`. submit: the approval `workflow`. assign: the user field
    `field` gets one of `among` by `by`. each: `actions` for every line of `lines` for which `where` is true (the record is
    then the line). wait: `span`, of working time when `working`, or until the time `until`. stop: the rest is not done.
    transition: `transition` of the state `field`.
    """

    name: str
    kind: ActionKind
    title: str
    when: Checked | None = None
    record: str | None = None
    entity: str | None = None
    of: str | None = None
    where: Checked | None = None
    limit: int = 1000
    values: Mapping[str, Checked] = part(default_factory=lambda: NO_VALUES)
    conversion: str | None = None
    receivers: tuple[Assignee, ...] = ()
    template: str | None = None
    to: Checked | None = None
    endpoint: str | None = None
    workflow: str | None = None
    field: str | None = None
    by: Literal["round_robin", "least_busy"] = "round_robin"
    among: tuple[Assignee, ...] = ()
    busy: Checked | None = None
    lines: str | None = None
    actions: tuple["Action", ...] = ()
    span: Span | None = None
    until: Checked | None = None
    working: bool = False
    transition: str | None = None
    order: float = 0
    layer: str = ""


@dataclass(frozen=True, slots=True)
class Automation:
    """What happens by itself. Actions are in effective order; `max_depth` bounds automations that start each other."""

    name: str
    title: str
    trigger: Trigger
    actions: tuple[Action, ...]
    entity: str | None = None
    when: Checked | None = None
    active: bool = True
    max_depth: int = 5
    order: float = 0
    description: str = ""
    layer: str = ""
    hash: str = ""

    def all_actions(self) -> Iterator[Action]:
        """Every action, containers before what they hold."""
        yield from _walk(self.actions)

    def action(self, name: str) -> Action | None:
        return next((each for each in self.all_actions() if each.name == name), None)


def _walk(actions: tuple[Action, ...]) -> Iterator[Action]:
    for action in actions:
        yield action
        yield from _walk(action.actions)
