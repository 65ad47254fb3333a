"""What we write for COPY arrives as what psycopg would have sent."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.types.json import Jsonb

from fieldstone.engine.storage.copy_text import copy_text

TABLE = """CREATE TEMP TABLE copied (t text, n bigint, f double precision, d numeric, day date, at timestamptz,
 b boolean, u uuid, j jsonb, l text[], v tsvector)"""
NASTY = [
    "",
    "\\",
    "\\N",
    "\\.",
    "a\tb",
    "a\nb",
    "a\r\nb",
    '"',
    "'",
    "{a,b}",
    "NULL",
    "\x01\x08\x0b\x0c",
    "臺灣",
    "🜁",
    " x ",
]


def rows(random: Random, count: int) -> list[tuple[Any, ...]]:
    def text() -> str:
        return random.choice(NASTY) + random.choice(NASTY)

    def some(value: Any) -> Any:
        return None if random.random() < 0.2 else value

    zone = timezone(timedelta(hours=8))
    return [
        (
            some(text()),
            some(random.randrange(-(2**53), 2**53)),
            some(random.choice([0.1, 1e300, -0.0, 5e-324, float(random.randrange(10**6))])),
            some(Decimal(random.randrange(10**30)).scaleb(random.randrange(-20, 20))),
            some(date.fromordinal(random.randrange(1, 3_000_000))),
            some(datetime(random.randrange(1, 9000), 2, 3, 4, 5, 6, 7, random.choice([UTC, zone]))),
            some(random.random() < 0.5),
            some(UUID(int=random.getrandbits(128))),
            some(Jsonb({text(): [text(), None, 1]})),
            some([some(text()) for _ in range(random.randrange(4))]),
            some("'a\\\\b' 'c''d'"),
        )
        for _ in range(count)
    ]


def read(connection: "psycopg.Connection[Any]", write: Any) -> list[tuple[Any, ...]]:
    connection.execute("TRUNCATE copied")
    with connection.cursor().copy("COPY copied FROM STDIN") as copy:
        write(copy)
    return connection.execute(
        "SELECT t, n, f, d::text, day, at, b, u, j::text, l, v::text FROM copied"
    ).fetchall()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_rows_arrive_as_psycopg_would_send_them(postgres_url: str, seed: int) -> None:
    made = rows(Random(seed), 200)
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as connection:
        connection.execute(TABLE)
        ours = read(connection, lambda copy: copy.write(copy_text(list(zip(*made, strict=True)))))
        theirs = read(connection, lambda copy: [copy.write_row(row) for row in made])
    assert ours == theirs


def test_no_rows_are_no_text() -> None:
    assert copy_text([[], []]) == b""


def test_a_value_that_no_column_holds_is_refused() -> None:
    with pytest.raises(TypeError, match="complex"):
        copy_text([[1j]])
