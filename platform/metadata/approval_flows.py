"""The compiled form of approval definitions (documents in `workflows/`) and of decision tables (`tables/`).

A definition is a tree of steps, sound by construction: steps follow each other, a branch takes one way or several,
parallel ways join again. The only way back is a return, whose number is bounded by `max_rounds`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as part
from types import MappingProxyType
from typing import Any, Final, Literal

from fieldstone.expressions import Checked

NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})

StepKind = Literal["approve", "branch", "parallel", "cc", "do", "wait", "call", "end"]
Mode = Literal["all", "any", "in_turn", "count", "percent"]
OnReject = Literal["end", "return_previous", "return_start", "count"]
OnEmpty = Literal["approve", "reject", "administrator", "assign", "incident"]
OnLeft = Literal["manager", "administrator", "skip", "incident"]
OnSelf = Literal["allow", "skip", "manager"]
Dedupe = Literal["none", "adjacent", "any"]
Operation = Literal[
    "approve", "reject", "return", "transfer", "delegate", "add_before", "add_after", "add_parallel", "remove", "cc",
    "urge", "comment",
]  # fmt: skip
Access = Literal["hidden", "read", "write", "required"]
TimerAction = Literal["remind", "transfer", "escalate", "approve", "reject"]
Outcome = Literal["approved", "rejected"]
AssigneeKind = Literal[
    "role", "user", "field", "team_head", "manager", "managers", "decided", "table", "expression", "submitter",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Assignee:
    """One line of who is asked.

    `role`: everybody with the role `value`, narrowed by `where` (an expression over the record in which `candidate`
    is the user). `user`: the user name `value`. `field`: the user or team field at the path `value`. `team_head`: the
    manager of the team at the path `value`, or of the submitter's team. `manager`: the manager at level `levels` above
    the person at `value` (the submitter when None). `managers`: all managers from level 1 up to `levels`, or up to and
    with the first for whom `until` is true (`candidate` is the manager, `level` the number). `decided`: who decided the
    step `value`. `table`: the users or roles that the decision table `value` gives. `expression`: a user or team id.
    `submitter`: who submitted.
    """

    name: str
    kind: AssigneeKind
    value: str | None = None
    levels: int | None = None
    until: Checked | None = None
    where: Checked | None = None
    expression: Checked | None = None


@dataclass(frozen=True, slots=True)
class Timer:
    """What happens when a task is not decided in time. `after` is in seconds, of working time when `working`: every 86,400
    of them are then a working day, and the rest is working time.

    `repeat` rings again every so many seconds, at most `times` times (remind only). `to` is who gets it on transfer and
    whom escalate adds.
    """

    name: str
    action: TimerAction
    after: int
    working: bool = True
    repeat: int | None = None
    times: int = 1
    to: tuple[Assignee, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldAccess:
    """What who is asked by a step may do with one field of the record while the task is open."""

    name: str
    access: Access


@dataclass(frozen=True, slots=True)
class Way:
    """One way of a branch (taken when `when` is true; None: always, the last way) or of a parallel step."""

    name: str
    title: str
    steps: tuple["Step", ...]
    when: Checked | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step; which attributes count is said by `kind`. `name` is unique in the definition, containers included.

    approve: from `assign` to `signature`. branch: `ways`, `every` (every true way instead of the first).
    parallel: `ways`, `join` (None: all; n: as soon as n ways are through), `rest` (what becomes of the others).
    cc: `assign`. do: `set` (field -> expression, stored by the update verb). wait: `seconds` or `until` (a datetime).
    call: `workflow`, over the record at the link path `record` (None: the same). end: `outcome`.
    """

    name: str
    kind: StepKind
    title: str
    assign: tuple[Assignee, ...] = ()
    except_: tuple[Assignee, ...] = ()
    mode: Mode = "all"
    count: int | None = None
    percent: int | None = None
    full_count: bool = False
    on_reject: OnReject = "end"
    on_empty: OnEmpty = "incident"
    empty_assign: tuple[Assignee, ...] = ()
    on_left: OnLeft = "manager"
    on_self: OnSelf = "allow"
    dedupe: Dedupe = "none"
    operations: frozenset[str] = frozenset(
        {"approve", "reject", "return", "transfer", "delegate", "cc", "urge", "comment"}
    )
    fields: tuple[FieldAccess, ...] = ()
    figures: tuple[str, ...] = ()
    timers: tuple[Timer, ...] = ()
    comment_required: frozenset[str] = frozenset()
    password: bool = False
    signature: bool = False
    return_to: tuple[str, ...] = ()
    ways: tuple[Way, ...] = ()
    every: bool = False
    join: int | None = None
    rest: Literal["keep", "cancel"] = "cancel"
    set: Mapping[str, Checked] = part(default_factory=lambda: NOTHING)
    seconds: int | None = None
    working: bool = False
    until: Checked | None = None
    workflow: str | None = None
    record: str | None = None
    outcome: Outcome = "approved"
    description: str = ""
    layer: str = ""


@dataclass(frozen=True, slots=True)
class Workflow:
    """An approval definition of one entity.

    `when`: it may be submitted while this is true (null counts as false). `roles`: who may submit (empty: who may update
    the record). `on`: values set on submitted, approved, rejected, returned, withdrawn (field -> expression).
    `material`: fields whose change during a run is refused ("lock") or voids the votes given so far ("void").
    `field` is set for the definition of an approval-bound field: it runs by itself when that field changes; the
    expressions see `pending` (the value asked for). `figures` are paths shown to everybody who is asked.
    """

    name: str
    entity: str
    title: str
    steps: tuple[Step, ...]
    when: Checked | None = None
    roles: frozenset[str] = frozenset()
    automatic: Literal["never", "create"] = "never"
    field: str | None = None
    on: Mapping[str, Mapping[str, Checked]] = part(default_factory=lambda: NOTHING)
    material: frozenset[str] = frozenset()
    on_material_change: Literal["lock", "void"] = "lock"
    figures: tuple[str, ...] = ()
    max_rounds: int = 10
    max_depth: int = 5
    withdraw: bool = True
    calendar: str | None = None
    hash: str = ""
    description: str = ""
    layer: str = ""

    def all_steps(self) -> Iterator[Step]:
        """Every step, containers before what they hold, in order."""
        yield from _walk(self.steps)

    def step(self, name: str) -> Step | None:
        return next((each for each in self.all_steps() if each.name == name), None)


def _walk(steps: tuple[Step, ...]) -> Iterator[Step]:
    for step in steps:
        yield step
        for way in step.ways:
            yield from _walk(way.steps)


@dataclass(frozen=True, slots=True)
class TableRow:
    """One rule of a decision table: true when every condition (an expression over the record) is; null counts as false."""

    name: str
    when: Mapping[str, Checked]
    then: Mapping[str, Any]
    order: float = 0


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """A table of conditions and results over records of one entity.

    `hit` first: the first row that is true; unique: the only one (checked for overlap at publish); collect: all.
    `outputs` names the results and their types (`user`, `role`, `text`, `number`, `boolean`).
    """

    name: str
    entity: str
    title: str
    hit: Literal["first", "unique", "collect"]
    inputs: Mapping[str, Checked]
    outputs: Mapping[str, str]
    rows: tuple[TableRow, ...]
    layer: str = ""
