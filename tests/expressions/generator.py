"""Random expressions that check, and random records full of borders, from one seed."""

import random
import sys
import unicodedata
from collections.abc import Callable
from typing import Any

from expressions.world import COLOURS, PLACES, STATUS

Make = Callable[[int], str]

NUMBERS = (
    "0",
    "1",
    "-1",
    "0.5",
    "-0.5",
    "1.5",
    "2.5",
    "-2.5",
    "0.05",
    "3",
    "7",
    "-7",
    "10",
    "0.00000000005",
    "-0.00000000005",
    "0.00000000000000000001",
    "-0.00000000000000000001",
    "9999999999999999999999999999",
    "-9999999999999999999999999999",
    "9999999999999999999999999999.99999999999999999999",
    "100000000000000",
    "99999999999999.5",
    "0.33333333333333333333",
    "12345678901234567890.1234567890123456789",
)
INTEGERS = (0, 1, -1, 2, 3, 5, 7, -7, 12, 13, 28, 29, 30, 31, 100, 2024, 9007199254740991, -9007199254740991)
DOUBLES = (
    0.0,
    0.1,
    -0.1,
    1e-7,
    1.5e-20,
    4e-21,
    1e22,
    1e23,
    9.999999999999999e22,
    2.0**53,
    2.0**54,
    2.0**60,
    1e27,
    9.999999999999999e27,
    1e28,
    1e300,
    5e-324,
    0.30000000000000004,
    -1234.5678,
    36.0,
)
TEXTS = (
    "",
    "JPY",
    "KWD",
    " ",
    "a",
    "A",
    "abc",
    "ABC",
    "aXbX",
    "X",
    "ß",
    "İ",
    "ıI",
    "ΑΣ",
    "ΑΣ ΒΣ.",
    "ﬁ",
    "ǅ",
    "😀",
    "😀a",
    "\ue000",
    "\uffee",
    "臺積電",
    "é",
    "e\u0301",
    "  x \t",
    "\u00a0x\u3000",
    "x\n",
    "2024-02-29",
    "2023-02-29",
    "0000-01-01",
    "9999-12-31",
    "2024-2-9",
    "2024-02-29\n",
    "12",
    "12.5",
    "-0",
    "-0.50",
    "+7",
    "1e5",
    ".5",
    "5.",
    "12.5\n",
    "99999999999999999999999999999",
    "0.000000000000000000001",
    "\u0663",
    "new",
    "used",
    "a'b",
    'q"q',
    "%",
    "\\",
    "100%",
    ":x",
    "null",
    "true",
)
DATES = (
    "0001-01-01",
    "0001-01-31",
    "0004-02-29",
    "1582-10-10",
    "1900-02-28",
    "1969-12-31",
    "1970-01-01",
    "2000-02-29",
    "2023-01-31",
    "2024-01-31",
    "2024-02-29",
    "2024-12-30",
    "2026-03-15",
    "9999-11-30",
    "9999-12-31",
)
MOMENTS = (
    "0001-01-01T00:00:00Z",
    "1969-12-31T23:59:59.999999Z",
    "1970-01-01T00:00:00Z",
    "2024-02-29T23:59:59.5Z",
    "2024-03-10T07:30:00Z",
    "2024-11-03T05:59:59Z",
    "2026-03-15T10:30:45.123456Z",
    "2024-01-31T00:00:00.000001Z",
    "9999-12-31T23:59:59.999999Z",
    "9999-12-31T00:00:00Z",
)


def cased_characters() -> list[str]:
    """Every assigned character whose case can change, in the Unicode of this Python (14 in 3.11)."""
    found = (chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code <= 0xDFFF)
    return [c for c in found if (c.lower() != c or c.upper() != c) and unicodedata.category(c) != "Cn"]


class Records:
    """Random records in wire form."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.cased = cased_characters()

    def maybe(self, make: Callable[[], Any]) -> Any:
        return None if self.rng.random() < 0.12 else make()

    def number(self, places: int = 20, digits: int = 28) -> str:
        rng = self.rng
        if places == 20 and rng.random() < 0.5:
            return rng.choice(NUMBERS)
        whole = rng.randrange(10 ** rng.randint(1, digits))
        fraction = rng.randrange(10**places) if rng.random() < 0.7 else 0
        return f"{rng.choice(('', '-'))}{whole}.{fraction:0{places}d}"

    def integer(self) -> int:
        return self.rng.choice(INTEGERS) if self.rng.random() < 0.6 else self.rng.randint(-400, 40_000)

    def double(self) -> float:
        rng = self.rng
        if rng.random() < 0.4:
            return rng.choice(DOUBLES)
        return rng.choice((1, -1)) * rng.random() * 10 ** rng.uniform(-24, 29)

    def text(self, longest: int = 300) -> str:
        rng = self.rng
        if rng.random() < 0.75:
            return rng.choice(TEXTS)
        return "".join(rng.choice(self.cased) for _ in range(rng.randint(1, 8)))[:longest]

    def date(self) -> str:
        if self.rng.random() < 0.6:
            return self.rng.choice(DATES)
        return f"{self.rng.randint(1, 9999):04d}-{self.rng.randint(1, 12):02d}-{self.rng.randint(1, 28):02d}"

    def moment(self) -> str:
        if self.rng.random() < 0.5:
            return self.rng.choice(MOMENTS)
        rng = self.rng
        time = f"{rng.randint(0, 23):02d}:{rng.randint(0, 59):02d}:{rng.randint(0, 59):02d}"
        return f"{self.date()}T{time}.{rng.randrange(10**6):06d}Z"

    def place(self) -> str:
        return self.rng.choice(list(PLACES))

    def line(self) -> dict[str, Any]:
        rng, maybe = self.rng, self.maybe
        return {
            "name": maybe(lambda: self.text(80)),
            "qty": maybe(self.integer),
            "cost": maybe(lambda: self.number(4, 14)),
            "made": maybe(self.date),
            "at": maybe(self.moment),
            "ok": maybe(lambda: rng.random() < 0.5),
            "origin": maybe(self.place),
        }

    def record(self) -> dict[str, Any]:
        rng, maybe = self.rng, self.maybe
        return {
            "i": maybe(self.integer),
            "j": maybe(lambda: rng.choice((-2, -1, 0, 1, 2, 3, 12, 400))),
            "x": maybe(self.number),
            "y": maybe(self.number),
            "price": maybe(lambda: self.number(2, 14)),
            "f": maybe(self.double),
            "s": maybe(self.text),
            "t": maybe(self.text),
            "u": maybe(self.text),
            "status": maybe(lambda: rng.choice(STATUS)),
            "d": maybe(self.date),
            "e": maybe(self.date),
            "tags": maybe(lambda: [self.text() for _ in range(rng.randint(0, 3))]),
            "colours": maybe(lambda: rng.sample(COLOURS, rng.randint(0, 3))),
            "m": maybe(self.moment),
            "n": maybe(self.moment),
            "b": maybe(lambda: rng.random() < 0.5),
            "c": maybe(lambda: rng.random() < 0.5),
            "js": maybe(lambda: rng.choice(({}, [], "", 0, False, {"a": 1}, [None], "x"))),
            "place": maybe(self.place),
            "other": maybe(self.place),
            "parts": [self.line() for _ in range(rng.choice((0, 0, 1, 2, 5)))],
        }


class Expressions:
    """Random sources by the type of their result."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.in_line = False

    def any(self, depth: int) -> str:
        makers = (self.boolean, self.integer, self.decimal, self.text, self.date, self.datetime)
        return self.rng.choice(makers)(depth)

    def pick(self, *choices: Callable[[], str]) -> str:
        return self.rng.choice(choices)()

    def fields(self, outer: tuple[str, ...], line: tuple[str, ...], old: bool = True) -> Callable[[], str]:
        def make() -> str:
            if self.in_line and self.rng.random() < 0.7:
                return self.rng.choice(line)
            name = self.rng.choice(outer)
            return f"old.{name}" if old and "." not in name and self.rng.random() < 0.05 else name

        return make

    def condition(self, depth: int) -> str:
        return self.boolean(depth)

    def several(self, make: Make, depth: int, least: int = 2, most: int = 4) -> str:
        return ", ".join(make(depth) for _ in range(self.rng.randint(least, most)))

    def over(self, fn: str, make: Make, depth: int) -> str:
        if self.in_line:
            return self.integer(0) if fn == "count" else make(0)
        self.in_line = True
        where = f", {self.boolean(depth - 1)}" if self.rng.random() < 0.3 else ""
        source = f"{fn}(parts, {make(depth - 1)}{where})"
        self.in_line = False
        return source

    def number(self, depth: int) -> str:
        return self.rng.choice((self.integer, self.decimal))(depth)

    def day(self, depth: int) -> str:
        return self.rng.choice((self.date, self.datetime))(depth)

    def literal(self, text: str) -> str:
        shown = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
        return f'"{shown}"'

    def boolean(self, depth: int) -> str:
        field = self.fields(("b", "c", "place.open"), ("ok", "origin.open"))
        if depth <= 0:
            return self.pick(
                field,
                field,
                lambda: self.rng.choice(("true", "false", "isNew", "changed(x)", 'hasRole("keeper")')),
            )
        d = depth - 1
        sign = self.rng.choice

        def pair() -> Make:
            return sign((self.number, self.number, self.text, self.date, self.datetime))

        def compared() -> str:
            make = pair()
            null = " null" if self.rng.random() < 0.05 else ""
            return f"({make(d)} {sign(('==', '!=', '<', '<=', '>', '>='))} {null or make(d)})"

        def among() -> str:
            make = pair()
            return f"({make(d)} in [{self.several(make, d, 1, 3)}{sign(('', ', null'))}])"

        def linked() -> str:
            other = sign(
                (
                    "null",
                    "user.id",
                    "place",
                    "other",
                    "place.parent",
                    self.literal(PLACES["hall"]["id"]),
                    '"x"',
                )
            )
            return f"({sign(('place', 'other', 'place.parent'))} {sign(('==', '!='))} {other})"

        return self.pick(
            field,
            compared,
            compared,
            compared,
            among,
            linked,
            lambda: f"({self.boolean(d)} && {self.boolean(d)})",
            lambda: f"({self.boolean(d)} || {self.boolean(d)})",
            lambda: f"!{self.boolean(d)}" if not self.in_line else f"!({self.boolean(d)})",
            lambda: f"({self.boolean(d)} ? {self.boolean(d)} : {self.boolean(d)})",
            lambda: f"({self.boolean(d)} == {self.boolean(d)})",
            lambda: f"{sign(('contains', 'startsWith', 'endsWith'))}({self.text(d)}, {self.text(d)})",
            lambda: f"isEmpty({sign((self.text, self.number, self.date, self.boolean))(d)})",
            lambda: sign(
                (
                    "isEmpty(parts)",
                    "isEmpty(tags)",
                    "isEmpty(js)",
                    "isEmpty(place)",
                    "(js == null)",
                    "(js != null)",
                )
            ),
            lambda: f"({self.text(d)} in tags)",
            lambda: f"({self.text(d)} in {sign(('user.teams', 'user.roles'))})",
            lambda: f'({sign(("status", "old.status"))} {sign(("==", "!="))} "{sign(STATUS)}")',
            lambda: f'(status in ["{sign(STATUS)}", "{sign(STATUS)}"])',
            lambda: f'("{sign(COLOURS)}" in colours)',
            lambda: f"({self.literal(sign(TEXTS))} in tags)",
            lambda: f"(i in [{sign(INTEGERS)}, {sign(INTEGERS)}])",
            lambda: self.over("any", self.boolean, d),
            lambda: self.over("all", self.boolean, d),
            lambda: f"coalesce({self.boolean(d)}, {self.boolean(d)})",
        )

    def integer(self, depth: int) -> str:
        field = self.fields(("i", "j"), ("qty",))

        def constant() -> str:
            return str(self.rng.choice(INTEGERS))

        if depth <= 0:
            return self.pick(field, field, constant)
        d = depth - 1
        sign = self.rng.choice
        return self.pick(
            field,
            lambda: f"({self.integer(d)} {sign('+-*')} {self.integer(d)})",
            lambda: f"-({self.integer(d)})",
            lambda: f"abs({self.integer(d)})",
            lambda: f"{sign(('round', 'floor', 'ceil'))}({self.number(d)})",
            lambda: f"round({self.integer(d)}, {sign(('j', '-1', '-2', '0', '2'))})",
            lambda: f"length({self.text(d)})",
            lambda: f"currencyDigits({self.text(d)})",
            lambda: sign(("length(tags)", "count(colours)", "count(parts)")),
            lambda: f"{sign(('year', 'month', 'day', 'weekday'))}({self.day(d)})",
            lambda: f"hour({self.datetime(d)})",
            lambda: f"{sign(('daysBetween', 'monthsBetween'))}({self.day(d)}, {self.day(d)})",
            lambda: f"coalesce({self.several(self.integer, d)})",
            lambda: f"{sign(('min', 'max'))}({self.several(self.integer, d)})",
            lambda: f"({self.boolean(d)} ? {self.integer(d)} : {self.integer(d)})",
            lambda: self.over(sign(("sum", "min", "max")), self.integer, d),
            lambda: self.over("count", sign((self.boolean, self.text, self.integer)), d),
        )

    def decimal(self, depth: int) -> str:
        field = self.fields(("x", "y", "price", "f", "place.size"), ("cost", "origin.size"))

        def constant() -> str:
            return self.rng.choice(NUMBERS)

        if depth <= 0:
            return self.pick(field, field, field, constant)
        d = depth - 1
        sign = self.rng.choice
        return self.pick(
            field,
            lambda: f"({self.decimal(d)} {sign('+-*')} {self.number(d)})",
            lambda: f"({self.number(d)} {sign('+-*')} {self.decimal(d)})",
            lambda: f"({self.number(d)} / {self.number(d)})",
            lambda: f"({self.number(d)} / {self.number(d)})",
            lambda: f"-({self.decimal(d)})",
            lambda: f"abs({self.decimal(d)})",
            lambda: f"round({self.decimal(d)}, {sign(('j', 'i', '2', '0', '-3', '10'))})",
            lambda: f"number({self.text(d)})",
            lambda: f"coalesce({self.several(self.decimal, d)})",
            lambda: f"{sign(('min', 'max'))}({self.several(self.number, d)}, x)",
            lambda: f"({self.boolean(d)} ? {self.decimal(d)} : {self.number(d)})",
            lambda: self.over(sign(("sum", "min", "max", "avg")), self.decimal, d),
        )

    def text(self, depth: int) -> str:
        field = self.fields(("s", "t", "u", "status", "place.name"), ("name", "origin.name"))

        def constant() -> str:
            return self.literal(self.rng.choice(TEXTS))

        if depth <= 0:
            return self.pick(
                field, field, constant, lambda: self.rng.choice(("user.id", "user.locale", "text(place)"))
            )
        d = depth - 1
        sign = self.rng.choice
        return self.pick(
            field,
            lambda: f"{sign(('lower', 'upper', 'trim'))}({self.text(d)})",
            lambda: f"substring({self.text(d)}, {sign(('j', '0', '1', 'i'))})",
            lambda: f"substring({self.text(d)}, {sign(('j', '0', '1'))}, {self.integer(d)})",
            lambda: f"replace({self.text(d)}, {self.text(d)}, {self.text(d)})",
            lambda: f"concat({self.several(self.text, d, 1, 3)})",
            lambda: f"text({sign((self.number, self.boolean, self.date, self.datetime, self.text))(d)})",
            lambda: f"coalesce({self.several(self.text, d)})",
            lambda: f"{sign(('min', 'max'))}({self.several(self.text, d)})",
            lambda: f"({self.boolean(d)} ? {self.text(d)} : {self.text(d)})",
            lambda: self.over(sign(("min", "max")), self.text, d),
        )

    def date(self, depth: int) -> str:
        field = self.fields(("d", "e", "place.opened"), ("made",))

        def constant() -> str:
            return f'date("{self.rng.choice(DATES)}")'

        if depth <= 0:
            return self.pick(field, field, constant, lambda: "today()")
        d = depth - 1
        sign = self.rng.choice
        return self.pick(
            field,
            lambda: f"addDays({self.date(d)}, {self.integer(d)})",
            lambda: f"addMonths({self.date(d)}, {self.integer(d)})",
            lambda: f"addMonths({self.date(d)}, j)",
            lambda: f"addDays({self.date(d)}, j)",
            lambda: f"{sign(('startOfMonth', 'endOfMonth'))}({self.day(d)})",
            lambda: f"date({self.datetime(d)})",
            lambda: f"date({self.text(d)})" if d else "date(s)",
            lambda: f"date({self.integer(d)}, {self.integer(d)}, {self.integer(d)})",
            lambda: f"date(year(d), month({self.day(d)}), j + 28)",
            lambda: f"coalesce({self.several(self.date, d)})",
            lambda: f"{sign(('min', 'max'))}({self.several(self.date, d)})",
            lambda: f"({self.boolean(d)} ? {self.date(d)} : {self.date(d)})",
            lambda: self.over(sign(("min", "max")), self.date, d),
        )

    def datetime(self, depth: int) -> str:
        field = self.fields(("m", "n"), ("at",))

        def constant() -> str:
            return f'datetime("{self.rng.choice(MOMENTS)}")'

        if depth <= 0:
            return self.pick(field, field, constant, lambda: "now()")
        d = depth - 1
        sign = self.rng.choice
        return self.pick(
            field,
            lambda: (
                f"{sign(('addDays', 'addMonths', 'addHours'))}({self.datetime(d)}, {sign(('j', 'i', '-1'))})"
            ),
            lambda: f"addHours({self.datetime(d)}, {self.integer(d)})",
            lambda: f"datetime({self.date(d)})",
            lambda: f"coalesce({self.several(self.datetime, d)})",
            lambda: f"{sign(('min', 'max'))}({self.several(self.datetime, d)})",
            lambda: f"({self.boolean(d)} ? {self.datetime(d)} : {self.datetime(d)})",
            lambda: self.over(sign(("min", "max")), self.datetime, d),
        )
