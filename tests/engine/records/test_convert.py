"""Conversions: one step makes everything or nothing, with the rights of who converts."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from record_world import RecordWorld, package, record_world, together

from fieldstone.engine.records.conversion_offers import offers, preview
from fieldstone.engine.records.convert import AlreadyConverted, ConversionFailed, NotOffered, convert
from fieldstone.engine.records.errors import InvalidContent, NotAllowed, UnknownRecord
from fieldstone.problems import FieldstoneError

DOCUMENTS: dict[str, Any] = {
    "entities/asset": {
        "title": "Asset",
        "required": ["label"],
        "properties": {
            "label": {"type": "string"},
            "status": {
                "oneOf": [{"const": "new", "title": "New"}, {"const": "used", "title": "Used"}],
                "default": "new",
            },
            "price": {"field": "money"},
            "pieces": {"type": "integer"},
            "origin": {"field": "link", "target": "place"},
            "place": {"field": "link", "target": "place"},
            "notes": {"type": "string"},
            "stay_count": {"field": "rollup", "rollup": {"of": "stay.asset", "fn": "count"}},
            "parts": {
                "field": "lines",
                "properties": {"name": {"type": "string"}, "qty": {"type": "integer"}},
            },
        },
        "conversions": [
            {
                "name": "settle",
                "title": "Settle in",
                "when": "status == 'new'",
                "once": True,
                "creates": [
                    {
                        "name": "stay",
                        "entity": "stay",
                        "values": {
                            "place": {"created": "place"},
                            "asset": "id",
                            "worth": {"from": "price"},
                            "doubled": "price * 2",
                            "since": "today()",
                            "town": "origin.name",
                            "notes": {"from": "notes"},
                        },
                        "lines": [
                            {
                                "name": "items",
                                "from": "parts",
                                "where": "qty > 0",
                                "values": {"title": {"from": "name"}, "twice": "qty * 2"},
                            }
                        ],
                    },
                    {
                        "name": "place",
                        "entity": "place",
                        "existing": {"from": "place", "offer": True},
                        "values": {"name": "concat(label, ' home')"},
                    },
                    {
                        "name": "extra",
                        "entity": "place",
                        "when": "pieces > 10",
                        "values": {"name": "'Overflow'", "beside": {"created": "place"}},
                    },
                ],
                "set": {"status": "'used'", "place": {"created": "place"}},
            },
            {
                "name": "copy",
                "creates": [{"name": "asset", "entity": "asset", "values": {"label": {"from": "label"}}}],
            },
        ],
    },
    "entities/place": {
        "title": "Place",
        "required": ["name"],
        "properties": {
            "name": {"type": "string", "unique": True},
            "beside": {"field": "link", "target": "place"},
        },
        "duplicates": [{"name": "same_name", "fields": [{"name": "name"}]}],
    },
    "entities/stay": {
        "title": "Stay",
        "properties": {
            "asset": {"field": "link", "target": "asset"},
            "place": {"field": "link", "target": "place"},
            "worth": {"field": "money"},
            "doubled": {"field": "decimal"},
            "since": {"type": "string", "format": "date"},
            "town": {"type": "string"},
            "notes": {"type": "string"},
            "items": {
                "field": "lines",
                "properties": {"title": {"type": "string"}, "twice": {"type": "integer"}},
            },
        },
    },
    "roles/keeper": {
        "entities": [
            {
                "name": "asset",
                "verbs": {"create": "all", "read": "all", "update": "own"},
                "hidden": ["notes"],
            },
            {"name": "place", "verbs": {"create": "all", "read": "own"}},
            {"name": "stay", "verbs": {"create": "all", "read": "all"}, "locked": ["worth"]},
        ]
    },
    "roles/looker": {"entities": [{"name": "asset", "verbs": {"read": "all"}}]},
}


@pytest.fixture(scope="module")
def homes(postgres_url: str) -> Iterator[RecordWorld]:
    with record_world(postgres_url, "converting", [package("homes", DOCUMENTS)]) as world:
        world.add_user("kim", "keeper")
        world.add_user("lou", "looker")
        yield world


def asset(world: RecordWorld, label: str, who: str | None = None, **values: Any) -> dict[str, Any]:
    return world.create("asset", {"label": label, **values}, who)


def run(
    world: RecordWorld, record: dict[str, Any], name: str = "settle", who: str | None = None, **more: Any
) -> Any:
    return world.write(lambda tx: convert(tx, "asset", record["id"], name, **more), who)


def test_everything_is_made_in_one_step_and_refers_to_each_other(homes: RecordWorld) -> None:
    town = homes.create("place", {"name": "Old town"})
    parts = [{"name": "leg", "qty": 4}, {"name": "none", "qty": 0}, {"name": "top", "qty": 1}]
    record = asset(
        homes, "Table", price="12.50", price_currency="EUR", pieces=2, origin=str(town["id"]), parts=parts
    )  # fmt: skip
    done = run(homes, record)
    made = {each.name: each.id for each in done.created}
    assert set(made) == {"place", "stay"} and done.used == ()
    place, stay = homes.read("place", made["place"]), homes.read("stay", made["stay"])
    assert place["name"] == "Table home"
    assert (stay["place"], stay["asset"]) == (place["id"], record["id"])
    assert (stay["worth"], stay["worth_currency"], stay["doubled"]) == (Decimal("12.5"), "EUR", 25)
    assert stay["town"] == "Old town" and stay["since"] is not None
    assert [(line["title"], line["twice"]) for line in stay["items"]] == [("leg", 8), ("top", 2)]
    assert (done.record["status"], done.record["place"], done.record["stay_count"]) == (
        "used",
        place["id"],
        1,
    )
    assert homes.read("asset", record["id"])["version"] == done.record["version"]


def test_both_sides_keep_it_in_their_history(homes: RecordWorld) -> None:
    record = asset(homes, "Chair")
    done = run(homes, record)
    assert [each["verb"] for each in homes.history("asset", record["id"])] == ["convert", "create"]
    assert homes.history("asset", record["id"])[0]["changes"]["status"] == {"old": "new", "new": "used"}
    assert [each["verb"] for each in homes.history("stay", done.created[-1].id)] == ["create"]


def test_a_record_whose_condition_holds_is_made_too(homes: RecordWorld) -> None:
    done = run(homes, asset(homes, "Shelves", pieces=11))
    made = {each.name: each.id for each in done.created}
    assert homes.read("place", made["extra"])["beside"] == made["place"]


def test_the_linked_record_is_used_and_left_as_it_is(homes: RecordWorld) -> None:
    place = homes.create("place", {"name": "Here already"})
    done = run(homes, asset(homes, "Lamp", place=str(place["id"])))
    assert [(each.name, each.id) for each in done.used] == [("place", place["id"])]
    assert homes.read("place", place["id"])["version"] == 1


def test_people_may_choose_one_that_exists_or_a_new_one_though_one_is_linked(homes: RecordWorld) -> None:
    place = homes.create("place", {"name": "Chosen"})
    done = run(homes, asset(homes, "Rug"), use={"place": place["id"]})
    assert done.record["place"] == place["id"]
    linked = asset(homes, "Mat", place=str(place["id"]))
    assert [each.name for each in run(homes, linked, use={"place": None}).created] == ["place", "stay"]


def test_what_people_enter_goes_over_what_the_conversion_fills_in(homes: RecordWorld) -> None:
    values = {"place": {"name": "Entered"}, "stay": {"town": None, "notes": "by hand"}}
    done = run(homes, asset(homes, "Desk"), values=values)
    made = {each.name: each.id for each in done.created}
    assert homes.read("place", made["place"])["name"] == "Entered"
    assert homes.read("stay", made["stay"])["notes"] == "by hand"


def test_nothing_is_made_when_one_of_them_is_refused(homes: RecordWorld) -> None:
    homes.create("place", {"name": "Taken"})
    record = asset(homes, "Bed")
    before = (len(homes.rows("stay")), len(homes.rows("place")))
    with pytest.raises(FieldstoneError) as refused:
        run(homes, record, values={"place": {"name": "Taken"}})
    assert refused.value.kind == "conflict"
    assert refused.value.problems[0].path == "/values/place/name"
    assert (len(homes.rows("stay")), len(homes.rows("place"))) == before
    with pytest.raises(ConversionFailed) as wrong:
        run(homes, record, values={"stay": {"since": "yesterday"}})
    assert wrong.value.problems[0].path == "/values/stay/since"
    assert homes.read("asset", record["id"])["version"] == 1


def test_once_means_once_until_what_was_made_is_gone(homes: RecordWorld) -> None:
    record = asset(homes, "Clock")
    done = run(homes, record)
    homes.update("asset", record["id"], {"status": "new"})
    with pytest.raises(AlreadyConverted) as refused:
        run(homes, record)
    assert len(refused.value.data["made"]) == 2
    for each in done.created:
        homes.update("asset", record["id"], {"place": None})
        homes.delete(each.entity, each.id)
    assert run(homes, record, values={"place": {"name": "Second clock home"}}).created


def test_of_many_at_the_same_moment_one_converts(homes: RecordWorld) -> None:
    record = asset(homes, "Bench")
    outcomes = together([lambda: run(homes, record)] * 5)
    assert sum(not isinstance(each, Exception) for each in outcomes) == 1
    assert all(isinstance(e, NotOffered | AlreadyConverted) for e in outcomes if isinstance(e, Exception))
    assert len(homes.rows("stay", filter=f"asset == '{record['id']}'")) == 1


def test_a_condition_that_does_not_hold_refuses(homes: RecordWorld) -> None:
    with pytest.raises(NotOffered):
        run(homes, asset(homes, "Sofa", status="used"))


WRONG = {
    "unknown conversion": ({"name": "setle"}, "/conversion", "conversion.unknown"),
    "unknown record": ({"values": {"plaec": {}}}, "/values/plaec", "conversion.unknown_record"),
    "always new": ({"use": {"stay": UUID(int=1)}}, "/use/stay", "conversion.always_new"),
    "a record that is not there": ({"use": {"place": UUID(int=1)}}, "/use/place", "link.unknown"),
}


@pytest.mark.parametrize(("call", "path", "code"), WRONG.values(), ids=WRONG)
def test_a_request_that_makes_no_sense_is_refused(
    homes: RecordWorld, call: dict[str, Any], path: str, code: str
) -> None:
    record = asset(homes, "Wrong")
    with pytest.raises(InvalidContent) as refused:
        run(homes, record, **call)
    assert [(p.path, p.code) for p in refused.value.problems] == [(path, code)]


def test_rights_are_those_of_who_converts(homes: RecordWorld) -> None:
    record = asset(homes, "Mine", "kim", price="5")
    homes.update("asset", record["id"], {"notes": "hidden from kim"})
    done = run(homes, record, who="kim")
    stay = homes.read("stay", {each.name: each.id for each in done.created}["stay"])
    assert stay["worth"] is None, "locked for kim: left out"
    assert stay["notes"] is None, "hidden from kim: not carried over"
    foreign = asset(homes, "Not kims")
    with pytest.raises(NotAllowed):
        run(homes, foreign, who="kim")
    with pytest.raises((NotAllowed, UnknownRecord)):
        run(homes, foreign, who="lou")
    with pytest.raises(NotAllowed):
        run(homes, foreign, "copy", who="lou")


def test_a_record_that_may_not_be_seen_cannot_be_used(homes: RecordWorld) -> None:
    hidden = homes.create("place", {"name": "Not for kim"})
    record = asset(homes, "Kims other", "kim")
    with pytest.raises(InvalidContent) as refused:
        run(homes, record, who="kim", use={"place": hidden["id"]})
    assert refused.value.problems[0].code == "link.unknown"


def test_offers_say_what_can_be_done_now_and_what_came_of_it(homes: RecordWorld) -> None:
    record = asset(homes, "Offered")

    def names(who: str | None = None) -> list[tuple[str, bool, int]]:
        found = homes.look(lambda tx: offers(tx, "asset", record["id"]), who)
        return [(each.conversion.name, each.open, len(each.made)) for each in found]

    assert names() == [("settle", True, 0), ("copy", True, 0)]
    run(homes, record)
    assert names() == [("settle", False, 2), ("copy", True, 0)]
    assert names("lou") == []


def test_a_preview_shows_values_and_likely_duplicates(homes: RecordWorld) -> None:
    homes.create("place", {"name": "PREVIEWED home"})
    record = asset(homes, "Previewed", parts=[{"name": "a", "qty": 1}])
    drafts = {
        each.creation.name: each
        for each in homes.look(lambda tx: preview(tx, "asset", record["id"], "settle"))
    }
    assert drafts["place"].body == {"name": "Previewed home"}
    assert [m.records[0].title for m in drafts["place"].matches] == ["PREVIEWED home"]
    assert drafts["stay"].lines == {"items": 1} and drafts["extra"].wanted is False
