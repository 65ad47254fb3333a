from typing import Any
from uuid import uuid4

import pytest
from record_world import Json, RecordWorld, together

from fieldstone.engine.records.errors import Conflict, InvalidContent, Stale, UnknownRecord

NOWHERE = "0d1f4f6e-8f43-7d3e-9d7a-5f1d2c3b4a59"
"""An id that no record has; the same in every test process."""


def codes(error: Any) -> list[tuple[str, str]]:
    return sorted((each.path, each.code) for each in error.problems)


def refused(stock: RecordWorld, record: Json, patch: Json) -> list[tuple[str, str]]:
    with pytest.raises(InvalidContent) as caught:
        stock.update("asset", record["id"], patch)
    assert stock.read("asset", record["id"]) == record
    return codes(caught.value)


@pytest.fixture
def lamp(stock: RecordWorld) -> Json:
    parts = [{"name": "a"}, {"name": "b", "qty": 2}, {"name": "c", "qty": 3}]
    return stock.create("asset", {"label": "Lamp", "price": "2", "pieces": 3, "parts": parts})


def test_a_merge_patch_changes_what_it_names_and_null_clears(stock: RecordWorld, lamp: Json) -> None:
    changed = stock.update(
        "asset", lamp["id"], {"pieces": None, "address": {"city": "Ulm", "street": "Weg"}, "topics": ["x"]}
    )
    assert (changed["pieces"], changed["worth"], changed["label"], changed["version"]) == (
        None,
        None,
        "Lamp",
        2,
    )
    changed = stock.update("asset", lamp["id"], {"address": {"street": None, "country": "DE"}})
    assert {k: v for k, v in changed["address"].items() if v is not None} == {"city": "Ulm", "country": "DE"}
    assert changed["topics"] == ["x"]
    assert stock.read("asset", lamp["id"]) == changed


def test_a_patch_that_changes_nothing_writes_nothing(stock: RecordWorld, lamp: Json) -> None:
    same = {"label": "Lamp", "pieces": 3, "number": lamp["number"], "worth": str(lamp["worth"])}
    assert stock.update("asset", lamp["id"], same) == lamp
    assert len(stock.history("asset", lamp["id"])) == 1


def test_an_older_version_is_stale(stock: RecordWorld, lamp: Json) -> None:
    stock.update("asset", lamp["id"], {"label": "M"}, if_match=1)
    with pytest.raises(Stale) as caught:
        stock.update("asset", lamp["id"], {"label": "N"}, if_match=1)
    assert caught.value.data["version"] == 2


def test_no_such_record(stock: RecordWorld) -> None:
    with pytest.raises(UnknownRecord):
        stock.update("asset", uuid4(), {"label": "x"})


@pytest.mark.parametrize(
    ("patch", "expected"),
    [
        ({"label": None}, [("/label", "required")]),
        ({"status": "used"}, [("/serial", "rule")]),
        ({"price": "1000000"}, [("", "rule")]),
        ({"pieces": 1000}, [("/reason", "required")]),
        ({"parts": [{"name": "odd"}]}, [("/parts/0/name", "rule")]),
        ({"parts": [{"id": NOWHERE, "name": "x"}]}, [("/parts/0/id", "line.unknown")]),
        ({"place": NOWHERE}, [("/place", "link.unknown")]),
        ({"number": "X"}, [("/number", "readOnly")]),
    ],
    ids=lambda value: str(value)[:40],
)
def test_refused(stock: RecordWorld, lamp: Json, patch: Json, expected: list[tuple[str, str]]) -> None:
    assert refused(stock, lamp, patch) == expected


def test_a_field_that_is_read_only_just_now(stock: RecordWorld, lamp: Json) -> None:
    used = stock.update("asset", lamp["id"], {"status": "used", "serial": str(uuid4()), "pieces": 4})
    assert refused(stock, used, {"pieces": 5}) == [("/pieces", "readOnly")]
    assert stock.update("asset", lamp["id"], {"pieces": 4, "label": "M"})["label"] == "M"


def test_lines_are_replaced_known_ones_updated_others_created_or_deleted(
    stock: RecordWorld, lamp: Json
) -> None:
    a, _, c = lamp["parts"]
    patch = [{"id": str(c["id"]), "name": "C"}, {"name": "new"}, {"id": str(a["id"]), "qty": 9}]
    changed = stock.update("asset", lamp["id"], {"parts": patch})
    assert [(line["name"], line["qty"]) for line in changed["parts"]] == [("C", 3), ("new", 1), ("a", 9)]
    assert [changed["parts"][0]["id"], changed["parts"][2]["id"]] == [c["id"], a["id"]]
    assert changed["part_count"] == 13
    assert stock.read("asset", lamp["id"]) == changed
    assert lamp["id"] not in [e["id"] for e in stock.rows("asset", filter="any(parts, name == 'b')")]


def test_the_order_of_lines_alone_is_a_change(stock: RecordWorld, lamp: Json) -> None:
    turned = [{"id": str(line["id"])} for line in reversed(lamp["parts"])]
    changed = stock.update("asset", lamp["id"], {"parts": turned})
    assert [line["name"] for line in changed["parts"]] == ["c", "b", "a"]
    assert stock.read("asset", lamp["id"]) == changed


def test_a_line_twice_is_refused(stock: RecordWorld, lamp: Json) -> None:
    twice = [{"id": str(lamp["parts"][0]["id"])}] * 2
    assert refused(stock, lamp, {"parts": twice}) == [("/parts/1/id", "uniqueItems")]


def test_a_line_of_another_record_is_unknown(stock: RecordWorld, lamp: Json) -> None:
    other = stock.create("asset", {"label": "Other", "parts": [{"name": "z"}]})
    patch = {"parts": [{"id": str(other["parts"][0]["id"]), "name": "stolen"}]}
    assert refused(stock, lamp, patch) == [("/parts/0/id", "line.unknown")]
    assert stock.read("asset", other["id"]) == other


def test_lines_become_empty(stock: RecordWorld, lamp: Json) -> None:
    assert stock.update("asset", lamp["id"], {"parts": []})["part_count"] == 0
    assert stock.read("asset", lamp["id"])["parts"] == []


def test_a_line_rule_is_enforced_only_where_the_line_is_touched(stock: RecordWorld, lamp: Json) -> None:
    """A line that broke a rule before stays as it is beside others that are edited."""
    a, b, _ = lamp["parts"]
    patch = [{"id": str(a["id"]), "name": "odd"}, {"id": str(b["id"])}]
    assert refused(stock, lamp, {"parts": patch}) == [("/parts/0/name", "rule")]


def test_the_answer_shows_nothing_of_a_linked_record_that_the_reader_may_not_see(stock: RecordWorld) -> None:
    far = stock.create("place", {"name": "Far", "country": "FAR"})
    made = stock.create("asset", {"label": "L", "place": str(far["id"])})
    read = stock.read("asset", made["id"], "clerk")
    assert read["country"] is None
    changed = stock.update("asset", made["id"], {"label": "M"}, "clerk")
    assert changed["country"] is None
    assert changed == stock.read("asset", made["id"], "clerk")


def test_two_that_take_one_value_at_the_same_time_give_one_conflict(stock: RecordWorld) -> None:

    code = str(uuid4())
    made = [stock.create("stamp", {"label": f"s{n}"}) for n in range(4)]
    results = together([lambda m=m: stock.update("stamp", m["id"], {"code": code}) for m in made])
    assert sum(isinstance(each, dict) for each in results) == 1
    assert sum(isinstance(each, Conflict) for each in results) == 3
