"""Reads documents of workflows: a tree of steps whose every expression fits the entity.

Whether the tree makes sense as a whole (ends, ways, who decided what before) is asked by `workflow_checks`.
"""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from fieldstone.expressions import Type
from fieldstone.metadata.approval_flows import Assignee, FieldAccess, Step, Timer, Way, Workflow
from fieldstone.metadata.checking import Checking
from fieldstone.metadata.definitions import Document, Entity
from fieldstone.metadata.document_reading import ordered
from fieldstone.metadata.documents import title_of
from fieldstone.metadata.flow_reading import Known
from fieldstone.metadata.iso_durations import duration_problem, seconds_of
from fieldstone.metadata.people_reading import PeopleReading
from fieldstone.metadata.workflow_checks import SUBMITTER, check_tree
from fieldstone.problems import Problem

COMMON: Final = ("name", "type", "title", "description", "order")
APPROVE: Final = (
    "assign", "except", "mode", "count", "percent", "fullCount", "onReject", "onEmpty", "emptyAssign", "onLeft", "onSelf",
    "dedupe", "operations", "fields", "figures", "timers", "commentRequired", "password", "signature", "returnTo",
)  # fmt: skip
KEYWORDS: Final[Mapping[str, Sequence[str]]] = {
    "approve": APPROVE, "branch": ("ways", "every"), "parallel": ("ways", "join", "rest"), "cc": ("assign", "except"),
    "do": ("set",), "wait": ("after", "until", "working"), "call": ("workflow", "record"), "end": ("outcome",),
}  # fmt: skip
"""Which keywords a step of each type has, besides COMMON."""
NEEDED: Final[Mapping[str, Sequence[str]]] = {
    "approve": ("assign",), "branch": ("ways",), "parallel": ("ways",), "cc": ("assign",), "do": ("set",),
    "call": ("workflow",),
}  # fmt: skip
ACTS: Final = frozenset(("approve", "reject", "return", "transfer", "delegate", "cc", "urge", "comment"))


def read_workflow(
    document: Document, checking: Checking, known: Known, problems: list[Problem]
) -> tuple[Workflow, Sequence[Problem]]:
    """The workflow of a document, and notes; what is wrong is appended to `problems`."""
    reading = _Reading(document, checking, known, problems)
    return reading.workflow(), reading.notes


def raw_steps(steps: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Every step of a document, containers before what they hold."""
    for step in steps:
        yield step
        for way in step.get("ways", ()):
            yield from raw_steps(way.get("steps", ()))


def places_of(body: Mapping[str, Any]) -> dict[str, str]:
    """Where the steps of a document stand, by name."""
    found: dict[str, str] = {}

    def walk(steps: Sequence[Mapping[str, Any]], pointer: str) -> None:
        for at, step in enumerate(steps):
            found.setdefault(step["name"], f"{pointer}/{at}")
            for inner, way in enumerate(step.get("ways", ())):
                walk(way.get("steps", ()), f"{pointer}/{at}/ways/{inner}/steps")

    walk(body["steps"], "/steps")
    return found


class _Reading(PeopleReading):
    """One workflow being read. `places` collects where steps and ways stand in the document."""

    def workflow(self) -> Workflow:
        body = self.body
        entity = self.entity("/entity", body["entity"])
        self.types: Mapping[str, str] = {each["name"]: each["type"] for each in raw_steps(body["steps"])}
        self.places: dict[str, str] = {}
        self.unread: set[str] = set()
        self.given = self.names(entity)
        self.unique_names(body["steps"], "/steps", {})
        steps = self.steps(body["steps"], "/steps", entity)
        workflow = Workflow(
            name=self.document.name,
            entity=body["entity"],
            title=body.get("title") or title_of(self.document.name),
            steps=steps,
            when=self.condition(body, "when", "", entity, given=self.given),
            roles=self.roles(body, ""),
            automatic=body.get("automatic", "never"),
            field=body.get("field"),
            on=MappingProxyType(
                {
                    occasion: self.set(entity, values, f"/on/{occasion}")
                    for occasion, values in body.get("on", {}).items()
                }
            ),
            material=self.own_fields(entity, body.get("material", ()), "/material"),
            on_material_change=body.get("onMaterialChange", "lock"),
            figures=self.figures(entity, body, ""),
            max_rounds=body.get("maxRounds", 10),
            max_depth=body.get("maxDepth", 5),
            withdraw=body.get("withdraw", True),
            calendar=body.get("calendar"),
            hash=self.document.hash,
            description=body.get("description", ""),
            layer=self.layer(""),
        )
        if entity is not None:
            self.bound(workflow, entity)
            check_tree(workflow, self.places, self.unread, entity, self.problems, self.notes)
        return workflow

    def names(self, entity: Entity | None) -> dict[str, Type]:
        """What expressions see besides the record: the value asked for."""
        given: dict[str, Type] = {}
        field = str(self.body.get("field", ""))
        if entity is not None and field in entity.fields:
            found = self.checking.types.field(entity.name, field)
            if found is not None:
                given["pending"] = found
        return given

    def bound(self, workflow: Workflow, entity: Entity) -> None:
        """The field that it is for says so, too."""
        name = workflow.field
        if name is None:
            return
        field = entity.fields.get(name)
        if field is None:
            known = [each.name for each in entity.fields.values() if each.approval] or list(entity.fields)
            self.unknown("/field", "field.unknown", name, f'field of "{entity.name}"', known)
        elif field.approval != workflow.name:
            said = f'names "{field.approval}"' if field.approval else "names no workflow"
            message = f'the field "{name}" {said}; write "approval": "{workflow.name}" there'
            self.problem("/field", "approval.field", message)
        if workflow.automatic != "never":
            message = f'it runs by itself when "{name}" changes; leave out `automatic`'
            self.problem("/automatic", "keyword.not_here", message)

    def unique_names(self, steps: Sequence[Mapping[str, Any]], pointer: str, seen: dict[str, str]) -> None:
        """Steps and ways are told apart by name in the whole tree."""
        for at, step in enumerate(steps):
            self.once(step["name"], "step", f"{pointer}/{at}", seen)
            if step["name"] == SUBMITTER:
                message = f'"{SUBMITTER}" is the name of the start in returnTo; choose another one'
                self.problem(f"{pointer}/{at}/name", "step.reserved", message)
            for inner, way in enumerate(step.get("ways", ())):
                place = f"{pointer}/{at}/ways/{inner}"
                self.once(way["name"], "way", place, seen)
                self.unique_names(way.get("steps", ()), f"{place}/steps", seen)

    def once(self, name: str, what: str, place: str, seen: dict[str, str]) -> None:
        key = f"{what} {name}"
        if key in seen:
            message = f'there is another {what} "{name}" at {seen[key]}; names are unique in the workflow'
            self.problem(f"{place}/name", "step.twice", message)
        seen.setdefault(key, place)

    # Steps

    def steps(
        self, body: Sequence[Mapping[str, Any]], pointer: str, entity: Entity | None
    ) -> tuple[Step, ...]:
        return tuple(self.step(each, f"{pointer}/{at}", entity) for _, at, each in ordered(body))

    def step(self, body: Mapping[str, Any], pointer: str, entity: Entity | None) -> Step:
        kind = body["type"]
        self.places.setdefault(body["name"], pointer)
        self.keywords(body, kind, pointer)
        working = body.get("working", False)
        return Step(
            name=body["name"],
            kind=kind,
            title=self.title(body),
            assign=self.people(body, "assign", pointer, entity),
            except_=self.people(body, "except", pointer, entity),
            mode=body.get("mode", "all"),
            count=body.get("count"),
            percent=body.get("percent"),
            full_count=body.get("fullCount", False),
            on_reject=body.get("onReject", "end"),
            on_empty=body.get("onEmpty", "incident"),
            empty_assign=self.people(body, "emptyAssign", pointer, entity),
            on_left=body.get("onLeft", "manager"),
            on_self=body.get("onSelf", "allow"),
            dedupe=body.get("dedupe", "none"),
            operations=frozenset(body.get("operations", ACTS)),
            fields=tuple(
                FieldAccess(each["name"], each["access"]) for each in self.access(body, pointer, entity)
            ),
            figures=self.figures(entity, body, pointer),
            timers=tuple(
                self.timer(each, f"{pointer}/timers/{at}", entity, body["name"])
                for _, at, each in ordered(body.get("timers", ()))
            ),
            comment_required=frozenset(body.get("commentRequired", ())),
            password=body.get("password", False),
            signature=body.get("signature", False),
            return_to=tuple(body.get("returnTo", ())),
            ways=tuple(
                self.way(each, f"{pointer}/ways/{at}", entity)
                for _, at, each in ordered(body.get("ways", ()))
            ),
            every=body.get("every", False),
            join=body.get("join"),
            rest=body.get("rest", "cancel"),
            set=self.set(entity, body.get("set", {}), f"{pointer}/set"),
            seconds=self.duration(body, "after", pointer, working=working),
            working=working,
            until=self.moment(body, "until", pointer, entity, given=self.given),
            workflow=self.called(body, pointer, entity),
            record=body.get("record"),
            outcome=body.get("outcome", "approved"),
            description=body.get("description", ""),
            layer=self.layer(pointer),
        )

    def way(self, body: Mapping[str, Any], pointer: str, entity: Entity | None) -> Way:
        self.places.setdefault(f"way {body['name']}", pointer)
        when = self.condition(body, "when", pointer, entity, given=self.given)
        if "when" in body and when is None:
            self.unread.add(body["name"])
        return Way(
            name=body["name"],
            title=self.title(body),
            steps=self.steps(body.get("steps", ()), f"{pointer}/steps", entity),
            when=when,
        )

    def keywords(self, body: Mapping[str, Any], kind: str, pointer: str) -> None:
        """What a step says fits its type, and nothing that it needs is missing."""
        for keyword in body:
            if keyword not in COMMON and keyword not in KEYWORDS[kind]:
                able = [each for each, words in KEYWORDS.items() if keyword in words]
                message = (
                    f'"{keyword}" is for steps of type {" and ".join(able)}, but this one is of type "{kind}"'
                )
                self.problem(f"{pointer}/{keyword}", "keyword.not_here", message)
        missing = [word for word in NEEDED.get(kind, ()) if not body.get(word)]
        if kind == "approve":
            missing += [
                word
                for mode, word in (("count", "count"), ("percent", "percent"))
                if body.get("mode") == mode and word not in body
            ]
            if body.get("onEmpty") == "assign" and not body.get("emptyAssign"):
                missing.append("emptyAssign")
            self.operations(body, pointer)
        for word in missing:
            message = f'"{word}" is missing: a step of type "{kind}" needs it'
            if word in ("count", "percent"):
                message = f'"{word}" is missing: the mode "{word}" needs it'
            self.problem(f"{pointer}/{word}", "required", message)
        if kind == "wait" and ("after" in body) == ("until" in body):
            self.problem(pointer, "wait.time", 'a wait has either "after" or "until"')

    def operations(self, body: Mapping[str, Any], pointer: str) -> None:
        able = set(body.get("operations", ACTS))
        if "operations" in body and "approve" not in able:
            message = "nobody could approve; add approve"
            self.problem(f"{pointer}/operations", "step.operations", message)
        if body.get("returnTo") and "return" not in able:
            message = '"returnTo" needs the operation return'
            self.problem(f"{pointer}/returnTo", "step.operations", message)
        for at, name in enumerate(body.get("commentRequired", ())):
            if name not in able:
                message = f'"{name}" is not allowed at this step, so it never needs a comment'
                self.problem(f"{pointer}/commentRequired/{at}", "step.operations", message)
        for keyword, mode in (("count", "count"), ("percent", "percent")):
            if keyword in body and body.get("mode") != mode:
                message = f'"{keyword}" counts only with "mode": "{mode}"'
                self.problem(f"{pointer}/{keyword}", "keyword.not_here", message)

    # Parts of steps

    def people(
        self, body: Mapping[str, Any], keyword: str, pointer: str, entity: Entity | None, owner: str = ""
    ) -> tuple[Assignee, ...]:
        """Lines of people; `owner` is what they are found by later: the step's name, or `step/timers/timer`."""
        lines = body.get(keyword, ())
        for at, each in enumerate(lines):
            self.places[f"{owner or body['name']}/{keyword} {each['name']}"] = f"{pointer}/{keyword}/{at}"
        return self.assignees(lines, f"{pointer}/{keyword}", entity, given=self.given, steps=self.types)

    def set(self, entity: Entity | None, values: Mapping[str, Any], pointer: str) -> Mapping[str, Any]:
        return self.values(entity, values, pointer, self.body["entity"], given=self.given)

    def access(self, body: Mapping[str, Any], pointer: str, entity: Entity | None) -> list[Mapping[str, Any]]:
        found = []
        for at, each in enumerate(body.get("fields", ())):
            place = f"{pointer}/fields/{at}/name"
            field = entity.fields.get(each["name"]) if entity is not None else None
            if entity is not None and field is None:
                self.unknown(
                    place, "field.unknown", each["name"], f'field of "{entity.name}"', list(entity.fields)
                )
            elif field is not None and field.computed and each["access"] in ("write", "required"):
                self.problem(place, "set.read_only", f'"{field.name}" is computed; nobody can write it')
            found.append(each)
        return found

    def figures(self, entity: Entity | None, body: Mapping[str, Any], pointer: str) -> tuple[str, ...]:
        for at, path in enumerate(body.get("figures", ()) if entity is not None else ()):
            assert entity is not None
            self.end_of(entity, path, f"{pointer}/figures/{at}")
        return tuple(body.get("figures", ()))

    def own_fields(self, entity: Entity | None, names: Sequence[str], pointer: str) -> frozenset[str]:
        for at, name in enumerate(names):
            if entity is not None and name not in entity.fields:
                self.unknown(
                    f"{pointer}/{at}", "field.unknown", name, f'field of "{entity.name}"', list(entity.fields)
                )
        return frozenset(names)

    def timer(self, body: Mapping[str, Any], pointer: str, entity: Entity | None, step: str) -> Timer:
        working, action = body.get("working", True), body["action"]
        if "to" in body and action not in ("transfer", "escalate"):
            message = f'"to" is for transfer and escalate, but this timer will {action}'
            self.problem(f"{pointer}/to", "keyword.not_here", message)
        for keyword in ("repeat", "times"):
            if keyword in body and action != "remind":
                message = f'"{keyword}" is for remind, but this timer will {action}'
                self.problem(f"{pointer}/{keyword}", "keyword.not_here", message)
        if action in ("transfer", "escalate") and not body.get("to"):
            self.problem(f"{pointer}/to", "required", f'"to" is missing: a timer that will {action} needs it')
        if "times" in body and "repeat" not in body:
            self.problem(f"{pointer}/repeat", "required", '"repeat" is missing: "times" needs it')
        repeat = body.get("repeat")
        if repeat is not None and (wrong := duration_problem(repeat, working=working)):
            self.problem(f"{pointer}/repeat", "duration", wrong)
            repeat = None
        return Timer(
            name=body["name"],
            action=action,
            after=self.duration(body, "after", pointer, working=working) or 0,
            working=working,
            repeat=None if repeat is None else seconds_of(repeat),
            times=body.get("times", 1),
            to=self.people(body, "to", pointer, entity, f"{step}/timers/{body['name']}"),
        )

    def called(self, body: Mapping[str, Any], pointer: str, entity: Entity | None) -> str | None:
        name: str | None = body.get("workflow")
        if name is None or entity is None or body["type"] != "call":
            return name
        target: Entity | None = entity
        if "record" in body:
            target = self.linked(entity, body["record"], f"{pointer}/record")
        if target is not None:
            self.about(name, target, f"{pointer}/workflow")
        return name
