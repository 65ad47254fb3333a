"""Merging: one record takes over everything of the others, and gives it back when the merge is undone."""

import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from record_world import RecordWorld, package, record_world, together

from fieldstone.engine.records.convert import AlreadyConverted, convert
from fieldstone.engine.records.errors import Conflict, InvalidContent, NotAllowed, Refused, UnknownRecord
from fieldstone.engine.records.merge import merge
from fieldstone.engine.records.unmerge import UnknownMerge, unmerge

DOCUMENTS: dict[str, Any] = {
    "entities/place": {
        "title": "Place",
        "required": ["name"],
        "properties": {
            "name": {"type": "string"},
            "code": {"type": "string", "unique": True},
            "phone": {"field": "phone"},
            "size": {"type": "integer", "minimum": 0},
            "weight": {"type": "number"},
            "worth": {"field": "money"},
            "opened": {"type": "string", "format": "date"},
            "tags": {"field": "tags"},
            "where": {"field": "address"},
            "above": {"field": "parent"},
            "hidden": {"type": "string"},
            "fixed": {"type": "string"},
            "double": {"field": "formula", "formula": "size * 2", "stored": True},
            "number": {"field": "sequence", "sequence": "P-{n}"},
            "near": {"field": "multi_link", "target": "place", "attributes": {"how": {"type": "string"}}},
            "rooms": {
                "field": "lines",
                "properties": {
                    "name": {"type": "string"},
                    "area": {"type": "integer"},
                    "rent": {"field": "money"},
                },
            },
            "area": {"field": "rollup", "rollup": {"of": "rooms", "fn": "sum", "value": "area"}},
            "assets": {"field": "rollup", "rollup": {"of": "asset.place", "fn": "count"}},
        },
        "rules": [{"name": "small", "when": "size > 1000", "field": "size", "message": "Too large"}],
        "conversions": [
            {
                "name": "asset",
                "once": True,
                "creates": [{"name": "asset", "entity": "asset", "values": {"label": "name"}}],
            }
        ],
    },
    "entities/asset": {
        "title": "Asset",
        "properties": {
            "label": {"type": "string"},
            "place": {"field": "link", "target": "place", "onDelete": "restrict"},
            "about": {"field": "any_link", "targets": ["place", "asset"]},
            "visited": {"field": "multi_link", "target": "place", "attributes": {"note": {"type": "string"}}},
            "moves": {
                "field": "lines",
                "properties": {"to": {"field": "link", "target": "place"}, "day": {"type": "integer"}},
            },
        },
    },
    "roles/keeper": {
        "entities": [
            {
                "name": "place",
                "verbs": {"create": "all", "read": "all", "update": "all", "delete": "all"},
                "hidden": ["hidden"],
                "locked": ["fixed"],
            },
            {"name": "asset", "verbs": {"create": "all", "read": "all", "update": "own", "delete": "own"}},
        ]
    },
    "roles/editor": {
        "entities": [
            {"name": "place", "verbs": {"create": "all", "read": "all", "update": "all", "delete": "own"}}
        ]
    },
}


@pytest.fixture(scope="module")
def town(postgres_url: str) -> Iterator[RecordWorld]:
    with record_world(postgres_url, "merging", [package("town", DOCUMENTS)]) as world:
        world.add_user("kim", "keeper")
        world.add_user("eva", "editor")
        yield world


def place(world: RecordWorld, name: str, who: str | None = None, **values: Any) -> UUID:
    found: UUID = world.create("place", {"name": name, **values}, who)["id"]
    return found


def joined(world: RecordWorld, winner: UUID, *losers: UUID, who: str | None = None, **choose: UUID) -> Any:
    return world.write(lambda tx: merge(tx, "place", winner, losers, choose), who)


def parted(world: RecordWorld, winner: UUID, merge_id: UUID, who: str | None = None) -> Any:
    return world.write(lambda tx: unmerge(tx, "place", winner, merge_id), who)


def test_blanks_are_filled_and_what_is_there_stays(town: RecordWorld) -> None:
    winner = place(town, "Win", size=3)
    loser = place(
        town, "Lose", size=5, phone="12345", worth="9.50", worth_currency="USD", where={"city": "Ulm"}
    )  # fmt: skip
    record = joined(town, winner, loser).record
    assert (record["name"], record["size"], record["double"], record["phone"]) == ("Win", 3, 6, "12345")
    assert (record["worth"], record["worth_currency"]) == (Decimal("9.5"), "USD")
    assert record["where"]["city"] == "Ulm"
    with pytest.raises(UnknownRecord):
        town.read("place", loser)


def test_each_field_is_taken_from_the_record_chosen(town: RecordWorld) -> None:
    winner, first, second = (
        place(town, "A", size=1),
        place(town, "B", size=2, code="u1"),
        place(town, "C", size=3),
    )
    record = joined(town, winner, first, second, name=first, size=second).record
    assert (record["name"], record["size"], record["double"], record["code"]) == ("B", 3, 6, "u1")


def test_everything_that_links_to_the_losers_links_to_the_winner(town: RecordWorld) -> None:
    winner, loser, other = place(town, "W"), place(town, "L"), place(town, "O")
    asset = town.create(
        "asset",
        {
            "place": str(loser),
            "about": {"entity": "place", "id": str(loser)},
            "visited": [{"id": str(loser), "note": "a"}, {"id": str(other), "note": "b"}],
            "moves": [{"to": str(loser), "day": 1}, {"to": str(other), "day": 2}],
        },
    )
    below = place(town, "Below", above=str(loser))
    done = joined(town, winner, loser)
    after = town.read("asset", asset["id"])
    assert after["place"] == winner and UUID(str(after["about"]["id"])) == winner
    assert [(each["id"], each["note"]) for each in after["visited"]] == [(winner, "a"), (other, "b")]
    assert [line["to"] for line in after["moves"]] == [winner, other]
    assert town.read("place", below)["above"] == winner
    assert done.record["assets"] == 1 and done.moved == 5
    change = town.history("asset", asset["id"])[0]
    assert change["verb"] == "update" and change["changes"]["place"]["new"] == str(winner)


def test_lines_and_several_links_are_put_together(town: RecordWorld) -> None:
    near = place(town, "Near")
    winner = place(town, "W", rooms=[{"name": "hall", "area": 10}], near=[{"id": str(near), "how": "foot"}])
    loser = place(
        town,
        "L",
        rooms=[{"name": "attic", "area": 5, "rent": "7", "rent_currency": "USD"}],
        near=[{"id": str(near), "how": "bus"}, {"id": str(winner), "how": "self"}],
    )
    record = joined(town, winner, loser).record
    assert [(line["name"], line["area"]) for line in record["rooms"]] == [("hall", 10), ("attic", 5)]
    assert record["rooms"][1]["rent_currency"] == "USD" and record["area"] == 15
    assert [(each["id"], each["how"]) for each in record["near"]] == [(near, "foot")]


def test_lines_of_a_chosen_record_replace_the_others(town: RecordWorld) -> None:
    winner = place(town, "W", rooms=[{"name": "hall"}])
    loser = place(town, "L", rooms=[{"name": "attic"}])
    done = joined(town, winner, loser, rooms=loser)
    assert [line["name"] for line in done.record["rooms"]] == ["attic"]
    back = parted(town, winner, done.id)
    assert [line["name"] for line in back.record["rooms"]] == ["hall"]


def test_links_among_the_merged_do_not_become_links_to_oneself(town: RecordWorld) -> None:
    loser = place(town, "L")
    winner = place(town, "W", above=str(loser), near=[{"id": str(loser), "how": "x"}])
    done = joined(town, winner, loser)
    assert done.record["above"] is None and done.record["near"] == []
    back = parted(town, winner, done.id)
    assert back.record["above"] == loser
    assert [(each["id"], each["how"]) for each in back.record["near"]] == [(loser, "x")]


def test_the_history_of_all_is_read_from_the_winner(town: RecordWorld) -> None:
    winner, middle, loser = place(town, "W"), place(town, "M"), place(town, "L")
    joined(town, middle, loser)
    done = joined(town, winner, middle)
    entries = town.history("place", winner)
    assert {each["record_id"] for each in entries} == {winner, middle, loser}
    assert [each["verb"] for each in entries if each["record_id"] == winner] == ["merge", "create"]
    parted(town, winner, done.id)
    assert {each["record_id"] for each in town.history("place", winner)} == {winner}
    assert {each["record_id"] for each in town.history("place", middle)} == {middle, loser}


def test_what_was_converted_once_stays_converted(town: RecordWorld) -> None:
    winner, loser = place(town, "W"), place(town, "L")
    town.write(lambda tx: convert(tx, "place", loser, "asset"))
    done = joined(town, winner, loser)
    with pytest.raises(AlreadyConverted):
        town.write(lambda tx: convert(tx, "place", winner, "asset"))
    parted(town, winner, done.id)
    town.write(lambda tx: convert(tx, "place", winner, "asset"))


def test_rules_hold_for_what_comes_out(town: RecordWorld) -> None:
    winner, loser = place(town, "W", size=1), place(town, "L", size=2)
    with pytest.raises(InvalidContent) as refused:
        town.write(lambda tx: merge(tx, "place", winner, [loser], {"sise": loser}))
    assert refused.value.problems[0].path == "/choose/sise"
    assert town.read("place", loser)["version"] == 1


def wrong(town: RecordWorld, name: str) -> dict[str, Any]:
    winner, loser = place(town, "W"), place(town, "L")
    asks: dict[str, dict[str, Any]] = {
        "nothing": {"losers": []},
        "itself": {"losers": [winner]},
        "unknown": {"losers": [UUID(int=5)]},
        "too many": {"losers": [UUID(int=each) for each in range(1, 12)]},
        "a choice outside": {"losers": [loser], "choose": {"name": UUID(int=5)}},
        "a computed field": {"losers": [loser], "choose": {"double": loser}},
        "a number": {"losers": [loser], "choose": {"number": loser}},
    }
    return {"winner": winner, **asks[name]}


WRONG = {
    "nothing": ("/others", "merge.others"),
    "itself": ("/others", "merge.others"),
    "unknown": ("/others/0", "record.unknown"),
    "too many": ("/others", "merge.others"),
    "a choice outside": ("/choose/name", "merge.choice"),
    "a computed field": ("/choose/double", "readOnly"),
    "a number": ("/choose/number", "readOnly"),
}


@pytest.mark.parametrize(("name", "expected"), WRONG.items(), ids=WRONG)
def test_a_request_that_makes_no_sense_is_refused(
    town: RecordWorld, name: str, expected: tuple[str, str]
) -> None:
    ask = wrong(town, name)
    with pytest.raises(InvalidContent) as refused:
        town.write(lambda tx: merge(tx, "place", ask["winner"], ask["losers"], ask.get("choose")))
    assert (refused.value.problems[0].path, refused.value.problems[0].code) == expected


def test_people_cannot_be_merged(town: RecordWorld) -> None:
    with pytest.raises(Refused):
        town.write(lambda tx: merge(tx, "user", town.users["kim"], [town.users["eva"]]))


def test_rights_of_all_records_and_of_what_links_to_them_are_needed(town: RecordWorld) -> None:
    winner, loser = place(town, "W"), place(town, "L")
    with pytest.raises(NotAllowed):
        joined(town, winner, loser, who="eva")
    town.create("asset", {"place": str(loser)})
    with pytest.raises(NotAllowed) as refused:
        joined(town, winner, loser, who="kim")
    assert "1 Assets" in str(refused.value)
    own_winner, own_loser = place(town, "W", "eva"), place(town, "L", "eva")
    joined(town, own_winner, own_loser, who="eva")


def test_fields_that_the_actor_may_not_write_are_not_taken_over(town: RecordWorld) -> None:
    winner, loser = place(town, "W"), place(town, "L", hidden="h", fixed="f")
    joined(town, winner, loser, who="kim")
    record = town.read("place", winner)
    assert (record["hidden"], record["fixed"]) == (None, None)
    with pytest.raises(InvalidContent) as refused:
        joined(town, place(town, "W"), place(town, "L", fixed="f"), who="kim", fixed=loser)
    assert refused.value.problems[0].code == "readOnly"


def test_of_several_at_the_same_moment_one_merges(town: RecordWorld) -> None:
    first, second, loser = place(town, "1"), place(town, "2"), place(town, "L")
    calls = [lambda w=each: joined(town, w, loser) for each in (first, second, first, second)]
    outcomes = together(calls)
    assert sum(not isinstance(each, Exception) for each in outcomes) == 1
    assert all(isinstance(e, InvalidContent | UnknownRecord) for e in outcomes if isinstance(e, Exception)), (
        outcomes
    )


def test_two_who_merge_each_other_do_not_lose_both(town: RecordWorld) -> None:
    first, second = place(town, "1"), place(town, "2")
    outcomes = together([lambda: joined(town, first, second), lambda: joined(town, second, first)])
    assert sum(not isinstance(each, Exception) for each in outcomes) == 1, outcomes


def test_undo_leaves_what_was_changed_since_and_says_so(town: RecordWorld) -> None:
    winner, loser, other = place(town, "W"), place(town, "L", phone="12345", size=4), place(town, "O")
    stays = town.create("asset", {"label": "stays", "place": str(loser)})
    moved_on = town.create("asset", {"label": "moved on", "place": str(loser)})
    done = joined(town, winner, loser)
    town.update("place", winner, {"phone": "99999"})
    town.update("asset", moved_on["id"], {"place": str(other)})
    back = parted(town, winner, done.id)
    assert {(each["entity"], each["field"]) for each in back.kept} == {("place", "phone"), ("asset", "place")}
    assert (back.record["phone"], back.record["size"]) == ("99999", None)
    assert town.read("asset", stays["id"])["place"] == loser
    assert town.read("asset", moved_on["id"])["place"] == other
    assert town.read("place", loser)["assets"] == 1 and town.read("place", winner)["assets"] == 0


def test_an_undo_runs_once_and_only_for_its_record(town: RecordWorld) -> None:
    winner, loser = place(town, "W", code="x1"), place(town, "L", code="x2")
    done = joined(town, winner, loser, code=loser)
    with pytest.raises(UnknownMerge):
        parted(town, place(town, "Other"), done.id)
    back = parted(town, winner, done.id)
    assert back.record["code"] == "x1" and town.read("place", loser)["code"] == "x2"
    with pytest.raises(Conflict):
        parted(town, winner, done.id)


@pytest.mark.parametrize("seed", range(6))
def test_merge_then_undo_gives_the_records_back(town: RecordWorld, seed: int) -> None:
    print(f"seed {seed}")
    chance = random.Random(seed)
    ids: list[UUID] = []
    for number in range(5):
        values: dict[str, Any] = {}
        for name, value in {
            "code": f"s{seed}-{number}", "phone": f"0{number}12345", "size": chance.randint(0, 900),
            "weight": chance.random(), "worth": str(Decimal(chance.randint(0, 10**6)) / 100), "opened": "2024-02-29",
            "tags": ["a", "b"][: chance.randint(0, 2)], "where": {"city": "Ulm", "country": "DE"},
            "rooms": [{"name": str(i), "area": i, "rent": "1.50"} for i in range(chance.randint(0, 3))],
        }.items():  # fmt: skip
            if chance.random() < 0.6:
                values[name] = value
        if ids and chance.random() < 0.5:
            values["above"] = str(chance.choice(ids))
        if ids and chance.random() < 0.6:
            near = chance.sample(ids, chance.randint(1, len(ids)))
            values["near"] = [{"id": str(each), "how": str(number)} for each in near]
        ids.append(place(town, f"P{number}", **values))
    assets = []
    for number in range(6):
        links = {
            "label": str(number), "place": str(chance.choice(ids)),
            "about": {"entity": "place", "id": str(chance.choice(ids))},
            "visited": [{"id": str(each), "note": "n"} for each in chance.sample(ids, chance.randint(0, 4))],
            "moves": [{"to": str(chance.choice(ids)), "day": day} for day in range(chance.randint(0, 3))],
        }  # fmt: skip
        assets.append(town.create("asset", links)["id"])
    before = snapshot(town, ids, assets)
    group = chance.sample(ids, chance.randint(2, 4))
    names = ["name", "code", "phone", "size", "worth", "rooms", "weight"]
    choose = {name: chance.choice(group) for name in chance.sample(names, 3)}
    done = joined(town, group[0], *group[1:], **choose)
    back = parted(town, group[0], done.id)
    assert back.kept == ()
    assert snapshot(town, ids, assets) == before


def snapshot(town: RecordWorld, places: list[UUID], assets: list[UUID]) -> list[Any]:
    """All records without what every write moves on; rows of several links in no order, lines without ids."""
    found = []
    for entity, ids in (("place", places), ("asset", assets)):
        for each in ids:
            record = town.read(entity, each)
            kept = {k: v for k, v in record.items() if k not in ("version", "updated_at", "updated_by")}
            for name in ("near", "visited"):
                if name in kept:
                    kept[name] = sorted(kept[name], key=str)
            for name in ("rooms", "moves"):
                if name in kept:
                    kept[name] = [{k: v for k, v in line.items() if k != "id"} for line in kept[name]]
            found.append(kept)
    return found
