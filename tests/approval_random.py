"""Random definitions, companies and commands for the approval core, from one seed."""

import random
from dataclasses import replace
from typing import Any
from uuid import UUID

from approval_company import Company, Drive, guard, name_of, people, step, user, way, workflow

from fieldstone.metadata.approval_flows import Assignee, Step, Timer, Workflow
from fieldstone.workflows.approvals.core import commands as c
from fieldstone.workflows.approvals.core import obstacles, targets
from fieldstone.workflows.approvals.core.effects import RingAt
from fieldstone.workflows.approvals.core.facts import Broken
from fieldstone.workflows.approvals.core.state import TaskRow

NAMES = ("sub", "ann", "bob", "cid", "dan", "eve", "fay", "gus", "root")
GUARDS = ("g1", "g2", "g3", "g4", "g5", "g6")
ROLES = ("makers", "checkers", "nobody")
OPERATIONS = (
    "approve", "reject", "return", "transfer", "delegate", "add_before", "add_after", "add_parallel", "remove", "cc",
    "urge", "comment",
)  # fmt: skip
KINDS = ("approve",) * 14 + ("branch", "parallel") * 3 + ("cc", "do", "wait", "call") * 2 + ("end",)


class Maker:
    """Whatever is random, in one place, so that a seed gives the same story again."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.count = 0

    def definition(self) -> Workflow:
        return workflow(
            *self._steps(0, 5),
            max_rounds=self.rng.choice((1, 3, 6)),
            max_depth=self.rng.choice((0, 3)),
            withdraw=self.rng.random() < 0.8,
            material=frozenset({"amount"}),
            on_material_change="void",
            on={"approved": {"x": guard("1")}, "returned": {"x": guard("1")}},
        )

    def company(self) -> Company:
        rng = self.rng
        return Company(
            managers={name: rng.choice(NAMES) for name in NAMES if rng.random() < 0.7},
            roles={"makers": self._some(3), "checkers": self._some(4), "nobody": ()},
            inactive={name for name in NAMES[1:-1] if rng.random() < 0.1},
            delegates={name: rng.choice(NAMES) for name in NAMES if rng.random() < 0.15},
            values={name: self._worth() for name in GUARDS} | {"boom": Broken("no rate")},
            chosen={"table": self._some(2)} if rng.random() < 0.8 else {},
            workflows={"child": workflow(step("e", "end"))} if rng.random() < 0.8 else {},
        )

    def _worth(self) -> Any:
        return self.rng.choice((*(True, False, None) * 3, Broken("no rate")))

    def _some(self, most: int) -> tuple[str, ...]:
        return tuple(self.rng.sample(NAMES, self.rng.randint(0, most)))

    def _name(self) -> str:
        self.count += 1
        return f"s{self.count}"

    def _steps(self, depth: int, most: int) -> tuple[Step, ...]:
        return tuple(self._step(depth) for _ in range(self.rng.randint(1, most)))

    def _step(self, depth: int) -> Step:
        rng, name = self.rng, self._name()
        kind = rng.choice(KINDS if depth < 2 else ("approve", "cc", "do", "wait"))
        if kind == "approve":
            return self._approve(name)
        if kind == "branch":
            ways = [
                way(f"{name}w{n}", *self._way(depth), when=rng.choice(GUARDS))
                for n in range(rng.randint(1, 3))
            ]
            if rng.random() < 0.7:
                ways.append(way(f"{name}else", *self._way(depth)))
            return step(name, "branch", ways=tuple(ways), every=rng.random() < 0.4)
        if kind == "parallel":
            ways = [way(f"{name}w{n}", *self._way(depth)) for n in range(rng.randint(2, 3))]
            join = rng.choice((None, None, 1, 2))
            return step(name, "parallel", ways=tuple(ways), join=join, rest=rng.choice(("keep", "cancel")))
        if kind == "do":
            return step(
                name,
                "do",
                set={"x": guard("boom" if rng.random() < 0.1 else "1")} if rng.random() < 0.8 else {},
            )
        if kind == "wait":
            return step(name, "wait", seconds=rng.choice((0, 3600)))
        if kind == "call":
            return step(name, "call", workflow="child")
        if kind == "cc":
            return step(name, "cc", assign=self._lines(2))
        return step(name, "end", outcome=rng.choice(("approved", "rejected")))

    def _way(self, depth: int) -> tuple[Step, ...]:
        return self._steps(depth + 1, 2) if self.rng.random() < 0.9 else ()

    def _approve(self, name: str) -> Step:
        rng = self.rng
        return step(
            name,
            "approve",
            assign=self._lines(3),
            except_=people(rng.choice(NAMES)) if rng.random() < 0.2 else (),
            mode=rng.choice(("all", "any", "in_turn", "count", "percent")),
            count=rng.randint(1, 3),
            percent=rng.choice((1, 34, 50, 67, 100)),
            full_count=rng.random() < 0.3,
            on_reject=rng.choice(("end", *("return_previous", "return_start", "count") * 3)),
            on_empty=rng.choice(("approve", "reject", "administrator", "assign", "incident")),
            empty_assign=self._lines(1),
            on_left=rng.choice(("manager", "administrator", "skip", "incident")),
            on_self=rng.choice(("allow", "skip", "manager")),
            dedupe=rng.choice(("none", "none", "adjacent", "any")),
            operations=frozenset(each for each in OPERATIONS if rng.random() < 0.95),
            timers=tuple(self._timer(n) for n in range(rng.choice((0, 1, 2)))),
            comment_required=frozenset({"reject"}) if rng.random() < 0.2 else frozenset(),
            signature=rng.random() < 0.1,
        )

    def _timer(self, number: int) -> Timer:
        action = self.rng.choice(("remind", "transfer", "escalate", "approve", "reject"))
        return Timer(f"t{number}", action, 3600, repeat=3600, times=3, to=self._lines(1))

    def _lines(self, most: int) -> tuple[Assignee, ...]:
        lines = []
        for number in range(self.rng.randint(1, most)):
            kind = self.rng.choice(
                ("user", "user", "role", "manager", "managers", "submitter", "table", "decided")
            )
            value = {
                "user": self.rng.choice(NAMES),
                "role": self.rng.choice((*ROLES[:2] * 3, "nobody")),
                "table": "table",
                "decided": f"s{self.rng.randint(1, max(1, self.count))}",
            }.get(kind)
            lines.append(Assignee(f"l{number}", kind, value, levels=self.rng.randint(1, 3)))
        return tuple(lines)

    # Commands ---------------------------------------------------------------------------------------------------------

    def change_world(self, company: Company) -> None:
        rng = self.rng
        what = rng.random()
        if what < 0.05:
            company.values["no calendar"] = True
        elif what < 0.4:
            company.values[rng.choice(GUARDS)] = self._worth()
            company.values.pop("no calendar", None)
        elif what < 0.6:
            company.roles[rng.choice(ROLES[:2])] = self._some(4)
        elif what < 0.8:
            company.inactive ^= {rng.choice(NAMES[1:-1])}
        else:
            company.delegates.pop(rng.choice(NAMES), None)
            company.delegates[rng.choice(NAMES)] = rng.choice(NAMES)

    def command(self, drive: Drive, rings: list[RingAt]) -> c.Command:
        """Mostly what somebody may do now; now and then anything by anybody."""
        rng, run = self.rng, drive.state
        tasks = list(run.tasks.values())
        opened = [task for task in tasks if task.state == "open"]
        illegal = rng.random() < 0.2
        task = rng.choice(tasks if illegal and tasks else opened or tasks) if tasks else None
        actor = rng.choice(NAMES) if illegal or task is None else None
        who = drive._who(actor)
        if actor is None and task is not None:
            who["actor"] = task.holder if rng.random() < 0.9 else task.assignee
        who["comment"] = "why" if rng.random() < 0.8 else ""
        kinds = ["run"] * 2 + (["task"] * 9 if task else []) + (["ring"] * 3 if rings else [])
        kind = rng.choice(kinds)
        if kind == "task" and task is not None:
            return self._on_task(drive, who, task)
        if kind == "ring":
            ring = rng.choice(rings)
            return c.Ring(
                id=ring.command, actor=None, at=drive.at, run=run.id, step=ring.step, task=ring.task, timer=ring.timer,
                count=ring.count,
            )  # fmt: skip
        return self._on_run(drive, who, illegal)

    def _on_task(self, drive: Drive, who: dict[str, Any], task: TaskRow) -> c.Command:
        rng = self.rng
        version = rng.choice((None, *(task.version,) * 8, 1))
        on: dict[str, Any] = {**who, "task": task.id, "version": version}
        to = user(rng.choice(NAMES))
        what = rng.choice(
            ["approve"] * 8 + ["reject", "return", "transfer", "delegate", "add", "add", "remove", "cc"]
        )
        if what in ("approve", "reject"):
            signature = UUID(int=9) if rng.random() < 0.8 else None
            return c.Decide(**on, verdict=what, signature=signature)
        if what == "return":
            options = [*targets(drive.definition, drive.state, task), "nowhere"]
            chosen = rng.choice(options)
            return c.Return(**on, to=None if chosen == "submitter" else chosen, rerun=rng.random() < 0.5)
        if what == "add":
            users = tuple(user(name) for name in self._some(2))
            return c.AddSign(**on, where=rng.choice(("before", "after", "parallel")), users=users)
        if what == "remove":
            added = [each for each in drive.state.tasks.values() if each.added] or [task]
            one = rng.choice(added)
            base = drive.state.tasks.get(one.added_to) if one.added_to else None
            return c.RemoveAdded(**{**who, "actor": base.holder if base else who["actor"], "task": one.id})
        if what == "cc":
            return c.Copy(**who, run=drive.state.id, task=task.id, users=(to,))
        return (c.Transfer if what == "transfer" else c.Delegate)(**on, to=to)

    def _on_run(self, drive: Drive, who: dict[str, Any], illegal: bool) -> c.Command:
        rng, run = self.rng, drive.state
        on: dict[str, Any] = {**who, "run": run.id}
        if run.state == "returned" and rng.random() < 0.8:
            submitter = user(rng.choice(NAMES)) if illegal else run.submitter
            return drive.submission(**{**who, "actor": submitter})
        if run.state == "stuck" and rng.random() < 0.6:
            return self._fix(drive, on)
        asked = [row for row in run.steps.values() if row.live and not row.ways]
        row = rng.choice(asked) if asked else None
        if row is not None and row.child:
            outcome = rng.choice((*("approved",) * 6, "rejected", "withdrawn"))
            return c.ChildEnded(**{**on, "actor": None}, step=row.id, outcome=outcome)
        what = rng.random()
        if what < 0.15:
            return c.Urge(**on)
        if what < 0.3:
            return c.Comment(**on)
        if what < 0.4:
            return c.RecordChanged(**on, fields=(rng.choice(("amount", "title")),))
        if what < 0.6:
            held = {name_of(task.holder) for task in run.tasks.values() if task.undecided}
            gone = rng.choice(sorted(held & drive.company.inactive) or sorted(held) or ["gus"])
            if gone not in ("root", "sub"):
                drive.company.inactive.add(gone)
            to = user(rng.choice(NAMES)) if rng.random() < 0.3 else None
            return c.ApproverLeft(**{**on, "actor": None}, user=user(gone), to=to)
        if what < 0.62:
            return c.Withdraw(**{**on, "actor": run.submitter})
        if what < 0.8 and row is not None:
            return c.Failed(**{**on, "actor": None}, step=row.id, incident="gone")
        return self._fix(drive, on)

    def _fix(self, drive: Drive, on: dict[str, Any]) -> c.Command:
        rng, run = self.rng, drive.state
        rows = [row for row in run.steps.values() if row.state == "stuck"] or list(run.steps.values())
        undecided = [task for task in run.tasks.values() if task.undecided]
        action = rng.choice((*("retry", "reassign", "skip") * 6, "end"))
        return c.Intervene(
            **{**on, "actor": user("root") if rng.random() < 0.9 else on["actor"]},
            action=action,
            step=rng.choice(rows).id if rows else None,
            task=rng.choice(undecided).id if undecided and rng.random() < 0.5 else None,
            to=user(rng.choice(NAMES)),
            outcome=rng.choice((None, "approved", "rejected")),
        )

    def move(self, drive: Drive) -> c.Move:
        """To another revision in which every step has another name."""
        renamed = replace(drive.definition, steps=tuple(_renamed(each) for each in drive.definition.steps))
        names = {each.name: f"{each.name}x" for each in drive.definition.all_steps()}
        assert not obstacles(renamed, drive.state, names)
        drive.definition = renamed
        return c.Move(
            **drive._who("root"), run=drive.state.id, revision=drive.state.revision + 1, steps=names
        )


def _renamed(each: Step) -> Step:
    ways = tuple(replace(one, steps=tuple(_renamed(inner) for inner in one.steps)) for one in each.ways)
    return replace(each, name=f"{each.name}x", ways=ways)
