"""What only the Python evaluator has to do: bad and unusual values, speed, the caller's decimal context."""

import time
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal, localcontext
from typing import Any
from uuid import UUID

import pytest
from expressions.world import ENV

from fieldstone.expressions import Bindings, check, compile_python, evaluate

VALUES: dict[str, tuple[str, dict[str, Any], Any]] = {
    "missing": ("x", {}, None),
    "NaN": ("x > 1", {"x": Decimal("NaN")}, None),
    "infinite": ("x", {"x": Decimal("Infinity")}, None),
    "too large": ("x", {"x": Decimal("1e40")}, None),
    "infinite double": ("f", {"f": float("inf")}, None),
    "double for a decimal": ("x", {"x": 0.1}, Decimal("0.1")),
    "int for a decimal": ("x / 2", {"x": 1}, Decimal("0.5")),
    "decimal for an integer": ("i", {"i": Decimal("3.0")}, 3),
    "half an integer": ("i", {"i": Decimal("3.5")}, None),
    "uuid for a link": ("place == 'x'", {"place": UUID(int=1)}, False),
    "uuid in a link": ("text(place)", {"place": {"id": UUID(int=1)}}, str(UUID(int=1))),
    "another zone": ("hour(m)", {"m": datetime(2024, 1, 1, 1, tzinfo=timezone(timedelta(hours=2)))}, 23),
    "moment out of range in UTC": ("m", {"m": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=2)))}, None),
    "tuple as tags": ("'a' in tags", {"tags": ("a",)}, True),
}


@pytest.mark.parametrize(("source", "values", "wanted"), VALUES.values(), ids=VALUES.keys())
def test_unusual_values(source: str, values: dict[str, Any], wanted: Any) -> None:
    assert evaluate(check(source, ENV), values) == wanted


def test_the_callers_decimal_context_changes_nothing() -> None:
    values = {"x": Decimal("9999999999999999999999999999.99999999999999999999"), "y": Decimal(3)}
    sources = ("x / y", "x - y * y", "-x", "abs(x)", "round(x, 3)", "floor(x)", "text(x)", "min(x, y)")
    plain = [evaluate(check(source, ENV), values) for source in sources]
    with localcontext() as context:
        context.prec = 3
        assert [evaluate(check(source, ENV), values) for source in sources] == plain


def test_a_hop_needs_the_linked_record() -> None:
    with pytest.raises(
        TypeError, match=r"place.name is read, so the value of place must be the linked record"
    ):
        evaluate(check("place.name", ENV), {"place": str(UUID(int=1))})


def test_what_is_not_bound_is_null() -> None:
    assert evaluate(check("now() == null && today() == null && user.id == null && !isNew", ENV), {}) is True
    bindings = Bindings(now=datetime(2024, 1, 1, tzinfo=UTC), today=date(2024, 1, 2))
    assert evaluate(check("daysBetween(date(now()), today())", ENV), {}, bindings=bindings) == 1


def test_zero_has_no_sign() -> None:
    assert str(evaluate(check("-x * 0", ENV), {"x": Decimal(1)})) == "0"


def test_a_typical_rule_is_fast() -> None:
    """Goal: 3 µs (measured 0.6 and 2); the bound here only catches a change of order on a busy machine."""
    values = {"status": "used", "s": "", "price": Decimal("12.50"), "i": 100, "b": True}
    for source in ('status == "used" && isEmpty(s)', 'price * i > 1000 && status == "used"'):
        run = compile_python(check(source, ENV))
        best = min(timed(run, values) for _ in range(5))
        assert best < 20e-6, f"{source}: {best * 1e6:.1f} µs"


def timed(run: Any, values: dict[str, Any]) -> float:
    start = time.perf_counter()
    for _ in range(2000):
        run(values)
    return (time.perf_counter() - start) / 2000
