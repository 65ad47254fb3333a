"""The manual of workflows and automations: every example of it is read and finds nothing wrong."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from fieldstone.metadata.automation_rules import ACTIONS, TRIGGERS
from fieldstone.metadata.compile import Compiled
from fieldstone.metadata.meta_schemas import meta_schema

PAGE = Path(__file__).parents[2] / "docs" / "workflows.md"
TEXT = PAGE.read_text("utf-8")
FENCE = re.compile(r"(?:`(?P<file>[a-z]+/[a-z_]+)\.json`\n\n)?```json\n(?P<body>.*?)```", re.S)
BLOCKS = [(found["file"], json.loads(found["body"]), found.start()) for found in FENCE.finditer(TEXT)]
DOCUMENTS = {file: body for file, body, _ in BLOCKS if file}


def heading(at: int) -> str:
    return re.findall(r"^#+ (.*)$", TEXT[:at], re.M)[-1]


PARTS = [(heading(at), body) for file, body, at in BLOCKS if not file]
STEPS = [body for over, body in PARTS if over in ("Steps", "People")]
TRIGGER_EXAMPLES = [body for over, body in PARTS if over == "Triggers"]
ACTION_EXAMPLES = [body for over, body in PARTS if over == "Actions"]


def wrong(found: Compiled) -> list[str]:
    return [str(problem) for problem in found.problems]


def test_the_documents_of_the_page_fit_together(compiled: Callable[..., Compiled]) -> None:
    found = compiled(DOCUMENTS)
    assert wrong(found) == []
    assert [str(note) for note in found.notes] == []


ASKS = {"name": "ask", "type": "approve", "assign": [{"name": "me", "type": "user", "value": "ben"}]}
STOP = {"name": "stop", "type": "stop"}


def examples() -> Iterator[tuple[str, Any]]:
    """A document around every example that is a part of one."""
    for step in STEPS:
        yield f"workflows/step_{step['name']}", {"entity": "asset", "steps": [ASKS, step]}
    for at, trigger in enumerate(TRIGGER_EXAMPLES):
        yield f"automations/trigger_{at}", {"entity": "asset", "trigger": trigger, "actions": [STOP]}
    for at, action in enumerate(ACTION_EXAMPLES):
        body = {"entity": "asset", "trigger": {"on": "button"}, "actions": [action]}
        yield f"automations/action_{at}", body


def test_the_parts_that_the_page_shows_are_read(compiled: Callable[..., Compiled]) -> None:
    assert wrong(compiled({**DOCUMENTS, **dict(examples())})) == []


def test_every_kind_has_its_example() -> None:
    step = meta_schema("workflow")["$defs"]["step"]["properties"]["type"]["enum"]
    assert {each["type"] for each in STEPS} == set(step)
    assert {each["on"] for each in TRIGGER_EXAMPLES} == set(TRIGGERS)
    assert {each["type"] for each in ACTION_EXAMPLES} | {"convert"} == set(ACTIONS)


def test_every_keyword_is_told() -> None:
    """Keywords of workflows and triggers; those of actions follow from their examples."""
    own = meta_schema("workflow")
    words = {*own["properties"], *own["$defs"]["step"]["properties"], *own["$defs"]["timer"]["properties"]}
    words |= set(meta_schema("automation")["properties"]["trigger"]["properties"])
    words |= set(meta_schema("entity")["$defs"]["transition"]["properties"])
    told = set(re.findall(r"[A-Za-z_]+", TEXT))
    assert sorted(words - told - {"schema"}) == ["$schema"]
