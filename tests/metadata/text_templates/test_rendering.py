"""Templates show, choose and repeat values, and do nothing else, whatever somebody writes into them."""

import time
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from fieldstone.metadata.text_templates import (
    Limits,
    TemplateFailed,
    TemplateRefused,
    check_source,
    names_used,
    render,
)

DATA: dict[str, Any] = {
    "name": "Ann",
    "record": {"label": "Lathe", "items": 3, "price": Decimal("1234.50"), "price_currency": "EUR", "due": "2026-06-30"},
    "parts": [{"name": "bolt", "n": 2}, {"name": "nut", "n": 4}],
    "at": datetime(2026, 6, 30, 22, 30, tzinfo=UTC),
    "nothing": None,
}  # fmt: skip


@pytest.mark.parametrize(
    ("source", "text"),
    [
        pytest.param("Hello {{ name }}!", "Hello Ann!", id="a value"),
        pytest.param("{{ record.label }}/{{ record['items'] }}", "Lathe/3", id="keys"),
        pytest.param("{{ record.items }}", "3", id="a key like a method of dict"),
        pytest.param("[{{ missing.of.all }}{{ nothing }}]", "[]", id="missing is empty"),
        pytest.param("{% for p in parts %}{{ loop.index }}{{ p.name }} {% endfor %}", "1bolt 2nut ", id="loop"),
        pytest.param("{% for k, v in record|items %}{{ k }};{% endfor %}",
                     "label;items;price;price_currency;due;", id="pairs"),
        pytest.param("{% if record.items > 2 and name == 'Ann' %}yes{% else %}no{% endif %}", "yes", id="if"),
        pytest.param("{{ 'some' if parts else 'none' }}", "some", id="choice"),
        pytest.param("{{ record.price * 2 + 1 }}", "2470.00", id="numbers are exact"),
        pytest.param("{{ 0.1 + 0.2 }}", "0.3", id="decimal"),
        pytest.param("{{ parts|join(', ', 'name') }}", "bolt, nut", id="join"),
        pytest.param("{{ [name, missing, nothing, 'x']|lines }}", "Ann\nx", id="lines"),
        pytest.param("{{ record.price|money(record.price_currency) }}", "€1,234.50", id="money"),
        pytest.param("{{ record.due|date }}", "Jun 30, 2026", id="date"),
        pytest.param("{{ nothing|default('-') }}{{ missing|default('x') }}", "-x", id="default"),
        pytest.param("{{ 'long text here'|truncate(6) }}", "long…", id="truncate"),
        pytest.param('{"a": {{ name|json }}}', '{"a": "Ann"}', id="json"),
        pytest.param("{{ name is defined }} {{ nope is defined }}", "True False", id="tests"),
    ],
)  # fmt: skip
def test_a_template_shows_values(source: str, text: str) -> None:
    assert check_source(source) == []
    assert render(source, DATA) == text


@pytest.mark.parametrize(
    ("locale", "zone", "text"),
    [
        ("en", "UTC", "Jun 30, 2026 10:30\u202fPM 1,234.5"),
        ("zh-Hans", "Asia/Shanghai", "2026年7月1日 06:30 1,234.5"),
        ("zh-Hant", "Asia/Taipei", "2026年7月1日 清晨6:30 1,234.5"),
        ("ja", "Asia/Tokyo", "2026/07/01 7:30 1,234.5"),
        ("xx", "Nowhere/At_All", "Jun 30, 2026 10:30\u202fPM 1,234.5"),
    ],
    ids=["en", "zh-Hans", "zh-Hant", "ja", "unknown"],
)
def test_values_are_written_as_the_reader_writes_them(locale: str, zone: str, text: str) -> None:
    assert render("{{ at|datetime }} {{ record.price|number }}", DATA, locale=locale, time_zone=zone) == text


REFUSED = {
    "call": "{{ name.upper() }}",
    "range": "{% for i in range(10**9) %}x{% endfor %}",
    "global": "{{ lipsum(n=10000) }}",
    "class": "{{ ''.__class__.__mro__ }}",
    "class by item": "{{ ''['__class__'] }}{{ x() }}",
    "attr filter": "{{ name|attr('__class__') }}",
    "format": "{{ '%1000000000d'|format(1) }}",
    "format method": "{{ '{0.__class__}'.format(name) }}",
    "center": "{{ 'x'|center(1000000000) }}",
    "set": "{% set x = 1 %}",
    "doubling": "{% set ns = namespace(x='a') %}",
    "macro": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "include": "{% include '/etc/passwd' %}",
    "import": "{% import 'os' as os %}",
    "extends": "{% extends 'x' %}",
    "concatenation": "{{ name ~ name }}",
    "power": "{{ 10 ** 1000000000 }}",
    "modulo": "{{ '%s' % name }}",
    "slices": "{{ name[::-1] }}",
    "recursive loop": "{% for p in parts recursive %}{{ loop(parts) }}{% endfor %}",
    "cycle": "{% for p in parts %}{{ loop.cycle('a', 'b') }}{% endfor %}",
    "map": "{{ parts|map(attribute='__class__')|join }}",
    "select by test": "{{ parts is callable }}",
    "underscore": "{{ _budget }}",
    "splat": "{{ parts|join(*parts) }}",
    "filter block": "{% filter upper %}x{% endfilter %}",
    "the counting filter": "{{ parts|counted }}",
    "syntax": "{{ name",
    "deep": "{% if 1 %}" * 40 + "{% endif %}" * 40,
    "very deep": "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
    "long": "x" * 20_001,
}


@pytest.mark.parametrize("source", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_not_on_the_list_is_refused_before_it_runs(source: str) -> None:
    findings = check_source(source)
    assert findings and findings[0].line >= 1
    with pytest.raises(TemplateRefused):
        render(source, DATA)


FAILING = {
    "text times number": ("{{ 'a' * 1000000000 }}", {}),
    "list times number": ("{{ parts * 1000000000 }}", {"parts": [1]}),
    "loops in loops": ("{% for a in x %}{% for b in x %}{% for c in x %}.{% endfor %}{% endfor %}{% endfor %}",
                       {"x": list(range(1000))}),
    "silent loops": ("{% for a in x %}{% for b in x %}{% endfor %}{% endfor %}", {"x": list(range(1000))}),
    "filtered loops": ("{% for a in x if a < 0 %}{% endfor %}", {"x": list(range(20_000))}),
    "a long text often": ("{% for a in x %}{{ t }}{% endfor %}", {"x": list(range(100)), "t": "y" * 50_000}),
    "join of much": ("{{ x|join(t) }}", {"x": list(range(1000)), "t": "y" * 50_000}),
    "division by nothing": ("{{ 1 / missing }}", {}),
    "text and number": ("{{ 1 < 'a' }}", {}),
    "an object": ("{{ x }}", {"x": object()}),
    "a function": ("{{ x }}", {"x": print}),
    "endless data": ("{{ x }}", {"x": [[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]}),
}  # fmt: skip


@pytest.mark.parametrize(("source", "data"), FAILING.values(), ids=FAILING.keys())
def test_what_does_too_much_is_ended(source: str, data: dict[str, Any]) -> None:
    began = time.monotonic()
    with pytest.raises(TemplateFailed):
        render(source, data)
    assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    "source",
    [
        "{{ name['__class__'] }}",
        "{{ name['upper'] }}",
        "{{ record['__init__'] }}",
        "{{ record.keys }}",
        "{{ at.tzinfo }}",
        "{{ parts.append }}",
        "{% for p in parts %}{{ loop.length.real }}{% endfor %}",
    ],
)
def test_nothing_but_data_can_be_reached(source: str) -> None:
    assert render(source, DATA) == ""


def test_time_is_bounded() -> None:
    with pytest.raises(TemplateFailed, match="takes longer"):
        render("{% for a in x %}.{% endfor %}", {"x": [1, 2]}, limits=Limits(seconds=-1))


def test_values_are_escaped_in_html() -> None:
    assert render("<b>{{ x }}</b>", {"x": "<script>&"}, escape=True) == "<b>&lt;script&gt;&amp;</b>"


def test_values_are_plain() -> None:
    one = UUID(int=1)
    assert render("{{ x }} {{ y.z }}", {"x": one, "y": {"z": date(2026, 1, 2)}}) == f"{one} 2026-01-02"


def test_values_of_a_template_cannot_replace_what_bounds_it() -> None:
    with pytest.raises(TemplateFailed):
        render("{% for a in x %}.{% endfor %}", {"x": list(range(20_000)), "_budget": None})


def test_the_names_that_a_template_asks_for() -> None:
    assert names_used("{{ a.b }}{% for c in d %}{{ c }}{{ e|date }}{% endfor %}") == {"a", "d", "e"}
    assert names_used("{{ a() }}") == frozenset()
