"""The SQL itself: bound values, columns from the map only, linear size, conditions that indexes serve."""

from typing import Any

import pytest
import sqlalchemy as sa
from expressions.backends import Postgres
from expressions.world import ENV, PLACES, TableColumns, assets, python_bindings
from sqlalchemy.dialects import postgresql

from fieldstone.expressions import Bindings, User, check
from fieldstone.expressions.sql import to_predicate, to_sql

KEEPER = Bindings(user=User(id=PLACES["hall"]["id"], teams=("t1", "t2"), roles=("keeper",)))


def sql(element: sa.ColumnElement[Any]) -> str:
    return str(element.compile(dialect=postgresql.dialect()))


def value(source: str) -> str:
    return sql(to_sql(check(source, ENV), TableColumns(assets), KEEPER))


def condition(source: str) -> str:
    return sql(to_predicate(check(source, ENV), TableColumns(assets), KEEPER))


def test_constants_are_bound_and_never_in_the_text() -> None:
    for shown in ("'; DROP TABLE x --", "%(x)s", ":x", "\\"):
        source = (
            "s == '"
            + shown.replace("\\", "\\\\").replace("'", "\\'")
            + "' || x > 4711 || contains(t, 'needle')"
        )
        text = value(source)
        assert "DROP" not in text
        assert "4711" not in text
        assert "needle" not in text


class Nothing:
    """A field map without fields."""

    def column(self, path: tuple[str, ...]) -> Any:
        raise KeyError(path)

    def lines(self, path: tuple[str, ...]) -> Any:
        raise KeyError(path)


def test_columns_come_from_the_map_only() -> None:
    with pytest.raises(KeyError, match="x"):
        to_sql(check("x + 1", ENV), Nothing(), KEEPER)


NESTED = {
    "quotients": lambda n: "x" + " / (y" * n + ")" * n,
    "sums": lambda n: "x" + " + (y" * n + ")" * n,
    "shifts": lambda n: "addMonths(" * n + "d" + ", 1)" * n,
    "replacements": lambda n: "replace(" * n + "s" + ', "a", "b")' * n,
    "dates": lambda n: "text(date(" * (n // 2) + "s" + "))" * (n // 2),
    "choices": lambda n: "(b ? 1 : " * n + "2" + ")" * n,
    "lists": lambda n: "(" * n + "b" + " in [c, null])" * n,
    "months": lambda n: "monthsBetween(d, addMonths(d, " * (n // 2) + "1" + "))" * (n // 2),
}


@pytest.mark.parametrize("make", NESTED.values(), ids=NESTED.keys())
def test_sql_grows_no_faster_than_its_source(make: Any, postgres: Postgres) -> None:
    few, many = len(value(make(5))), len(value(make(20)))
    assert many < few * 6, f"{few} characters for 5, {many} for 20"
    postgres.load([{"x": "1", "y": "3", "d": "2024-01-31", "s": "2024-01-31", "b": True}])
    for depth in (20, 50):
        element = to_sql(check(make(depth), ENV), TableColumns(assets), KEEPER)
        postgres.connection.execute(sa.select(element).where(element.is_not(None)).order_by(element))


CONDITIONS = {
    "equal": ('status == "new"', 'x_asset.status COLLATE "C" = %(param_1)s'),
    "number": ("i == 5", "x_asset.i = %(param_1)s"),
    "order": ("i > 5", "x_asset.i > %(param_1)s"),
    "decimal": ("price >= 5", "x_asset.price >= %(param_1)s"),
    "list": ('status in ["new", "used"]', 'x_asset.status COLLATE "C" IN (%(param_1)s, %(param_2)s)'),
    "whole numbers": ("i in [1, 2]", "x_asset.i IN (%(param_1)s, %(param_2)s)"),
    "tags": ('"a" in tags', "x_asset.tags @> %(param_1)s"),
    "own user": ("place == user.id", "x_asset.place = %(param_1)s"),
    "null": ("place == null", "x_asset.place IS NULL"),
    "date": ('d < date("2024-01-01")', "x_asset.d < %(param_1)s"),
    "both": ("i == 5 && b", "x_asset.i = %(param_1)s AND x_asset.b"),
    "role": ('hasRole("keeper")', "coalesce"),
}


@pytest.mark.parametrize(("source", "shown"), CONDITIONS.values(), ids=CONDITIONS.keys())
def test_conditions_are_written_so_that_indexes_serve(source: str, shown: str) -> None:
    text = condition(source)
    for cast in ("::UUID", "::VARCHAR", "::BIGINT", "::NUMERIC", "::DATE", "::TEXT[]", "[]"):
        text = text.replace(cast, "")
    for bracket in "()":
        shown, text = shown.replace(bracket, ""), text.replace(bracket, "")
    assert shown in text


def test_an_index_serves_a_condition(postgres: Postgres) -> None:
    postgres.load([{"i": 5, "s": "a"}])
    run = postgres.connection.execute
    run(sa.text("CREATE INDEX x_try ON x_asset (s)"))
    run(sa.text("SET LOCAL enable_seqscan = off"))
    query = sa.select(assets.c.nr).where(to_predicate(check("s == 'a'", ENV), TableColumns(assets), KEEPER))
    text = str(query.compile(dialect=postgresql.psycopg.dialect(), compile_kwargs={"literal_binds": True}))
    plan = "\n".join(row[0] for row in run(sa.text("EXPLAIN " + text.replace(":", "\\:"))))
    assert "x_try" in plan
    postgres.connection.rollback()
    postgres.loaded = ()


IMMUTABLE = (
    "round(x * i / price, 2)",
    "addMonths(d, i)",
    "addDays(m, 1) > m",
    "year(m)",
    "endOfMonth(d)",
    "lower(t)",
    "trim(concat(t, status))",
    "text(x)",
    "date(m)",
    "f * 2",
    "startsWith(s, 'a') && b",
    "i in [1, 2, 3]",
    "coalesce(x, i) > 1 ? 'a' : 'b'",
    "length(tags)",
    "'a' in tags",
    "min(x, y)",
    "isEmpty(s)",
    "daysBetween(d, m)",
    "substring(s, i, 3)",
    "isEmpty(js)",
    "place == other",
    "text(b)",
    "hour(m)",
    "-abs(x)",
    "datetime(d)",
)


@pytest.mark.parametrize("source", IMMUTABLE)
def test_what_is_called_immutable_can_stand_in_an_index(source: str, postgres: Postgres) -> None:
    checked = check(source, ENV)
    assert checked.immutable
    element = to_sql(checked, TableColumns(assets), Bindings())
    text = element.compile(dialect=postgresql.psycopg.dialect(), compile_kwargs={"literal_binds": True})
    postgres.connection.execute(
        sa.text(f"CREATE INDEX x_try ON x_asset (({str(text).replace(':', chr(92) + ':')}))")
    )
    postgres.connection.rollback()
    postgres.loaded = ()


def test_lines_work_in_conditions_sorting_grouping_and_updates(postgres: Postgres) -> None:
    postgres.load([{"i": 1, "parts": [{"qty": 2}, {"qty": 3}]}, {"i": 2}, {"i": 3, "parts": [{"qty": 9}]}])
    columns = TableColumns(assets)
    total = to_sql(check("sum(parts, qty * i)", ENV), columns, python_bindings({}))
    run = postgres.connection.execute
    query = sa.select(assets.c.nr).where(total > 0).order_by(total.desc())
    assert [row[0] for row in run(query)] == [2, 0]
    grouped = (
        sa.select(total.label("total"), sa.func.count()).group_by(sa.text("total")).order_by(sa.text("total"))
    )
    assert [tuple(map(int, row)) for row in run(grouped.select_from(assets))] == [(0, 1), (5, 1), (27, 1)]
    run(assets.update().values(x=total))
    assert [int(row[0]) for row in run(sa.select(assets.c.x).order_by(assets.c.nr))] == [5, 0, 27]
    postgres.connection.rollback()
    postgres.loaded = ()


def test_no_user_means_no_team_and_no_role() -> None:
    nobody = Bindings()
    for source in ('"a" in user.teams', "s in user.teams", 'hasRole("keeper")'):
        text = sql(to_predicate(check(source, ENV), TableColumns(assets), nobody))
        assert "false" in text
