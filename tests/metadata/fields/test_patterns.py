"""Patterns that users write cannot hold up a worker, and mean what jsonschema says they mean."""

import re
import time

import pytest
from metadata.record_entity import entity, field

from fieldstone.metadata.fields.patterns import PatternTooSlow, pattern_of
from fieldstone.metadata.validation import validator_for

PATTERNS = [
    "^[A-Z]{2}-\\d{4}$", "^(a|b)+$", "(?i)abc", "^\\S+@\\S+\\.\\w{2,}$", "^(?!x).*$", "(?<=a)b", "(a)\\1", "^$", "",
    "[^\\x00-\\x1f]+", "\\bword\\b", "^[一-龥]+$", "é", "[[a]", "^(?:\\d{3}-)?\\d{4}(?!\\n)$", "a$", "\\Aab\\Z", "[a-z&&b]+",
    "x{2,3}?y", "(?P<n>a)(?P=n)", "[\\w.-]+", "^[\\s\\S]*$", "\\u0041", "(?s)a.b", "(?m)^b$", "a||b",
]  # fmt: skip
TEXTS = [
    "", "a", "ab", "b", "aa", "AB-1234", "AB-1234\n", "ABC", "a@b.nl", "x1", "臺灣", "龥", "é", "word up", "123-4567", "xxy", "A",
    "a\nb", "bb", "a&b", "[a]", "\n", "a" * 300, "a.b-c", "\t",
]  # fmt: skip


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_finds_what_python_finds(pattern: str) -> None:
    found = pattern_of(pattern)
    for text in (*TEXTS, *(text * 1100 for text in TEXTS if text)):
        assert found.found_in(text) == bool(re.search(pattern, text)), text[:20]


SLOW = {
    "nested repetition": (r"^(a|aa)+$", "a" * 80 + "!"),
    "repeated group": (r"^(a+)+$", "a" * 40 + "!"),
    "two ways to say the same": (r"^(\w|\d)+$", "1" * 60 + "!"),
    "many repetitions": (r"a*a*a*a*a*b", "a" * 3000),
}


@pytest.mark.parametrize("name", SLOW)
def test_no_pattern_takes_longer_than_a_moment(name: str) -> None:
    pattern, text = SLOW[name]
    made = validator_for(entity({"name": {"type": "string", "maxLength": 5000, "pattern": pattern}}))
    start = time.perf_counter()
    try:
        said = [problem.code for problem in made.validate({"name": text}, "create").problems]
    except PatternTooSlow as error:
        said = [problem.code for problem in error.problems]

    assert said in (["pattern"], ["pattern.slow"])
    assert time.perf_counter() - start < 5


def test_a_pattern_that_takes_too_long_says_so_at_its_place() -> None:
    pattern, text = SLOW["nested repetition"]
    for schema, value, path in (
        ({"type": "string", "pattern": pattern}, text, "/name"),
        ({"type": "array", "items": {"type": "string", "pattern": pattern}}, ["x", text], "/name"),
    ):
        with pytest.raises(PatternTooSlow) as caught:
            validator_for(entity({"name": schema})).validate({"name": value}, "create")
        assert [(each.path, each.code) for each in caught.value.problems] == [(path, "pattern.slow")]
        assert caught.value.kind == "invalid"


def test_names_of_properties_are_searched_in_bounded_time_too() -> None:
    pattern, text = SLOW["nested repetition"]
    plain = {
        "type": "object",
        "patternProperties": {pattern: {"type": "integer"}},
        "additionalProperties": False,
    }
    with pytest.raises(PatternTooSlow):
        validator_for(entity({"name": plain})).validate({"name": {text: 1}}, "create")
    extras = entity({}, extras=False, patternProperties={pattern: {"type": "integer"}})
    with pytest.raises(PatternTooSlow):
        validator_for(extras).validate({text: 1}, "create")


def test_beside_unevaluated_properties_names_have_simple_patterns() -> None:
    _, problems = field(
        {"type": "object", "patternProperties": {"^(a|aa)+$": True}, "unevaluatedProperties": False}
    )
    assert [problem.code for problem in problems] == ["pattern.slow"]
    made = validator_for(
        entity(
            {"name": {"type": "object", "patternProperties": {"^x": True}, "unevaluatedProperties": False}}
        )
    )
    assert not made.validate({"name": {"xa": 1}}, "create").problems
    assert made.validate({"name": {"a": 1}}, "create").problems
    with pytest.raises(PatternTooSlow):
        made.validate({"name": {"x" * 2000: 1}}, "create")
