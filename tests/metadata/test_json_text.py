"""JSON text: what is taken, and what is refused with line and column."""

from decimal import Decimal
from typing import Any

import pytest

from fieldstone.metadata.json_text import MalformedJson, parse_json, parse_json_text, write_json

TAKEN: dict[str, tuple[bytes, Any]] = {
    "fraction is exact": (b"[0.10, 1e3, -0.0]", [Decimal("0.10"), Decimal("1E+3"), Decimal("-0.0")]),
    "whole number": (b"[36, -1]", [36, -1]),
    "huge exponent stays small": (b"1e400", Decimal("1E+400")),
    "null character": (b'"a\\u0000b"', "a\0b"),
    "whole pair": (b'"\\ud83d\\ude00"', "\U0001f600"),
    "escaped backslash before u": (b'"\\\\ud800"', "\\ud800"),
    "same key elsewhere": (
        b'{"a":{"a":1},"b":[{"a":1},{"a":2}]}',
        {"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}]},
    ),
    "64 levels": (b"[" * 64 + b"]" * 64, None),
    "brackets in text": (b'["' + b"[" * 200 + b'"]', ["[" * 200]),
    "utf-8": ('"臺"'.encode(), "臺"),
}


@pytest.mark.parametrize(("text", "value"), TAKEN.values(), ids=TAKEN)
def test_legal_text_is_taken(text: bytes, value: Any) -> None:
    found = parse_json(text)
    if value is not None:
        assert found == value
        assert repr(found) == repr(value)


REFUSED: dict[str, tuple[bytes, int, int]] = {
    "empty": (b"", 1, 1),
    "no value": (b'{"a":\n  }', 2, 3),
    "trailing comma": (b"[1,]", 1, 4),
    "two values": (b"{} {}", 1, 4),
    "NaN": (b'{"a": NaN}', 1, 7),
    "infinity": (b"[-Infinity]", 1, 2),
    "key twice": (b'{"a":1,\n "b":2, "a":3}', 2, 9),
    "key twice, one escaped": (b'{"a":1,"\\u0061":3}', 1, 8),
    "key twice within": (b'[{"x":"a:"},{"b":{"c":1,"c":2}}]', 1, 25),
    "no utf-8": (b'["a\xff"]', 1, 4),
    "utf-16": ('"a"'.encode("utf-16"), 1, 1),
    "high half": (b'["x",\n"\\ud800"]', 2, 1),
    "low half": (b'["\\udc00\\ud800"]', 1, 2),
    "half as key": (b'{"\\uD83D":1}', 1, 2),
    "65 levels": (b"[" * 65 + b"]" * 65, 1, 65),
    "deep": (b'{"a":' * 100_000, 1, 5 * 64 + 1),
    "digits": (b"[1" + b"0" * 5000 + b"]", 1, 2),
    "fraction": (b"[0." + b"1" * 500 + b"]", 1, 2),
    "exponent": (b"[1e99999999999999999999]", 1, 2),
    "control character": (b'["a\x01"]', 1, 4),
    "leading zero": (b"[01]", 1, 3),
    "comment": (b"[1] // one", 1, 5),
    "single quotes": (b"{'a':1}", 1, 2),
    "byte order mark": (b"\xef\xbb\xbf{}", 1, 1),
}


@pytest.mark.parametrize(("text", "line", "column"), REFUSED.values(), ids=REFUSED)
def test_illegal_text_is_refused_with_its_place(text: bytes, line: int, column: int) -> None:
    with pytest.raises(MalformedJson) as refused:
        parse_json(text)
    assert (refused.value.data["line"], refused.value.data["column"]) == (line, column)
    assert refused.value.kind == "malformed"
    assert len(refused.value.message) < 200


def test_many_keys_before_a_duplicate_take_no_long_time() -> None:
    text = b"{" + b",".join(b'"k%d":1' % n for n in range(100_000)) + b',"k5":2}'
    with pytest.raises(MalformedJson, match="k5"):
        parse_json(text)


def test_typed_text_falls_back_to_itself() -> None:
    assert parse_json_text("{broken", otherwise="{broken") == "{broken"
    assert parse_json_text("\ud800", otherwise=None) is None
    assert write_json({"a": [Decimal("1.50"), None, "臺"]}) == '{"a":["1.50",null,"臺"]}'
