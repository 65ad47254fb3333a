from uuid import UUID, uuid4

import pytest
from record_world import Json, RecordWorld

from fieldstone.engine.records.errors import Conflict, Stale, UnknownRecord


def target(stock: RecordWorld) -> Json:
    return stock.create("target", {"name": "T", "tone": "warm"})


def test_a_deleted_record_is_gone_until_it_is_restored(stock: RecordWorld) -> None:
    made = stock.create("asset", {"label": "L", "parts": [{"name": "x", "qty": 4}]})
    assert stock.delete("asset", made["id"]) == 2
    with pytest.raises(UnknownRecord):
        stock.read("asset", made["id"])
    with pytest.raises(UnknownRecord):
        stock.delete("asset", made["id"])
    assert made["id"] in [each["id"] for each in stock.rows("asset", deleted=True)]
    back = stock.restore("asset", made["id"])
    assert back == stock.read("asset", made["id"])
    assert (back["version"], back["part_count"], back["parts"]) == (3, 4, made["parts"])
    with pytest.raises(UnknownRecord):
        stock.restore("asset", made["id"])
    assert [each["verb"] for each in stock.history("asset", made["id"])] == ["restore", "delete", "create"]


def test_an_older_version_is_stale(stock: RecordWorld) -> None:
    made = stock.create("asset", {"label": "L"})
    with pytest.raises(Stale):
        stock.delete("asset", made["id"], if_match=7)


def test_a_unique_value_is_free_after_deletion_and_collides_on_restore(stock: RecordWorld) -> None:
    code = str(uuid4())
    first = stock.create("stamp", {"label": "a", "code": code})
    stock.delete("stamp", first["id"])
    second = stock.create("stamp", {"label": "b", "code": code})
    with pytest.raises(Conflict) as caught:
        stock.restore("stamp", first["id"])
    assert [(p.path, p.code) for p in caught.value.problems] == [("/code", "unique")]
    stock.delete("stamp", second["id"])
    assert stock.restore("stamp", first["id"])["code"] == code


def test_restrict_refuses_while_something_links(stock: RecordWorld) -> None:
    to = target(stock)
    linking = stock.create("strict", {"label": "s", "to": str(to["id"])})
    with pytest.raises(Conflict) as caught:
        stock.delete("target", to["id"])
    assert caught.value.code == "restrict" and caught.value.data["count"] == 1
    assert stock.read("target", to["id"]) == to
    stock.delete("strict", linking["id"])
    stock.delete("target", to["id"])


def test_clear_empties_the_link_with_history_and_what_is_computed_from_it(stock: RecordWorld) -> None:
    to = target(stock)
    linking = stock.create("loose", {"label": "l", "to": str(to["id"])})
    assert linking["tone"] == "warm"
    stock.delete("target", to["id"])
    left = stock.read("loose", linking["id"])
    assert (left["to"], left["tone"], left["version"]) == (None, None, 2)
    assert stock.history("loose", linking["id"])[0]["changes"]["to"] == {"old": str(to["id"]), "new": None}


def test_cascade_deletes_what_links_and_what_links_to_that(stock: RecordWorld) -> None:
    to = target(stock)
    first = stock.create("bound", {"label": "1", "to": str(to["id"])})
    second = stock.create("bound", {"label": "2", "next": str(first["id"])})
    stock.delete("target", to["id"])
    gone = {each["id"] for each in stock.rows("bound", deleted=True)}
    assert {first["id"], second["id"]} <= gone


def test_a_circle_of_cascades_ends(stock: RecordWorld) -> None:
    first = stock.create("bound", {"label": "1"})
    second = stock.create("bound", {"label": "2", "next": str(first["id"])})
    stock.update("bound", first["id"], {"next": str(second["id"])})
    stock.delete("bound", first["id"])
    assert not {first["id"], second["id"]} & {e["id"] for e in stock.rows("bound")}


@pytest.mark.parametrize(
    ("field", "left"),
    [("of", [("kept", None)]), ("near", [("kept", None), ("linking", None), ("again", None)])],
    ids=["cascade", "clear"],
)
def test_links_in_lines(stock: RecordWorld, field: str, left: list[tuple[str, UUID | None]]) -> None:
    to = target(stock)
    linking = {field: str(to["id"])}
    body = {
        "label": "l",
        "inner": [{"label": "kept"}, {"label": "linking", **linking}, {"label": "again", **linking}],
    }
    made = stock.create("loose", body)
    assert made["inner_count"] == 3 and made["near_count"] == (2 if field == "near" else 0)
    stock.delete("target", to["id"])
    after = stock.read("loose", made["id"])
    assert [(line["label"], line[field]) for line in after["inner"]] == left
    assert (after["inner_count"], after["near_count"]) == (len(left), 0)
    assert after["version"] > 1


def test_a_restricting_link_in_lines_refuses_unless_its_record_is_deleted(stock: RecordWorld) -> None:
    to = target(stock)
    made = stock.create("loose", {"label": "l", "inner": [{"never": str(to["id"])}]})
    with pytest.raises(Conflict):
        stock.delete("target", to["id"])
    stock.delete("loose", made["id"])
    stock.delete("target", to["id"])


def test_a_restored_record_may_link_to_one_that_was_deleted_meanwhile(stock: RecordWorld) -> None:
    to = target(stock)
    linking = stock.create("loose", {"label": "l", "to": str(to["id"])})
    stock.delete("loose", linking["id"])
    stock.delete("target", to["id"])
    back = stock.restore("loose", linking["id"])
    assert back["to"] == to["id"]
    assert stock.update("loose", linking["id"], {"label": "m"})["label"] == "m"
