"""Evaluation in Python: checked expressions as closures. Never raises for values of the declared types.

Public names: `evaluate`, `compile_python`, `Bindings`, `User`.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from fieldstone.expressions.python.bindings import Bindings, User
from fieldstone.expressions.python.closures import compile_node
from fieldstone.expressions.typed import Checked

__all__ = ["Bindings", "User", "compile_python", "evaluate"]

NOTHING = Bindings()
ZERO = Decimal(0)


def compile_python(checked: Checked) -> Callable[..., Any]:
    """`f(values, bindings=Bindings())`, compiled once per `checked` and kept with it."""
    known = checked.__dict__.get("_compiled")
    if known is None:
        known = checked.__dict__["_compiled"] = _compile(checked)
    return known


def evaluate(checked: Checked, values: Mapping[str, Any], *, bindings: Bindings = NOTHING) -> Any:
    """The value of `checked` for a record's `values` (see README.md for their Python types)."""
    return compile_python(checked)(values, bindings)


def _compile(checked: Checked) -> Callable[..., Any]:
    run = compile_node(checked.node)
    if checked.type.kind == "decimal":

        def number(values: Mapping[str, Any], bindings: Bindings = NOTHING) -> Any:
            value = run((values, bindings, None))
            # Never minus zero, and always a Decimal (an integer branch of a choice is an int).
            return value if value is None else Decimal(value) if value else ZERO

        return number
    return lambda values, bindings=NOTHING: run((values, bindings, None))
