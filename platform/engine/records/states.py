"""State machines: which change of a state field an actor may make to a record, and why not.

The same on every path, since every path prepares its records here: a change is one of the field's transitions, from the
value that the record has, by somebody with one of its roles, while its condition holds. The platform itself (approvals,
automations, installing) needs a transition between the two values and is asked for nothing else. A new record begins at
the initial state; rows of an import and the platform's own records may begin anywhere, for they bring a history along. Undoing
puts back what was, whatever the transitions say.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from fieldstone.engine.query.gate import bindings
from fieldstone.engine.records.compute import Values, rule_bindings
from fieldstone.engine.records.converting import plain
from fieldstone.engine.records.program import Program
from fieldstone.engine.transaction import Transaction
from fieldstone.expressions import compile_python
from fieldstone.metadata.definitions import Field
from fieldstone.metadata.fields import FIELD_TYPES
from fieldstone.metadata.fields.base import INVALID, escaped
from fieldstone.metadata.state_machines import StateMachine, Transition
from fieldstone.problems import Problem

CODE: Final = "transition.refused"
Why = Literal["start", "none", "role", "condition", "approval", "comment"]
"""Why a change is refused: a record cannot begin there, there is no such transition, the actor has none of its roles, its
condition does not hold, an approval does it, or a comment is needed."""

Judge = Callable[[Transition], Why | None]

ORDER: Final[Sequence[Why]] = ("role", "condition", "approval", "comment")
"""The nearer to being allowed, the later: the last reason among several transitions is told."""


@dataclass(frozen=True, slots=True)
class Step:
    """A transition that was taken; `name` is None where the platform changed the state without naming one."""

    name: str | None
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Wish:
    """A transition that somebody asks for by its name."""

    field: str
    transition: Transition
    comment: str = ""


def choose(
    machine: StateMachine, old: str | None, new: str | None, judge: Judge
) -> tuple[Transition | None, Why]:
    """The first transition from `old` to `new` that the judge has nothing against, else why there is none."""
    found: list[Why] = []
    for each in machine.between(old, new):
        why = judge(each)
        if why is None:
            return each, "none"
        found.append(why)
    return None, max(found, key=ORDER.index, default="none")


def judge_for(tx: Transaction, seen: Values, context: Any, *, wish: Wish | None = None) -> Judge:
    """What the actor of a transaction may do with a record whose values are `seen`."""
    actor = tx.context.actor

    def holds(transition: Transition) -> bool:
        when = transition.when
        return when is None or compile_python(when)(seen, bindings=context) is True

    def judge(transition: Transition) -> Why | None:
        if actor.kind == "system":
            return None if wish is None or holds(transition) else "condition"
        if transition.roles and not transition.roles & actor.roles:
            return "role"
        if not holds(transition):
            return "condition"
        if transition.workflow is not None:
            return "approval"
        if transition.comment and not (wish is not None and wish.comment.strip()):
            return "comment"
        return None

    return judge


def start_problems(tx: Transaction, program: Program, values: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with the states in which a new record begins."""
    if tx.states != "bound" or tx.context.actor.kind == "system":
        return []
    found = []
    for field in program.machines:
        initial = field.machine.initial if field.machine is not None else None
        value = values.get(field.name)
        if initial is not None and value is not None and value != initial:
            found.append(refusal(field, None, value, "start", [initial]))
    return found


def step_problems(
    tx: Transaction,
    program: Program,
    old: Mapping[str, Any],
    seen: Values,
    changed: frozenset[str],
    wish: Wish | None,
) -> tuple[dict[str, Transition], list[Problem]]:
    """The transitions that a change takes, by field, and a problem for every state that it may not change so.

    `seen` are the values after the change, as expressions see them. What is taken is noted for the stage history.
    """
    taken: dict[str, Transition] = {}
    problems: list[Problem] = []
    if tx.states == "free":
        return taken, problems
    context = rule_bindings(tx, old, changed)
    judge = judge_for(tx, seen, context, wish=wish)
    for field in program.machines:
        before, after = old.get(field.name), seen.get(field.name)
        asked = wish is not None and wish.field == field.name
        if field.machine is None or (before == after and not asked):
            continue
        machine = field.machine
        if asked and wish is not None:
            only = StateMachine((wish.transition,), machine.initial)
            found, why = choose(only, before, wish.transition.to, judge)
        else:
            found, why = choose(machine, before, after, judge)
        if found is None:
            allowed = [
                each.name for each in machine.leaving(before) if judge(each) in (None, "comment", "approval")
            ]
            problems.append(refusal(field, before, after, why, allowed))
        else:
            taken[field.name] = found
            tx.steps[old["id"], field.name] = Step(found.name, wish.comment if asked and wish else "")
    return taken, problems


def set_values(
    tx: Transaction, program: Program, taken: Mapping[str, Transition], given: Mapping[str, Any], seen: Values
) -> tuple[dict[str, Any], list[Problem]]:
    """What the transitions store beside the state; what the change itself names, it decides."""
    found: dict[str, Any] = {}
    problems: list[Problem] = []
    context = bindings(tx)
    for transition in taken.values():
        for name, expression in transition.set.items():
            field = program.entity.fields.get(name)
            if field is not None and name not in given:
                value = compile_python(expression)(seen, bindings=context)
                found[name] = stored(field, value, problems)
    return found, problems


def stored(field: Field, value: Any, problems: list[Problem]) -> Any:
    """The result of an expression as the field keeps it; what does not fit is a problem, and null."""
    if value is None:
        return None
    kind = FIELD_TYPES[field.type]
    wire = kind.to_wire(field, value) if isinstance(value, kind.python_type) else plain(value)
    kept = kind.checker(field)(wire, f"/{escaped(field.name)}", problems)
    return None if kept is INVALID else kept


MESSAGES: Final[Mapping[Why, str]] = {
    "start": "{title}: a new record cannot begin here.",
    "none": "{title} cannot change this way.",
    "role": "{title}: your roles do not let you make this change.",
    "condition": "{title}: the condition for this change does not hold.",
    "approval": "{title}: this change needs an approval.",
    "comment": "{title}: this change needs a comment.",
}


def refusal(field: Field, old: str | None, new: str | None, why: Why, allowed: Sequence[str]) -> Problem:
    """A change of a state that is not allowed; the data names what is."""
    titles = {option.const: option.title for option in field.options}
    machine = field.machine
    names = {each.name: each.title for each in machine.transitions} if machine is not None else {}
    said = ", ".join(names.get(each, titles.get(each, each)) for each in allowed)
    message = MESSAGES[why].format(title=field.title)
    if said and why != "comment":
        message += f" Possible: {said}."
    data = {"title": field.title, "from": old, "to": new, "allowed": list(allowed), "why": why}
    return Problem(f"/{escaped(field.name)}", CODE, message, data, layer=field.layer or None)
