"""SQL pieces that stay flat however deep an expression is.

SQLAlchemy compiles, hashes and walks nested constructs by recursion: an expression of the allowed depth would
overflow Python's stack, since each operator is several constructs. A `Piece` is one Core element made of
text of ours and operands; a piece put into a piece is dissolved, so that only columns, bound values and
sub-selects are ever nested. The texts are constants of this folder; what comes from expressions is bound.
"""

import re
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import BindParameter, ColumnClause, Label
from sqlalchemy.sql.selectable import Exists, ScalarSelect
from sqlalchemy.sql.visitors import InternalTraversal
from sqlalchemy.types import TypeEngine

Element = ColumnElement[Any]
_PLACE = re.compile(r"\{([0-9]+)\}")


class Piece(ColumnElement[Any]):
    """Texts and the operands between them: `texts[0] operands[0] texts[1] ...`."""

    inherit_cache = True
    _traverse_internals = [
        ("texts", InternalTraversal.dp_plain_obj),
        ("operands", InternalTraversal.dp_clauseelement_tuple),
        ("type", InternalTraversal.dp_type),
    ]

    def __init__(self, texts: tuple[str, ...], operands: tuple[Element, ...], type_: TypeEngine[Any]) -> None:
        self.texts = texts
        self.operands = operands
        self.type = type_

    def self_group(self, against: Any = None) -> "Piece":
        return self  # every template brings its own brackets

    @property
    def _from_objects(self) -> list[Any]:
        found: list[Any] = []
        for operand in self.operands:
            found += [each for each in operand._from_objects if each not in found]
        return found


@compiles(Piece)
def _compile(element: Piece, compiler: Any, **options: Any) -> str:
    for name in (
        "within_columns_clause",
        "within_label_clause",
        "add_to_result_map",
        "render_label_as_label",
    ):
        options.pop(name, None)
    parts = [element.texts[0]]
    for operand, text in zip(element.operands, element.texts[1:], strict=True):
        parts += (compiler.process(operand, **options), text)
    return "".join(parts)


def piece(template: str, type_: TypeEngine[Any], *operands: Element) -> Piece:
    """`template` with its places `{0}`, `{1}` ... filled; a place may be used again only for leaves."""
    texts = [""]
    inner: list[Element] = []
    split = _PLACE.split(template)
    for at, part in enumerate(split):
        if at % 2 == 0:
            texts[-1] += part
            continue
        operand = operands[int(part)]
        if isinstance(operand, Piece):
            texts[-1] += operand.texts[0]
            inner += operand.operands
            texts += operand.texts[1:]
        elif isinstance(operand, (ColumnClause, BindParameter, ScalarSelect, Exists)):
            inner.append(operand)
            texts.append("")
        else:
            texts[-1] += "("
            inner.append(operand.element if isinstance(operand, Label) else operand)
            texts.append(")")
    return Piece(tuple(texts), tuple(inner), type_)


def listed(operands: list[Element] | tuple[Element, ...], joint: str) -> str:
    """The template that joins all operands: `{0}, {1}, {2}`."""
    return joint.join(f"{{{number}}}" for number in range(len(operands)))


def is_leaf(operand: Element) -> bool:
    """Whether repeating `operand` costs nothing."""
    if isinstance(operand, Piece):
        return not operand.operands or (len(operand.operands) == 1 and operand.texts == ("", ""))
    return isinstance(operand, (ColumnClause, BindParameter))


def once(template: str, type_: TypeEngine[Any], *operands: Element) -> Piece:
    """`template` where each operand is computed once, however often its place stands there.

    Leaves are filled in as they are; anything else becomes a row that a scalar sub-select reads.
    """
    if all(is_leaf(operand) for operand in operands):
        return piece(template, type_, *operands)
    body = _PLACE.sub(r"once.v\1", template)
    row = ", ".join(f"{{{number}}} AS v{number}" for number in range(len(operands)))
    # Without OFFSET the planner would put the operands back into every place, doubling them level by level.
    return piece(f"(SELECT {body} FROM (SELECT {row} OFFSET 0) AS once)", type_, *operands)
