"""Boards, calendars and trees: which fields they may stand on, and what is wrong with the others."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from fieldstone.metadata.compile import Compiled
from fieldstone.metadata.definitions import ViewGroup, ViewSum

Compile = Callable[..., Compiled]

PART = {
    "type": "object",
    "titleField": "name",
    "properties": {
        "name": {"type": "string"},
        "state": {"oneOf": [{"const": "new", "title": "New"}, {"const": "old", "title": "Old"}]},
        "price": {"field": "money"},
        "size": {"type": "integer"},
        "begin": {"field": "date"},
        "close": {"field": "date"},
        "moment": {"field": "datetime"},
        "above": {"field": "parent"},
        "place": {"field": "link", "target": "place"},
        "keeper": {"field": "user"},
        "spare": {"type": "boolean"},
    },
}
PLACE = {"type": "object", "properties": {"name": {"type": "string"}}}


def documents(view: Mapping[str, Any]) -> dict[str, Any]:
    return {"entities/part": PART, "entities/place": PLACE, "views/v": {"entity": "part", **view}}


LEGAL: dict[str, dict[str, Any]] = {
    "board": {
        "kind": "kanban",
        "groupBy": "state",
        "groups": [{"name": "old", "hidden": True}, {"name": ""}],
    },
    "board of links": {"kind": "kanban", "groupBy": "place", "sums": [{"name": "price"}, {"name": "size"}]},
    "board of booleans": {"kind": "kanban", "groupBy": "spare", "groups": [{"name": "true", "order": 1}]},
    "board of users": {"kind": "kanban", "groupBy": "keeper"},
    "board of owners": {"kind": "kanban", "groupBy": "owner_id"},
    "calendar": {"kind": "calendar", "start": "begin", "end": "close", "color": "state", "span": "week"},
    "calendar of moments": {"kind": "calendar", "start": "moment"},
    "calendar of creation": {"kind": "calendar", "start": "created_at"},
    "tree": {"kind": "tree", "parent": "above", "columns": [{"name": "name"}]},
}
ILLEGAL: dict[str, tuple[dict[str, Any], str, str]] = {
    "board without groups": ({"kind": "kanban"}, "view.incomplete", "groupBy"),
    "board by a text": ({"kind": "kanban", "groupBy": "name"}, "view.type", "of type text"),
    "board by nothing": ({"kind": "kanban", "groupBy": "stat"}, "field.unknown", 'did you mean "state"'),
    "group of no option": (
        {"kind": "kanban", "groupBy": "state", "groups": [{"name": "odl"}]}, "option.unknown", '"old"',
    ),
    "sum of a text": (
        {"kind": "kanban", "groupBy": "state", "sums": [{"name": "name"}]}, "view.number", "no number",
    ),
    "sum of nothing": (
        {"kind": "kanban", "groupBy": "state", "sums": [{"name": "pric"}]}, "field.unknown", '"price"',
    ),
    "calendar without a start": ({"kind": "calendar"}, "view.incomplete", "start"),
    "calendar of a number": ({"kind": "calendar", "start": "size"}, "view.type", "integer"),
    "calendar of two types": (
        {"kind": "calendar", "start": "begin", "end": "moment"}, "view.type", "datetime",
    ),
    "colour of a text": ({"kind": "calendar", "start": "begin", "color": "name"}, "view.type", "text"),
    "tree of another entity": ({"kind": "tree", "parent": "place"}, "view.tree", "place"),
    "keyword of another kind": ({"kind": "list", "groupBy": "state"}, "view.keyword", "kanban"),
}  # fmt: skip


@pytest.mark.parametrize("view", LEGAL.values(), ids=LEGAL)
def test_a_view_stands_on_fields_that_fit(compiled: Compile, view: Mapping[str, Any]) -> None:
    assert compiled(documents(view)).problems == ()


@pytest.mark.parametrize(("view", "code", "said"), ILLEGAL.values(), ids=ILLEGAL)
def test_a_view_that_cannot_work_is_refused_with_the_reason(
    compiled: Compile, view: Mapping[str, Any], code: str, said: str
) -> None:
    found = compiled(documents(view)).problems
    assert [problem.code for problem in found] == [code]
    assert said in found[0].message


def test_a_board_knows_its_groups_and_sums(compiled: Compile) -> None:
    view = compiled(documents(LEGAL["board"] | {"sums": [{"name": "price", "fn": "avg"}]})).model.views["v"]
    assert view.groups == (ViewGroup("old", None, True), ViewGroup(""))
    assert view.sums == (ViewSum("price", "avg", 10),)
    assert (view.group_by, view.page_size, view.structure) == ("state", 20, ("state",))
