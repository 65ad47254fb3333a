"""Schemathesis on the API: requests made from the OpenAPI document, and every check of its answers.

Run through the engine of Schemathesis, not its pytest plugin, because the document is made by the application under test.
A failure is dropped only where one of the `Exception_`s says why it is none.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from rounds import in_turn
from schemathesis import Case, Response
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure
from schemathesis.engine import events, from_schema

REJECTED = [400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 428, 429]
"""With 412: a tag that is none of ours is of no version that a record has."""

PHASES = ("examples", "coverage", "fuzzing", "stateful")

GUESSES: dict[str, dict[str, Any]] = {"fuzzing": {"error-feedback": {"enabled": False}}}
"""What is asked comes from the document alone, not from guesses about the words of refusals, of any phase."""


@dataclass(frozen=True)
class Allowed:
    """What Schemathesis calls a failure and is none: a refusal of which every code begins with one of `codes`.

    `failure` is the name of the failure's class.
    """

    name: str
    failure: str
    reason: str
    codes: tuple[str, ...]

    def applies(self, response: Response) -> bool:
        body = response.json()
        found = [each["code"] for each in body["errors"]] or [body["code"]]
        return all(code.startswith(self.codes) for code in found)


@dataclass
class Sampled:
    """What a run came to. `reached` are the operations that were answered with 2xx, of all `operations`."""

    operations: set[str] = field(default_factory=set)
    reached: set[str] = field(default_factory=set)
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    failures: dict[tuple[str, str], str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)


def sample(
    address: str,
    headers: Mapping[str, str],
    *,
    seed: int,
    examples: int,
    allowed: Sequence[Allowed] = (),
    without: Sequence[str] = (),
    phases: Sequence[str] = PHASES,
    one_in: int = 1,
) -> Sampled:
    """Ask the API below an address for things, `examples` per operation and kind of data.

    `without` are tags to leave out; with `one_in` only so many of the operations are asked, in turn.
    """
    settings = {
        "seed": seed,
        "base-url": address,
        "headers": dict(headers),
        "continue-on-failure": True,
        "workers": 1,
        "generation": {"max-examples": examples, "no-shrink": True, "database": "none", "with-security-parameters": False},
        "phases": {name: {"enabled": name in phases} | GUESSES.get(name, {}) for name in PHASES},
        "checks": {"negative_data_rejection": {"expected-statuses": [*REJECTED, 412]}},
    }  # fmt: skip
    schema = schemathesis.openapi.from_url(
        f"{address}/openapi.json", config=SchemathesisConfig.from_dict(settings), headers=dict(headers)
    )
    if without:
        schema = schema.exclude(tag=list(without))
    if one_in > 1:
        labels = sorted(each.ok().label for each in schema.get_all_operations())
        schema = schema.include(name=in_turn(labels, one_in))
    found = Sampled()

    @schema.hook
    def filter_failure(context: Any, failure: Failure, case: Case, response: Response) -> bool:
        for each in allowed:
            if each.failure == type(failure).__name__ and each.applies(response):
                found.dropped[each.name] += 1
                return False
        return True

    found.operations = {each.ok().label for each in schema.get_all_operations()}
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished | events.FuzzScenarioFinished):
            _note(found, event.recorder)
        elif isinstance(event, events.NonFatalError):
            found.errors.append(f"{event.label}: {event.value!r}"[:2000])
        elif isinstance(event, events.FatalError):
            raise event.exception
    return found


def _note(found: Sampled, recorder: Any) -> None:
    for case_id, node in recorder.cases.items():
        interaction = recorder.interactions.get(case_id)
        if interaction is None or interaction.response is None:
            continue
        label, status = node.value.operation.label, interaction.response.status_code
        method = interaction.request.method.upper()
        if not label.startswith(method):
            continue
        found.statuses[label, status] += 1
        if 200 <= status < 300:
            found.reached.add(label)
    for case_id, checks in recorder.checks.items():
        for check in checks:
            if check.failure_info is None:
                continue
            failure = check.failure_info.failure
            interaction = recorder.interactions.get(case_id)
            key = (str(failure.operation), type(failure).__name__)
            asked = f"{check.failure_info.code_sample}"
            answered = (
                interaction.response.content[:600].decode(errors="replace")
                if interaction and interaction.response
                else ""
            )
            found.failures.setdefault(key, f"{failure}\n{asked[:1500]}\n-> {answered}")
