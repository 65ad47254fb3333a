"""Decision tables: cells that mean what they look like, rows that overlap or leave a gap."""

from typing import Any

import pytest
from metadata.flow_cases import compiled, told_of

from fieldstone.expressions import evaluate
from fieldstone.metadata.approval_flows import DecisionTable
from fieldstone.metadata.tables_read import cell_text

CELLS = {
    "< 5": "(price) < 5",
    ">= 5 && < 9": "(price) >= 5 && (price) < 9",
    "< 1 || > 9": "(price) < 1 || (price) > 9",
    "!(> 5)": "!((price) > 5)",
    "in [1, 2]": "(price) in [1, 2]",
    "== 5": "(price) == 5",
    "price > 5": "price > 5",
    "rare && > 5": "rare && (price) > 5",
    "isEmpty(place)": "isEmpty(place)",
}


@pytest.mark.parametrize(("cell", "text"), CELLS.items(), ids=CELLS)
def test_an_operator_without_a_left_side_gets_the_column_there(cell: str, text: str) -> None:
    assert cell_text(cell, "price") == text


CONSTANTS = {"a number": (5, "(x) == 5"), "yes": (True, "(x) == true"), "no": (False, "(x) == false")}


@pytest.mark.parametrize(("cell", "text"), CONSTANTS.values(), ids=CONSTANTS)
def test_a_constant_must_be_equal(cell: Any, text: str) -> None:
    assert cell_text(cell, "x") == text


def test_a_value_of_a_choice_may_stand_alone() -> None:
    assert cell_text("tool", "kind", ("tool", "vehicle")) == '(kind) == "tool"'
    assert cell_text("tool", "kind") == "tool"


def table(*rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "entity": "asset",
        "inputs": [{"name": "price"}, {"name": "kind"}],
        "outputs": [{"name": "days", "type": "number"}],
        "rows": [{"name": f"r{at}", "then": {"days": at}, **row} for at, row in enumerate(rows)],
        **more,
    }


def when(**cells: Any) -> dict[str, Any]:
    return {"when": cells}


LOW, HIGH, REST = when(price="< 5"), when(price=">= 5"), when()
CASES: dict[str, tuple[dict[str, Any], str, str]] = {
    "covers everything": (table(LOW, HIGH, hit="unique"), "", ""),
    "a default row": (table(LOW, REST), "", ""),
    "collects": (table(LOW, LOW, hit="collect"), "", ""),
    "overlaps as first": (table(when(price="< 9"), HIGH), "", ""),
    "overlaps as unique": (table(when(price="< 9"), HIGH, hit="unique"), "table.overlap", "/rows/1"),
    "a default of unique": (table(LOW, REST, hit="unique"), "table.overlap", "/rows/1"),
    "a gap": (table(LOW, when(price="> 5")), "table.gap", "/rows"),
    "a gap of unique": (table(LOW, when(price="> 5"), hit="unique"), "table.gap", "/rows"),
    "a gap at what is empty": (table(when(kind="tool"), when(kind="vehicle")), "table.gap", "/rows"),
    "a row that never counts": (table(when(price="< 9"), LOW, HIGH), "table.never", "/rows/1"),
    "rows behind the default": (table(REST, LOW), "table.never", "/rows/1"),
    "cannot be proven": (table(when(price="< pieces"), HIGH), "table.unproven", "/rows"),
    "by order and not by place": (table({**REST, "order": 90}, {**LOW, "order": 10}), "", ""),
    "an unknown column": (table(when(prize="< 5"), REST), "table.input", "/rows/0/when/prize"),
    "a cell of the wrong type": (table(when(price="< 'a'"), REST), "expression.invalid", "/rows/0/when/price"),
    "a result of the wrong type": (table({**LOW, "then": {"days": "x"}}, REST), "table.type", "/rows/0/then/days"),
    "yes is no number": (table({**LOW, "then": {"days": True}}, REST), "table.type", "/rows/0/then/days"),
    "a result too many": (table({**LOW, "then": {"days": 1, "dys": 1}}, REST), "table.output", "/rows/0/then/dys"),
    "a result too few": (table({**LOW, "then": {}}, REST), "required", "/rows/0/then/days"),
    "a role that is not there": (
        table({"then": {"who": "keper"}}, outputs=[{"name": "who", "type": "role"}]), "role.unknown", "/rows/0/then/who",
    ),
    "a column over nothing": (table(REST, inputs=[{"name": "prize"}]), "expression.invalid", "/inputs/0/name"),
    "no entity": (table(REST, entity="aset"), "entity.unknown", "/entity"),
}  # fmt: skip
SAID = told_of("tables", lambda: {name: case[0] for name, case in CASES.items()})


@pytest.mark.parametrize("name", CASES)
def test_what_a_table_leaves_open_or_says_twice_is_told(name: str) -> None:
    _, code, pointer = CASES[name]
    found = [(each.code, each.path) for each in SAID(name)]
    assert found == ([] if not code else [(code, pointer)])


def made(body: dict[str, Any]) -> DecisionTable:
    found = compiled({"tables/one": body})
    assert found.problems == () and found.model is not None
    return found.model.tables["one"]


def test_cells_are_conditions_over_the_record() -> None:
    read = made(table(when(price=">= 5 && < 9", kind="tool"), REST, title="Days"))
    first, rest = read.rows
    assert (read.title, read.hit, read.outputs) == ("Days", "first", {"days": "number"})
    assert evaluate(first.when["price"], {"price": 7}) is True
    assert evaluate(first.when["price"], {"price": 9}) is False
    assert evaluate(first.when["kind"], {"kind": "tool"}) is True
    assert (first.then, rest.when) == ({"days": 0}, {})


def test_a_tenant_puts_a_row_between() -> None:
    patch = {"rows": [{"name": "between", "order": 15, "when": {"price": "== 5"}, "then": {"days": 9}}]}
    found = compiled({"tables/one": table(LOW, HIGH)}, {"tables/one": patch})
    assert found.model is not None
    assert [row.name for row in found.model.tables["one"].rows] == ["r0", "between", "r1"]
