"""Reads what starts an automation; what the actions have in common with it stands here, too."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from fieldstone.expressions import DEFAULT, Allowed, Checked, Type
from fieldstone.expressions.types import BY_KIND, Parts
from fieldstone.metadata.automation_rules import Span, Trigger
from fieldstone.metadata.cron import cron_problem
from fieldstone.metadata.definitions import Entity, Field
from fieldstone.metadata.iso_durations import duration_problem, span_of
from fieldstone.metadata.people_reading import PeopleReading

TRIGGERS: Final[Mapping[str, Sequence[str]]] = {
    "create": (), "update": (), "delete": (), "changed": ("fields",),
    "stage": ("field", "before", "after", "transitions"), "button": ("roles", "icon", "confirm"),
    "schedule": ("cron", "calendar", "working", "where"),
    "date": ("field", "offsets", "at", "repeat", "times", "until", "calendar", "working"),
    "webhook": ("inputs", "match"),
}  # fmt: skip
"""Which keywords a trigger has."""
NEEDED: Final[Mapping[str, Sequence[str]]] = {
    "changed": ("fields",), "stage": ("field",), "schedule": ("cron",), "date": ("field", "offsets"),
}  # fmt: skip
NOWHERE: Final = ""


class TriggerReading(PeopleReading):
    """One automation being read, as far as its trigger goes. `given` and `allowed` say what expressions see beside the
    record there is."""

    given: Mapping[str, Type]
    allowed: Allowed

    def trigger(self, body: Mapping[str, Any], entity: Entity | None) -> Trigger:
        on = body["on"]
        self.fitting(body, on, "/trigger", ("on",), TRIGGERS, "trigger")
        self.needed([word for word in NEEDED.get(on, ()) if not body.get(word)], on, "/trigger", "trigger")
        fields = frozenset(
            self.own_field(name, f"/trigger/fields/{at}", entity)
            for at, name in enumerate(body.get("fields", ()))
        )
        if on == "stage" and entity is not None and "field" in body:
            self.stage(body, entity)
        if on == "date" and entity is not None and "field" in body:
            self.date_field(entity, body["field"])
        if "cron" in body and (wrong := cron_problem(body["cron"])):
            self.problem("/trigger/cron", "schedule.cron", wrong)
        repeat = self.span(body, "repeat", "/trigger", positive=True)
        if repeat is not None and "times" not in body and "until" not in body:
            message = 'it would be repeated for ever: write "times", "until", or both'
            self.problem("/trigger/repeat", "trigger.endless", message)
        return Trigger(
            on=on,
            fields=fields,
            field=body.get("field"),
            before=frozenset(body.get("before", ())),
            after=frozenset(body.get("after", ())),
            transitions=frozenset(body.get("transitions", ())),
            roles=self.roles(body, "/trigger"),
            icon=body.get("icon", "bolt"),
            confirm=body.get("confirm", ""),
            cron=body.get("cron"),
            calendar=body.get("calendar"),
            working=body.get("working", False),
            where=self.condition(body, "where", "/trigger", entity, allowed=DEFAULT),
            offsets=tuple(self.offsets(body)),
            at=body.get("at", "09:00"),
            repeat=repeat,
            times=body.get("times", 1000 if repeat is not None else 0),
            until=self.condition(body, "until", "/trigger", entity),
            inputs=tuple(
                (each["name"], each["type"], each.get("required", False)) for each in body.get("inputs", ())
            ),
            match=self.match(body, entity),
        )

    def fitting(
        self, body: Mapping[str, Any], kind: str, pointer: str, always: Sequence[str],
        able: Mapping[str, Sequence[str]], what: str,
    ) -> None:  # fmt: skip
        for keyword in body:
            if keyword not in always and keyword not in able[kind]:
                others = [each for each, words in able.items() if keyword in words]
                message = f'"{keyword}" is for {" and ".join(others)}, but this {what} is "{kind}"'
                self.problem(f"{pointer}/{keyword}", "keyword.not_here", message)

    def needed(self, missing: Sequence[str], kind: str, pointer: str, what: str) -> None:
        for word in missing:
            message = f'"{word}" is missing: the {what} "{kind}" needs it'
            self.problem(f"{pointer}/{word}", "required", message)

    def own_field(self, name: str, pointer: str, entity: Entity | None) -> str:
        if entity is not None and name not in entity.fields and name != "owner_id":
            self.unknown(pointer, "field.unknown", name, f'field of "{entity.name}"', list(entity.fields))
        return name

    def stage(self, body: Mapping[str, Any], entity: Entity) -> None:
        field = entity.fields.get(body["field"])
        choices = [f.name for f in entity.fields.values() if f.options]
        if field is None or not field.options:
            self.unknown(
                "/trigger/field", "field.unknown", body["field"], f'choice of "{entity.name}"', choices
            )
            return
        values = [option.const for option in field.options]
        for keyword in ("before", "after"):
            for at, value in enumerate(body.get(keyword, ())):
                if value not in values:
                    place = f"/trigger/{keyword}/{at}"
                    self.unknown(place, "transition.value", value, f'value of "{field.name}"', values)
        names = transition_names(field)
        for at, name in enumerate(body.get("transitions", ())):
            if name not in names:
                place = f"/trigger/transitions/{at}"
                self.unknown(place, "transition.unknown", name, f'transition of "{field.name}"', names)

    def date_field(self, entity: Entity, path: str) -> None:
        found = self.end_of(entity, path, "/trigger/field")
        if found is None:
            return
        target, name = found
        type_ = self.checking.types.field(target.name, name)
        if type_ is not None and type_.kind not in ("date", "datetime"):
            message = f'"{path}" is {type_}, no date and no time'
            self.problem("/trigger/field", "trigger.date", message)

    def offsets(self, body: Mapping[str, Any]) -> Iterator[Span]:
        for at, text in enumerate(body.get("offsets", ())):
            span = span_of(text)
            place = f"/trigger/offsets/{at}"
            if span is None:
                message = f'"{text}" is no ISO 8601 duration; write -P30D for thirty days before'
                self.problem(place, "duration", message)
            elif body.get("working") and (span.months or span.seconds):
                message = f'"{text}": only days can be counted in working days'
                self.problem(place, "duration", message)
            else:
                yield span

    def span(self, body: Mapping[str, Any], keyword: str, pointer: str, *, positive: bool) -> Span | None:
        if keyword not in body:
            return None
        wrong = duration_problem(body[keyword], working=bool(body.get("working"))) if positive else None
        if wrong:
            self.problem(f"{pointer}/{keyword}", "duration", wrong)
        return None if wrong else span_of(body[keyword])

    def inputs(self, body: Mapping[str, Any]) -> Parts:
        return Parts(tuple((each["name"], BY_KIND[each["type"]]) for each in body.get("inputs", ())))

    def match(self, body: Mapping[str, Any], entity: Entity | None) -> tuple[str, Checked] | None:
        if "match" not in body:
            return None
        name, place = body["match"]["field"], "/trigger/match"
        if entity is None:
            self.problem(place, "keyword.not_here", '"match" needs "entity": whose record is found')
            return None
        field = entity.fields.get(name)
        unique = [f.name for f in entity.fields.values() if f.unique or f.type == "sequence"]
        if name != "id" and (field is None or name not in unique):
            self.unknown(
                f"{place}/field", "field.unknown", name, f'unique field of "{entity.name}"', ["id", *unique]
            )
            return None
        checked = self.over(None, body["match"]["value"], f"{place}/value", None)
        return None if checked is None else (name, checked)

    # Expressions

    def over(
        self, subject: Entity | None, text: str, pointer: str, expect: Type | None,
        given: Mapping[str, Type] | None = None, allowed: Allowed | None = None,
    ) -> Checked | None:  # fmt: skip
        """An expression over the record there is, or without one over what is given."""
        given = self.given if given is None else given
        allowed = self.allowed if allowed is None else allowed
        return self.checked(
            subject.name if subject is not None else NOWHERE,
            text,
            pointer,
            expect,
            allowed=allowed,
            given=given,
        )


def transition_names(definition: Field) -> list[str]:
    if definition.machine is not None:
        return [each.name for each in definition.machine.transitions]
    return [each["name"] for each in definition.settings.get("transitions", ())]
