"""Lines that say who is asked or told: roles, fields, teams, managers, tables and expressions, each checked for what it names."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fieldstone.expressions import INTEGER, Checked, Type
from fieldstone.expressions.types import Link
from fieldstone.metadata.approval_flows import Assignee
from fieldstone.metadata.definitions import EMPTY, SYSTEM_FIELDS, Entity
from fieldstone.metadata.document_reading import ordered
from fieldstone.metadata.flow_reading import LINKED, FlowReading
from fieldstone.problems import did_you_mean

PEOPLE: Final = ("user", "team")


class PeopleReading(FlowReading):
    """One document that names people being read."""

    def assignees(
        self, body: Sequence[Mapping[str, Any]], pointer: str, entity: Entity | None, *,
        given: Mapping[str, Type] = EMPTY, steps: Mapping[str, str] | None = None,
    ) -> tuple[Assignee, ...]:  # fmt: skip
        """Lines of who is asked, in effective order. `steps` (name -> type) are those of the workflow, if it is one."""
        return tuple(
            self.assignee(each, f"{pointer}/{at}", entity, given, steps) for _, at, each in ordered(body)
        )

    def assignee(
        self, body: Mapping[str, Any], pointer: str, entity: Entity | None, given: Mapping[str, Type],
        steps: Mapping[str, str] | None,
    ) -> Assignee:  # fmt: skip
        kind, value = body["type"], body.get("value")
        self.value_fits(kind, value, body, pointer, entity, steps)
        candidate = {**given, "candidate": self.user()}
        expression = None
        if "expression" in body and entity is not None:
            place = f"{pointer}/expression"
            expression = self.checked(entity.name, body["expression"], place, given=given)
            self.gives_people(expression, place)
        for keyword, kinds in (
            ("levels", ("manager", "managers")), ("until", ("managers",)), ("where", ("role",)),
            ("expression", ("expression",)),
        ):  # fmt: skip
            if keyword in body and kind not in kinds:
                message = f'"{keyword}" is for {" and ".join(kinds)}, but this line is of type "{kind}"'
                self.problem(f"{pointer}/{keyword}", "keyword.not_here", message)
        if kind == "managers" and "levels" not in body and "until" not in body:
            message = 'a chain of managers ends somewhere: write "levels", "until", or both'
            self.problem(pointer, "assign.value", message)
        return Assignee(
            name=body["name"],
            kind=kind,
            value=value,
            levels=body.get("levels", 1 if kind == "manager" else None),
            until=self.condition(body, "until", pointer, entity, given={**candidate, "level": INTEGER}),
            where=self.condition(body, "where", pointer, entity, given=candidate),
            expression=expression,
        )

    def value_fits(
        self, kind: str, value: str | None, body: Mapping[str, Any], pointer: str, entity: Entity | None,
        steps: Mapping[str, str] | None,
    ) -> None:  # fmt: skip
        place = f"{pointer}/value"
        if kind in ("submitter", "expression"):
            if value is not None:
                message = f'"value" is not for lines of type "{kind}"'
                self.problem(place, "keyword.not_here", message)
            if kind == "expression" and "expression" not in body:
                self.problem(f"{pointer}/expression", "required", '"expression" is missing')
            return
        if value is None:
            if kind not in ("team_head", "manager", "managers"):
                self.problem(place, "required", f'"value" is missing: a line of type "{kind}" needs it')
            return
        match kind:
            case "role" if value not in self.roles_known:
                self.unknown(place, "role.unknown", value, "role", self.roles_known)
            case "field" | "team_head" if entity is not None:
                self.people_path(entity, value, place, PEOPLE)
            case "manager" | "managers" if entity is not None:
                self.people_path(entity, value, place, ("user",))
            case "table" if entity is not None:
                self.people_table(entity, value, place)
            case "decided" if steps is not None and steps.get(value) != "approve":
                approving = [name for name, type_ in steps.items() if type_ == "approve"]
                self.unknown(place, "step.unknown", value, "step that people decide", approving)

    def people_path(self, entity: Entity, path: str, pointer: str, goals: Sequence[str]) -> None:
        """A path that ends at users or teams."""
        found = self.end_of(entity, path, pointer)
        if found is None:
            return
        target, name = found
        goal = goal_of(target, name)
        if goal not in goals:
            what = " or ".join(goals)
            ends = [f.name for f in target.fields.values() if goal_of(target, f.name) in goals]
            known = [*ends, *(("owner_id", "created_by") if "user" in goals and not target.parent else ())]
            message = f'"{path}" leads to no {what}{did_you_mean(name, known)}'
            self.problem(pointer, "assign.field", message)

    def people_table(self, entity: Entity, value: str, pointer: str) -> None:
        name, _, output = value.partition(".")
        if name not in self.known.tables:
            self.unknown(pointer, "table.unknown", name, "decision table", list(self.known.tables))
            return
        about, outputs = self.known.tables[name]
        if about != entity.name:
            message = f'the table "{name}" is about "{about}", not "{entity.name}"'
            self.problem(pointer, "table.entity", message)
        people = [each for each, type_ in outputs.items() if type_ in ("user", "role")]
        if output and output not in people:
            self.unknown(pointer, "table.output", output, f'column of users or roles of "{name}"', people)
        elif not people:
            self.problem(pointer, "table.output", f'the table "{name}" has no column of users or roles')
        elif not output and len(people) > 1:
            message = f'"{name}" has several columns of people; write {name}.{people[0]} for one of them'
            self.problem(pointer, "table.output", message)

    def gives_people(self, checked: Checked | None, pointer: str) -> None:
        if checked is None or checked.type.kind in ("unknown", "text", "null"):
            return
        record = checked.type.record() if isinstance(checked.type, Link) else None
        if record is None or record.name not in PEOPLE:
            message = f"the result must be a user or a team, but it is {checked.type}"
            self.problem(pointer, "expression.invalid", message)


def goal_of(entity: Entity, name: str) -> str | None:
    """The entity that a field leads to, system fields included."""
    found = entity.fields.get(name)
    if found is None:
        return "user" if name in SYSTEM_FIELDS and name in ("owner_id", "created_by", "updated_by") else None
    return found.target if found.type in (*LINKED, "multi_link") else None
