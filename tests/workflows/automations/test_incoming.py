"""Incoming webhooks are taken signed, fresh and once; schedules go through all records once per occurrence."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import pytest
from automation_world import Works

from fieldstone.engine.ids import new_id
from fieldstone.engine.records.errors import InvalidContent
from fieldstone.problems import FieldstoneError
from fieldstone.workflows.automations import Signed, new_secret, receive, run_schedule
from fieldstone.workflows.automations.incoming import Replayed, Unsigned, read_payload, sign
from fieldstone.workflows.automations.jobs import settle_schedules
from fieldstone.workflows.schedules import schedules_of

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
STAMP = str(int(NOW.timestamp()))


@pytest.fixture(scope="module")
def secret(works: Works) -> str:
    return works.write(lambda tx: new_secret(tx, "check"))


def call(works: Works, sent: Signed, value: Any, name: str = "check") -> Any:
    return works.write(lambda tx: receive(tx, name, sent, value), now=NOW)


def signed(secret: str, body: bytes, stamp: str = STAMP) -> Signed:
    return Signed(body, stamp, sign(secret, stamp, body))


def test_a_signed_call_finds_its_record_and_changes_it(works: Works, secret: str) -> None:
    made = works.create("asset", {"label": "Drum", "code": "D1"})
    run = call(works, signed(secret, b"one"), {"code": "D1", "pieces": 7, "at": "2026-03-02T09:00:00+01:00"})
    assert run.state == "done", run.error
    after = works.read("asset", made["id"])
    assert (after["count"], after["checked"]) == (7, NOW)
    with pytest.raises(Replayed):
        call(works, signed(secret, b"one"), {"code": "D1", "pieces": 9})
    assert works.read("asset", made["id"])["count"] == 7


def test_a_call_whose_condition_does_not_hold_does_nothing(works: Works, secret: str) -> None:
    works.create("asset", {"label": "Drum", "code": "D2"})
    assert call(works, signed(secret, b"two"), {"code": "D2", "pieces": 0}) is None
    assert call(works, signed(secret, b"three"), {"code": "D2"}) is None


LATE = str(int((NOW - timedelta(minutes=6)).timestamp()))
EARLY = str(int((NOW + timedelta(minutes=6)).timestamp()))
BODY = b'{"code": "D1"}'


@pytest.mark.parametrize(
    ("made", "name"),
    [
        (lambda secret: Signed(BODY, STAMP, ""), "check"),
        (lambda secret: Signed(BODY, STAMP, "sha256=ÿ"), "check"),
        (lambda secret: signed("another", BODY), "check"),
        (lambda secret: Signed(BODY + b" ", STAMP, sign(secret, STAMP, BODY)), "check"),
        (lambda secret: Signed(BODY, LATE, sign(secret, STAMP, BODY)), "check"),
        (lambda secret: signed(secret, BODY, LATE), "check"),
        (lambda secret: signed(secret, BODY, EARLY), "check"),
        (lambda secret: signed(secret, BODY, "soon"), "check"),
        (lambda secret: signed(secret, BODY, "9" * 12), "check"),
        (lambda secret: signed(secret, BODY), "tidy"),
        (lambda secret: signed(secret, BODY), "nosuch"),
    ],
    ids=[
        "no signature", "no text", "wrong secret", "body changed", "time changed", "too old", "too early", "no time",
        "time beyond the calendar",
        "no hook", "no automation",
    ],
)  # fmt: skip
def test_everything_else_is_refused_alike(works: Works, secret: str, made: Any, name: str) -> None:
    with pytest.raises(Unsigned) as caught:
        call(works, made(secret), {"code": "D1"}, name)
    assert caught.value.message == "The request is not signed with this hook's secret, or its time is over."


def test_a_new_secret_ends_the_old_one_and_is_for_those_who_manage_definitions(works: Works) -> None:
    old = works.write(lambda tx: new_secret(tx, "check"))
    new = works.write(lambda tx: new_secret(tx, "check"))
    with pytest.raises(Unsigned):
        call(works, signed(old, b"x"), {})
    with pytest.raises(InvalidContent):
        call(works, signed(new, b"x"), {})
    with pytest.raises(FieldstoneError) as caught:
        works.write(lambda tx: new_secret(tx, "check"), "anna")
    assert caught.value.kind == "denied"


@pytest.mark.parametrize(
    ("value", "places"),
    [
        ([], [""]),
        ({}, ["/code"]),
        ({"code": 1, "pieces": "2", "at": "2026-01-01"}, ["/code", "/pieces", "/at"]),
        ({"code": "x", "pieces": 1.5}, ["/pieces"]),
        ({"code": "x", "pieces": True}, ["/pieces"]),
    ],
    ids=["no object", "required", "types", "no whole number", "truth is no number"],
)
def test_members_must_be_what_the_automation_says(works: Works, value: Any, places: list[str]) -> None:
    automation = works.look(lambda tx: tx.model.automations["check"])
    with pytest.raises(InvalidContent) as caught:
        read_payload(automation, value)
    assert [each.path for each in caught.value.problems] == places


def test_a_schedule_comes_to_every_record_once_per_occurrence(works: Works) -> None:
    for number in (77, 77, 76):
        works.create("visit", {"title": "nag me", "number": -number})
    rows = works.rows("visit", filter='title == "nag me"')
    for row in rows:
        works.update("visit", row["id"], {"number": -row["number"]})
    occurrence = uuid5(UUID(int=7), str(new_id()))
    assert run_schedule(works.engine, works.context(), "nag", occurrence) == 2
    for row in rows:
        works.update("visit", row["id"], {"number": row["number"] * -1})
    assert run_schedule(works.engine, works.context(), "nag", occurrence) == 2, (
        "a repeated job: nothing again"
    )
    assert sorted(row["number"] for row in works.rows("visit", filter='title == "nag me"')) == [76, 77, 77]
    assert run_schedule(works.engine, works.context(), "nag", new_id()) == 2


def test_schedules_are_those_of_the_automations_that_are_live(works: Works) -> None:
    for _ in range(2):
        works.write(settle_schedules)
    (armed,) = works.look(lambda tx: schedules_of(tx, "automations"))
    assert (armed.schedule.name, armed.schedule.cron, armed.schedule.kind) == (
        "nag", "0 8 * * 1-5", "automation.schedule",
    )  # fmt: skip
