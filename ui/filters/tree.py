"""Trees of conditions: from what the builder sends, to the text of an expression, and back from such a text.

Reading back tries, for every piece of the text, which condition is written exactly so; there is no second grammar that
could drift from the first.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Literal

from fieldstone.expressions import ExpressionError
from fieldstone.expressions.lexer import Token, tokens
from fieldstone.metadata.definitions import Model
from fieldstone.ui.fields import Column, target_of
from fieldstone.ui.filters.operators import TO, operators_of, written
from fieldstone.ui.formats import Formats
from fieldstone.ui.lists.conditions import Condition

Sign = Literal["all", "any"]
JOINS: Final[Mapping[str, str]] = {"all": " && ", "any": " || "}
DEEPEST: Final = 5
MOST: Final = 60
WORDS: Final = frozenset({"in", "user", "true", "false", "null"})


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions and groups of which all or any must hold."""

    sign: Sign
    items: tuple["Group | Condition", ...]


@dataclass(frozen=True, slots=True)
class Words:
    """What is needed to write conditions: the columns by name, and how the visitor writes numbers."""

    model: Model
    columns: Mapping[str, Column]
    formats: Formats

    def text(self, condition: Condition) -> str | None:
        column = self.columns.get(condition.field)
        if column is None:
            return None
        target = target_of(self.model, column.field)
        return written(condition, column, self.formats, target.title_field if target else None)


def group_of(sent: Any, depth: int = 1) -> Group:
    """The tree that a builder sent as JSON: `{"sign", "items": [{"field", "op", "value"} | group]}`."""
    if not isinstance(sent, Mapping) or not isinstance(sent.get("items"), list) or depth > DEEPEST:
        return Group("all", ())
    items: list[Group | Condition] = []
    for each in sent["items"][:MOST]:
        if isinstance(each, Mapping) and "items" in each:
            items.append(group_of(each, depth + 1))
        elif isinstance(each, Mapping):
            items.append(Condition(*(str(each.get(name) or "") for name in ("field", "op", "value"))))
    return Group("any" if sent.get("sign") == "any" else "all", tuple(items))


def text_of(group: Group, words: Words) -> str:
    """The tree as an expression; conditions without a value are left out. Empty when nothing is left."""
    parts = []
    for item in group.items:
        text = text_of(item, words) if isinstance(item, Group) else words.text(item) or ""
        if text:
            parts.append(text)
    if len(parts) == 1:
        return parts[0]
    return JOINS[group.sign].join(f"({part})" if _is_compound(part) else part for part in parts)


def _is_compound(text: str) -> bool:
    return any(token.value in ("&&", "||", "?") for token in tokens(text) if token.kind == "sign")


def read_back(text: str, words: Words) -> Group | None:
    """The tree that is written so, or None when the builder does not write such a text."""
    if not text.strip():
        return Group("all", ())
    try:
        found = tokens(text)[:-1]
    except ExpressionError:
        return None
    read = _read(found, words)
    return read if read is None or isinstance(read, Group) else Group("all", (read,))


def _read(piece: Sequence[Token], words: Words) -> Group | Condition | None:
    if not piece:
        return None
    leaf = _condition(piece, words)
    if leaf is not None:
        return leaf
    signs: tuple[tuple[str, Sign], ...] = (("||", "any"), ("&&", "all"))
    for sign, name in signs:
        parts = _split(piece, sign)
        if len(parts) > 1:
            items = [_read(part, words) for part in parts]
            known = [item for item in items if item is not None]
            return Group(name, tuple(known)) if len(known) == len(items) else None
    if piece[0].value == "(" and piece[0].kind == "sign" and len(_inside(piece)) == len(piece) - 2:
        return _read(piece[1:-1], words)
    return None


def _split(piece: Sequence[Token], sign: str) -> list[Sequence[Token]]:
    parts, depth, start = [], 0, 0
    for at, token in enumerate(piece):
        if token.kind != "sign":
            continue
        depth += (token.value in "([") - (token.value in ")]")
        if depth == 0 and token.value == sign:
            parts.append(piece[start:at])
            start = at + 1
    return [*parts, piece[start:]]


def _inside(piece: Sequence[Token]) -> Sequence[Token]:
    """What the parenthesis at the beginning encloses."""
    depth = 0
    for at, token in enumerate(piece):
        if token.kind == "sign":
            depth += (token.value in "([") - (token.value in ")]")
        if depth == 0:
            return piece[1:at]
    return ()


def _condition(piece: Sequence[Token], words: Words) -> Condition | None:
    wanted = [(token.kind, token.value) for token in piece]
    if len(wanted) > 60:
        return None
    for name in _names(piece):
        column = words.columns.get(name)
        if column is None:
            continue
        for operator in operators_of(column):
            for value in _values(piece):
                condition = Condition(name, operator, value)
                text = words.text(condition)
                if text is not None and [(t.kind, t.value) for t in tokens(text)[:-1]] == wanted:
                    return condition
    return None


def _names(piece: Sequence[Token]) -> Iterator[str]:
    """The first path of the piece, and what it begins with."""
    for at, token in enumerate(piece):
        called = at + 1 < len(piece) and piece[at + 1].value == "(" and piece[at + 1].kind == "sign"
        if token.kind not in ("name", "quoted") or (
            token.kind == "name" and (called or token.value in WORDS)
        ):
            continue
        path = [token.value]
        while at + 2 < len(piece) and piece[at + 1].value == "." and piece[at + 2].kind in ("name", "quoted"):
            at += 2
            path.append(piece[at].value)
        for length in range(len(path), 0, -1):
            yield ".".join(path[:length])
        return


def _values(piece: Sequence[Token]) -> list[str]:
    """What the condition's value may have been."""
    each = [
        _value(token, minus=at > 0 and piece[at - 1].value == "-")
        for at, token in enumerate(piece)
        if token.kind in ("text", "number")
    ]
    found = ["", *(value for values in each for value in values)]
    if len(each) == 2:
        found += [f"{first}{TO}{last}" for first in each[0] for last in each[1]]
    return list(dict.fromkeys(found))


def _value(token: Token, *, minus: bool) -> list[str]:
    if token.kind == "text":
        return [token.value]
    number = Decimal(token.value)
    values = [token.value, format((number * 100).normalize(), "f")]
    return [*values, *(f"-{value}" for value in values)] if minus else values
