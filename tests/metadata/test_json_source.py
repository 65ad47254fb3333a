"""Reading JSON with places: what is accepted equals json.loads, what is refused has a line and a pointer."""

import json
import random

import pytest

from fieldstone.metadata.json_source import MAX_DEPTH, read_json

GOOD = {
    "empty object": "{}",
    "nested": '{"a": [1, 2.5, -3e2, {"b": null}], "c": true, "d": false}',
    "escapes": r'"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"',
    "spaces": " \t\r\n[ 1 ,\n 2 ]\n",
    "CJK": '{"名稱": "王小明"}',
    "large integer": "10000000000000000000000000000000000000000",
    "deep enough": "[" * MAX_DEPTH + "]" * MAX_DEPTH,
}


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD)
def test_legal_text_gives_the_same_value_as_the_standard_library(text: str) -> None:
    source = read_json(text)
    assert source.problems == ()
    assert source.value == json.loads(text)
    assert read_json(b"\xef\xbb\xbf" + text.encode()).value == source.value


BAD = {
    "duplicate key": ('{"a": 1,\n"a": 2}', "json.duplicate", "/a", 2),
    "NaN": ('{"a":\n NaN}', "json.syntax", "/a", 2),
    "Infinity": ("[-Infinity]", "json.syntax", "/0", 1),
    "outside a double": ("[1,\n1e400]", "json.number", "/1", 2),
    "U+0000": (r'{"a": "x\u0000"}', "json.character", "/a", 1),
    "lone high surrogate": (r'["\ud800"]', "json.character", "/0", 1),
    "lone low surrogate": (r'["\udc00x"]', "json.character", "/0", 1),
    "control character": ('["a\nb"]', "json.syntax", "/0", 1),
    "no end": ('{"a": [1, 2', "json.syntax", "/a", 1),
    "trailing comma": ("[1, 2,]", "json.syntax", "/2", 1),
    "two values": ("{} {}", "json.syntax", "", 1),
    "empty": ("", "json.syntax", "", 1),
    "single quotes": ("{'a': 1}", "json.syntax", "", 1),
    "bad escape": (r'["\x41"]', "json.syntax", "/0", 1),
    "leading zero": ("[01]", "json.syntax", "", 1),
    "too deep": ("\n" + "[" * 5000, "json.depth", "/0" * MAX_DEPTH, 2),
    "key with a slash": ('{"a/b": 1, "a/b": 2}', "json.duplicate", "/a~1b", 1),
}


@pytest.mark.parametrize(("text", "code", "pointer", "line"), BAD.values(), ids=BAD)
def test_bad_text_is_a_problem_with_its_place(text: str, code: str, pointer: str, line: int) -> None:
    problem = read_json(text).problems[0]
    assert (problem.code, problem.path, problem.line) == (code, pointer, line)


@pytest.mark.parametrize(
    ("data", "line"),
    [(b'{"a": "\xa4\xa4"}', 1), ('{"a": 1}'.encode("utf-16"), None), (b'{\n"a": "\xff"}', 2)],
    ids=["big5", "utf-16", "second line"],
)
def test_bytes_that_are_not_utf8_are_a_problem(data: bytes, line: int | None) -> None:
    problem = read_json(data).problems[0]
    assert (problem.code, problem.line) == ("json.encoding", line)


def test_reading_goes_on_after_what_can_be_passed_over() -> None:
    codes = [
        p.code for p in read_json(r'{"a": 1, "a": 2, "b": "\u0000", "c": 1e999, "d": "\ud800"}').problems
    ]
    assert codes == ["json.duplicate", "json.character", "json.number", "json.character"]


def test_lines_are_those_of_the_text() -> None:
    text = '{\n  "a": [\n    1,\n    {"b": 2}\n  ],\n\n  "c": 3\n}'
    assert read_json(text).lines == {"": 1, "/a": 2, "/a/0": 3, "/a/1": 4, "/a/1/b": 4, "/c": 7}


def test_mutilated_text_is_never_an_exception() -> None:
    seed = random.randrange(10**9)
    print("seed", seed)
    chance = random.Random(seed)
    text = json.dumps({"a": [1, -2.5e3, 'x\u00e9\n"', None, True], "b": {"c/~": {}}}, indent=1)
    for _ in range(2000):
        at, end = sorted(chance.choices(range(len(text)), k=2))
        cut = text[:at] + chance.choice(['"', "{", "]", "\\", "\u0000", "e", "", "1", ","]) + text[end:]
        source = read_json(cut)
        try:
            expected = json.loads(cut, parse_constant=lambda word: pytest.fail(word))
        except json.JSONDecodeError:
            assert source.problems
        else:
            assert source.value == expected or source.problems
