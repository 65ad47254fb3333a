"""Runs scenarios in an open transaction of a tenant, through the same verbs as everybody else.

Each scenario runs behind a savepoint and is rolled back, whatever it did, so scenarios neither see each other nor leave
anything behind. The transaction may be that of a publish before it commits: then the scenarios judge the result that
is about to go live.
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import psycopg

from fieldstone.engine import records
from fieldstone.engine.context import Context
from fieldstone.engine.identity import context_for_user
from fieldstone.engine.query.listing import list_records
from fieldstone.engine.query.request import MAX_LIMIT, ListRequest
from fieldstone.engine.records.convert import convert
from fieldstone.engine.storage.failures import translate
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.scenarios import FLOWS, ME, NOBODY, references
from fieldstone.packages.acting import act_on_flow
from fieldstone.packages.scenarios.compare import (
    form_differences,
    list_differences,
    record_differences,
    refusal_differences,
)
from fieldstone.packages.scenarios.definitions import Given, Person, Scenario, Step
from fieldstone.packages.scenarios.flows import flow_differences
from fieldstone.packages.scenarios.forms import FormState, form_state
from fieldstone.packages.seeding import plain_value, seeded_records
from fieldstone.problems import FieldstoneError

Answer = dict[str, Any] | list[dict[str, Any]] | FormState | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one scenario. `problems` is empty when all went as expected."""

    document: str
    scenario: str
    title: str
    problems: tuple[str, ...]
    seconds: float

    @property
    def passed(self) -> bool:
        return not self.problems

    def to_json(self) -> dict[str, Any]:
        return {
            "document": self.document, "scenario": self.scenario, "title": self.title, "passed": self.passed,
            "problems": list(self.problems), "seconds": round(self.seconds, 3),
        }  # fmt: skip


def run_scenarios(tx: Transaction, scenarios: Iterable[Scenario]) -> list[Outcome]:
    """Run scenarios one after the other; nothing that they did remains."""
    return [_outcome(tx, scenario) for scenario in scenarios]


def _outcome(tx: Transaction, scenario: Scenario) -> Outcome:
    begun = time.monotonic()
    problems = scenario.problems or tuple(_behind_savepoint(tx, scenario))
    seconds = time.monotonic() - begun
    return Outcome(scenario.document, scenario.name, scenario.title, problems, seconds)


def _behind_savepoint(tx: Transaction, scenario: Scenario) -> list[str]:
    tx.connection.savepoint("scenario")
    try:
        return list(_Playing(tx, scenario).play())
    finally:
        tx.connection.rollback_to("scenario")
        tx.connection.release("scenario")


class _Playing:
    """One scenario being played: who acts, and the ids of the records that have a name."""

    def __init__(self, tx: Transaction, scenario: Scenario) -> None:
        self.scenario = scenario
        self.system = _fresh(tx.as_system(), tx.as_system().context)
        self.known: dict[tuple[str, str], UUID] = seeded_records(tx)
        self.contexts: dict[str, Context] = {}

    def play(self) -> Iterator[str]:
        try:
            self.prepare()
        except FieldstoneError as error:
            yield f"what is given cannot be: {'; '.join(refusal_differences({}, error))}"
            return
        for step in self.scenario.steps:
            differences = [f"step {step.name}: {difference}" for difference in self.step(step)]
            yield from differences
            if differences:
                return

    def prepare(self) -> None:
        """Teams first, since people work in them (but not those led by somebody); people; then the rest."""
        teams = [
            record
            for record in self.scenario.given
            if record.entity == "team"
            and not any(ref.startswith("user/") for ref in references(record.values))
        ]
        for record in teams:
            self.give(record)
        for person in self.scenario.people:
            self.introduce(person)
        for person in self.scenario.people:
            if person.manager is not None:
                above = {"manager": str(self.known["user", person.manager])}
                records.update(self.system, "user", self.known["user", person.name], above)
                _settle(self.system)
        for record in self.scenario.given:
            if record not in teams:
                self.give(record)
        for person in self.scenario.people:
            connection, context = self.system.connection.connection, self.system.context
            self.contexts[person.name] = context_for_user(
                connection, context.tenant, self.known["user", person.name], now=context.now
            )

    def introduce(self, person: Person) -> None:
        body: dict[str, Any] = {"username": f"scenario {person.name}", "name": person.name}
        if person.team:
            body["team"] = {"$ref": person.team}
        user = records.create(self.system, "user", plain_value(self.system, body, self.known))
        self.known["user", person.name] = user["id"]
        for role in person.roles:
            records.create(self.system, "role_grant", {"user": str(user["id"]), "role": role})
        _settle(self.system)

    def give(self, record: Given) -> None:
        body = plain_value(self.system, record.values, self.known)
        owner = self.scenario.actor if record.owner == ME else record.owner
        if owner is not None and owner != NOBODY and ("user", owner) in self.known:
            body.setdefault("owner_id", str(self.known["user", owner]))
        made = records.create(self.system, record.entity, body)
        _settle(self.system)
        self.known[record.entity, record.name] = made["id"]

    def step(self, step: Step) -> Iterator[str]:
        context = self.system.context if step.actor is None else self.contexts[step.actor]
        tx = _fresh(self.system, context)
        answer: Answer = None
        refused: FieldstoneError | None = None
        tx.connection.savepoint("step")
        try:
            answer = self.act(tx, step)
            _settle(tx)
        except FieldstoneError as error:
            tx.connection.rollback_to("step")
            refused = error
        tx.connection.release("step")
        yield from refusal_differences(step.then, refused)
        if refused is None:
            yield from self.differences(tx, step, answer)

    def act(self, tx: Transaction, step: Step) -> Answer:
        values = plain_value(tx, step.values, self.known)
        record_id = self.id_of(step.record) if step.record else None
        if step.verb == "create":
            made = records.create(tx, step.entity, values)
            self.known[step.entity, step.name] = made["id"]
            return made
        if step.verb == "list":
            return list(_listed(tx, step))
        if step.verb == "form":
            return form_state(tx, step.entity, record_id, values, step.form)
        assert record_id is not None
        if step.verb in FLOWS:
            act_on_flow(tx, step.verb, step.entity, record_id, values, step.says)
            return None
        if step.verb == "read":
            return records.read(tx, step.entity, record_id)
        if step.verb == "update":
            return records.update(tx, step.entity, record_id, values)
        if step.verb == "convert":
            converted = convert(tx, step.entity, record_id, step.conversion or "", values=values)
            self.known |= {
                (made.entity, step.name): made.id for made in (*converted.used, *converted.created)
            }
            return converted.record
        if step.verb == "restore":
            return records.restore(tx, step.entity, record_id)
        records.delete(tx, step.entity, record_id)
        return None

    def differences(self, tx: Transaction, step: Step, answer: Answer) -> Iterator[str]:
        then = plain_value(tx, {"values": step.then.get("values", {})}, self.known)
        then = {**step.then, **then}
        if isinstance(answer, FormState):
            yield from form_differences(then, answer)
        elif isinstance(answer, list):
            names = {record_id: f"{entity}/{name}" for (entity, name), record_id in self.known.items()}
            found = {names.get(record["id"], str(record["id"])): record["id"] for record in answer}
            named = {name: record_id for record_id, name in names.items()}
            yield from list_differences(then, found, named)
        elif answer is not None:
            yield from record_differences(then, answer)
        elif step.verb in FLOWS and {"values", "hidden", "shown"} & then.keys():
            changed = records.read(tx, step.entity, self.id_of(step.record or ""))
            yield from record_differences(then, changed)
        if {"asked", "approval"} & then.keys():
            people = {record_id: name for (entity, name), record_id in self.known.items() if entity == "user"}
            which = self.known[step.entity, step.name] if step.record is None else self.id_of(step.record)
            system = _fresh(self.system, self.system.context)
            yield from flow_differences(then, system, step.entity, which, people)

    def id_of(self, ref: str) -> UUID:
        entity, _, name = ref.partition("/")
        return self.known[entity, name]


def _listed(tx: Transaction, step: Step) -> Iterator[dict[str, Any]]:
    cursor: str | None = None
    while True:
        request = ListRequest(filter=step.filter, fields=("id",), limit=MAX_LIMIT, cursor=cursor)
        page = list_records(tx, step.entity, request)
        yield from page.data
        cursor = page.next
        if cursor is None:
            return


def _fresh(tx: Transaction, context: Context) -> Transaction:
    """The same connection and model for another actor, with nothing left over from others."""
    return Transaction(tx.engine, replace(context, revision=tx.context.revision), tx.model, tx.connection)


def _settle(tx: Transaction) -> None:
    """Everything that a commit would do: checks over the result, and what was deferred."""
    try:
        while tx.before_commit:
            checks = tuple(tx.before_commit.values())
            tx.before_commit.clear()
            for check in checks:
                check(tx)
        tx.settle()
    except psycopg.Error as error:
        known = translate(error, tx.model)
        if known is None:
            raise
        raise known from error
