"""What `flows` of `demo/` documents name: people, records, what is done and when.

Who acts, on what and when belongs to the package and is a problem. Workflows, transitions, automations and fields may have
been taken away by a tenant, which must still be able to publish: these are notes.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from fieldstone.metadata.definitions import Document
from fieldstone.metadata.entities import writable_names
from fieldstone.metadata.json_source import escape
from fieldstone.metadata.records_read import marks_problems
from fieldstone.metadata.scenarios import NAMES, World, references
from fieldstone.problems import Problem, did_you_mean

HANDS_OVER: Final = frozenset({"transfer", "delegate"})
"""Verbs that need a person `to` whom the task goes."""

SAYS: Final[Mapping[str, frozenset[str]]] = {
    "values": frozenset({"update", "approve", "transition"}),
    "workflow": frozenset({"submit"}),
    "to": HANDS_OVER | {"return"},
    "transition": frozenset({"transition"}),
    "automation": frozenset({"press"}),
    "comment": frozenset(
        {
            "submit", "withdraw", "approve", "reject", "return", "transfer", "delegate", "comment", "urge",
            "transition",
        }
    ),
}  # fmt: skip
"""Keywords that only some verbs understand."""


def flow_problems(
    document: Document, world: World, records: Collection[str]
) -> tuple[list[Problem], list[Problem]]:
    """Problems and notes of one document; `records` are those of all packages, as `entity/name`."""
    problems: list[Problem] = []
    notes: list[Problem] = []
    flows: Sequence[Mapping[str, Any]] = document.body.get("flows", ())
    if flows and document.folder != "demo":
        message = "flows are played with demo records only; put them into demo/"
        return [Problem("/flows", "flow.folder", message)], notes
    for at, flow in enumerate(flows):
        pointer = f"/flows/{at}"
        found = list(_of_flow(flow, pointer, world, records))
        problems += found
        if not found:
            notes += _definitions(flow, pointer, world)
    return problems, notes


def _of_flow(
    flow: Mapping[str, Any], pointer: str, world: World, records: Collection[str]
) -> Iterator[Problem]:
    verb = flow["do"]
    yield from _unknown(flow["as"], _users(records), "user of the packages", "user", f"{pointer}/as")
    yield from _unknown(flow["record"], records, "record of the packages", "record", f"{pointer}/record")
    for keyword, verbs in SAYS.items():
        if keyword in flow and verb not in verbs:
            yield Problem(f"{pointer}/{keyword}", "flow.unused", f'"{verb}" has no {keyword}')
    needed = "to" if verb in HANDS_OVER else "values" if verb == "update" else NAMES.get(verb)
    if needed is not None and needed not in flow:
        yield Problem(pointer, "flow.incomplete", f'"{verb}" needs {needed}')
    elif verb in HANDS_OVER:
        yield from _unknown(flow["to"], _users(records), "user of the packages", "user", f"{pointer}/to")
    if "at" in flow:
        yield from _moment(flow["at"], f"{pointer}/at", world)
    for name, value in flow.get("values", {}).items():
        place = f"{pointer}/values/{escape(name)}"
        yield from marks_problems(value, place, world.names)
        for ref in references(value):
            if ref.partition("/")[0] in world.names:
                yield from _unknown(ref, records, "record of the packages", "record", place)


def _moment(at: Mapping[str, Any], pointer: str, world: World) -> Iterator[Problem]:
    if set(at) not in ({"$days"}, {"$days", "$time"}, {"$hours"}):
        message = 'expected {"$days": -2}, {"$days": -2, "$time": "09:30"} or {"$hours": -3}'
        yield Problem(pointer, "data.relative", message)
        return
    wrong = list(marks_problems(at, pointer, world.names))
    yield from wrong
    if not wrong and at.get("$days", at.get("$hours")) > 0:
        yield Problem(pointer, "data.relative", "nobody has done anything yet after the installation")


def _definitions(flow: Mapping[str, Any], pointer: str, world: World) -> Iterator[Problem]:
    name = flow["record"].partition("/")[0]
    entity = world.entities.get(name)
    if entity is None:
        return
    if "workflow" in flow:
        known: list[str] = [each.name for each in world.workflows.values() if each.entity == name]
        what = f'workflow of "{name}"'
        yield from _unknown(flow["workflow"], known, what, "workflow", f"{pointer}/workflow")
    if "transition" in flow:
        machines = [field.machine for field in entity.fields.values() if field.machine]
        known = [each.name for machine in machines for each in machine.transitions]
        what = f'transition of "{name}"'
        yield from _unknown(flow["transition"], known, what, "transition", f"{pointer}/transition")
    if "automation" in flow:
        known = [
            each
            for each, rule in world.automations.items()
            if rule.entity == name and rule.trigger.on == "button"
        ]
        what = f'automation with a button of "{name}"'
        yield from _unknown(flow["automation"], known, what, "automation", f"{pointer}/automation")
    if entity.extras is False:
        names = {*writable_names(entity.fields), "owner_id"}
        for field in flow.get("values", {}):
            place = f"{pointer}/values/{escape(field)}"
            yield from _unknown(field, names, f'field of "{name}"', "field", place)


def _users(records: Collection[str]) -> list[str]:
    return [record for record in records if record.startswith("user/")]


def _unknown(name: str, known: Collection[str], what: str, kind: str, pointer: str) -> Iterator[Problem]:
    if name not in known:
        message = f'"{name}" is no {what}{did_you_mean(name, sorted(known))}'
        yield Problem(pointer, f"{kind}.unknown", message)
