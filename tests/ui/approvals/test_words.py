"""Whatever approvals can say of themselves has words in every language."""

from typing import get_args

import pytest

from fieldstone.ui.approvals.panel import TOLD
from fieldstone.ui.messages import LOCALES, load_texts
from fieldstone.workflows.approvals.core.evolve import EVENTS
from fieldstone.workflows.approvals.core.state import INCIDENTS, RunState, StepState, TaskState

TEXTS = load_texts()


@pytest.mark.parametrize("locale", LOCALES)
def test_every_incident_event_and_state_has_words(locale: str) -> None:
    states = {*get_args(RunState), *get_args(StepState), *get_args(TaskState)}
    wanted = [
        *(f"approvals.incident.{name}" for name in INCIDENTS),
        *(f"approvals.event.{name}" for name in TOLD),
        *(f"approvals.state.{name}" for name in states),
    ]
    assert [key for key in wanted if not TEXTS[locale].has(key)] == []


def test_what_a_trail_tells_are_events() -> None:
    assert EVENTS.keys() >= TOLD
