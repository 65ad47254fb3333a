"""What the checker refuses, what it says, and what it reports about an expression that fits."""

from typing import Any

import pytest
from expressions.world import ENV, asset

from fieldstone.expressions import (
    BOOLEAN,
    DATE,
    DECIMAL,
    FILTER,
    FILTER_COST,
    INTEGER,
    JSON,
    RULE,
    TEXT,
    Allowed,
    ExpressionError,
    Link,
    RecordType,
    Select,
    Type,
    check,
    parse,
)

SAID = {
    "unknown field": ("pric * 2", 'asset has no field pric; did you mean "price"'),
    "unknown function": ("lenght(s) > 1", 'no function lenght; did you mean "length"'),
    "unknown field of a link": ('place.nme == "x"', 'place has no field nme; did you mean "name"'),
    "unknown user field": ('user.role == "x"', 'did you mean "roles"'),
    "constant a select lacks": (
        'status == "nwe"',
        '"nwe" is not among the values "new", "used", "gone"; did you mean "new"',
    ),
    "constant on the left": ('"nwe" != status', '"nwe" is not among'),
    "constant in a list": ('status in ["new", "old"]', '"old" is not among'),
    "constant chosen": ('status == (b ? "new" : "nope")', '"nope" is not among'),
    "constant of closed tags": ('"green" in colours', '"green" is not among'),
    "constant of an old select": ('old.status == "nwe"', '"nwe" is not among'),
    "text to number": ('x + "1"', '"+" needs numbers, found text'),
    "texts added": ("s + t", "concat(a, b)"),
    "text with date": ('d > "2024-01-01"', 'write date("...")'),
    "date with datetime": ("d == m", "write date(...) of the datetime"),
    "date arithmetic": ("d + 1", "use addDays"),
    "boolean order": ("b < c", "cannot order boolean"),
    "number as condition": ("x && b", '"&&" needs conditions, found decimal'),
    "number negated": ("!x", '"!" needs a condition'),
    "condition of choice": ("x ? 1 : 2", '"?" needs a condition'),
    "branches": ("b ? 1 : s", "cannot choose between integer and text"),
    "lines as value": ("parts", "lines are no value"),
    "lines compared": ("parts == null", "cannot be compared"),
    "field of lines": ("parts.qty > 1", "use sum, count, any, ... over lines"),
    "aggregate of a number": ("sum(x, 1)", "the first argument must be lines"),
    "aggregate of texts": ("sum(parts, name)", "found text"),
    "tags compared": ('tags == "a"', "use isEmpty or in"),
    "tags contain": ('contains(tags, "a")', 'write "x" in tags'),
    "json read": ('js == "a"', "null only"),
    "decimal where whole is needed": ("round(x, 1.5)", "round needs integer here, found decimal"),
    "bad date": ('date("2024-02-30")', '"2024-02-30" is no date; it is written like "2026-01-31"'),
    "bad datetime": ('datetime("yesterday")', "is no datetime"),
    "datetime of a field": ("datetime(s)", "reads a written text only"),
    "too few arguments": ("contains(s)", "write contains(text, part)"),
    "too many arguments": ("today(1)", "write today() without arguments"),
    "list without in": ("[1, 2]", 'a list can stand only right of "in"'),
    "no list right of in": ("x in y", 'right of "in" stands a list'),
    "old lines": ("count(old.parts)", "not under old"),
    "changed of a path": ("changed(place.name)", "needs the name of a field"),
    "single equals": ("x = 1", 'there is no "="; did you mean "=="'),
    "word operators": ("b and c", 'there is no "and"; did you mean "&&"'),
    "SQL unequal": ("x <> 1", 'did you mean "!="'),
    "method": ('s.startsWith("a")', "functions are written startsWith(x, ...)"),
    "chained comparison": ("1 < x < 3", "comparisons do not chain"),
    "open text": ('s == "abc', "this text is never closed"),
    "open bracket": ("(x + 1", 'ends where ")" was expected'),
    "empty": ("  ", "the expression is empty"),
    "function without call": ("today > d", "today is a function; write today(...)"),
    "bad escape": (r'"\q" == s', "a backslash itself is written"),
    "NUL": ("s == '\0'", "not allowed"),
    "NUL escaped": (r'"\u0000" == s', "not allowed"),
    "lone surrogate": ("s == '\ud800'", "not allowed"),
    "too many digits": ("x > 1" + "0" * 28, "at most 28 digits"),
    "exponent": ("x > 1e5", "a number is written like"),
}


@pytest.mark.parametrize(("source", "said"), SAID.values(), ids=SAID.keys())
def test_what_is_wrong_is_said(source: str, said: str) -> None:
    with pytest.raises(ExpressionError) as raised:
        check(source, ENV)
    assert said in raised.value.message
    assert len(raised.value.problems) == 1, raised.value.message
    assert raised.value.kind == "malformed"


def test_everything_wrong_is_reported_at_once_with_its_place() -> None:
    with pytest.raises(ExpressionError) as raised:
        check('pric > 1 &&\n foo(s) && status == "nwe"', ENV)
    places = [(p.data["line"], p.data["column"], p.data.get("found")) for p in raised.value.problems]
    assert places == [(1, 1, "pric"), (2, 2, "foo"), (2, 22, "nwe")]
    assert raised.value.problems[0].data["suggestion"] == "price"
    assert [p.path for p in raised.value.at("/rules/0/when")] == ["/rules/0/when"] * 3


TOO_MUCH = {
    "brackets": "(" * 3900 + "1",
    "closed brackets": "(" * 1900 + "1" + ")" * 1900,
    "minus": "-" * 3900 + "1",
    "not": "!" * 3900 + "b",
    "calls": "abs(" * 900 + "1" + ")" * 900,
    "choices": "b ? 1 : " * 400 + "1",
    "nested choices": "b ? " * 900 + "1",
    "sum": "1" + "+1" * 100,
    "many parts": "b" + " || b" * 600,
    "members": "place" + ".parent" * 200,
    "list": "x in [" + "1," * 600 + "1]",
    "lists in lists": "x in [" * 500,
    "long": "1" + " " * 4000,
    "huge": "1 + " * 10_000_000,
}


@pytest.mark.parametrize("source", TOO_MUCH.values(), ids=TOO_MUCH.keys())
def test_too_large_expressions_are_refused_without_effort(source: str) -> None:
    with pytest.raises(ExpressionError):
        check(source, ENV)


AT_THE_BOUND = {
    "depth": "-" * 59 + "x == x",
    "nodes": "b" + " || b" * 498,
    "length": "x == x" + " " * 3994,
}


@pytest.mark.parametrize("source", AT_THE_BOUND.values(), ids=AT_THE_BOUND.keys())
def test_expressions_at_the_bounds_are_taken(source: str) -> None:
    with pytest.raises(ExpressionError):
        check(source.replace("x == x", "-x == x").replace("b ||", "b || b ||", 1) + " ", ENV)
    if source.startswith("-"):
        source = source.replace(" == x", "")
    check(source, ENV)


DEPS: dict[str, tuple[str, set[tuple[str, ...]]]] = {
    "fields": ("x * i", {("x",), ("i",)}),
    "hop": ('place.name == "a"', {("place", "name")}),
    "two hops": ("place.parent.size", {("place", "parent", "size")}),
    "lines": ("sum(parts, qty * cost)", {("parts",), ("parts", "qty"), ("parts", "cost")}),
    "outer field in lines": ("sum(parts, qty * x)", {("parts",), ("parts", "qty"), ("x",)}),
    "hop in lines": ("max(parts, origin.name)", {("parts",), ("parts", "origin", "name")}),
    "old and changed": ("old.x > 1 && changed(y)", {("x",), ("y",)}),
    "none": ("today()", set()),
}


@pytest.mark.parametrize(("source", "deps"), DEPS.values(), ids=DEPS.keys())
def test_deps_are_the_paths_read(source: str, deps: set[tuple[str, ...]]) -> None:
    assert check(source, ENV).deps == deps


TYPES: dict[str, tuple[str, Type]] = {
    "integer sum": ("i + j", INTEGER),
    "mixed sum": ("i + x", DECIMAL),
    "quotient": ("i / j", DECIMAL),
    "rounded": ("round(x)", INTEGER),
    "rounded to places": ("round(x, 2)", DECIMAL),
    "mean": ("avg(parts, qty)", DECIMAL),
    "sum of whole": ("sum(parts, qty)", INTEGER),
    "mixed choice": ("b ? 1 : x", DECIMAL),
    "date kept": ("addDays(d, 1)", DATE),
    "links joined": ("coalesce(place, other)", TEXT),
    "condition": ("x > 1", BOOLEAN),
}


@pytest.mark.parametrize(("source", "type_"), TYPES.values(), ids=TYPES.keys())
def test_types_of_results(source: str, type_: Type) -> None:
    assert check(source, ENV).type == type_


EXPECTED: dict[str, tuple[str, Type, bool]] = {
    "integer as decimal": ("i", DECIMAL, True),
    "decimal as integer": ("x", INTEGER, False),
    "null as anything": ("null", DATE, True),
    "text as boolean": ("s", BOOLEAN, False),
    "constant of the select": ('"a"', Select(("a", "b")), True),
    "constant it lacks": ('"c"', Select(("a", "b")), False),
    "select in a smaller one": ("status", Select(("new", "used")), False),
    "select as text": ("status", TEXT, True),
    "user as link": ("user.id", Link(asset), True),
    "lines as json": ("parts", JSON, False),
}


@pytest.mark.parametrize(("source", "expect", "fits"), EXPECTED.values(), ids=EXPECTED.keys())
def test_the_result_must_be_usable_as_expected(source: str, expect: Type, fits: bool) -> None:
    if fits:
        check(source, ENV, expect=expect)
    else:
        with pytest.raises(ExpressionError):
            check(source, ENV, expect=expect)


CONTEXT = ("user.id", 'hasRole("a")', "now()", "today()", "old.x", "isNew", "changed(x)")


@pytest.mark.parametrize("source", CONTEXT)
def test_what_is_not_allowed_cannot_be_read(source: str) -> None:
    check(source, asset.allowing(RULE))
    with pytest.raises(ExpressionError, match="cannot be used here"):
        check(source, asset.allowing(Allowed()))
    if source in ("old.x", "isNew", "changed(x)"):
        with pytest.raises(ExpressionError):
            check(source, asset.allowing(FILTER))


def test_reads_context_names_what_is_read() -> None:
    checked = check(
        'hasRole("a") || isNew || old.x > 1 || changed(x) || d == today() || place == user.id', ENV
    )
    assert checked.reads_context == {"user.roles", "isNew", "old", "changed", "today", "user.id"}


def test_fields_called_like_the_languages_words_are_written_in_backticks() -> None:
    record = RecordType(
        "odd", {"user": TEXT, "old": TEXT, "in": INTEGER, "and": INTEGER, "名前": TEXT, "a b": TEXT}
    )
    checked = check("`user` == `old` && `in` > `and` && 名前 == `a b`", record.allowing(RULE))
    assert checked.deps == {("user",), ("old",), ("in",), ("and",), ("名前",), ("a b",)}
    with pytest.raises(ExpressionError, match="write `user`"):
        check('user == "a"', record)


IMMUTABLE: dict[str, tuple[str, bool]] = {
    "own columns": ("round(x * i, 2)", True),
    "dates": ("addMonths(d, 1) > date(m)", True),
    "words": ("lower(t)", True),
    "clock": ("d < today()", False),
    "user": ("place == user.id", False),
    "hop": ("place.name", False),
    "lines": ("sum(parts, qty)", False),
    "text of a date": ("text(d)", False),
    "unbounded concat": ("concat(s, t)", False),
    "bounded concat": ("concat(t, status)", True),
}


@pytest.mark.parametrize(("source", "immutable"), IMMUTABLE.values(), ids=IMMUTABLE.keys())
def test_immutable_says_what_may_stand_in_an_index(source: str, immutable: bool) -> None:
    assert check(source, ENV).immutable is immutable


def test_filters_have_a_bounded_cost() -> None:
    cheap = "status == 'new' && x > 1 && any(parts, qty > 2)"
    assert check(cheap, ENV, max_cost=FILTER_COST).cost < FILTER_COST / 5
    dear = " && ".join(
        f"any(parts, contains(name, '{n}') && count(parts, contains(s, name)) > 1)" for n in range(3)
    )
    with pytest.raises(ExpressionError) as raised:
        check(dear, ENV, max_cost=FILTER_COST)
    assert raised.value.code == "expression.limit"


def test_a_tree_from_parse_can_be_checked() -> None:
    node: Any = parse("x > 1")
    assert check(node, ENV).type == BOOLEAN
