"""Going back restores what was removed and keeps what was written since."""

from typing import Any

from publish_world import Workshop

from fieldstone.engine import publish
from fieldstone.engine.query.listing import list_records
from fieldstone.engine.query.request import ListRequest


def props(**fields: Any) -> dict[str, Any]:
    return {"properties": fields}


def test_dropped_values_come_back_and_later_ones_stay(shop: Workshop) -> None:
    first = shop.revision
    shop.go(part=props(code=None))
    shop.change(shop.ids[0], label="Changed since")
    added = shop.make(label="Made since")
    shop.back(first)
    assert shop.record(shop.ids[0])["code"] == "7"
    assert shop.record(shop.ids[0])["label"] == "Changed since"
    assert shop.record(added)["code"] is None
    assert [each["label"] for each in shop.listed("code == 'x'")] == ["Three"]


def test_a_conversion_is_taken_back_with_what_it_lost(shop: Workshop) -> None:
    first = shop.revision
    shop.go(part=props(code={"type": "integer"}))
    assert [shop.record(each)["code"] for each in shop.ids] == [7, 7, None, None]
    shop.back(first)
    assert [shop.record(each)["code"] for each in shop.ids] == ["7", "7", "x", None]


def test_drop_add_drop_add(shop: Workshop) -> None:
    """The same name again and again: each removal has a place of its own."""
    first = shop.revision
    for round_ in range(3):
        shop.go(part=props(size={"type": "string"}))
        shop.change(shop.ids[0], size=f"s{round_}")
        newest = shop.revision
        shop.go(part=props(size={"type": "string"}, code=None))
        shop.go(part={})
        assert "size" not in shop.record(shop.ids[0])
        assert shop.record(shop.ids[0])["code"] in ("7", None)
    shop.back(newest)
    assert shop.record(shop.ids[0])["size"] == "s2"
    shop.back(first)
    assert "size" not in shop.record(shop.ids[0])


def test_a_renamed_field_keeps_its_values_both_ways(shop: Workshop) -> None:
    first = shop.revision
    shop.go(part=props(code=None, mark={"type": "string", "renamedFrom": "code"}))
    assert [shop.record(each)["mark"] for each in shop.ids] == ["7", "7", "x", None]
    shop.change(shop.ids[3], mark="y")
    shop.back(first)
    assert [shop.record(each)["code"] for each in shop.ids] == ["7", "7", "x", "y"]


def test_links_still_hold_after_going_back(shop: Workshop) -> None:
    place = shop.make("place", name="Attic")
    shop.change(shop.ids[0], place=str(place))
    first = shop.revision
    shop.go(part=props(place=None), place=props(part_count=None))
    shop.back(first)
    assert shop.record(shop.ids[0])["place"] == place
    assert shop.record(place, "place")["part_count"] == 1
    shop.change(shop.ids[1], place=str(place))
    assert shop.record(place, "place")["part_count"] == 2


def test_search_covers_old_records_after_the_build(shop: Workshop) -> None:
    shop.go(part=props(words={"search": True}))
    found = shop.engine.read(shop.context, lambda tx: list_records(tx, "part", ListRequest(q="b"))).data
    assert [each["label"] for each in found] == ["One"]


def test_stored_values_are_computed_for_old_records(shop: Workshop) -> None:
    shop.go(part=props(twice={"field": "formula", "formula": "count * 2", "stored": True}))
    assert [shop.record(each)["twice"] for each in shop.ids] == [2, 4, 6, None]


def test_revisions_tell_who_did_what(shop: Workshop) -> None:
    first = shop.revision
    shop.go(part=props(size={"type": "string"}))
    shop.back(first)
    newest, before, *_ = shop.engine.read(shop.context, publish.revisions)
    assert (newest.number, newest.kind, newest.note) == (first + 2, "rollback", f"back to {first}")
    assert (before.number, before.kind) == (first + 1, "publish")
    assert "add_field:part.size" in [change["id"] for change in before.changes]
