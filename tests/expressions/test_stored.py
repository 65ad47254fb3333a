"""The stored form: round trip, changes of the record underneath, and what cannot be read."""

import json
from typing import Any

import pytest
from expressions.world import ENV, part

from fieldstone.expressions import (
    INTEGER,
    ExpressionError,
    Lines,
    RecordType,
    Select,
    check,
    evaluate,
    from_json,
    to_json,
)


def stored(source: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(json.dumps(to_json(check(source, ENV))))
    return data


def test_the_stored_form_is_plain_and_stable() -> None:
    assert stored("price * 2 > 1.50") == {
        "format": 1,
        "source": "price * 2 > 1.50",
        "type": "boolean",
        "deps": [["price"]],
        "node": {
            "op": "gt",
            "args": [
                {
                    "op": "mul",
                    "args": [{"field": ["price"], "type": "decimal"}, {"const": "2", "type": "integer"}],
                    "type": "decimal",
                },
                {"const": "1.50", "type": "decimal"},
            ],
            "type": "boolean",
        },
    }


def test_a_stored_expression_means_the_same_and_keeps_its_source() -> None:
    source = 'b && status in ["new"] ? sum(parts, qty * x, ok) : date("2024-01-31") > d ? 1 : -2.5'
    checked = from_json(stored(source), ENV)
    assert checked.source == source
    assert to_json(checked) == stored(source)
    assert checked.deps == check(source, ENV).deps


def test_a_stored_expression_that_no_longer_fits_is_refused() -> None:
    data = stored('status == "used"')
    smaller = RecordType("asset", {"status": Select(("new",))})
    with pytest.raises(ExpressionError, match='"used" is not among the values "new"'):
        from_json(data, smaller)
    with pytest.raises(ExpressionError, match="has no field status"):
        from_json(data, RecordType("asset", {}))


def test_a_line_field_added_later_does_not_capture_a_stored_name() -> None:
    before = RecordType("asset", {"rate": INTEGER, "parts": Lines(RecordType("part", {"qty": INTEGER}))})
    after = RecordType(
        "asset", {"rate": INTEGER, "parts": Lines(RecordType("part", {"qty": INTEGER, "rate": INTEGER}))}
    )
    values = {"rate": 2, "parts": [{"qty": 3, "rate": 100}]}
    checked = from_json(to_json(check("sum(parts, qty * rate)", before)), after)
    assert evaluate(checked, values) == 6
    assert evaluate(check("sum(parts, qty * rate)", after), values) == 300


BROKEN: dict[str, Any] = {
    "nothing": None,
    "a list": [],
    "no format": {"node": {}},
    "another format": {"format": 2, "node": {}},
    "no node": {"format": 1},
    "unknown node": {"format": 1, "node": {"x": 1}},
    "unknown operator": {"format": 1, "node": {"op": "drop", "args": [], "type": "text"}},
    "number that is none": {"format": 1, "node": {"const": "1; drop", "type": "integer"}},
    "object as constant": {"format": 1, "node": {"const": {}, "type": "text"}},
    "path of numbers": {"format": 1, "node": {"field": ["place", 1], "type": "text"}},
    "empty path": {"format": 1, "node": {"field": [], "type": "text"}},
    "far out": {"format": 1, "node": {"field": ["x"], "up": 9, "type": "decimal"}},
    "below": {"format": 1, "node": {"field": ["x"], "up": -1, "type": "decimal"}},
    "logic of nothing": {"format": 1, "node": {"op": "and", "args": [], "type": "boolean"}},
    "over no lines": {
        "format": 1,
        "node": {"over": "sum", "lines": {"field": ["x"], "type": "lines"}, "type": "decimal"},
    },
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN.keys())
def test_what_cannot_be_read_is_refused(data: Any) -> None:
    with pytest.raises(ExpressionError):
        from_json(data, ENV)


def test_deep_stored_trees_are_refused() -> None:
    node: dict[str, Any] = {"field": ["b"], "type": "boolean"}
    for _ in range(5000):
        node = {"op": "not", "args": [node], "type": "boolean"}
    with pytest.raises(ExpressionError, match="too large"):
        from_json({"format": 1, "node": node}, ENV)


def test_the_line_record_of_the_tests_has_no_field_of_the_outer_one() -> None:
    assert part.field("x") is None
