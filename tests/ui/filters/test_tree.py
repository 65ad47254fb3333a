"""Every operator of every field is a filter that the engine takes, and is read back from its text."""

import json

import pytest
from flask.testing import FlaskClient
from ui_world import World

from fieldstone.ui.fields import Column, column_at
from fieldstone.ui.filters.operators import control_of, operators_of
from fieldstone.ui.filters.tree import Group, Words, group_of, read_back, text_of
from fieldstone.ui.formats import Formats
from fieldstone.ui.lists.conditions import Condition

FIELDS = (
    "title", "status", "topics", "copy_count", "price", "published", "created_at", "found_by", "owner_id", "author",
    "copies", "author.name", "author.active", "owner_id.team",
)  # fmt: skip
VALUES = {
    "date": "2026-03-04",
    "count": "14",
    "pick": "01900000-0000-7000-8000-000000000000",
    "decimal": "2",
    "dates": "2026-03-04..2026-03-31",
    "decimals": "2..12",
}


@pytest.fixture(scope="module")
def words(world: World) -> Words:
    model = world.services.engine.read(world.system(), lambda tx: tx.model)
    found: dict[str, Column] = {}
    for name in FIELDS:
        column = column_at(model, model.entities["book"], name)
        assert column is not None
        found[name] = column
    return Words(model, found, Formats("en", "UTC"))


def conditions(words: Words) -> list[Condition]:
    found = []
    for name, column in words.columns.items():
        for operator in operators_of(column):
            value = VALUES.get(control_of(column, operator), "new" if name == "status" else 'Say "so"')
            found.append(Condition(name, operator, "" if control_of(column, operator) == "none" else value))
    return found


def test_every_condition_is_taken_by_the_engine_and_read_back(
    world: World, admin: FlaskClient, words: Words
) -> None:
    every = conditions(words)
    assert len(every) > 70
    for condition in every:
        text = words.text(condition)
        assert text, condition
        answer = admin.get(f"{world.base}/e/book", query_string={"filter": text})
        assert answer.status_code == 200, text
        back = read_back(text, words)
        assert back is not None, text
        assert text_of(back, words) == text


TREES = {
    "one": {"sign": "all", "items": [{"field": "title", "op": "contains", "value": "a"}]},
    "both": {"sign": "all", "items": [{"field": "status", "op": "is", "value": "new"}, {"field": "published", "op": "this_week"}]},
    "nested": {"sign": "any", "items": [
        {"field": "price", "op": "above", "value": "20"},
        {"sign": "all", "items": [
            {"field": "author.name", "op": "contains", "value": "xun"},
            {"field": "published", "op": "last_n", "value": "30"},
            {"sign": "any", "items": [{"field": "found_by", "op": "me"}, {"field": "owner_id", "op": "my_team"}]},
        ]},
    ]},
}  # fmt: skip


@pytest.mark.parametrize("sent", TREES.values(), ids=TREES)
def test_a_tree_survives_its_text(
    world: World, admin: FlaskClient, words: Words, sent: dict[str, object]
) -> None:
    group = group_of(sent)
    text = text_of(group, words)
    back = read_back(text, words)
    assert back is not None
    assert text_of(back, words) == text
    assert (back.sign, len(back.items)) == (group.sign, len(group.items))
    assert admin.get(f"{world.base}/e/book", query_string={"filter": text}).status_code == 200


@pytest.mark.parametrize(
    "text",
    [
        "price * 2 > 10",
        "title == title",
        'status == "new" ? true : false',
        "(",
        "unknown == 1",
        '!(status == "new")',
    ],
)
def test_what_the_builder_does_not_write_stays_text(words: Words, text: str) -> None:
    assert read_back(text, words) is None


@pytest.mark.parametrize(
    "sent", [None, [], "x", {"items": 3}, {"items": [3, None, {"field": "gone", "op": "is", "value": "1"}]}]
)
def test_nonsense_is_an_empty_filter(words: Words, sent: object) -> None:
    assert text_of(group_of(sent), words) == ""
    assert read_back("", words) == Group("all", ())


def test_the_builder_leads_to_the_list_with_the_text(world: World, admin: FlaskClient) -> None:
    tree = {
        "sign": "any",
        "items": [
            {"field": "status", "op": "is", "value": "new"},
            {"field": "price", "op": "above", "value": "60"},
        ],
    }
    answer = admin.get(
        f"{world.base}/e/book/filter/apply", query_string={"build": json.dumps(tree), "sort": "title"}
    )
    assert answer.status_code == 303
    html = admin.get(answer.location).text
    assert "status == &#34;new&#34; || price &gt; 60" in html
    panel = admin.get(answer.location.replace("/e/book?", "/e/book/filter?")).text
    assert panel.count('class="fs-filter-row"') == 2
    assert '<option value="any" selected>' in panel


def test_the_conditions_of_a_text_are_chips_that_can_be_taken_away(world: World, admin: FlaskClient) -> None:
    query = {"filter": 'status == "new" && contains(lower(title), "volume")'}
    html = admin.get(f"{world.base}/e/book", query_string=query).text
    assert html.count('class="fs-chip"') == 2
    assert "<b>Status</b> is New" in html


def test_hidden_fields_are_not_offered(world: World, reader: FlaskClient) -> None:
    panel = reader.get(f"{world.base}/e/book/filter/row").text
    assert 'value="title"' in panel
    assert 'value="price"' not in panel
    assert "author.name" not in panel


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("price", "-5..-2.5", "price >= -5 && price <= -2.5"),
        ("price", "2..", ""), ("price", "..2", ""), ("price", "2", ""), ("price", "a..b", ""),
        ("published", "2026-01-01..2026-02-01", 'published >= date("2026-01-01") && published <= date("2026-02-01")'),
        ("published", "2026-01-01..soon", ""), ("published", "..", ""),
    ],
)  # fmt: skip
def test_between_needs_both_bounds(words: Words, field: str, value: str, text: str) -> None:
    condition = Condition(field, "between", value)
    assert (words.text(condition) or "") == text
    back = read_back(text, words)
    assert back is not None
    assert list(back.items) == ([condition] if text else [])
