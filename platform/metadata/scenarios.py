"""What the scenarios of a package (`tests/`) name: entities, fields, roles, people, records.

What is found holds nothing up. A tenant may remove a field that a package's scenario speaks of, and must still be able
to publish; the scenario then fails when it is run, with what is said here. For the author of a package these are notes.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as part
from typing import Any, Final

from fieldstone.metadata.approval_flows import Workflow
from fieldstone.metadata.automation_rules import Automation
from fieldstone.metadata.conversion_maps import Conversion
from fieldstone.metadata.definitions import SYSTEM_FIELDS, Entity
from fieldstone.metadata.entities import writable_names
from fieldstone.metadata.json_source import escape
from fieldstone.metadata.records_read import marks_problems
from fieldstone.problems import Problem, did_you_mean

ME: Final = "me"
NOBODY: Final = "nobody"

NEEDS: Final[Mapping[str, str]] = {
    "create": "entity", "list": "entity",
    "read": "record", "update": "record", "delete": "record", "restore": "record", "convert": "record",
    "submit": "record", "approve": "record", "reject": "record", "return": "record", "withdraw": "record",
    "transition": "record", "press": "record",
}  # fmt: skip
"""What a step must name; `form` needs one of the two."""

DECIDES: Final = frozenset({"approve", "reject", "return"})
"""Verbs on the open task of whoever acts."""

FLOWS: Final = DECIDES | {"submit", "withdraw", "transition", "press"}
"""Verbs on what runs about a record."""

NAMES: Final[Mapping[str, str]] = {"transition": "transition", "press": "automation"}
"""What else some verbs must name."""

SAYS: Final[Mapping[str, frozenset[str]]] = {
    "filter": frozenset({"list"}),
    "form": frozenset({"form"}),
    "values": frozenset({"create", "update", "convert", "form", "transition", "approve"}),
    "conversion": frozenset({"convert"}),
    "workflow": frozenset({"submit"}),
    "to": frozenset({"return"}),
    "transition": frozenset({"transition"}),
    "automation": frozenset({"press"}),
    "comment": FLOWS - {"press"},
}
"""Keywords of a step that only some verbs understand."""

EXPECTS: Final[Mapping[str, frozenset[str]]] = {
    "values": frozenset({"create", "read", "update", "restore", "convert"}) | FLOWS,
    "hidden": frozenset({"create", "read", "update", "restore", "convert", "form"}) | FLOWS,
    "shown": frozenset({"create", "read", "update", "restore", "convert", "form"}) | FLOWS,
    "asked": frozenset({"create", "read", "update", "restore", "convert"}) | FLOWS,
    "approval": frozenset({"create", "read", "update", "restore", "convert"}) | FLOWS,
    "locked": frozenset({"form"}),
    "open": frozenset({"form"}),
    "required": frozenset({"form"}),
    "optional": frozenset({"form"}),
    "found": frozenset({"list"}),
    "count": frozenset({"list"}),
}
"""Expectations -> the verbs that have an answer to compare with."""

FIELD_LISTS: Final = ("hidden", "shown", "locked", "open", "required", "optional")


@dataclass(frozen=True, slots=True)
class World:
    """What scenarios may name: entities, roles, conversions and flows of a model, and the records (`entity/name`) of
    its `data/`."""

    entities: Mapping[str, Entity]
    roles: Collection[str]
    records: frozenset[str]
    conversions: Mapping[str, Sequence[Conversion]]
    workflows: Mapping[str, Workflow] = part(default_factory=dict)
    automations: Mapping[str, Automation] = part(default_factory=dict)

    @property
    def names(self) -> list[str]:
        return [name for name, entity in self.entities.items() if entity.parent is None]


def seeded(documents: Mapping[tuple[str, str], Any], folders: Collection[str] = ("data",)) -> frozenset[str]:
    """The records that documents of some folders bring along, as `entity/name`."""
    return frozenset(
        f"{document.body.get('entity')}/{record['name']}"
        for (folder, _), document in documents.items()
        if folder in folders
        for record in document.body.get("records", ())
    )


def scenario_problems(body: Mapping[str, Any], world: World) -> list[Problem]:
    """Everything that is wrong with a document of scenarios. Paths are pointers into it."""
    return list(_Checking(body, world).run())


class _Checking:
    """One document."""

    def __init__(self, body: Mapping[str, Any], world: World) -> None:
        self.body = body
        self.world = world
        self.people = [person["name"] for person in body.get("people", ())]

    def run(self) -> Iterator[Problem]:
        people = {f"user/{name}" for name in self.people}
        given = people | {f"{each['entity']}/{each['name']}" for each in self.body.get("given", ())}
        for at, person in enumerate(self.body.get("people", ())):
            yield from self.person(person, f"/people/{at}", given)
        yield from self.given(self.body.get("given", ()), "/given", people)
        for at, scenario in enumerate(self.body.get("scenarios", ())):
            pointer = f"/scenarios/{at}"
            yield from self.actor(scenario.get("as"), f"{pointer}/as")
            yield from self.given(scenario.get("given", ()), f"{pointer}/given", given)
            known = given | {f"{each['entity']}/{each['name']}" for each in scenario.get("given", ())}
            known |= {f"user/{each.get('as')}" for each in (scenario, *scenario.get("steps", ()))}
            for number, step in enumerate(scenario.get("steps", ())):
                yield from self.step(step, f"{pointer}/steps/{number}", known)
                known = known | {f"{entity}/{step['name']}" for entity in self.made(step)}

    def person(self, person: Mapping[str, Any], pointer: str, known: set[str]) -> Iterator[Problem]:
        name = person["name"]
        if name in self.world.roles or name in (ME, NOBODY):
            yield Problem(
                f"{pointer}/name", "name.taken", f'"{name}" means something else; take another name'
            )
        for at, role in enumerate(person.get("roles", ())):
            yield from self.unknown(role, self.world.roles, "role", f"{pointer}/roles/{at}")
        if "manager" in person:
            yield from self.unknown(person["manager"], self.people, "person", f"{pointer}/manager")
        if "team" in person:
            yield from self.record(person["team"], f"{pointer}/team", known)

    def actor(self, name: str | None, pointer: str) -> Iterator[Problem]:
        if name is not None:
            yield from self.unknown(name, [*self.people, *self.world.roles], "person or role", pointer)

    def given(self, records: Any, pointer: str, known: set[str]) -> Iterator[Problem]:
        for at, record in enumerate(records):
            owner = record.get("owner", ME)
            if owner not in (ME, NOBODY):
                yield from self.unknown(owner, self.people, "person", f"{pointer}/{at}/owner")
            yield from self.entity(record["entity"], f"{pointer}/{at}/entity")
            yield from self.values(
                record["entity"], record.get("values", {}), f"{pointer}/{at}/values", known
            )
            known = known | {f"{record['entity']}/{record['name']}"}

    def step(self, step: Mapping[str, Any], pointer: str, known: set[str]) -> Iterator[Problem]:
        verb = step["do"]
        yield from self.actor(step.get("as"), f"{pointer}/as")
        need = NEEDS.get(verb)
        if (need and need not in step) or (need is None and not {"entity", "record"} & step.keys()):
            yield Problem(pointer, "step.incomplete", f'"{verb}" needs {need or "entity or record"}')
            return
        for keyword, verbs in SAYS.items():
            if keyword in step and verb not in verbs:
                yield Problem(f"{pointer}/{keyword}", "step.unused", f'"{verb}" has no {keyword}')
        entity = (
            step["entity"] if need == "entity" or "record" not in step else step["record"].partition("/")[0]
        )
        if "record" in step and need != "entity":
            yield from self.record(step["record"], f"{pointer}/record", known)
        problems = list(self.entity(entity, f"{pointer}/{'entity' if need == 'entity' else 'record'}"))
        yield from problems
        if not problems:
            if verb in FLOWS:
                yield from self.flow(entity, step, pointer)
            if verb == "convert":
                yield from self.converted(entity, step, pointer, known)
            elif verb != "list":
                yield from self.values(entity, step.get("values", {}), f"{pointer}/values", known)
            yield from self.then(entity, verb, step.get("then", {}), f"{pointer}/then", known)

    def flow(self, entity: str, step: Mapping[str, Any], pointer: str) -> Iterator[Problem]:
        """What a step about approvals, states and buttons names."""
        verb = step["do"]
        keyword = NAMES.get(verb)
        if keyword is not None and keyword not in step:
            yield Problem(pointer, "step.incomplete", f'"{verb}" needs {keyword}')
        if "workflow" in step:
            known = [name for name, each in self.world.workflows.items() if each.entity == entity]
            yield from self.unknown(step["workflow"], known, f'workflow of "{entity}"', f"{pointer}/workflow")
        if "transition" in step:
            machines = [f.machine for f in self.world.entities[entity].fields.values() if f.machine]
            known = [each.name for machine in machines for each in machine.transitions]
            what = f'transition of "{entity}"'
            yield from self.unknown(step["transition"], known, what, f"{pointer}/transition")
        if "automation" in step:
            known = [
                name
                for name, each in self.world.automations.items()
                if each.entity == entity and each.trigger.on == "button"
            ]
            what = f'automation with a button of "{entity}"'
            yield from self.unknown(step["automation"], known, what, f"{pointer}/automation")

    def made(self, step: Mapping[str, Any]) -> set[str]:
        """The entities of the records that a step creates."""
        if step["do"] == "convert":
            source = str(step.get("record")).partition("/")[0]
            found = [
                each for each in self.world.conversions.get(source, ()) if each.name == step.get("conversion")
            ]
            return {made.entity for each in found for made in each.creates}
        return {str(step.get("entity"))} if step["do"] == "create" else set()

    def converted(
        self, entity: str, step: Mapping[str, Any], pointer: str, known: set[str]
    ) -> Iterator[Problem]:
        conversions = {each.name: each for each in self.world.conversions.get(entity, ())}
        found = conversions.get(step.get("conversion", ""))
        if found is None:
            name = step.get("conversion", "")
            yield from self.unknown(name, conversions, f'conversion of "{entity}"', f"{pointer}/conversion")
            return
        made = {each.name: each.entity for each in found.creates}
        for name, values in step.get("values", {}).items():
            place = f"{pointer}/values/{escape(name)}"
            yield from self.unknown(name, made, f'record of "{found.name}"', place)
            if name in made and isinstance(values, Mapping):
                yield from self.values(made[name], values, place, known)

    def then(
        self, entity: str, verb: str, then: Mapping[str, Any], pointer: str, known: set[str]
    ) -> Iterator[Problem]:
        definition = self.world.entities[entity]
        refused = then.keys() & {"error", "rule", "field"}
        for keyword, verbs in EXPECTS.items():
            if keyword not in then:
                continue
            if verb not in verbs:
                yield Problem(f"{pointer}/{keyword}", "step.unused", f'"{verb}" shows no {keyword}')
            elif refused:
                message = f"a step that is refused shows no {keyword}; make it a step of its own"
                yield Problem(f"{pointer}/{keyword}", "step.unused", message)
        if "field" in then and not {"error", "rule"} & then.keys():
            yield Problem(f"{pointer}/field", "step.incomplete", '"field" needs "error" or "rule"')
        rules = [rule.name for rule in self._rules(definition)]
        if "rule" in then:
            yield from self.unknown(then["rule"], rules, f'rule of "{entity}"', f"{pointer}/rule")
        fields = [*definition.fields, *SYSTEM_FIELDS]
        if "field" in then:
            yield from self.unknown(
                then["field"].partition("/")[0], fields, f'field of "{entity}"', f"{pointer}/field"
            )
        for keyword in FIELD_LISTS:
            for at, name in enumerate(then.get(keyword, ())):
                yield from self.unknown(name, fields, f'field of "{entity}"', f"{pointer}/{keyword}/{at}")
        money = [
            f"{n}_{part}"
            for n, f in definition.fields.items()
            if f.type == "money"
            for part in ("currency", "base")
        ]
        for name, value in then.get("values", {}).items():
            yield from self.unknown(
                name, [*fields, *money], f'field of "{entity}"', f"{pointer}/values/{escape(name)}"
            )
            yield from marks_problems(value, f"{pointer}/values/{escape(name)}", self.world.names)
        for at, name in enumerate(then.get("asked", ())):
            yield from self.unknown(
                name, [*self.people, *self.world.roles], "person or role", f"{pointer}/asked/{at}"
            )
        for at, record in enumerate(then.get("found", ())):
            yield from self.record(record, f"{pointer}/found/{at}", known)

    def _rules(self, entity: Entity) -> Iterator[Any]:
        yield from entity.rules
        for field in entity.fields.values():
            if field.lines:
                yield from self.world.entities[field.lines].rules

    def entity(self, name: str, pointer: str) -> Iterator[Problem]:
        yield from self.unknown(name, self.world.names, "entity", pointer)

    def record(self, ref: str, pointer: str, known: Collection[str]) -> Iterator[Problem]:
        entity = ref.partition("/")[0]
        if entity not in self.world.names:
            yield from self.entity(entity, pointer)
        else:
            yield from self.unknown(ref, [*known, *self.world.records], "record given so far", pointer)

    def values(
        self, entity: str, values: Mapping[str, Any], pointer: str, known: Collection[str]
    ) -> Iterator[Problem]:
        """Names of fields are those that a body may hold: a step may well try to write what is refused."""
        definition = self.world.entities.get(entity)
        if definition is None:
            return
        names = {*writable_names(definition.fields), *definition.fields, "owner_id"}
        for name, value in values.items():
            place = f"{pointer}/{escape(name)}"
            if definition.extras is False:
                yield from self.unknown(name, names, f'field of "{entity}"', place)
            yield from marks_problems(value, place, self.world.names)
            for ref in references(value):
                if ref.partition("/")[0] in self.world.names:
                    yield from self.record(ref, place, known)

    def unknown(self, name: str, known: Collection[str], what: str, pointer: str) -> Iterator[Problem]:
        if name not in known:
            code = f"{what.split()[0]}.unknown"
            yield Problem(pointer, code, f'"{name}" is no {what}{did_you_mean(name, sorted(known))}')


def references(value: Any) -> Iterator[str]:
    """Every `entity/name` that a value's `$ref`s name."""
    if isinstance(value, Mapping):
        if set(value) == {"$ref"}:
            yield str(value["$ref"])
            return
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)
