"""What is told of many texts at once agrees with the check of each."""

from typing import Any

import pytest
from metadata.record_entity import field

from fieldstone.metadata.fields import INVALID, compile_check, compile_shortcut

TEXTS = (
    "",
    " ",
    "plain",
    "New",
    "new",
    "a@b.test",
    "https://a.test/x",
    "+49 30 123",
    "é",
    "\x00",
    "x" * 300,
    "12",
)

SCHEMAS: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "short text": {"type": "string", "maxLength": 3, "minLength": 2},
    "text of a pattern": {"type": "string", "pattern": "^[0-9]+$"},
    "e-mail": {"type": "string", "format": "email"},
    "address": {"type": "string", "format": "uri"},
    "phone": {"field": "phone"},
    "choice": {"enum": ["new", "used"]},
}


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
def test_texts_that_are_right_together_are_right_alone(schema: dict[str, Any]) -> None:
    found, _ = field(schema)
    check, shortcut = compile_check(found), compile_shortcut(found)
    assert shortcut is not None
    taken = [text for text in TEXTS if shortcut([text])]
    assert taken
    assert shortcut(taken)
    for text in taken:
        assert check(text, "", []) == text
    for text in TEXTS:
        if check(text, "", []) is INVALID:
            assert not shortcut([*taken, text])
