"""Reads the keywords `transitions` and `initial` of choices, and says which entity then stands in for the one without.

Roles and workflows that fields name are checked apart (`check_named`), when all documents have been read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from fieldstone.expressions import RULE
from fieldstone.metadata.approval_flows import Workflow
from fieldstone.metadata.cache import CompileCache, content_hash
from fieldstone.metadata.checking import Checking
from fieldstone.metadata.definitions import MISSING, Document, Entity, Field
from fieldstone.metadata.document_reading import ordered
from fieldstone.metadata.entities import Draft
from fieldstone.metadata.flow_reading import FlowReading, Known, workflow_problem
from fieldstone.metadata.json_source import escape
from fieldstone.metadata.state_machines import StateMachine, Transition
from fieldstone.problems import Problem, did_you_mean

UNBINDABLE: Final = ("lines", "secret")
"""Types of fields whose changes cannot wait for an approval."""


def with_machines(
    entity: Entity, draft: Draft, document: Document | None, checking: Checking, cache: CompileCache
) -> tuple[Entity, list[Problem], list[Problem]]:
    """The entity with the state machines of its fields, the problems, and notes that hold nothing up."""
    stated = [f for f in entity.fields.values() if "transitions" in f.settings or "initial" in f.settings]
    if not stated:
        return entity, [], []
    if document is None:
        where = draft.places[stated[0].name]
        message = "a choice in lines has no transitions: lines are changed with their record"
        return entity, [Problem(f"{where}/transitions", "transition.lines", message)], []
    problems: list[Problem] = []
    reading = _Reading(document, checking, Known(), problems)
    fields = dict(entity.fields)
    for each in stated:
        fields[each.name] = cache.shared(reading.stated(entity, each, draft.places[each.name]))
    if problems:
        return entity, problems, reading.notes
    whole_hash = content_hash(entity.hash, checking.seen_by(entity.name))
    made = replace(entity, fields=MappingProxyType(fields), hash=whole_hash)
    return cache.entities.keep(whole_hash, made), [], reading.notes


class _Reading(FlowReading):
    """The choices of one entity being read."""

    def stated(self, entity: Entity, definition: Field, place: str) -> Field:
        options = [option.const for option in definition.options]
        initial = definition.settings.get("initial")
        if initial is not None and initial not in options:
            self.unknown(f"{place}/initial", "transition.value", initial, "value of this choice", options)
        elif initial is not None and definition.default not in (MISSING, initial):
            message = f'records begin at "{initial}", but the default is "{definition.default}"; leave out one of them'
            self.problem(f"{place}/initial", "transition.initial", message)
        transitions = tuple(
            self.transition(entity, definition, options, body, f"{place}/transitions/{at}", order)
            for order, at, body in ordered(definition.settings.get("transitions", ()))
        )
        machine = StateMachine(transitions, initial)
        self.never(definition, machine, options, place)
        settings = {k: v for k, v in definition.settings.items() if k not in ("transitions", "initial")}
        default = initial if initial is not None else definition.default
        return replace(definition, machine=machine, default=default, settings=MappingProxyType(settings))

    def transition(
        self, entity: Entity, definition: Field, options: Sequence[str], body: Mapping[str, Any], pointer: str,
        order: float,
    ) -> Transition:  # fmt: skip
        ends = [(f"from/{at}", value) for at, value in enumerate(body.get("from", ()))]
        for keyword, value in (*ends, ("to", body["to"])):
            if value not in options:
                self.unknown(
                    f"{pointer}/{keyword}", "transition.value", value, "value of this choice", options
                )
        if body["to"] in body.get("from", ()):
            message = f'it leads from "{body["to"]}" to itself, which is no change'
            self.problem(f"{pointer}/from", "transition.circle", message)
        values = body.get("set", {})
        if definition.name in values:
            message = f'"{definition.name}" gets its value by `to`'
            self.problem(f"{pointer}/set/{escape(definition.name)}", "set.state", message)
        return Transition(
            name=body["name"],
            title=self.title(body),
            to=body["to"],
            from_=tuple(body.get("from", ())),
            when=self.condition(body, "when", pointer, entity, allowed=RULE),
            roles=frozenset(body.get("roles", ())),
            set=self.values(
                entity, {k: v for k, v in values.items() if k != definition.name}, f"{pointer}/set", entity.name,
                allowed=RULE,
            ),
            workflow=body.get("workflow"),
            comment=body.get("comment", False),
            icon=body.get("icon", "arrow-right"),
            description=body.get("description", ""),
            order=order,
            layer=self.layer(pointer),
        )  # fmt: skip

    def never(self, definition: Field, machine: StateMachine, options: Sequence[str], place: str) -> None:
        """Notes options that no record can reach."""
        if machine.initial not in options:
            return
        reached, found = {machine.initial}, [machine.initial]
        while found:
            for each in machine.leaving(found.pop()):
                if each.to not in reached:
                    reached.add(each.to)
                    found.append(each.to)
        for option in options:
            if option not in reached:
                message = f'no record that begins at "{machine.initial}" ever gets to "{option}"'
                self.notes.append(Problem(f"{place}/transitions", "transition.unreachable", message))


def check_named(
    entity: Entity, draft: Draft, known: Known, workflows: Mapping[str, Workflow], problems: list[Problem]
) -> None:
    """Roles and workflows that the fields of an entity name. `workflows` are those that could be read.

    `draft` is the entity as the document says it, where transitions stand in their written order.
    """
    for definition in entity.fields.values():
        place = draft.places[definition.name]
        if definition.machine is not None:
            written = draft.entity.fields[definition.name].settings.get("transitions", ())
            places = {body["name"]: f"{place}/transitions/{at}" for at, body in enumerate(written)}
            _check_machine(entity, definition, places, known, workflows, problems)
        if definition.approval is not None:
            wrong = binding_problem(entity, definition, known)
            if wrong is not None:
                problems.append(Problem(f"{place}/approval", *wrong))


def _check_machine(
    entity: Entity, definition: Field, places: Mapping[str, str], known: Known, workflows: Mapping[str, Workflow],
    problems: list[Problem],
) -> None:  # fmt: skip
    assert definition.machine is not None
    for each in definition.machine.transitions:
        pointer = places[each.name]
        for role in sorted(each.roles - set(known.roles)):
            message = f'"{role}" is no role{did_you_mean(role, known.roles)}'
            problems.append(Problem(f"{pointer}/roles", "role.unknown", message))
        if each.workflow is not None:
            wrong = workflow_problem(entity, each.workflow, known) or _never_set(
                definition, workflows.get(each.workflow)
            )
            if wrong is not None:
                problems.append(Problem(f"{pointer}/workflow", *wrong))


def _never_set(definition: Field, workflow: Workflow | None) -> tuple[str, str] | None:
    """Code and message when an approval never changes the state that it is submitted for."""
    if workflow is None:
        return None
    values = [*workflow.on.values(), *(step.set for step in workflow.all_steps())]
    if any(definition.name in each for each in values):
        return None
    name = definition.name
    message = f'the workflow "{workflow.name}" never sets "{name}"; write "on": {{"approved": {{"{name}": ...}}}} there'
    return "transition.workflow", message


def binding_problem(entity: Entity, definition: Field, known: Known) -> tuple[str, str] | None:
    """Code and message when a field cannot wait for its approval."""
    name = definition.approval or ""
    if entity.parent is not None:
        return (
            "approval.field",
            "a field of lines cannot wait for an approval: lines are changed with their record",
        )
    if definition.computed or definition.read_only or definition.type in UNBINDABLE:
        what = "computed" if definition.computed else "read-only" if definition.read_only else "of this type"
        return "approval.field", f'"{definition.name}" is {what}, so nobody asks for another value of it'
    if definition.required:
        message = f'"{definition.name}" is required: a new record would have no value until it is approved'
        return "approval.field", message
    if definition.machine is not None:
        message = (
            f'"{definition.name}" changes by transitions; name the workflow at those that need an approval'
        )
        return "approval.field", message
    if known.workflows.get(name) == entity.name and known.bound.get(name) != definition.name:
        said = f'names "{known.bound[name]}"' if name in known.bound else "names no field"
        message = f'the workflow "{name}" {said}; write "field": "{definition.name}" there'
        return "approval.workflow", message
    wrong = workflow_problem(entity, name, known)
    return None if wrong is not None and wrong[0] == "workflow.field" else wrong
