"""States change by their transitions only, on every path, and every stay in a state is kept."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from record_world import RecordWorld, package, record_world

from fieldstone.engine.duplicates import Duplicate
from fieldstone.engine.imports import ImportOptions, run_import
from fieldstone.engine.records import Operation, batch
from fieldstone.engine.records.errors import InvalidContent, NotAllowed, Stale
from fieldstone.engine.records.many import Write, write_many
from fieldstone.engine.records.merge import merge
from fieldstone.engine.records.stages import stages
from fieldstone.engine.records.states import choose
from fieldstone.engine.records.transition import offers, transition
from fieldstone.engine.records.unmerge import unmerge
from fieldstone.metadata.state_machines import StateMachine, Transition

OPTIONS = [{"const": each, "title": each.title()} for each in ("new", "used", "broken", "gone")]
DOCUMENTS: dict[str, Any] = {
    "entities/asset": {
        "title": "Asset",
        "required": ["label"],
        "properties": {
            "label": {"type": "string"},
            "price": {"field": "money"},
            "place": {"field": "link", "target": "place"},
            "ended": {"type": "string", "format": "date"},
            "note": {"type": "string"},
            "number": {"type": "string"},
            "status": {
                "oneOf": OPTIONS,
                "initial": "new",
                "transitions": [
                    {"name": "use", "title": "Take into use", "from": ["new"], "to": "used", "when": "!isEmpty(place)"},
                    {"name": "break", "from": ["used"], "to": "broken", "comment": True},
                    {"name": "mend", "from": ["broken"], "to": "used", "roles": ["smith"]},
                    {
                        "name": "scrap", "to": "gone", "when": "price < 100",
                        "set": {"ended": "today()", "note": 'concat("was in ", place.name)'},
                    },
                ],
            },
        },
        "duplicates": [{"name": "same_number", "fields": [{"name": "number"}], "action": "block"}],
    },
    "entities/place": {
        "title": "Place",
        "properties": {"name": {"type": "string"}, "code": {"type": "string", "unique": True}},
    },
    "entities/visit": {
        "title": "Visit",
        "properties": {
            "place": {"field": "link", "target": "place"},
            "code": {"field": "formula", "formula": "place.code"},
        },
    },
    "roles/clerk": {
        "entities": [
            {"name": name, "verbs": dict.fromkeys(("create", "read", "update", "delete", "import"), "all")}
            for name in ("asset", "place")
        ]
    },
    "roles/smith": {"entities": [{"name": "asset", "verbs": {"read": "all", "update": "all"}, "locked": ["status"]}]},
    "roles/reader": {"entities": [{"name": "asset", "verbs": {"read": "all"}}]},
}  # fmt: skip
MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def world(postgres_url: str) -> Iterator[RecordWorld]:
    with record_world(postgres_url, "states", [package("states", DOCUMENTS)]) as built:
        built.add_user("clerk", "clerk")
        built.add_user("smith", "clerk", "smith")
        built.add_user("locked", "smith")
        built.add_user("reader", "reader")
        yield built


@pytest.fixture(scope="module")
def place(world: RecordWorld) -> str:
    return str(world.create("place", {"name": "Shed"})["id"])


def make(world: RecordWorld, **values: Any) -> dict[str, Any]:
    return world.create("asset", {"label": "Lamp", **values}, "clerk")


def move(
    world: RecordWorld, record: dict[str, Any], action: str, who: str | None = "clerk", **more: Any
) -> Any:
    return world.write(lambda tx: transition(tx, "asset", UUID(str(record["id"])), action, **more), who)


def refused(caught: Any) -> dict[str, Any]:
    (problem,) = caught.value.problems
    assert problem.code == "transition.refused"
    assert problem.path == "/status"
    return dict(problem.data)


# -- the rule by itself


def judge_of(**whys: Any) -> Any:
    return lambda each: whys.get(each.name)


A_TO_B = Transition("go", "Go", "b", ("a",))
ANY_TO_B = Transition("jump", "Jump", "b")
B_TO_A = Transition("back", "Back", "a", ("b",))
MACHINE = StateMachine((A_TO_B, ANY_TO_B, B_TO_A), "a")


@pytest.mark.parametrize(
    ("old", "new", "whys", "taken", "why"),
    [
        ("a", "b", {}, "go", "none"),
        ("a", "b", {"go": "role"}, "jump", "none"),
        ("a", "b", {"go": "role", "jump": "condition"}, None, "condition"),
        ("a", "b", {"go": "comment", "jump": "role"}, None, "comment"),
        ("c", "b", {}, "jump", "none"),
        (None, "b", {}, "jump", "none"),
        ("b", "b", {}, None, "none"),
        ("c", "a", {}, None, "none"),
        ("b", None, {}, None, "none"),
    ],
    ids=[
        "first",
        "next one",
        "nearest reason",
        "comment",
        "from any",
        "from none",
        "same",
        "unknown",
        "to none",
    ],
)
def test_the_first_transition_that_nothing_stands_against_is_taken(
    old: str | None, new: str | None, whys: dict[str, Any], taken: str | None, why: str
) -> None:
    found, reason = choose(MACHINE, old, new, judge_of(**whys))
    assert ((found.name if found else None), reason) == (taken, why)


# -- beginning


def test_a_record_begins_at_the_initial_state_and_nowhere_else(world: RecordWorld) -> None:
    assert make(world)["status"] == "new"
    with pytest.raises(InvalidContent) as caught:
        make(world, status="used")
    assert refused(caught) == {
        "title": "Status",
        "from": None,
        "to": "used",
        "allowed": ["new"],
        "why": "start",
    }
    assert world.create("asset", {"label": "Seeded", "status": "gone"})["status"] == "gone", (
        "the platform may"
    )


def test_rows_of_an_import_may_begin_anywhere_but_then_move_by_transitions(world: RecordWorld) -> None:
    rows = b"label,status\nimported,broken\nimported too,used\n"
    context = world.context("clerk")
    result = run_import(
        world.engine, context, "asset", rows, "csv", ImportOptions(mode="create", partial=True)
    )
    assert (result.created, result.failed) == (2, 0)
    (row,) = world.rows("asset", filter='label == "imported"')
    assert row["status"] == "broken"
    again = b"label,status\nimported,used\nimported too,broken\n"
    result = run_import(
        world.engine,
        context,
        "asset",
        again,
        "csv",
        ImportOptions(mode="update", key=("label",), partial=True),
    )
    assert (result.updated, result.failed) == (0, 2)
    assert {each.code for each in result.errors} == {"transition.refused"}


# -- every path


def by_update(world: RecordWorld, record: dict[str, Any], values: dict[str, Any]) -> None:
    world.update("asset", record["id"], values, "clerk")


def by_batch(world: RecordWorld, record: dict[str, Any], values: dict[str, Any]) -> None:
    operation = Operation("update", UUID(str(record["id"])), values)
    world.write(lambda tx: batch(tx, "asset", [operation]), "clerk")


def by_many(world: RecordWorld, record: dict[str, Any], values: dict[str, Any]) -> None:
    """As bulk runs and imports do."""
    other = make(world)
    writes = [Write(values, UUID(str(record["id"]))), Write({"note": "x"}, UUID(str(other["id"])))]
    first, second = world.write(lambda tx: write_many(tx, "asset", writes), "clerk")
    assert second.error is None
    if first.error is not None:
        raise first.error


PATHS = {"update": by_update, "batch": by_batch, "many": by_many}


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_a_change_that_is_no_transition_is_refused_with_what_is_possible(
    world: RecordWorld, path: Any
) -> None:
    record = make(world, price="250")
    with pytest.raises(Exception) as caught:
        path(world, record, {"status": "broken"})
    (problem,) = caught.value.problems
    assert problem.code == "transition.refused"
    assert problem.path.endswith("/status")
    assert problem.data["why"] == "none"
    assert problem.data["allowed"] == []
    assert world.read("asset", record["id"])["version"] == 1


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_a_change_that_is_a_transition_brings_its_values(world: RecordWorld, place: str, path: Any) -> None:
    record = make(world, price="50", place=place)
    path(world, record, {"status": "gone"})
    after = world.read("asset", record["id"])
    assert (after["status"], after["note"], after["version"]) == ("gone", "was in Shed", 2)
    assert after["ended"] is not None


def test_what_the_change_names_itself_it_decides(world: RecordWorld) -> None:
    record = make(world, price="50")
    after = world.update(
        "asset", record["id"], {"status": "gone", "note": "mine", "ended": "2020-01-02"}, "clerk"
    )
    assert (after["note"], str(after["ended"])) == ("mine", "2020-01-02")


def test_merging_takes_no_state_that_is_no_transition_and_undoing_puts_it_back(
    world: RecordWorld, place: str
) -> None:
    stays, goes = make(world, price="250"), make(world, place=place)
    by_update(world, goes, {"status": "used"})
    ids = UUID(str(stays["id"])), UUID(str(goes["id"]))
    with pytest.raises(InvalidContent) as caught:
        world.write(
            lambda tx: merge(tx, "asset", ids[0], [ids[1]], {"status": ids[1], "place": ids[0]}), "clerk"
        )
    assert refused(caught)["why"] == "condition"
    done = world.write(lambda tx: merge(tx, "asset", ids[0], [ids[1]], {"status": ids[1]}), "clerk")
    assert done.record["status"] == "used"
    back = world.write(lambda tx: unmerge(tx, "asset", ids[0], done.id), "clerk")
    assert back.record["status"] == "new"


# -- named transitions


@pytest.mark.parametrize(
    ("action", "who", "body", "more", "why"),
    [
        ("use", "clerk", {}, {}, "condition"),
        ("mend", "clerk", {}, {}, "none"),
        ("break", "clerk", {}, {"comment": "It fell"}, "none"),
    ],
    ids=["condition", "wrong state", "wrong state with a comment"],
)
def test_a_named_transition_is_refused(
    world: RecordWorld, action: str, who: str, body: dict[str, Any], more: dict[str, Any], why: str
) -> None:
    record = make(world, price="250")
    with pytest.raises(InvalidContent) as caught:
        move(world, record, action, who, body=body, **more)
    assert refused(caught)["why"] == why


def test_an_unknown_transition_names_the_nearest(world: RecordWorld) -> None:
    with pytest.raises(InvalidContent, match='did you mean "scrap"'):
        move(world, make(world), "scrapp")


def test_comment_role_and_version_are_asked_for(world: RecordWorld, place: str) -> None:
    record = make(world)
    used = move(world, record, "use", body={"place": place})
    assert (used["status"], str(used["place"]), used["version"]) == ("used", place, 2)
    with pytest.raises(InvalidContent) as caught:
        by_update(world, record, {"status": "broken"})
    assert refused(caught)["why"] == "comment"
    with pytest.raises(InvalidContent):
        move(world, record, "break", comment="  ")
    with pytest.raises(Stale):
        move(world, record, "break", comment="It fell", if_match=1)
    assert move(world, record, "break", comment="It fell", if_match=2)["status"] == "broken"
    with pytest.raises(InvalidContent) as caught:
        move(world, record, "mend")
    assert refused(caught) == {
        "title": "Status", "from": "broken", "to": "used", "allowed": [], "why": "role",
    }  # fmt: skip
    with pytest.raises(NotAllowed):
        move(world, record, "mend", "reader")
    assert world.read("asset", record["id"])["status"] == "broken"
    assert move(world, record, "mend", "smith")["status"] == "used"


def test_a_locked_field_changes_by_transitions_only(world: RecordWorld, place: str) -> None:
    record = make(world, place=place)
    move(world, record, "use")
    move(world, record, "break", comment="x")
    with pytest.raises(InvalidContent) as caught:
        world.update("asset", record["id"], {"status": "used"}, "locked")
    assert caught.value.problems[0].code == "readOnly"
    assert move(world, record, "mend", "locked")["status"] == "used"


def test_offers_say_what_stands_against_each(world: RecordWorld, place: str) -> None:
    record = make(world, price="250")

    def offered(who: str) -> list[tuple[str, str | None]]:
        found = world.look(lambda tx: offers(tx, "asset", UUID(str(record["id"]))), who)
        return [(each.transition.name, each.why) for each in found]

    assert offered("clerk") == [("use", "condition"), ("scrap", "condition")]
    world.update("asset", record["id"], {"place": place, "price": "10"}, "clerk")
    assert offered("clerk") == [("use", None), ("scrap", None)]
    move(world, record, "use")
    assert offered("clerk") == [("break", None), ("scrap", None)]
    assert offered("reader") == []


# -- stages


def test_every_stay_in_a_state_is_kept_with_who_and_how_long(world: RecordWorld, place: str) -> None:
    clerk, smith = world.users["clerk"], world.users["smith"]
    record = world.create("asset", {"label": "Clock", "place": place}, "clerk", now=MONDAY)
    which = UUID(str(record["id"]))
    steps = [("use", "clerk", ""), ("break", "clerk", "It fell"), ("mend", "smith", "")]
    for day, (action, who, comment) in enumerate(steps, 1):
        at = MONDAY + timedelta(days=day)
        world.write(lambda tx, a=action, c=comment: transition(tx, "asset", which, a, comment=c), who, now=at)  # type: ignore[misc]
    found = world.look(
        lambda tx: stages(tx, "asset", which), "clerk", now=MONDAY + timedelta(days=3, hours=1)
    )
    told = [(each["value"], each["transition"], each["entered_by"], each["comment"]) for each in found]
    assert told == [
        ("new", None, clerk, ""), ("used", "use", clerk, ""), ("broken", "break", clerk, "It fell"),
        ("used", "mend", smith, ""),
    ]  # fmt: skip
    assert [each["seconds"] for each in found] == [86400, 86400, 86400, 3600]
    assert [each["left_at"] is None for each in found] == [False, False, False, True]


def test_many_records_enter_their_stages_in_one_statement(world: RecordWorld) -> None:
    """Creating many costs the same number of round trips as creating a few."""

    def trips(count: int) -> int:
        def work(tx: Any) -> int:
            write_many(tx, "asset", [Write({"label": f"Many {count} {each}"}) for each in range(count)])
            tx.settle()
            return int(tx.connection.connection.round_trips)

        return world.write(work, "clerk")

    few, many = trips(30), trips(300)
    assert many - few <= 2, (few, many)


def test_a_transition_makes_no_duplicate_where_a_rule_blocks_them(world: RecordWorld) -> None:
    make(world, number="77")
    other = make(world, number="78", price="1")
    with pytest.raises(Duplicate):
        move(world, other, "scrap", body={"number": "77"})
    assert world.read("asset", other["id"])["status"] == "new"
    assert move(world, other, "scrap", body={"number": "79"})["status"] == "gone"
