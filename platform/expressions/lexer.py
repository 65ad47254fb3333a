"""Source text to tokens.

Positions count code points. Names may be any Unicode identifier; every other property name is written in
backticks, and so is a field called like one of the language's own words.
"""

from dataclasses import dataclass
from typing import Literal

from fieldstone.expressions.errors import ExpressionError, problem_at
from fieldstone.expressions.limits import MAX_SOURCE, NUMBER_DIGITS, NUMBER_PLACES

TokenKind = Literal["name", "quoted", "number", "text", "sign", "end"]

TWO = ("&&", "||", "==", "!=", "<=", ">=")
ONE = "+-*/!<>?:.,()[]"
SPACE = " \t\r\n"
DIGITS = "0123456789"
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", '"': '"', "'": "'"}
INSTEAD = {
    "=": "==", "&": "&&", "|": "||", "and": "&&", "or": "||", "not": "!", "<>": "!=",
    "True": "true", "False": "false", "None": "null", "AND": "&&", "OR": "||", "NOT": "!",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Token:
    kind: TokenKind
    value: str
    position: int
    length: int


def fail(source: str, position: int, length: int, message: str, suggestion: str = "") -> ExpressionError:
    found = source[position : position + length]
    problem = problem_at(
        source, position, length, "expression.syntax", message, found=found, suggestion=suggestion
    )
    return ExpressionError(source, [problem], code="expression.syntax")


def tokens(source: str) -> list[Token]:
    """All tokens, the last one of kind `end`; raises ExpressionError at the first that is none."""
    if len(source) > MAX_SOURCE:
        message = f"the expression has {len(source)} characters; {MAX_SOURCE} are allowed"
        problem = problem_at("", MAX_SOURCE, 1, "expression.limit", message)
        raise ExpressionError(source[:200], [problem], code="expression.limit")
    for position, char in enumerate(source):
        if char == "\0" or "\ud800" <= char <= "\udfff":
            raise fail(source, position, 1, "this character is not allowed in an expression")
    found: list[Token] = []
    position = 0
    while True:
        while position < len(source) and source[position] in SPACE:
            position += 1
        if position == len(source):
            found.append(Token("end", "", position, 0))
            return found
        token, position = _token(source, position)
        found.append(token)


def _token(source: str, start: int) -> tuple[Token, int]:
    char = source[start]
    if char in DIGITS:
        return _number(source, start)
    if char in "\"'":
        return _text(source, start)
    if char == "`":
        end = source.find("`", start + 1)
        if end == -1:
            raise fail(source, start, 1, "this backtick is never closed")
        if end == start + 1:
            raise fail(source, start, 2, "there is no name between the backticks")
        return Token("quoted", source[start + 1 : end], start, end + 1 - start), end + 1
    if char == "_" or char.isidentifier():
        end = start + 1
        while end < len(source) and ("a" + source[end]).isidentifier():
            end += 1
        return Token("name", source[start:end], start, end - start), end
    two = source[start : start + 2]
    if two in TWO:
        return Token("sign", two, start, 2), start + 2
    if two == "<>":
        raise fail(source, start, 2, 'there is no "<>"; did you mean "!="?', "!=")
    if char in ONE:
        return Token("sign", char, start, 1), start + 1
    if char in INSTEAD:
        raise fail(source, start, 1, f'there is no "{char}"; did you mean "{INSTEAD[char]}"?', INSTEAD[char])
    raise fail(source, start, 1, f'"{char}" has no meaning here')


def _number(source: str, start: int) -> tuple[Token, int]:
    end = start
    while end < len(source) and source[end] in DIGITS:
        end += 1
    whole = end - start
    places = 0
    if end + 1 < len(source) and source[end] == "." and source[end + 1] in DIGITS:
        end += 1
        dot = end
        while end < len(source) and source[end] in DIGITS:
            end += 1
        places = end - dot
    if end < len(source) and ("a" + source[end]).isidentifier():
        raise fail(source, start, end + 1 - start, "a number is written like 12 or 12.5")
    if whole > NUMBER_DIGITS or places > NUMBER_PLACES:
        message = (
            f"a number has at most {NUMBER_DIGITS} digits before the point and {NUMBER_PLACES} behind it"
        )
        raise fail(source, start, end - start, message)
    return Token("number", source[start:end], start, end - start), end


def _text(source: str, start: int) -> tuple[Token, int]:
    quote = source[start]
    parts: list[str] = []
    position = start + 1
    while position < len(source):
        char = source[position]
        if char == quote:
            return Token("text", "".join(parts), start, position + 1 - start), position + 1
        if char != "\\":
            parts.append(char)
            position += 1
            continue
        escape = source[position + 1 : position + 2]
        if escape == "u":
            digits = source[position + 2 : position + 6]
            if len(digits) != 4 or any(d not in "0123456789abcdefABCDEF" for d in digits):
                raise fail(source, position, 2, "\\u needs four hexadecimal digits")
            code = int(digits, 16)
            if code == 0 or 0xD800 <= code <= 0xDFFF:
                raise fail(source, position, 6, "this character is not allowed in a text")
            parts.append(chr(code))
            position += 6
        elif escape in ESCAPES:
            parts.append(ESCAPES[escape])
            position += 2
        else:
            raise fail(source, position, 2, f'there is no "\\{escape}"; a backslash itself is written "\\\\"')
    raise fail(source, start, 1, "this text is never closed")
