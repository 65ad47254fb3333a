"""The contract of every field type: one row each, with what is legal, what is not, and how tables write it."""

# ruff: noqa: E501 (a case of a table reads best on one line)

import json
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from metadata.record_entity import entity, field, model, verdict

from fieldstone.metadata.contract import record_schema
from fieldstone.metadata.definitions import Entity
from fieldstone.metadata.fields import FIELD_TYPES, computed_field, expression_kind
from fieldstone.metadata.fields.multi_link import row_schema
from fieldstone.metadata.json_text import parse_json
from fieldstone.metadata.validation import Validated, validator_for

ID = "0190c6a0-8f5e-7cc3-98c5-1d2f3a4b5c6d"
UUID_ = UUID(ID)
OTHER = "0190c6a0-8f5e-7cc3-98c5-1d2f3a4b5c6e"
SAFE = 2**53 - 1


@dataclass(frozen=True)
class Row:
    """`legal`: JSON and Python value. `illegal`: JSON and code, and "server" where only the server refuses it.
    `texts`: what people write in tables, and the JSON value that is meant. `default`: a legal default."""

    schema: dict[str, Any]
    legal: list[tuple[Any, Any]]
    illegal: list[tuple[Any, ...]]
    texts: list[tuple[str, Any]] = ()  # type: ignore[assignment]
    python_type: type | None = None


BAD_TEXT = [
    (5, "type"),
    (True, "type"),
    ([], "type"),
    ("a\0b", "text.null_character"),
    ("\ud800", "text.surrogate"),
]
BAD_ID = [("x", "format"), (5, "type"), (ID[:-1], "format"), ("{" + ID + "}", "format"), ({"id": ID}, "type")]
DECIMALS = [("12.50", Decimal("12.50")), (12, Decimal(12)), (0.1, Decimal("0.1")), ("-0", Decimal(0)), (1e3, Decimal(1000)),
            ("9" * 28 + "." + "9" * 10, Decimal("9" * 28 + "." + "9" * 10)), (0, Decimal(0)), ("007", Decimal(7))]  # fmt: skip
BAD_DECIMALS = [("", "pattern"), ("1e3", "pattern"), ("1,5", "pattern"), ("abc", "pattern"), ("NaN", "pattern"),
                (True, "type"), ([], "type"), ("9" * 29, "pattern"), ("0." + "1" * 11, "pattern"), ("١", "pattern"),
                (1e40, "exclusiveMaximum"), (-1e40, "exclusiveMinimum"), (1e-11, "scale", "server")]  # fmt: skip

ROWS: dict[str, Row] = {
    "text": Row(
        {"field": "text"},
        [("a", "a"), ("", ""), ("臺積電 👩‍🔬", "臺積電 👩‍🔬"), ("x" * 255, "x" * 255), ("a\nb", "a\nb")],
        [*BAD_TEXT, ("x" * 256, "maxLength")],
        [("abc", "abc"), ("12", "12")],
    ),
    "multiline": Row({"field": "multiline"}, [("a\nb\t" * 1000, "a\nb\t" * 1000)], [*BAD_TEXT, ("x" * 1_000_001, "maxLength")]),
    "email": Row({"field": "email"}, [("a@b.c", "a@b.c")], [*BAD_TEXT, ("nobody", "format"), ("", "format")]),
    "phone": Row(
        {"field": "phone"},
        [("+886 2 1234-5678", "+886 2 1234-5678"), ("(02) 1234 ext. 12", "(02) 1234 ext. 12"), ("110", "110")],
        [*BAD_TEXT, ("call me", "pattern"), ("", "pattern"), ("+", "pattern"), ("1" * 51, "maxLength")],
    ),
    "url": Row(
        {"field": "url"},
        [("https://example.org/a?b=c#d", "https://example.org/a?b=c#d")],
        [*BAD_TEXT, ("example.org", "format"), ("http://a b", "format"), ("", "format")],
    ),
    "integer": Row(
        {"field": "integer"},
        [(5, 5), (-5, -5), (36.0, 36), (SAFE, SAFE), (-SAFE, -SAFE), (1e15, 10**15)],
        [("36", "type"), (True, "type"), (1.5, "type"), (SAFE + 1, "maximum"), (-SAFE - 1, "minimum"), (1e40, "maximum"), (10**400, "maximum"), ([], "type")],
        [("1,234", 1234), ("1 234 567", 1234567), (" 42 ", 42), ("１２", 12), ("-5", -5), ("−5", -5), ("1,2", "1,2"), ("x", "x")],
    ),
    "number": Row(
        {"field": "number"},
        [(1.5, 1.5), (5, 5.0), (1e300, 1e300), (-0.0, 0.0), (0.1, 0.1), (10**300, 1e300)],
        [("1.5", "type"), (False, "type"), (10**400, "maximum"), (-(10**400), "minimum")],
        [("1,234.5", Decimal("1234.5")), ("1e5", 1e5), (".5", Decimal(".5")), ("1e", "1e")],
    ),
    "decimal": Row(
        {"field": "decimal"}, DECIMALS, BAD_DECIMALS, [("1,234.50", "1234.50"), ("$5", "$5"), ("+3", "3"), ("5.", "5")]
    ),
    "percent": Row(
        {"field": "percent"}, DECIMALS, BAD_DECIMALS,
        [("15%", "0.15"), ("15 %", "0.15"), ("0.15", "0.15"), ("12.5％", "0.125"), ("x%", "x%")],
    ),
    "money": Row({"field": "money"}, DECIMALS, BAD_DECIMALS, [("1,234.50", "1234.50")]),
    "boolean": Row(
        {"field": "boolean"},
        [(True, True), (False, False)],
        [("yes", "type"), (1, "type"), (0, "type"), ("true", "type"), ([], "type")],
        [("Yes", True), ("否", False), ("是", True), ("0", False), ("TRUE", True), ("perhaps", "perhaps")],
    ),
    "date": Row(
        {"field": "date"},
        [("2024-02-29", date(2024, 2, 29)), ("0001-01-01", date.min), ("9999-12-31", date.max)],
        [("2023-02-29", "format"), ("2024-1-5", "format"), ("20240105", "format"), ("2024-01-05T00:00:00Z", "format"),
         ("2024-01-05\n", "format"), (20240105, "type"), ("", "format"), ("0000-01-01", "format"), ("२०२४-01-05", "format")],
        [("2026/1/31", "2026-01-31"), ("2026.1.31", "2026-01-31"), ("2026年1月31日", "2026-01-31"), ("2026-01-31 00:00:00", "2026-01-31"),
         ("31/1/2026", "31/1/2026"), ("2026/2/31", "2026-02-31")],
    ),
    "datetime": Row(
        {"field": "datetime"},
        [("2024-01-05T10:00:00Z", datetime(2024, 1, 5, 10, tzinfo=UTC)),
         ("2024-01-05t10:00:00.5+08:00", datetime(2024, 1, 5, 2, 0, 0, 500000, tzinfo=UTC)),
         ("2024-01-05T10:00:00.123456789Z", datetime(2024, 1, 5, 10, 0, 0, 123456, tzinfo=UTC))],
        [("2024-01-05", "format"), ("2024-01-05T10:00:00", "format"), ("2024-01-05 10:00:00Z", "format"), ("2024-01-05T10:00Z", "format"),
         ("2024-01-05T24:00:00Z", "format"), ("2024-01-05T10:00:60Z", "format"), ("2024-02-30T10:00:00Z", "format"), (5, "type"),
         ("0001-01-01T00:00:00+01:00", "format", "server"), ("9999-12-31T23:59:59-01:00", "format", "server")],
        [("2024/1/5 9:30", "2024-01-05T09:30:00Z"), ("2024-01-05 09:30:00+0800", "2024-01-05T09:30:00+08:00"), ("soon", "soon")],
    ),
    "select": Row(
        {"oneOf": [{"const": "new", "title": "New one"}, {"const": "used", "title": "Used"}, {"const": "a;b", "title": "AB"}]},
        [("new", "new"), ("a;b", "a;b")],
        [("New one", "enum"), ("", "enum"), (0, "type"), (["new"], "type"), ("new\0", "enum")],
        [("new one", "new"), ("USED", "used"), (" used ", "used"), ("broken", "broken")],
    ),
    "radio": Row(
        {"field": "radio", "enum": ["low", "high"]}, [("low", "low"), ("high", "high")], [("mid", "enum"), (1, "type"), (["low"], "type")], [("HIGH", "high")],
    ),
    "rating": Row(
        {"field": "rating"}, [(0, 0), (5, 5), (3.0, 3)], [(6, "maximum"), (-1, "minimum"), (2.5, "type"), ("3", "type"), (True, "type")],
        [("4", 4), ("４", 4)],
    ),
    "time": Row(
        {"field": "time"},
        [("09:30", "09:30"), ("00:00", "00:00"), ("23:59:59", "23:59:59"), ("09:30:00", "09:30")],
        [("9:30", "pattern"), ("24:00", "pattern"), ("09:60", "pattern"), ("09:30Z", "pattern"), ("09:30\n", "pattern"), ("", "pattern"),
         ("٠٩:30", "pattern"), (930, "type"), ("09:30:00.5", "pattern"), ("09:30:00+01:00", "pattern")],
        [("9:30", "09:30"), ("9:30 PM", "21:30"), ("12:05am", "00:05"), ("下午3:05", "15:05"), ("9時30分", "09:30"), ("9点", "09:00"),
         ("９：３０", "09:30"), ("13:00 pm", "13:00 pm"), ("noon", "noon")],
    ),
    "duration": Row(
        {"field": "duration"},
        [("PT1H30M", "PT1H30M"), ("PT90M", "PT1H30M"), ("P2W", "P14D"), ("P1DT2H", "P1DT2H"), ("PT36H", "P1DT12H"), ("PT0S", "PT0S"), ("P0D", "PT0S"),
         ("PT59S", "PT59S")],
        [("P1Y", "pattern"), ("P1M", "pattern"), ("P", "pattern"), ("PT", "pattern"), ("P1DT", "pattern"), ("P1W2D", "pattern"), ("PT1.5H", "pattern"),
         ("1h", "pattern"), ("-PT1H", "pattern"), ("PT1H\n", "pattern"), ("", "pattern"), (90, "type"), ("PT1234567890S", "pattern")],
        [("1h 30m", "PT1H30M"), ("1:30", "PT1H30M"), ("90 min", "PT1H30M"), ("1.5h", "PT1H30M"), ("2d", "P2D"), ("1 hour and 5 minutes", "PT1H5M"),
         ("2小時30分", "PT2H30M"), ("3天", "P3D"), ("1時間 20分", "PT1H20M"), ("1w 1d", "P8D"), ("long", "long"), ("90", "90")],
    ),
    "colour": Row(
        {"field": "colour"}, [("#ff8800", "#ff8800"), ("#FF8800", "#ff8800")],
        [("ff8800", "pattern"), ("#f80", "pattern"), ("#gg0000", "pattern"), ("red", "pattern"), ("#ff8800\n", "pattern"), (0, "type")],
        [("#f80", "#ff8800"), ("FF8800", "#ff8800"), ("red", "red")],
    ),
    "icon": Row({"field": "icon"}, [("star", "star"), ("truck-delivery", "truck-delivery")], [("no-such-icon", "enum"), ("", "enum"), (5, "type")], [("Truck Delivery", "truck-delivery")]),
    "date_range": Row(
        {"field": "date_range"},
        [({"start": "2024-02-29", "end": "2024-03-01"}, {"start": "2024-02-29", "end": "2024-03-01"}), ({"start": "2024-01-01"}, {"start": "2024-01-01", "end": None}),
         ({"start": None, "end": "2024-01-01"}, {"start": None, "end": "2024-01-01"}), ({"start": "2024-01-01", "end": "2024-01-01"}, {"start": "2024-01-01", "end": "2024-01-01"})],
        [({"start": "2024-02-30"}, "format"), ({}, "required"), ({"start": None, "end": None}, "required"), ({"start": "2024-01-01", "from": "x"}, "additionalProperties"),
         ({"start": 5}, "type"), ("2024-01-01", "type"), (["2024-01-01"], "type"), ({"start": "2024-01-02", "end": "2024-01-01"}, "range.order", "server")],
        [("2026-01-01/2026-03-31", {"start": "2026-01-01", "end": "2026-03-31"}), ("2026/1/1 - 2026/3/31", {"start": "2026-01-01", "end": "2026-03-31"}),
         ("2026-01-01/", {"start": "2026-01-01", "end": None}), ("/2026-01-01", {"start": None, "end": "2026-01-01"}),
         ("2026年1月1日～2026年3月31日", {"start": "2026-01-01", "end": "2026-03-31"}), ("2026-01-01 to 2026-02-01", {"start": "2026-01-01", "end": "2026-02-01"}),
         ("2026-01-01", "2026-01-01"), ("soon - later", "soon - later")],
    ),
    "geo_point": Row(
        {"field": "geo_point"},
        [({"lat": 25.033, "lon": 121.5654}, {"lat": 25.033, "lon": 121.5654}), ({"lat": -90, "lon": 180}, {"lat": -90.0, "lon": 180.0}), ({"lat": 0, "lon": 1e-7}, {"lat": 0.0, "lon": 1e-7})],
        [({"lat": 91, "lon": 0}, "maximum"), ({"lat": 0, "lon": -180.5}, "minimum"), ({"lat": 1}, "required"), ({}, "required"), ({"lat": "1", "lon": 2}, "type"),
         ({"lat": True, "lon": 2}, "type"), ([1, 2], "type"), ("1, 2", "type"), ({"lat": None, "lon": 2}, "required")],
        [("25.033, 121.5654", {"lat": Decimal("25.033"), "lon": Decimal("121.5654")}), ("33.9S 18.4E", {"lat": Decimal("-33.9"), "lon": Decimal("18.4")}), ("here", "here")],
    ),
    "rich_text": Row(
        {"field": "rich_text"},
        [("plain", "plain"), ("<p>a <strong>b</strong></p>", "<p>a <strong>b</strong></p>"), ("<p onclick='x()'>a<script>alert(1)</script></p>", "<p>a</p>"),
         ('<a href="javascript:alert(1)">x</a>', '<a rel="noopener noreferrer">x</a>'), ("a < b", "a &lt; b"), ("<img src=x onerror=alert(1)>", ""), ("a > b", "a &gt; b")],
        BAD_TEXT,
    ),
    "markdown": Row({"field": "markdown"}, [("# a\n\n*b*", "# a\n\n*b*"), ("<script>", "<script>")], BAD_TEXT),
    "code": Row({"field": "code", "language": "sql"}, [("SELECT 1;\n\tx", "SELECT 1;\n\tx")], BAD_TEXT),
    "barcode": Row(
        {"field": "barcode", "symbology": "ean13"},
        [("4006381333931", "4006381333931"), ("5901234123457", "5901234123457")],
        [("4006381333932", "barcode.check_digit", "server"), ("400638133393", "pattern"), ("400638133393X", "pattern"), (4006381333931, "type"), ("", "pattern"), ("4006381333931\n", "pattern")],
        [("4 006381 333931", "4006381333931"), ("x", "x")],
    ),
    "position": Row({"field": "position"}, [("a0", "a0"), ("i0abcdefgh", "i0abcdefgh")], [("", "pattern"), ("0a", "pattern"), ("a b", "pattern"), ("a" * 200, "pattern"), (1, "type"), ({"after": "x"}, "format"), ({"after": ID, "before": ID}, "type"), ({}, "type")]),
    "secret": Row(
        {"field": "secret"}, [({"set": True}, {"set": True})],
        [("", "minLength"), (5, "type"), ({"set": False}, "type"), ({}, "type"), ("x" * 4001, "maxLength"), ("a\0", "text.null_character"), ("\ud800", "text.surrogate")],
    ),
    "multi_select": Row(
        {"type": "array", "uniqueItems": True, "items": {"enum": ["red", "deep, blue", "x;y"]}},
        [([], []), (["red"], ["red"]), (["x;y", "red"], ["x;y", "red"]), (["deep, blue"], ["deep, blue"])],
        [("red", "type"), (["pink"], "enum"), (["red", "red"], "uniqueItems"), ([1], "type"), ({}, "type")],
        [("red; x\\;y", ["red", "x;y"]), ("deep, blue", ["deep, blue"]), ("RED", ["red"]), ("red,pink", ["red", "pink"])],
    ),
    "tags": Row(
        {"field": "tags"},
        [([], []), (["b", "a"], ["b", "a"]), (["a, b", "c;d", "\\"], ["a, b", "c;d", "\\"])],
        [("a", "type"), ([""], "minLength"), (["x" * 101], "maxLength"), (["a", "a"], "uniqueItems"), ([None], "type"),
         (["a\0"], "text.null_character"), ([str(n) for n in range(1001)], "maxItems")],
        [("a, b", ["a", "b"]), ("a; b, c", ["a", "b, c"]), ("甲、乙", ["甲", "乙"]), ("", [])],
    ),
    "link": Row({"field": "link", "target": "place"}, [(ID, UUID_), (ID.upper(), UUID_)], BAD_ID, [(f" {ID} ", ID)]),
    "parent": Row({"field": "parent"}, [(ID, UUID_)], BAD_ID),
    "user": Row({"field": "user"}, [(ID, UUID_)], BAD_ID),
    "team": Row({"field": "team"}, [(ID, UUID_)], BAD_ID),
    "file": Row(
        {"field": "file"},
        [(ID, UUID_), ({"id": ID}, UUID_), ({"id": ID, "name": "a.txt", "size": 3, "type": "text/plain"}, UUID_)],
        [("x", "format"), ({}, "required"), ({"id": 5}, "type"), (5, "type"), ([ID], "type")],
    ),
    "image": Row(
        {"field": "image"},
        [(ID, UUID_), ({"id": ID, "name": "a.png", "size": 3, "type": "image/png"}, UUID_)],
        [("x", "format"), ({}, "required"), (5, "type"), ([ID], "type")],
    ),
    "signature": Row({"field": "signature"}, [(ID, UUID_)], [("x", "format"), ({}, "required"), (5, "type")]),
    "files": Row(
        {"field": "files", "maxItems": 3},
        [([], []), ([ID], [UUID_]), ([{"id": ID}], [UUID_]), ([ID, {"id": OTHER}], [UUID_, UUID(OTHER)])],
        [(ID, "type"), ({"id": ID}, "type"), (["x"], "format"), ([{}], "required"), ([5], "type"), ([ID] * 4, "maxItems")],
        [(f"{ID};{OTHER}", [ID, OTHER]), (f"{ID}\n{OTHER}", [ID, OTHER]), ("", [])],
    ),
    "address": Row(
        {"field": "address"},
        [({}, {}), ({"city": "Graz", "country": None}, {"city": "Graz"}), ({"street": "Main Street 5"}, {"street": "Main Street 5"})],
        [("Graz", "type"), ({"town": "Graz"}, "additionalProperties"), ({"city": 5}, "type"), ({"city": "x" * 256}, "maxLength"),
         ({"city": "\0"}, "text.null_character")],
        [("Main Street 5", {"street": "Main Street 5"}), ('{"city": "Graz"}', {"city": "Graz"})],
    ),
    "person_name": Row(
        {"field": "person_name"},
        [({"given": "Ada", "family": "Lovelace"}, {"given": "Ada", "family": "Lovelace"}), ({"family": "Plato"}, {"family": "Plato"}),
         ({"given": "小明", "family": "王"}, {"given": "小明", "family": "王"}), ({"given": "Ada"}, {"given": "Ada"}),
         ({"prefix": "Dr", "given": "A B", "family": "C D"}, {"prefix": "Dr", "given": "A B", "family": "C D"})],
        [("Ada", "type"), ({"first": "Ada"}, "additionalProperties"), ({"given": ["Ada"]}, "type")],
        [("Ada Maria Lovelace", {"given": "Ada Maria", "family": "Lovelace"}), ("王小明", {"given": "小明", "family": "王"})],
    ),
    "json": Row(
        {"type": "object", "properties": {"n": {"type": "integer"}}},
        [({}, {}), ({"n": 1.0, "x": [1.5, None, {"y": True}]}, {"n": 1, "x": [1.5, None, {"y": True}]})],
        [([], "type"), ("x", "type"), ({"n": "x"}, "type"), ({"x": "a\0"}, "text.null_character"), ({"a\0": 1}, "text.null_character"),
         ({"x": [2**53]}, "maximum"), ({"x": 1e400}, "maximum")],
        [('{"n": 5}', {"n": 5}), ("x", "x")],
    ),
    "lines": Row(
        {"field": "lines", "properties": {"qty": {"type": "integer"}}},
        [([], []), ([{"qty": 1}, {"id": ID, "qty": 2}], [{"qty": 1}, {"id": UUID_, "qty": 2}])],
        [({}, "type"), ([1], "type"), ([{"qty": "1"}], "type"), ([{"qtty": 1}], "additionalProperties"), ([{"id": 5}], "type"),
         ([{"id": ID}, {"id": ID}], "uniqueItems", "server")],
    ),
    "multi_link": Row(
        {"field": "multi_link", "target": "place", "attributes": {"share": {"type": "integer"}}},
        [([], []), ([{"id": ID}], [{"link": UUID_}]), ([{"id": ID, "share": 5}, {"id": OTHER}], [{"link": UUID_, "share": 5}, {"link": UUID(OTHER)}])],
        [({}, "type"), ([1], "type"), ([ID], "type"), ([{}], "required"), ([{"id": 5}], "type"), ([{"id": "x"}], "format"),
         ([{"id": ID, "share": "1"}], "type"), ([{"id": ID, "link": ID}], "additionalProperties"), ([{"id": ID, "part": 1}], "additionalProperties"),
         ([{"id": ID}, {"id": ID}], "uniqueItems", "server")],
        [(f"{ID}; {OTHER}", [{"id": ID}, {"id": OTHER}]), (f'[{{"id": "{ID}", "share": 2}}]', [{"id": ID, "share": 2}]), ("", [])],
    ),
    "any_link": Row(
        {"field": "any_link", "targets": ["place", "part"]},
        [({"entity": "place", "id": ID}, {"entity": "place", "id": ID}), ({"entity": "part", "id": ID.upper()}, {"entity": "part", "id": ID})],
        [(ID, "type"), ({"entity": "place"}, "required"), ({"id": ID}, "required"), ({"entity": "car", "id": ID}, "enum"),
         ({"entity": "place", "id": "x"}, "format"), ({"entity": "place", "id": 5}, "type"), ({"entity": "place", "id": ID, "x": 1}, "additionalProperties")],
        [(f"place/{ID}", {"entity": "place", "id": ID}), (f'{{"entity": "part", "id": "{ID}"}}', {"entity": "part", "id": ID}), ("x", "x")],
    ),
    "region": Row(
        {"field": "region", "countries": ["TW", "DE", "GB"]},
        [("TW", "TW"), ("TW-TPE", "TW-TPE"), ("DE-BY", "DE-BY"), ("GB-LND", "GB-LND")],
        [("tw", "region"), ("XX", "region", "server"), ("TW-XXX", "region", "server"), ("JP", "region", "server"), (5, "type"), ("", "region")],
        [("Germany", "DE"), ("台灣", "TW"), ("ドイツ", "DE"), ("tw-tpe", "TW-TPE"), ("Germany / Bayern", "DE-BY"), ("nowhere", "nowhere")],
    ),
    "dependent_select": Row(
        {"field": "dependent_select", "dependsOn": "kind", "oneOf": [{"const": "oak", "title": "Oak", "when": ["wood"]}, {"const": "any", "title": "Any"}]},
        [("oak", "oak"), ("any", "any")],
        [("pine", "enum"), (5, "type")],
        [("OAK", "oak"), ("pine", "pine")],
    ),
    "snapshot": Row({"field": "snapshot", "of": "place", "fields": ["name"]}, [], [({"name": "x"}, "readOnly")]),
    "sequence": Row({"field": "sequence", "sequence": "A-{n:05}"}, [], [("A-00001", "readOnly")], python_type=str),
    "formula": Row({"field": "formula", "formula": "1 + 1"}, [], [(2, "readOnly")]),
    "rollup": Row({"field": "rollup", "rollup": {"of": "parts", "fn": "count"}}, [], [(2, "readOnly")]),
    "related": Row({"field": "related", "related": "place.name"}, [], [("x", "readOnly")]),
}  # fmt: skip

LEGAL = [
    pytest.param(name, *case, id=f"{name}-{n}")
    for name, row in ROWS.items()
    for n, case in enumerate(row.legal)
]
ILLEGAL = [
    pytest.param(name, *case[:2], len(case) > 2, id=f"{name}-{n}")
    for name, row in ROWS.items() for n, case in enumerate(row.illegal)
]  # fmt: skip
TEXTS = [
    pytest.param(name, *case, id=f"{name}-{n}")
    for name, row in ROWS.items()
    for n, case in enumerate(row.texts)
]


def world(name: str) -> dict[str, Entity]:
    """An entity with one field `value` of the type, and its line entity."""
    row = ROWS[name]
    entities = {"asset": entity({"value": row.schema})}
    if name == "lines":
        line = entity(row.schema["properties"], name="asset__value", parent=("asset", "value"))
        entities[line.name] = line
    if name == "multi_link":
        rows = row_schema(row.schema, "Value", "clear")
        made = entity(rows["properties"], name="asset__value", parent=("asset", "value"), required=("link",))
        entities[made.name] = replace(made, settings={"joins": True})
    return entities


def sent(value: Any) -> Any:
    """What the API's parser makes of the JSON text of `value`."""
    return parse_json(json.dumps({"value": value}).replace("Infinity", "1e400").encode())


def validate(name: str, body: Any) -> Validated:
    entities = world(name)
    return validator_for(entities["asset"], entities).validate(body, "create")


def create_schema(name: str) -> dict[str, Any]:
    entities = world(name)
    return record_schema(model(*entities.values()), entities["asset"], "create")


def test_every_type_has_a_row() -> None:
    assert set(ROWS) == set(FIELD_TYPES)
    for name in FIELD_TYPES:
        read, problems = field(ROWS[name].schema)
        assert (read.type, problems) == (name, [])


@pytest.mark.parametrize(("name", "value", "expected"), LEGAL)
def test_legal_value_becomes_its_python_value(name: str, value: Any, expected: Any) -> None:
    result = validate(name, sent(value))
    assert result.problems == []
    assert result.values["value"] == expected
    assert type(result.values["value"]) is type(expected)
    assert isinstance(result.values["value"], FIELD_TYPES[name].python_type)
    assert verdict(create_schema(name), {"value": value})


@pytest.mark.parametrize(("name", "value", "code", "server"), ILLEGAL)
def test_illegal_value_is_refused_where_it_stands(name: str, value: Any, code: str, server: bool) -> None:
    body = {"value": value} if contains_half(value) else sent(value)
    result = validate(name, body)
    assert {problem.code for problem in result.problems} == {code}
    assert all(problem.path.startswith("/value") and problem.message for problem in result.problems)
    assert "value" not in result.values or name in ("lines", "multi_link")
    assert json.dumps([dict(problem.data) for problem in result.problems], default=str)
    assert verdict(create_schema(name), {"value": value}) is server


def contains_half(value: Any) -> bool:
    return isinstance(value, str) and value.encode("utf-8", "replace").decode() != value


@pytest.mark.parametrize(("name", "value", "expected"), LEGAL)
def test_written_text_is_read_back_as_the_same_value(name: str, value: Any, expected: Any) -> None:
    definition = world(name)["asset"].fields["value"]
    kind = FIELD_TYPES[name]
    text = kind.format_text(definition, expected)
    assert isinstance(text, str)
    again = validate(name, {"value": kind.parse_text(definition, text)})
    assert (again.problems, again.values["value"]) == ([], expected)


@pytest.mark.parametrize(("name", "text", "meant"), TEXTS)
def test_tables_may_be_written_as_people_do(name: str, text: str, meant: Any) -> None:
    definition = world(name)["asset"].fields["value"]
    found = FIELD_TYPES[name].parse_text(definition, text)
    assert found == meant
    assert type(found) is type(meant)


@pytest.mark.parametrize(("name", "value", "expected"), [p for p in LEGAL if p.values[0] != "lines"])
def test_wire_form_is_accepted_again_and_fits_the_read_schema(name: str, value: Any, expected: Any) -> None:
    entities = world(name)
    definition = entities["asset"].fields["value"]
    wire = FIELD_TYPES[name].to_wire(definition, expected)
    assert validate(name, sent(wire)).values["value"] == expected
    schema = record_schema(model(*entities.values()), entities["asset"], "read")["properties"]["value"]
    answered = described(wire) if name in ("file", "image", "signature") else wire
    if name == "files":
        answered = [described(one) for one in wire]
    assert verdict(schema, answered)
    assert verdict(schema, None)


def described(file: Any) -> dict[str, Any]:
    return {"id": file, "name": "a", "size": 1, "type": "b"}


@pytest.mark.parametrize("name", ROWS)
def test_null_of_an_optional_property_means_absent(name: str) -> None:
    computed = FIELD_TYPES[name].computed
    result = validate(name, {"value": None})
    assert bool(result.problems) is computed
    assert result.values == {}
    assert verdict(create_schema(name), {"value": None}) is not computed


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row.legal and name != "lines"])
def test_value_that_is_there_may_be_sent_back(name: str) -> None:
    entities = world(name)
    definition = replace(entities["asset"].fields["value"], read_only=True)
    locked = replace(entities["asset"], fields={"value": definition}, hash=f"locked {name}")
    value, expected = ROWS[name].legal[-1]
    check = validator_for(locked).validate
    assert check(sent(value), "patch", current={"value": expected}).problems == []
    assert [p.code for p in check(sent(value), "patch", current={"value": None}).problems] == ["readOnly"]
    assert [p.code for p in check(sent(value), "create").problems] == ["readOnly"]


KINDS = (
    "parts",
    "boolean",
    "integer",
    "date",
    "datetime",
    "json",
    "decimal",
    "number",
    "text",
    "select",
    "tags",
    "link",
    "lines",
)


@pytest.mark.parametrize("name", ROWS)
def test_expression_kind_is_plain_data(name: str) -> None:
    kind = expression_kind(world(name)["asset"].fields["value"])
    assert kind["kind"] in KINDS
    assert json.loads(json.dumps(kind)) == kind


@pytest.mark.parametrize("kind", [k for k in KINDS if k not in ("json", "lines", "parts")])
def test_computed_value_has_the_form_of_its_kind(kind: str) -> None:
    read, _ = field(ROWS["formula"].schema)
    done = computed_field(read, {"kind": kind, "options": ["a"], "target": "place"})
    assert done.schema["type"]
    assert expression_kind(done)["kind"] == kind


@pytest.mark.parametrize("kind", FIELD_TYPES.values(), ids=list(FIELD_TYPES))
def test_type_is_described(kind: Any) -> None:
    assert kind.title
    assert kind.description.endswith(".")
    assert kind.operators
    assert all(schema.get("description") for schema in kind.vocabulary.values())
    assert FIELD_TYPES[kind.id] is kind
