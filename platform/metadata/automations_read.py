"""Reads documents of automations: a trigger, a condition and actions whose every expression fits its record."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from fieldstone.expressions import DEFAULT, RULE, Checked, Type
from fieldstone.expressions.types import BY_KIND
from fieldstone.metadata.automation_rules import Action, Automation
from fieldstone.metadata.checking import Checking
from fieldstone.metadata.definitions import EMPTY, MISSING, Document, Entity
from fieldstone.metadata.document_reading import ordered
from fieldstone.metadata.documents import title_of
from fieldstone.metadata.flow_reading import Known, machine_text
from fieldstone.metadata.json_source import escape
from fieldstone.metadata.triggers_read import NOWHERE, TriggerReading, transition_names
from fieldstone.problems import Problem

OFTEN: Final = ("name", "type", "title", "order", "when")
ACTIONS: Final[Mapping[str, Sequence[str]]] = {
    "set": ("record", "values"), "create": ("entity", "values"),
    "create_from": ("of", "where", "limit", "entity", "values"),
    "update_where": ("entity", "where", "limit", "values"), "convert": ("record", "conversion"),
    "notify": ("receivers", "template"), "email": ("receivers", "to", "template"), "webhook": ("endpoint", "values"),
    "submit": ("record", "workflow"), "assign": ("record", "field", "by", "among", "busy"),
    "each": ("lines", "where", "actions"), "wait": ("after", "until", "working"), "stop": (),
    "transition": ("record", "field", "transition"),
}  # fmt: skip
"""Which keywords an action of each type has, besides OFTEN."""
REQUIRED: Final[Mapping[str, Sequence[str]]] = {
    "set": ("values",), "create": ("entity", "values"), "create_from": ("of", "entity", "values"),
    "update_where": ("entity", "where", "values"), "convert": ("conversion",), "notify": ("receivers", "template"),
    "email": ("template",), "webhook": ("endpoint",), "submit": ("workflow",), "assign": ("among",),
    "each": ("lines", "actions"), "transition": ("transition",),
}  # fmt: skip
CHANGES: Final = ("create", "update", "changed", "stage")
"""Triggers whose condition can read what was before."""
ON_LINES: Final = ("set", "create", "notify", "email", "webhook", "stop", "update_where")
"""Actions that make sense for a line: lines have no address of their own."""
MOST_ACTIONS: Final = 100


def read_automation(
    document: Document, checking: Checking, known: Known, problems: list[Problem]
) -> tuple[Automation, Sequence[Problem]]:
    """The automation of a document, and notes; what is wrong is appended to `problems`."""
    reading = _Reading(document, checking, known, problems)
    return reading.automation(), reading.notes


def raw_actions(
    actions: Sequence[Mapping[str, Any]], pointer: str
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(place, action) of every action of a document, containers before what they hold."""
    for at, action in enumerate(actions):
        yield f"{pointer}/{at}", action
        yield from raw_actions(action.get("actions", ()), f"{pointer}/{at}/actions")


class _Reading(TriggerReading):
    """One automation being read."""

    def automation(self) -> Automation:
        body = self.body
        on = body["trigger"]["on"]
        entity = self.entity("/entity", body["entity"]) if "entity" in body else None
        if entity is None and "entity" not in body and on not in ("schedule", "webhook"):
            message = f'"entity" is missing: the trigger "{on}" is about records'
            self.problem("/entity", "required", message)
        self.payload = self.inputs(body["trigger"])
        self.given = {"payload": self.payload} if on == "webhook" else EMPTY
        self.allowed = RULE if on in CHANGES else DEFAULT
        trigger = self.trigger(body["trigger"], entity)
        subject = entity if on != "webhook" or trigger.match is not None else None
        self.once(body["actions"])
        when = None
        if "when" in body and (subject is not None or "entity" not in body):
            when = self.over(subject, body["when"], "/when", BY_KIND["boolean"])
        return Automation(
            name=self.document.name,
            title=body.get("title") or title_of(self.document.name),
            trigger=trigger,
            actions=self.actions(body["actions"], "/actions", subject, self.given),
            entity=body.get("entity"),
            when=when,
            active=body.get("active", True),
            max_depth=body.get("maxDepth", 5),
            order=body.get("order", 0),
            description=body.get("description", ""),
            layer=self.layer(""),
            hash=self.document.hash,
        )

    def once(self, actions: Sequence[Mapping[str, Any]]) -> None:
        seen: dict[str, str] = {}
        for place, action in raw_actions(actions, "/actions"):
            if action["name"] in seen:
                message = f'there is another action "{action["name"]}" at {seen[action["name"]]}; names are unique here'
                self.problem(f"{place}/name", "action.twice", message)
            seen.setdefault(action["name"], place)
        if len(seen) > MOST_ACTIONS:
            self.problem("/actions", "action.many", f"{len(seen)} actions; {MOST_ACTIONS} are allowed")

    # Actions

    def actions(
        self,
        body: Sequence[Mapping[str, Any]],
        pointer: str,
        subject: Entity | None,
        given: Mapping[str, Type],
    ) -> tuple[Action, ...]:
        found = [
            self.action(each, f"{pointer}/{at}", subject, given, order) for order, at, each in ordered(body)
        ]
        for at, each in enumerate(found[:-1]):
            if each.kind == "stop" and each.when is None:
                places = {raw["name"]: f"{pointer}/{place}" for place, raw in enumerate(body)}
                after = found[at + 1].name
                message = f'"{after}" is never done: "{each.name}" stops before it on no condition'
                self.problem(places[after], "action.unreachable", message)
                break
        return tuple(found)

    def action(
        self,
        body: Mapping[str, Any],
        pointer: str,
        subject: Entity | None,
        given: Mapping[str, Type],
        order: float,
    ) -> Action:
        kind = body["type"]
        self.fitting(body, kind, pointer, OFTEN, ACTIONS, "action")
        self.needed([word for word in REQUIRED.get(kind, ()) if not body.get(word)], kind, pointer, "action")
        when = None
        if "when" in body:
            when = self.over(subject, body["when"], f"{pointer}/when", BY_KIND["boolean"], given)
        goal = self.goal(body, pointer, subject)
        target = self.entity(f"{pointer}/entity", body["entity"]) if "entity" in body else goal
        of = self.entity(f"{pointer}/of", body["of"]) if "of" in body else None
        if kind == "wait" and ("after" in body) == ("until" in body):
            self.problem(pointer, "wait.time", 'a wait has either "after" or "until"')
        self.named(body, kind, pointer, goal)
        values, where = self.what(body, kind, pointer, subject, target, of, given)
        lines = self.lines(body, pointer, subject) if kind == "each" else None
        to, until = body.get("to"), body.get("until")
        return Action(
            name=body["name"],
            kind=kind,
            title=self.title(body),
            when=when,
            record=body.get("record"),
            entity=body.get("entity"),
            of=body.get("of"),
            where=where if kind != "each" else self.where(body, pointer, lines, self.inside(subject, given)),
            limit=body.get("limit", 1000),
            values=values,
            conversion=body.get("conversion"),
            receivers=self.assignees(body.get("receivers", ()), f"{pointer}/receivers", subject, given=given),
            template=body.get("template"),
            to=self.over(subject, to, f"{pointer}/to", BY_KIND["text"], given) if to else None,
            endpoint=body.get("endpoint"),
            workflow=body.get("workflow"),
            field=body.get("field", "owner_id" if kind == "assign" else self.only_state(kind, goal)),
            by=body.get("by", "round_robin"),
            among=self.assignees(body.get("among", ()), f"{pointer}/among", subject, given=given),
            busy=self.condition(body, "busy", pointer, goal, allowed=DEFAULT),
            lines=body.get("lines"),
            actions=self.inner(body, pointer, subject, lines, given),
            span=self.span(body, "after", pointer, positive=True),
            until=self.until(until, pointer, subject, given) if until and kind == "wait" else None,
            working=body.get("working", False),
            transition=body.get("transition"),
            order=order,
            layer=self.layer(pointer),
        )

    def goal(self, body: Mapping[str, Any], pointer: str, subject: Entity | None) -> Entity | None:
        """The entity of the record that an action is done to."""
        if subject is None:
            if "record" in ACTIONS[body["type"]]:
                message = f'there is no record here that an action of type "{body["type"]}" could be done to'
                self.problem(pointer, "action.record", message)
            return None
        return self.linked(subject, body["record"], f"{pointer}/record") if "record" in body else subject

    def inside(self, subject: Entity | None, given: Mapping[str, Type]) -> Mapping[str, Type]:
        """What expressions over other records see: the automation's record as `source`."""
        return given if subject is None else {**given, "source": self.checking.types.link(subject.name)}

    def what(
        self, body: Mapping[str, Any], kind: str, pointer: str, subject: Entity | None, target: Entity | None,
        of: Entity | None, given: Mapping[str, Type],
    ) -> tuple[Mapping[str, Checked], Checked | None]:  # fmt: skip
        """The values of an action, and which records they are for."""
        place, values = f"{pointer}/values", body.get("values", {})
        over = subject.name if subject is not None else NOWHERE
        match kind:
            case "set" if target is not None:
                return self.values(target, values, place, over, allowed=DEFAULT, given=given), None
            case "create" if target is not None:
                found = self.values(target, values, place, over, allowed=DEFAULT, given=given, creates=True)
                self.complete(target, values, place)
                return found, None
            case "create_from" if target is not None and of is not None:
                inside = self.inside(subject, given)
                found = self.values(
                    target, values, place, of.name, allowed=DEFAULT, given=inside, creates=True
                )
                self.complete(target, values, place)
                return found, self.where(body, pointer, of, inside)
            case "update_where" if target is not None:
                inside = self.inside(subject, given)
                found = self.values(target, values, place, target.name, allowed=DEFAULT, given=inside)
                return found, self.where(body, pointer, target, inside)
            case "webhook":
                made = {
                    name: self.over(subject, str(text), f"{place}/{escape(name)}", None, given)
                    for name, text in values.items()
                }
                return MappingProxyType({name: each for name, each in made.items() if each is not None}), None
        return EMPTY, None

    def where(
        self, body: Mapping[str, Any], pointer: str, entity: Entity | None, given: Mapping[str, Type]
    ) -> Checked | None:
        return self.condition(body, "where", pointer, entity, allowed=DEFAULT, given=given)

    def complete(self, target: Entity, values: Mapping[str, Any], pointer: str) -> None:
        """Whether a record that is made has everything that it must have."""
        for field in target.fields.values():
            supplied = field.computed or field.default is not MISSING or "initial" in field.settings
            filled = supplied or "defaultExpression" in field.settings.get("expressions", {})
            filled = filled or field.name in values
            if field.required and not filled:
                message = f'"{target.name}" needs "{field.name}", which nothing fills'
                self.problem(pointer, "action.required", message)

    def until(
        self, text: str, pointer: str, subject: Entity | None, given: Mapping[str, Type]
    ) -> Checked | None:
        checked = self.over(subject, text, f"{pointer}/until", None, given)
        if checked is not None and checked.type.kind not in ("date", "datetime", "unknown"):
            message = f"the result must be a date or a datetime, but it is {checked.type}"
            self.problem(f"{pointer}/until", "expression.invalid", message)
        return checked

    def lines(self, body: Mapping[str, Any], pointer: str, subject: Entity | None) -> Entity | None:
        """The entity of the lines that an action goes through."""
        name = body.get("lines")
        if name is None or subject is None:
            return None
        field = subject.fields.get(name)
        if field is None or field.lines is None or field.type != "lines":
            known = [f.name for f in subject.fields.values() if f.type == "lines"]
            self.unknown(
                f"{pointer}/lines", "field.unknown", name, f'field of lines of "{subject.name}"', known
            )
            return None
        return self.checking.drafts[field.lines].entity

    def inner(
        self, body: Mapping[str, Any], pointer: str, subject: Entity | None, lines: Entity | None,
        given: Mapping[str, Type],
    ) -> tuple[Action, ...]:  # fmt: skip
        if lines is None or "actions" not in body:
            return ()
        for at, each in enumerate(body["actions"]):
            if each["type"] not in ON_LINES:
                message = f'"{each["type"]}" cannot be done to a line; do it to the record, after the lines'
                self.problem(f"{pointer}/actions/{at}/type", "action.line", message)
        able = [each for each in body["actions"] if each["type"] in ON_LINES]
        inside = self.inside(subject, given)
        if len(able) < len(body["actions"]):
            return ()
        return self.actions(body["actions"], f"{pointer}/actions", lines, inside)

    def named(self, body: Mapping[str, Any], kind: str, pointer: str, goal: Entity | None) -> None:
        """Conversions, templates, workflows, fields and transitions that an action names."""
        known = self.known
        if "template" in body and body["template"] not in known.templates:
            self.unknown(
                f"{pointer}/template",
                "template.unknown",
                body["template"],
                "message template",
                sorted(known.templates),
            )
        if kind == "email" and not body.get("receivers") and "to" not in body:
            self.problem(pointer, "required", 'nobody gets it: write "receivers", "to", or both')
        if goal is None:
            return
        if kind == "convert" and "conversion" in body:
            names = known.conversions.get(goal.name, ())
            if body["conversion"] not in names:
                place = f"{pointer}/conversion"
                self.unknown(
                    place, "conversion.unknown", body["conversion"], f'conversion of "{goal.name}"', names
                )
        if kind == "submit" and "workflow" in body:
            self.about(body["workflow"], goal, f"{pointer}/workflow")
        if kind == "assign" and body.get("field", "owner_id") != "owner_id":
            field = goal.fields.get(body["field"])
            people = [f.name for f in goal.fields.values() if f.type == "user"]
            if field is None or field.name not in people:
                place = f"{pointer}/field"
                self.unknown(
                    place,
                    "field.unknown",
                    body["field"],
                    f'user field of "{goal.name}"',
                    ["owner_id", *people],
                )
        if kind == "transition" and "transition" in body:
            self.transition(body, pointer, goal)

    def only_state(self, kind: str, goal: Entity | None) -> str | None:
        """The state field that a transition is of when it names none."""
        if kind != "transition" or goal is None:
            return None
        states = [f.name for f in goal.fields.values() if machine_text(f)]
        return states[0] if len(states) == 1 else None

    def transition(self, body: Mapping[str, Any], pointer: str, goal: Entity) -> None:
        states = [f for f in goal.fields.values() if machine_text(f)]
        name = body.get("field")
        if name is None and len(states) != 1:
            what = "no field with transitions" if not states else "several fields with transitions; name one"
            self.problem(f"{pointer}/field", "required", f'"{goal.name}" has {what}')
            return
        field = next((f for f in states if f.name == (name or f.name)), None)
        if field is None:
            known = [f.name for f in states]
            self.unknown(f"{pointer}/field", "field.unknown", str(name), f'state of "{goal.name}"', known)
            return
        names = transition_names(field)
        if body["transition"] not in names:
            place = f"{pointer}/transition"
            self.unknown(
                place, "transition.unknown", body["transition"], f'transition of "{field.name}"', names
            )
