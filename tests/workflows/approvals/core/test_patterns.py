"""The workflow control-flow patterns (workflowpatterns.com) that the step tree has, each as a trace in `patterns/`.

A trace is the definition, what people did, and the events. It is compared word by word; after a wanted change, look at
the difference and store what the failure prints. The page docs/approval-patterns.md lists all 43 patterns: every one
has a trace here, or a reason there.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from approval_company import (
    Company,
    approve,
    branch,
    parallel,
    people,
    role,
    step,
    user,
    way,
    workflow,
)
from approval_trace import Trace

from fieldstone.metadata.approval_flows import Workflow
from fieldstone.workflows.approvals.core import commands as c

HERE = Path(__file__).parent / "patterns"
PAGE = Path(__file__).parents[4] / "docs" / "approval-patterns.md"
EVERYTHING = frozenset(
    [
        "approve",
        "reject",
        "return",
        "transfer",
        "delegate",
        "add_before",
        "add_after",
        "add_parallel",
        "remove",
        "cc",
        "urge",
        "comment",
    ]
)


@dataclass(frozen=True)
class Pattern:
    definition: Workflow
    play: Callable[[Trace], Any]
    ends: str
    company: Company = field(default_factory=Company)


def ask(name: str, *who: str, **attributes: Any) -> Any:
    return approve(name, *who, **{"operations": EVERYTHING, **attributes})


def approvals(*names: str) -> Callable[[Trace], None]:
    def play(trace: Trace) -> None:
        for name in names:
            trace.approve(name)

    return play


def both(**attributes: Any) -> Any:
    return parallel("both", way("left", ask("l", "ann")), way("right", ask("r", "bob")), **attributes)


def three(**attributes: Any) -> Any:
    ways = [way(who[0], ask(f"{who}_looks", who)) for who in ("ann", "bob", "cid")]
    return parallel("three", *ways, **attributes)


def choice(**attributes: Any) -> Any:
    return branch(
        "size",
        way("big", ask("boss", "ann"), when="amount > 100"),
        way("abroad", ask("trade", "bob"), when="abroad"),
        way("other", ask("clerk", "cid"), when="small"),
        **attributes,
    )


def worth(big: Any, abroad: Any, small: Any) -> Company:
    return Company(values={"amount > 100": big, "abroad": abroad, "small": small})


def cycles(trace: Trace) -> None:
    trace.approve("ann"), trace.approve("bob")
    trace.on_task(c.Return, "cid", to="one")
    trace.approve("ann"), trace.approve("bob")
    trace.on_task(c.Return, "cid", to="two")
    trace.approve("bob"), trace.approve("cid")


def without_knowing(trace: Trace) -> None:
    trace.on_task(c.AddSign, "ann", where="parallel", users=(user("eve"),))
    trace.approve("ann")
    trace.on_task(c.AddSign, "eve", where="parallel", users=(user("fay"), user("gus")))
    approvals("fay", "eve", "gus")(trace)


def deferred(trace: Trace) -> None:
    ring = trace.rings()[0]
    trace.approve("ann")
    trace.ring(ring)
    trace.approve("eve")


def milestone(trace: Trace) -> None:
    trace.on_task(c.AddSign, "ann", where="parallel", users=(user("eve"),))
    trace.approve("eve")
    trace.approve("ann")
    trace.refused(trace.on_task, c.AddSign, "ann", where="parallel", users=(user("fay"),))
    trace.approve("bob")
    trace.refused(trace.on_run, c.Withdraw, "sub")


def cancelled_task(trace: Trace) -> None:
    trace.on_task(c.AddSign, "ann", where="before", users=(user("eve"),))
    trace.give(c.RemoveAdded(**trace._who("ann"), task=trace.task("eve").id))
    trace.approve("ann")


def loop(trace: Trace) -> None:
    trace.approve("ann"), trace.reject("bob")
    trace.approve("ann"), trace.reject("bob")
    trace.approve("ann"), trace.approve("bob")


def recursion(trace: Trace) -> None:
    visit = trace.visit("again")
    trace.on_run(c.ChildEnded, None, step=visit.id, outcome="approved")
    trace.approve("ann")


def persistent(trace: Trace) -> None:
    ring = trace.rings()[0]
    trace.world("the worker is away for a day; the ring is a row and waits")
    trace.ring(ring)
    trace.ring(ring)
    trace.approve("eve")


def region(trace: Trace) -> None:
    trace.approve("eve"), trace.approve("ann")
    trace.on_task(c.Return, "bob", to="first")
    approvals("eve", "ann", "bob")(trace)


def dynamic(trace: Trace) -> None:
    trace.on_task(c.AddSign, "ann", where="parallel", users=(user("eve"), user("fay")))
    approvals("eve", "ann", "bob")(trace)


PATTERNS: dict[int, Pattern] = {
    1: Pattern(workflow(ask("one", "ann"), ask("two", "bob")), approvals("ann", "bob"), "approved"),
    2: Pattern(workflow(both()), approvals("bob", "ann"), "approved"),
    3: Pattern(workflow(both(), ask("last", "eve")), approvals("ann", "bob", "eve"), "approved"),
    4: Pattern(workflow(choice()), approvals("bob"), "approved", worth(None, True, True)),
    5: Pattern(workflow(choice(), ask("last", "eve")), approvals("ann", "eve"), "approved", worth(True, True, None)),
    6: Pattern(workflow(choice(every=True)), approvals("ann", "bob"), "approved", worth(True, True, None)),
    7: Pattern(
        workflow(choice(every=True), ask("last", "eve")), approvals("bob", "ann", "eve"), "approved",
        worth(True, True, None),
    ),
    9: Pattern(workflow(both(join=1, rest="keep"), ask("last", "eve")), approvals("bob", "ann", "eve"), "approved"),
    10: Pattern(workflow(ask("one", "ann"), ask("two", "bob"), ask("three", "cid")), cycles, "approved"),
    11: Pattern(workflow(step("tell", "cc", assign=people("ann")), ask("one", "bob")), approvals("bob"), "approved"),
    13: Pattern(workflow(ask("all", "ann", "bob", "cid")), approvals("cid", "ann", "bob"), "approved"),
    14: Pattern(
        workflow(ask("all", assign=role("checkers"))), approvals("bob", "ann"), "approved",
        Company(roles={"checkers": ("ann", "bob")}),
    ),
    15: Pattern(workflow(ask("all", "ann")), without_knowing, "approved"),
    16: Pattern(
        workflow(
            parallel(
                "first",
                way("answer", ask("one", "ann")),
                way("time", step("hour", "wait", seconds=3600)),
                join=1,
            ),
            ask("last", "eve"),
        ),
        deferred,
        "approved",
    ),
    18: Pattern(workflow(ask("one", "ann"), ask("two", "bob")), milestone, "approved"),
    19: Pattern(workflow(ask("one", "ann")), cancelled_task, "approved"),
    20: Pattern(workflow(both()), lambda trace: trace.on_run(c.Withdraw, "sub"), "withdrawn"),
    21: Pattern(workflow(ask("do", "ann"), ask("check", "bob", on_reject="return_previous")), loop, "approved"),
    22: Pattern(
        workflow(
            branch("parts", way("has", step("again", "call", workflow="flow", record="part_of"), when="part"), way("no")),
            ask("one", "ann"),
        ),
        recursion,
        "approved",
        Company(values={"part": True}, workflows={"flow": workflow(ask("one", "ann"))}),
    ),
    24: Pattern(workflow(step("day", "wait", seconds=86400), ask("last", "eve")), persistent, "approved"),
    25: Pattern(workflow(ask("first", "eve"), both()), region, "approved"),
    26: Pattern(workflow(ask("all", "ann", "bob", "cid"), ask("last", "eve")), lambda trace: trace.reject("bob"), "rejected"),
    27: Pattern(
        workflow(ask("all", "ann", "bob", "cid"), ask("last", "eve")),
        lambda trace: (
            trace.approve("ann"),
            trace.fix("skip", step=trace.visit("all").id),
            trace.approve("eve"),
        ),
        "approved",
    ),
    29: Pattern(workflow(both(join=1), ask("last", "eve")), approvals("bob", "eve"), "approved"),
    30: Pattern(workflow(three(join=2, rest="keep"), ask("last", "eve")), approvals("ann", "cid", "bob", "eve"), "approved"),
    32: Pattern(workflow(three(join=2), ask("last", "eve")), approvals("ann", "cid", "eve"), "approved"),
    34: Pattern(
        workflow(
            ask("all", "ann", "bob", "cid", mode="count", count=2, full_count=True, on_reject="count"), ask("last", "eve")
        ),
        lambda trace: (approvals("ann", "bob")(trace), trace.reject("cid"), trace.approve("eve")),
        "approved",
    ),
    35: Pattern(
        workflow(ask("all", "ann", "bob", "cid", mode="count", count=2), ask("last", "eve")),
        approvals("ann", "cid", "eve"),
        "approved",
    ),
    36: Pattern(
        workflow(ask("most", "ann", "bob", mode="percent", percent=60, on_reject="count")), dynamic, "approved"
    ),
    43: Pattern(
        workflow(branch("size", way("small", step("stop", "end"), when="small"), way("rest")), ask("last", "eve")),
        lambda trace: None,
        "approved",
        Company(values={"small": True}),
    ),
}  # fmt: skip


@pytest.mark.parametrize("number", PATTERNS)
def test_a_control_flow_pattern_goes_as_its_trace_says(number: int) -> None:
    pattern = PATTERNS[number]
    pattern.company.counter = 0
    trace = Trace(pattern.definition, pattern.company)
    pattern.play(trace)
    assert trace.state.state == pattern.ends
    trace.told_again()
    stored = HERE / f"wcp-{number:02}.txt"
    assert trace.text() == (stored.read_text() if stored.exists() else ""), f"{stored}:\n{trace.text()}"


def test_every_pattern_has_a_trace_or_a_reason_why_it_is_left_out() -> None:
    rows = re.findall(r"^\| (\d+) \| ([^|]+) \| ([^|]+) \|$", PAGE.read_text(), re.MULTILINE)
    by_section = PAGE.read_text().split("## What is left out")
    there = {int(each) for each in re.findall(r"^\| (\d+) \|", by_section[0], re.MULTILINE)}
    left_out = {int(each) for each in re.findall(r"^\| (\d+) \|", by_section[1], re.MULTILINE)}
    assert len(rows) == 43 and all(how.strip() for _, _, how in rows)
    assert there == set(PATTERNS) == {int(path.stem[4:]) for path in HERE.glob("wcp-*.txt")}
    assert there | left_out == set(range(1, 44)) and not there & left_out
