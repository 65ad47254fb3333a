"""The scenarios of a model's `tests/` documents, as plain data in the order in which they run."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fieldstone.metadata.definitions import Document, Model
from fieldstone.metadata.documents import title_of
from fieldstone.metadata.scenarios import ME, World, scenario_problems, seeded


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who acts. `team` is the `entity/name` of a given team, `manager` another person's name."""

    name: str
    roles: tuple[str, ...]
    team: str | None = None
    manager: str | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """A record that is there when a scenario begins."""

    entity: str
    name: str
    owner: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that is done, and what must be true then. `actor` is None for the platform itself.

    `says` is what else the document's step says: workflow, to, transition, automation, comment.
    """

    name: str
    verb: str
    actor: str | None
    entity: str
    record: str | None
    values: Mapping[str, Any]
    then: Mapping[str, Any]
    filter: str | None = None
    form: str | None = None
    conversion: str | None = None
    says: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario with all that its document says for it. `problems` are reasons why it cannot be run."""

    document: str
    name: str
    title: str
    layer: str
    actor: str | None
    people: tuple[Person, ...]
    given: tuple[Given, ...]
    steps: tuple[Step, ...]
    problems: tuple[str, ...] = field(default=())


def scenarios_of(model: Model, layers: Collection[str] | None = None) -> tuple[Scenario, ...]:
    """The scenarios of a model; `layers` keeps those of documents that some packages brought along."""
    world = World(
        model.entities, model.roles, seeded(model.documents), model.conversions, model.workflows, model.automations
    )  # fmt: skip
    return tuple(
        scenario
        for document in model.folder("tests").values()
        if layers is None or document.provenance.get("", "") in layers
        for scenario in _of_document(document, model, world)
    )


def _of_document(document: Document, model: Model, world: World) -> Iterator[Scenario]:
    body = document.body
    named = tuple(_person(person) for person in body.get("people", ()))
    wrong = scenario_problems(body, world)
    for at, scenario in _ordered(body.get("scenarios", ())):
        steps = tuple(_step(step, scenario.get("as")) for _, step in _ordered(scenario["steps"]))
        actors = [scenario.get("as"), *(step.actor for step in steps)]
        known = {person.name for person in named}
        alone = tuple(Person(role, (role,)) for role in dict.fromkeys(actors) if role and role not in known)
        given = [*_ordered(body.get("given", ())), *_ordered(scenario.get("given", ()))]
        yield Scenario(
            document.name,
            scenario["name"],
            scenario.get("title") or title_of(scenario["name"]),
            document.provenance.get("", ""),
            scenario.get("as"),
            (*named, *alone),
            tuple(_given(record) for _, record in given),
            steps,
            tuple(
                f"{problem.path}: {problem.message}"
                for problem in wrong
                if not problem.path.startswith("/scenarios/")
                or f"{problem.path}/".startswith(f"/scenarios/{at}/")
            ),
        )


def _ordered(items: Sequence[Mapping[str, Any]]) -> list[tuple[int, Mapping[str, Any]]]:
    """(position in the document, item) by `order`, which is ten times the position when left out."""
    return sorted(enumerate(items), key=lambda each: (each[1].get("order", each[0] * 10 + 10), each[0]))


def _person(person: Mapping[str, Any]) -> Person:
    return Person(person["name"], tuple(person.get("roles", ())), person.get("team"), person.get("manager"))


def _given(record: Mapping[str, Any]) -> Given:
    return Given(record["entity"], record["name"], record.get("owner", ME), record.get("values", {}))


def _step(step: Mapping[str, Any], actor: str | None) -> Step:
    record = None if step["do"] in ("create", "list") else step.get("record")
    entity = record.partition("/")[0] if record else step.get("entity", "")
    return Step(
        step["name"], step["do"], step.get("as", actor), entity, record, step.get("values", {}),
        step.get("then", {}), step.get("filter"), step.get("form"), step.get("conversion"), step,
    )  # fmt: skip
