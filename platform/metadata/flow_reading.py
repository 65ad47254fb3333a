"""What documents of workflows, tables and automations have in common: what may be named, which values are set, how long.

In a workflow `user` is who submitted, in an automation who caused it. Expressions may have names besides those of the
record (`pending`, `candidate`, `level`, `source`, `payload`). Where the entity has a field of such a name, an expression
that uses it could mean either and is refused.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from fieldstone.expressions import BOOLEAN, DEFAULT, TEXT, Allowed, Checked, Type
from fieldstone.expressions.typed import Const
from fieldstone.expressions.types import Link
from fieldstone.metadata.checking import Checking
from fieldstone.metadata.definitions import EMPTY, Document, Entity, Field
from fieldstone.metadata.document_reading import Reading
from fieldstone.metadata.documents import title_of
from fieldstone.metadata.entities import writable_names
from fieldstone.metadata.iso_durations import duration_problem, seconds_of
from fieldstone.metadata.json_source import escape
from fieldstone.problems import Problem, did_you_mean

LINKED: Final = ("link", "parent", "user", "team")


@dataclass(frozen=True, slots=True)
class Known:
    """What documents of flows may name, besides entities: by name, as far as others must know of it."""

    roles: Sequence[str] = ()
    workflows: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    """Name -> entity."""
    bound: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    """Workflow -> the field whose changes it approves, for those that are about one."""
    tables: Mapping[str, tuple[str, Mapping[str, str]]] = field(default_factory=lambda: EMPTY)
    """Name -> (entity, output -> type)."""
    templates: frozenset[str] = frozenset()
    conversions: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: EMPTY)
    """Entity -> names."""


def known_in(documents: Iterable[Document]) -> Known:
    """What effective documents offer to each other."""
    roles, templates = [], set()
    workflows, tables, conversions, bound = {}, {}, {}, {}
    for document in documents:
        body = document.body
        match document.folder:
            case "roles":
                roles.append(document.name)
            case "workflows":
                workflows[document.name] = str(body["entity"])
                if "field" in body:
                    bound[document.name] = str(body["field"])
            case "tables":
                outputs = {each["name"]: each["type"] for each in body["outputs"]}
                tables[document.name] = (str(body["entity"]), MappingProxyType(outputs))
            case "templates":
                templates.add(document.name)
            case "entities":
                conversions[document.name] = tuple(each["name"] for each in body.get("conversions", ()))
    return Known(roles, workflows, bound, tables, frozenset(templates), conversions)


class FlowReading(Reading):
    """One document of a flow being read."""

    def __init__(self, document: Document, checking: Checking, known: Known, problems: list[Problem]) -> None:
        super().__init__(document, checking, known.roles, problems)
        self.known = known
        self.notes: list[Problem] = []

    def problem(self, pointer: str, code: str, message: str) -> None:
        self.problems.append(Problem(pointer, code, message))

    def title(self, body: Mapping[str, Any]) -> str:
        return str(body.get("title") or title_of(body["name"]))

    # Expressions

    def checked(
        self, entity: str, text: str, pointer: str, expect: Type | None = None, *, allowed: Allowed = DEFAULT,
        given: Mapping[str, Type] = EMPTY,
    ) -> Checked | None:  # fmt: skip
        """The expression over records of an entity and what is given; None when it is wrong, which is noted."""
        found = self.checking.problems
        before = len(found)
        checked = self.checking.expression(entity, text, pointer, allowed, expect, given=given)
        self.problems += [problem for _, problem in found[before:]]
        del found[before:]
        for name in sorted({path[0] for path in checked.deps} & set(given)) if checked else ():
            if self.checking.types.field(entity, name) is not None:
                message = f'"{name}" has a meaning of its own here, and "{entity}" has a field of that name, too; rename the field'
                self.problem(pointer, "flow.ambiguous", message)
        return checked

    def condition(
        self, body: Mapping[str, Any], keyword: str, pointer: str, entity: Entity | None, *,
        allowed: Allowed = DEFAULT, given: Mapping[str, Type] = EMPTY,
    ) -> Checked | None:  # fmt: skip
        if keyword not in body or entity is None:
            return None
        return self.checked(
            entity.name, body[keyword], f"{pointer}/{keyword}", BOOLEAN, allowed=allowed, given=given
        )

    def moment(
        self, body: Mapping[str, Any], keyword: str, pointer: str, entity: Entity | None, *,
        given: Mapping[str, Type] = EMPTY,
    ) -> Checked | None:  # fmt: skip
        """An expression for a day or a time."""
        if keyword not in body or entity is None:
            return None
        checked = self.checked(entity.name, body[keyword], f"{pointer}/{keyword}", given=given)
        if checked is not None and checked.type.kind not in ("date", "datetime", "unknown"):
            message = f"the result must be a date or a datetime, but it is {checked.type}"
            self.problem(f"{pointer}/{keyword}", "expression.invalid", message)
        return checked

    def user(self) -> Type:
        return self.checking.types.link("user")

    # Values that are set

    def settable(self, target: Entity, name: str, pointer: str) -> Field | bool | None:
        """The field of a name that can be set; None for a currency or the owner, False when it cannot, which is noted."""
        found = target.fields.get(name)
        if found is None:
            names = [*writable_names(target.fields), *(() if target.parent else ("owner_id",))]
            if name in names:
                return None
            self.unknown(pointer, "field.unknown", name, f'field of "{target.name}"', names)
            return False
        if found.computed or found.read_only:
            what = "computed" if found.computed else "read-only"
            self.problem(pointer, "set.read_only", f'"{name}" of "{target.name}" is {what} and cannot be set')
            return False
        if found.lines is not None:
            self.problem(pointer, "set.lines", f'"{name}" of "{target.name}" holds lines, which are no value')
            return False
        return found

    def values(
        self, target: Entity | None, body: Mapping[str, Any], pointer: str, source: str, *,
        allowed: Allowed = DEFAULT, given: Mapping[str, Type] = EMPTY, creates: bool = False,
    ) -> Mapping[str, Checked]:  # fmt: skip
        """What fields of `target` are set to: expressions over records of `source`. A state changes by its machine only,
        but begins anywhere in a record that is made (`creates`)."""
        found: dict[str, Checked] = {}
        for name, text in body.items() if target is not None else ():
            assert target is not None
            place = f"{pointer}/{escape(name)}"
            settable = self.settable(target, name, place)
            if settable is False:
                continue
            wanted = self.wanted(target, name, settable)
            expect = TEXT if isinstance(wanted, Link) else wanted
            checked = self.checked(source, text, place, expect, allowed=allowed, given=given)
            if checked is None:
                continue
            found[name] = checked
            if isinstance(wanted, Link):
                self.link_fits(wanted, checked, name, place)
            if isinstance(settable, Field) and not creates:
                self.reachable(settable, checked, place)
        return MappingProxyType(found)

    def wanted(self, target: Entity, name: str, settable: Field | bool | None) -> Type | None:
        types = self.checking.types
        if isinstance(settable, Field):
            return types.type_of(target.name, settable)
        return types.field(target.name, name)

    def link_fits(self, wanted: Link, checked: Checked, name: str, pointer: str) -> None:
        if not isinstance(checked.type, Link):
            return
        given, goal = checked.type.record(), wanted.record()
        if given is not None and goal is not None and given.name != goal.name:
            message = f'"{name}" links to "{goal.name}", but this is a link to "{given.name}"'
            self.problem(pointer, "set.link", message)

    def reachable(self, definition: Field, checked: Checked, pointer: str) -> None:
        """A constant state must be one that some transition leads to."""
        goals, node = machine_text(definition), checked.node
        if goals and isinstance(node, Const) and node.value is not None and node.value not in goals:
            near = did_you_mean(str(node.value), goals)
            message = f'no transition of "{definition.name}" leads to "{node.value}"{near}'
            self.problem(pointer, "set.state", message)

    # Paths

    def end_of(self, entity: Entity, path: str, pointer: str) -> tuple[Entity, str] | None:
        """The entity and the field at the end of a path; None when it leads nowhere, which is noted."""
        before = len(self.problems)
        steps = self.path(entity, path, pointer)
        if len(self.problems) > before:
            return None
        at = entity
        for name in steps[:-1]:
            type_ = self.checking.types.field(at.name, name)
            record = type_.record() if isinstance(type_, Link) else None
            if record is None or record.name not in self.checking.drafts:
                return None
            at = self.checking.drafts[record.name].entity
        return at, steps[-1]

    def linked(self, entity: Entity, path: str, pointer: str) -> Entity | None:
        """The entity of the record at a path of links; None when there is none, which is noted."""
        found = self.end_of(entity, path, pointer)
        if found is None:
            return None
        target, name = found
        type_ = self.checking.types.field(target.name, name)
        record = type_.record() if isinstance(type_, Link) else None
        if record is None:
            links = [f.name for f in target.fields.values() if f.type in LINKED]
            message = f'"{path}" leads to no record: "{name}" is no link{did_you_mean(name, links)}'
            self.problem(pointer, "field.no_link", message)
            return None
        return self.entities.get(record.name)

    # Workflows

    def about(self, name: str, target: Entity, pointer: str) -> None:
        """Whether a workflow can be submitted for records of an entity."""
        wrong = workflow_problem(target, name, self.known)
        if wrong is not None:
            self.problem(pointer, *wrong)

    # Time

    def duration(
        self, body: Mapping[str, Any], keyword: str, pointer: str, *, working: bool = False
    ) -> int | None:
        """Seconds; of working time, every 86,400 of them stand for one working day."""
        if keyword not in body:
            return None
        wrong = duration_problem(body[keyword], working=working)
        if wrong:
            self.problem(f"{pointer}/{keyword}", "duration", wrong)
            return None
        return seconds_of(body[keyword])


def workflow_problem(entity: Entity, name: str, known: Known) -> tuple[str, str] | None:
    """Code and message when a workflow cannot be submitted for records of an entity."""
    if name not in known.workflows:
        own = [each for each, about in known.workflows.items() if about == entity.name]
        return "workflow.unknown", f'"{name}" is no workflow{did_you_mean(name, own or known.workflows)}'
    if known.workflows[name] != entity.name:
        message = f'the workflow "{name}" is about "{known.workflows[name]}", not "{entity.name}"'
        return "workflow.entity", message
    if name in known.bound:
        message = (
            f'"{name}" approves changes of the field "{known.bound[name]}" and is not submitted by itself'
        )
        return "workflow.field", message
    return None


def machine_text(definition: Field) -> tuple[str, ...]:
    """The values that the transitions of a field lead to."""
    if definition.machine is not None:
        return tuple(each.to for each in definition.machine.transitions)
    return tuple(each["to"] for each in definition.settings.get("transitions", ()))
