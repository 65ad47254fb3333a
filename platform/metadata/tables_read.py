"""Reads decision tables, and looks for rows that overlap, cases that no row covers, and rows that never count.

A cell is a condition on its column: an operator and a constant (`< 1000`, `>= 10 && < 20`, `in ["a", "b"]`), where the
column stands on the left, a constant or a value of a choice that must be equal, or a whole expression over the record.
"""

from collections.abc import Mapping, Sequence
from json import dumps
from types import MappingProxyType
from typing import Any, Final

from fieldstone.expressions import BOOLEAN, Checked, ExpressionError
from fieldstone.expressions.lexer import Token, tokens
from fieldstone.expressions.types import Select
from fieldstone.metadata.approval_flows import DecisionTable, TableRow
from fieldstone.metadata.checking import Checking
from fieldstone.metadata.coverage import Undecided, coverage
from fieldstone.metadata.definitions import Document, Entity
from fieldstone.metadata.document_reading import ordered
from fieldstone.metadata.documents import title_of
from fieldstone.metadata.flow_reading import FlowReading, Known
from fieldstone.metadata.json_source import escape
from fieldstone.metadata.meta_schemas import describe
from fieldstone.problems import Problem

OPERATORS: Final = ("<", "<=", ">", ">=", "==", "!=", "in")
JSON_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "user": (str,), "role": (str,), "text": (str,), "number": (int, float), "boolean": (bool,),
}  # fmt: skip


def read_table(
    document: Document, checking: Checking, known: Known, problems: list[Problem]
) -> tuple[DecisionTable, Sequence[Problem]]:
    """The table of a document, and notes; what is wrong is appended to `problems`."""
    reading = _Reading(document, checking, known, problems)
    return reading.table(), reading.notes


class _Reading(FlowReading):
    """One table being read."""

    def table(self) -> DecisionTable:
        body, before = self.body, len(self.problems)
        entity = self.entity("/entity", body["entity"])
        texts = {each["name"]: column_text(each) for each in body["inputs"]}
        inputs: dict[str, Checked] = {}
        for _, at, each in ordered(body["inputs"]):
            checked = None
            if entity is not None:
                keyword = "expression" if "expression" in each else "name"
                checked = self.checked(entity.name, texts[each["name"]], f"/inputs/{at}/{keyword}")
            if checked is not None:
                inputs[each["name"]] = checked
        choices = {
            name: each.type.constants for name, each in inputs.items() if isinstance(each.type, Select)
        }
        outputs = {each["name"]: str(each["type"]) for _, _, each in ordered(body["outputs"])}
        rows = tuple(
            self.row(each, f"/rows/{at}", entity, texts, choices, outputs, order)
            for order, at, each in ordered(body["rows"])
        )
        table = DecisionTable(
            name=self.document.name,
            entity=body["entity"],
            title=body.get("title") or title_of(self.document.name),
            hit=body.get("hit", "first"),
            inputs=MappingProxyType(inputs),
            outputs=MappingProxyType(outputs),
            rows=rows,
            layer=self.layer(""),
        )
        if len(self.problems) == before and entity is not None:
            places = {each["name"]: f"/rows/{at}" for at, each in enumerate(body["rows"])}
            self.covered(table, entity, places)
        return table

    def row(
        self, body: Mapping[str, Any], pointer: str, entity: Entity | None, texts: Mapping[str, str],
        choices: Mapping[str, Sequence[str]], outputs: Mapping[str, str], order: float,
    ) -> TableRow:  # fmt: skip
        when: dict[str, Checked] = {}
        for column, cell in body.get("when", {}).items():
            place = f"{pointer}/when/{escape(column)}"
            if column not in texts:
                self.unknown(place, "table.input", column, "column of conditions", list(texts))
            elif entity is not None:
                checked = self.checked(
                    entity.name, cell_text(cell, texts[column], choices.get(column, ())), place, BOOLEAN
                )
                if checked is not None:
                    when[column] = checked
        for column, value in body["then"].items():
            place = f"{pointer}/then/{escape(column)}"
            if column not in outputs:
                self.unknown(place, "table.output", column, "column of results", list(outputs))
            else:
                self.result(value, outputs[column], place)
        for column in outputs:
            if column not in body["then"]:
                message = f'the result "{column}" is missing'
                self.problem(f"{pointer}/then/{escape(column)}", "required", message)
        return TableRow(body["name"], MappingProxyType(when), MappingProxyType(dict(body["then"])), order)

    def result(self, value: Any, kind: str, place: str) -> None:
        fits = isinstance(value, JSON_TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))
        if not fits:
            self.problem(place, "table.type", f"expected a {kind}, found {describe(value)}")
        elif kind == "role" and value not in self.roles_known:
            self.unknown(place, "role.unknown", value, "role", self.roles_known)

    def covered(self, table: DecisionTable, entity: Entity, places: Mapping[str, str]) -> None:
        """Rows that overlap, cases without a row, rows that never count."""
        default = [row.name for row in table.rows if not row.when]
        if default and default[0] != table.rows[-1].name and table.hit == "first":
            after = table.rows[[row.name for row in table.rows].index(default[0]) + 1]
            message = (
                f'the row "{after.name}" never counts: "{default[0]}" before it has no condition; put it last'
            )
            self.problem(places[after.name], "table.never", message)
            return
        if table.hit == "unique" and default and len(table.rows) > 1:
            other = next(row.name for row in table.rows if row.name != default[0])
            message = (
                f'the row "{default[0]}" has no condition, so it overlaps with "{other}"; use the hit "first"'
            )
            self.problem(places[default[0]], "table.overlap", message)
            return
        if table.hit == "collect":
            return
        found = coverage([list(row.when.values()) for row in table.rows], entity)
        if isinstance(found, Undecided):
            what = "has no gap" if default else "has no gap and no overlap"
            if not default or table.hit == "unique":
                message = f"it cannot be proven that the table {what}: {found.why}"
                self.notes.append(Problem("/rows", "table.unproven", message))
            return
        said = self.problems if found.certain else self.notes
        if table.hit == "unique" and found.overlap is not None:
            a, b, case = found.overlap
            message = (
                f'the rows "{table.rows[a].name}" and "{table.rows[b].name}" are both true when {case.text}'
            )
            said.append(Problem(places[table.rows[b].name], "table.overlap", message))
        elif table.hit == "first":
            for at in sorted(found.never_first):
                message = f'the row "{table.rows[at].name}" never counts: rows before it take all its cases'
                said.append(Problem(places[table.rows[at].name], "table.never", message))
        if found.gap is not None:
            advice = (
                "add a row for it, or a last row without conditions" if table.hit == "first" else "add a row"
            )
            message = f"no row is true when {found.gap.text}; {advice}"
            said.append(Problem("/rows", "table.gap", message))


def column_text(column: Mapping[str, Any]) -> str:
    """The expression of a column: the field of its name unless it says one."""
    return str(column.get("expression") or f"`{column['name']}`")


def cell_text(cell: Any, column: str, choices: Sequence[str] = ()) -> str:
    """The expression of a cell: every operator without a left side gets the column there."""
    if cell in choices:
        return f"({column}) == {dumps(cell, ensure_ascii=False)}"
    if isinstance(cell, bool):
        return f"({column}) == {'true' if cell else 'false'}"
    if isinstance(cell, (int, float)):
        return f"({column}) == {cell}"
    text = str(cell)
    try:
        found = tokens(text)
    except ExpressionError:
        return text  # the checker says what is wrong with it
    result, end, before = "", 0, None
    for token in found:
        if _is_operator(token) and (before is None or before.value in ("&&", "||", "(", "!")):
            result += f"{text[end : token.position]}({column}) "
            end = token.position
        before = token
    return result + text[end:]


def _is_operator(token: Token) -> bool:
    return token.value in OPERATORS and (token.kind == "sign" or (token.kind, token.value) == ("name", "in"))
