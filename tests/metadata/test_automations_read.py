"""Automations: triggers and actions that fit are read, others are refused at their place; loops are found."""

from typing import Any

import pytest
from metadata.flow_cases import compiled, told_of

from fieldstone.metadata.automation_rules import Span
from fieldstone.metadata.iso_durations import span_of

STOP = {"name": "stop", "type": "stop"}
TEXTS = {"templates/hello": {"subject": {"en": "Hello"}, "text": {"en": "Hello"}}}


def on(trigger: dict[str, Any], *actions: Any, **more: Any) -> dict[str, Any]:
    return {"entity": "asset", "trigger": trigger, "actions": list(actions) or [STOP], **more}


def do(**action: Any) -> dict[str, Any]:
    return on({"on": "button"}, {"name": "a", **action})


CREATE, UPDATE = {"on": "create"}, {"on": "update"}
DATE = {"on": "date", "field": "due", "offsets": ["-P1D"]}
HOOK = {"on": "webhook", "inputs": [{"name": "serial", "type": "text"}, {"name": "price", "type": "decimal"}]}
MATCH = {"field": "serial", "value": "payload.serial"}
OWNER = {"name": "o", "type": "field", "value": "owner_id"}

LEGAL: dict[str, dict[str, Any]] = {
    "what was before": on({"on": "changed", "fields": ["price"]}, when="old.price < price && changed(price)"),
    "a path to a date": on({"on": "date", "field": "place.created_at", "offsets": ["PT1H"]}),
    "what came in": on({**HOOK, "match": MATCH}, {"name": "s", "type": "set", "values": {"price": "payload.price"}}),
    "what came in, without a record": {
        "trigger": HOOK, "when": "payload.price > 1",
        "actions": [{"name": "c", "type": "create", "entity": "asset",
                     "values": {"label": "payload.serial", "price": "coalesce(payload.price, 0)"}}],
    },
    "every night, about nothing": {
        "trigger": {"on": "schedule", "cron": "0 2 * * *"},
        "actions": [{"name": "c", "type": "create", "entity": "place", "values": {"name": "'x'"}}],
    },
    "a linked record": do(type="set", record="place", values={"name": "label"}),
    "a new record may begin anywhere": do(
        type="create", entity="asset", values={"label": "label", "price": "1", "state": "'new'"}
    ),
}  # fmt: skip
READ = told_of("automations", lambda: LEGAL)


@pytest.mark.parametrize("name", LEGAL)
def test_an_automation_that_fits_is_read(name: str) -> None:
    assert [str(problem) for problem in READ(name)] == []


A = "/actions/0"
ILLEGAL: dict[str, tuple[dict[str, Any], str, str]] = {
    "no entity": ({"trigger": CREATE, "actions": [STOP]}, "required", "/entity"),
    "an unknown entity": (on(CREATE, entity="aset"), "entity.unknown", "/entity"),
    "a condition over nothing": (on(CREATE, when="pricce > 1"), "expression.invalid", "/when"),
    "what was before a button": (on({"on": "button"}, when="old.price > 1"), "expression.invalid", "/when"),
    "fields of a create": (on({**CREATE, "fields": ["price"]}), "keyword.not_here", "/trigger/fields"),
    "a change of nothing": (on({"on": "changed"}), "required", "/trigger/fields"),
    "a change of an unknown field": (on({"on": "changed", "fields": ["pricce"]}), "field.unknown", "/trigger/fields/0"),
    "a stage of no choice": (on({"on": "stage", "field": "price"}), "field.unknown", "/trigger/field"),
    "a stage that there is not": (
        on({"on": "stage", "field": "state", "after": ["dne"]}), "transition.value", "/trigger/after/0",
    ),
    "a transition that there is not": (
        on({"on": "stage", "field": "state", "transitions": ["stat"]}), "transition.unknown", "/trigger/transitions/0",
    ),
    "a date that is none": (on({**DATE, "field": "price"}), "trigger.date", "/trigger/field"),
    "an offset that is none": (on({**DATE, "offsets": ["30 days"]}), "duration", "/trigger/offsets/0"),
    "working hours of an offset": (
        on({**DATE, "working": True, "offsets": ["-PT4H"]}), "duration", "/trigger/offsets/0",
    ),
    "for ever": (on({**DATE, "repeat": "P1D"}), "trigger.endless", "/trigger/repeat"),
    "no cron": (on({"on": "schedule", "cron": "at noon"}), "schedule.cron", "/trigger/cron"),
    "a role": (on({"on": "button", "roles": ["keper"]}), "role.unknown", "/trigger/roles/0"),
    "a match that is not unique": (
        on({**HOOK, "match": {**MATCH, "field": "label"}}), "field.unknown", "/trigger/match/field",
    ),
    "payload that does not come": (
        on({**HOOK, "match": {**MATCH, "value": "payload.number"}}), "expression.invalid", "/trigger/match/value",
    ),
    "a record where there is none": (
        on(HOOK, {"name": "a", "type": "set", "values": {"label": "'x'"}}), "action.record", A,
    ),
    "two actions of one name": (on(CREATE, STOP, STOP), "action.twice", "/actions/1/name"),
    "behind a stop": (on(CREATE, STOP, {**STOP, "name": "b"}), "action.unreachable", "/actions/1"),
    "nothing to set": (do(type="set"), "required", f"{A}/values"),
    "an unknown value": (do(type="set", values={"pricce": "1"}), "field.unknown", f"{A}/values/pricce"),
    "a value of the wrong type": (do(type="set", values={"pieces": "label"}), "expression.invalid", f"{A}/values/pieces"),
    "a state that nothing leads to": (do(type="set", values={"state": "'new'"}), "set.state", f"{A}/values/state"),
    "a path to no record": (do(type="set", record="price", values={"label": "'x'"}), "field.no_link", f"{A}/record"),
    "a record without what it needs": (
        do(type="create", entity="asset", values={"label": "'x'"}), "action.required", f"{A}/values",
    ),
    "an unknown query": (
        do(type="update_where", entity="asset", where="labl == source.label", values={"kind": "'tool'"}),
        "expression.invalid", f"{A}/where",
    ),
    "a query without condition": (
        do(type="update_where", entity="asset", values={"kind": "'tool'"}), "required", f"{A}/where",
    ),
    "an unknown conversion": (do(type="convert", conversion="settle"), "conversion.unknown", f"{A}/conversion"),
    "an unknown template": (do(type="notify", template="helo", receivers=[OWNER]), "template.unknown", f"{A}/template"),
    "a mail to nobody": (do(type="email", template="hello"), "required", A),
    "an unknown approval": (do(type="submit", workflow="lend"), "workflow.unknown", f"{A}/workflow"),
    "assigned to no user": (
        do(type="assign", field="place", among=[OWNER]), "field.unknown", f"{A}/field",
    ),
    "lines that are none": (do(type="each", lines="label", actions=[STOP]), "field.unknown", f"{A}/lines"),
    "what cannot be done to a line": (
        do(type="each", lines="parts", actions=[{"name": "b", "type": "transition", "transition": "start"}]),
        "action.line", f"{A}/actions/0/type",
    ),
    "a line's unknown field": (
        do(type="each", lines="parts", where="qyt > 0", actions=[STOP]), "expression.invalid", f"{A}/where",
    ),
    "a wait for nothing": (do(type="wait"), "wait.time", A),
    "a wait in the past": (do(type="wait", after="-P1D"), "duration", f"{A}/after"),
    "an unknown transition": (do(type="transition", transition="stat"), "transition.unknown", f"{A}/transition"),
    "a keyword of another action": (do(type="stop", values={}), "keyword.not_here", f"{A}/values"),
    "who decided": (do(type="notify", template="hello", receivers=[{"name": "x", "type": "role", "value": "keper"}]),
                    "role.unknown", f"{A}/receivers/0/value"),
}  # fmt: skip
SAID = told_of("automations", lambda: {name: case[0] for name, case in ILLEGAL.items()}, TEXTS)


@pytest.mark.parametrize("name", ILLEGAL)
def test_what_does_not_fit_is_refused(name: str) -> None:
    _, code, pointer = ILLEGAL[name]
    assert (code, pointer) in [(problem.code, problem.path) for problem in SAID(name)], SAID(name)


ONE = {"name": "a", "type": "set"}
LOOPS: dict[str, tuple[dict[str, Any], str | None]] = {
    "counts up": ({"one": on(UPDATE, {**ONE, "values": {"pieces": "pieces + 1"}})}, "problem"),
    "counts up what starts it": (
        {"one": on({"on": "changed", "fields": ["pieces"]}, {**ONE, "values": {"pieces": "pieces + 1"}})}, "problem",
    ),
    "counts up something else": (
        {"one": on({"on": "changed", "fields": ["price"]}, {**ONE, "values": {"pieces": "pieces + 1"}})}, None,
    ),
    "counts up to an end": (
        {"one": on(UPDATE, {**ONE, "values": {"pieces": "pieces + 1"}}, when="pieces < 5")}, None,
    ),
    "sets a constant": ({"one": on(UPDATE, {**ONE, "values": {"pieces": "1"}})}, None),
    "stamps the time": ({"one": on(UPDATE, {**ONE, "values": {"due": "today()"}})}, None),
    "makes another one": (
        {"one": on(CREATE, {"name": "a", "type": "create", "entity": "asset", "values": {"label": "label", "price": "1"}})},
        "problem",
    ),
    "make each other": (
        {
            "one": on(CREATE, {"name": "a", "type": "create", "entity": "place", "values": {"name": "label"}}),
            "two": {"entity": "place", "trigger": CREATE, "actions": [
                {"name": "a", "type": "create", "entity": "asset", "values": {"label": "'x'", "price": "1"}}]},
        },
        "problem",
    ),
    "make each other now and then": (
        {
            "one": on(CREATE, {"name": "a", "type": "create", "entity": "place", "values": {"name": "label"}}, when="rare"),
            "two": {"entity": "place", "trigger": CREATE, "actions": [
                {"name": "a", "type": "create", "entity": "asset", "values": {"label": "'x'", "price": "1"}}]},
        },
        "note",
    ),
    "push each other up": (
        {
            "one": on({"on": "changed", "fields": ["pieces"]}, {**ONE, "values": {"level": "pieces + 1"}}),
            "two": on({"on": "changed", "fields": ["level"]}, {**ONE, "values": {"pieces": "level + 1"}}),
        },
        "note",
    ),
    "is switched off": (
        {"one": on(UPDATE, {**ONE, "values": {"pieces": "pieces + 1"}}, active=False)}, None,
    ),
    "a stage that the set value is not": (
        {"one": on({"on": "stage", "field": "state", "after": ["busy"]}, {**ONE, "values": {"state": "'done'"}})}, None,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("documents", "said"), LOOPS.values(), ids=LOOPS)
def test_automations_that_start_themselves_are_found(documents: dict[str, Any], said: str | None) -> None:
    found = compiled({f"automations/{name}": body for name, body in documents.items()})
    assert [p.code for p in found.problems] == (["automation.loop"] if said == "problem" else [])
    assert [n.code for n in found.notes] == (["automation.loop"] if said == "note" else [])


SPANS = {
    "P1D": Span(0, 1), "-P30D": Span(0, -30), "P2W": Span(0, 14), "P1Y2M": Span(14), "PT4H": Span(seconds=14_400),
    "-P1DT2H3M4S": Span(0, -1, -7384), "PT0S": Span(), "P": None, "PT": None, "1D": None, "P1H": None, "P1.5D": None,
}  # fmt: skip


@pytest.mark.parametrize(("text", "span"), SPANS.items(), ids=SPANS)
def test_durations_are_those_of_iso_8601(text: str, span: Span | None) -> None:
    assert span_of(text) == span


def test_what_a_document_says_arrives_in_the_definition() -> None:
    body = on(
        {**DATE, "at": "07:30", "repeat": "P7D", "times": 3, "until": "rare", "calendar": "night"},
        {"name": "a", "type": "update_where", "entity": "asset", "where": "id != source.id", "values": {"kind": "'tool'"},
         "limit": 5, "when": "price > 1"},
        when="pieces > 1", title="All", order=7, maxDepth=2, active=False,
    )  # fmt: skip
    found = compiled({"automations/all": body})
    assert found.problems == () and found.model is not None
    read = found.model.automations["all"]
    assert (read.title, read.order, read.max_depth, read.active, read.entity) == ("All", 7, 2, False, "asset")
    trigger = read.trigger
    assert (trigger.field, trigger.offsets, trigger.at) == ("due", (Span(0, -1),), "07:30")
    assert (trigger.repeat, trigger.times, trigger.calendar) == (Span(0, 7), 3, "night")
    assert trigger.until is not None and read.when is not None
    (action,) = read.actions
    assert (action.kind, action.entity, action.limit, list(action.values)) == (
        "update_where",
        "asset",
        5,
        ["kind"],
    )
    assert action.where is not None and ("source", "id") in action.where.deps
    assert action.when is not None
